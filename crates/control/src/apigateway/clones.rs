//! The parts of a REST API made anew for another one: `cloneFrom` of CreateRestApi. Deployments, stages and
//! documentation versions are not cloned.

use std::collections::{BTreeMap, BTreeSet};

use tollgate_model::rest::Definition;
use tollgate_store::{Key, Kind};
use tollgate_wire::apigateway::{
    DocumentationPart, GatewayResponse, Method, Model, Resource, RestApi,
};
use tollgate_wire::json;

use super::{authorizers, deployments, documentation_parts, methods, models, request_validators};
use super::{resources, rest_apis};
use crate::error::ApiError;
use crate::session::{Change, Session, Stored};

/// What is there to clone.
pub(super) struct Source {
    definition: Definition,
    documentation: Vec<DocumentationPart>,
}

impl Source {
    /// Guess: an unknown API is told as in every call about an API.
    pub(super) async fn find(on: &Session, id: &str) -> Result<Self, ApiError> {
        let api = rest_apis::find(on, Some(id)).await?;
        let documentation = documentation_parts::of_api(on, &api).await?;
        Ok(Self {
            definition: deployments::present(on, &api).await?,
            documentation: documentation.into_iter().map(|it| it.it).collect(),
        })
    }

    /// What the call does not say is as the source has it. Guess: AWS's answers are not recorded.
    pub(super) fn complete(&self, api: RestApi, is_endpoint_given: bool) -> RestApi {
        let source = self.definition.api.clone();
        let endpoint_configuration = match is_endpoint_given {
            true => api.endpoint_configuration,
            false => source.endpoint_configuration,
        };
        RestApi {
            description: api.description.or(source.description),
            version: api.version.or(source.version),
            binary_media_types: api.binary_media_types.or(source.binary_media_types),
            minimum_compression_size: api
                .minimum_compression_size
                .or(source.minimum_compression_size),
            policy: api.policy.or(source.policy),
            endpoint_configuration,
            ..api
        }
    }

    /// Adds every part to `change`, as parts of `api`; the id of the root resource.
    pub(super) fn write(self, on: &Session, api: &Stored<RestApi>, change: &mut Change) -> String {
        let ids = Ids::new(on, &self.definition);
        let own = Target {
            on,
            api,
            ids,
            change,
        };
        own.write(self)
    }
}

/// New ids by old ones.
struct Ids(BTreeMap<String, String>);

impl Ids {
    fn new(on: &Session, of: &Definition) -> Self {
        let mut taken = BTreeSet::new();
        let mut draw = |length| loop {
            let id = on.draw_id(length);
            if taken.insert(id.clone()) {
                return id;
            }
        };
        let resources = of.resources.iter().map(|it| {
            let is_root = it.parent_id.is_none();
            (
                &it.id,
                if is_root {
                    rest_apis::ROOT_ID_LENGTH
                } else {
                    resources::ID_LENGTH
                },
            )
        });
        let validators = of
            .validators
            .iter()
            .map(|it| (&it.id, request_validators::ID_LENGTH));
        let authorizers = of
            .authorizers
            .iter()
            .map(|it| (&it.id, authorizers::ID_LENGTH));
        let models = of.models.iter().map(|it| (&it.id, models::ID_LENGTH));
        let all = resources.chain(validators).chain(authorizers).chain(models);
        Self(
            all.filter_map(|(old, length)| Some((old.clone()?, draw(length))))
                .collect(),
        )
    }

    fn of(&self, old: &Option<String>) -> Option<String> {
        let old = old.as_ref()?;
        Some(self.0.get(old).unwrap_or(old).clone())
    }
}

struct Target<'a> {
    on: &'a Session,
    api: &'a Stored<RestApi>,
    ids: Ids,
    change: &'a mut Change,
}

impl Target<'_> {
    fn write(mut self, source: Source) -> String {
        let Definition {
            api,
            resources,
            methods,
            models,
            validators,
            gateway_responses,
            authorizers,
            documentation_parts: _,
        } = source.definition;
        resources.into_iter().for_each(|it| self.resource(it));
        methods
            .into_iter()
            .for_each(|it| self.method(&it.resource_id, it.method));
        models
            .into_iter()
            .for_each(|it| self.model(it, api.id.as_deref()));
        for mut it in validators {
            it.id = self.ids.of(&it.id);
            self.put(Kind::RequestValidator, &it.id.clone(), json::to_vec(&it));
        }
        for mut it in authorizers {
            it.id = self.ids.of(&it.id);
            self.put(Kind::Authorizer, &it.id.clone(), json::to_vec(&it));
        }
        gateway_responses
            .into_iter()
            .for_each(|it| self.gateway_response(&it));
        for it in source.documentation {
            let part = documentation_parts::new(self.on, self.api, it);
            self.change.add(&part);
        }
        self.ids.of(&api.root_resource_id).unwrap_or_default()
    }

    fn resource(&mut self, mut it: Resource) {
        it.id = self.ids.of(&it.id);
        it.parent_id = self.ids.of(&it.parent_id);
        self.put(Kind::Resource, &it.id.clone(), json::to_vec(&it));
    }

    fn method(&mut self, resource_id: &str, mut it: Method) {
        let resource_id = self
            .ids
            .of(&Some(resource_id.to_owned()))
            .unwrap_or_default();
        it.request_validator_id = self.ids.of(&it.request_validator_id);
        it.authorizer_id = self.ids.of(&it.authorizer_id);
        if let Some(integration) = &mut it.method_integration {
            // The default is the id of the resource.
            integration.cache_namespace = self.ids.of(&integration.cache_namespace);
        }
        let name = it.http_method.clone().unwrap_or_default();
        let key = methods::key_of(self.api, &resource_id, &name);
        self.put_under(key, json::to_vec(&it));
    }

    /// References to other models name the API.
    fn model(&mut self, mut it: Model, source_id: Option<&str>) {
        it.id = self.ids.of(&it.id);
        let of = |id: &str| format!("https://apigateway.amazonaws.com/restapis/{id}/models/");
        let (old, new) = (of(source_id.unwrap_or_default()), of(self.api.id()));
        it.schema = it.schema.map(|schema| schema.replace(&old, &new));
        self.put(Kind::Model, &it.name.clone(), json::to_vec(&it));
    }

    fn gateway_response(&mut self, it: &GatewayResponse) {
        self.put(Kind::GatewayResponse, &it.response_type, json::to_vec(it));
    }

    fn put(&mut self, kind: Kind, id: &Option<String>, body: Vec<u8>) {
        let key = self.api.key.child(kind, id.as_deref().unwrap_or_default());
        self.put_under(key, body);
    }

    fn put_under(&mut self, key: Key, body: Vec<u8>) {
        let stored = self.on.create(key, ());
        self.change.put_body(&stored, body);
    }
}
