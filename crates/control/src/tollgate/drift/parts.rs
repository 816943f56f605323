//! A definition taken apart into what one speaks of: a method, its integration, a response of it, a model, each under a name that
//! stays the same when the part is made anew.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::{Map, Value};
use tollgate_model::rest::{Definition, MethodOf};
use tollgate_wire::{Shape, json};

/// What a part is, in the order in which parts are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    RestApi,
    Resource,
    Method,
    MethodResponse,
    Integration,
    IntegrationResponse,
    Model,
    RequestValidator,
    Authorizer,
    GatewayResponse,
}

/// Which part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The resource's path and the method, or the part's own name or id.
    pub(super) owner: (String, String),
    pub(super) kind: Kind,
    /// Of a response.
    pub(super) status: String,
}

/// A part's members, and how people call it.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) members: Value,
}

/// Every part of a definition.
#[derive(Debug, Default)]
pub(super) struct Parts(pub(super) BTreeMap<Place, Part>);

/// A shape that is no JSON object: the store is damaged.
pub(super) type Unreadable = serde_json::Error;

/// What every API has, what decides no answer, and what acts without a deployment.
const OF_THE_API_ALONE: [&str; 7] = [
    "id",
    "createdDate",
    "tags",
    "warnings",
    "rootResourceId",
    "apiStatus",
    "apiStatusMessage",
];

impl Parts {
    /// Takes a definition apart.
    pub(super) fn of(definition: &Definition) -> Result<Self, Unreadable> {
        let mut parts = Self::default();
        let mut api = members(&definition.api)?;
        OF_THE_API_ALONE
            .iter()
            .for_each(|name| drop(api.remove(*name)));
        parts.put(Kind::RestApi, ("", ""), "API", api);
        let mut paths = HashMap::new();
        for resource in &definition.resources {
            let path = resource.path.as_deref().unwrap_or_default();
            paths.insert(resource.id.as_deref().unwrap_or_default(), path);
            // Its path says all of it.
            parts.put(Kind::Resource, (path, ""), path, Map::new());
        }
        for it in &definition.methods {
            let path = paths.get(&*it.resource_id).copied();
            parts.method(path.unwrap_or_default(), it)?;
        }
        parts.others(definition)?;
        Ok(parts)
    }

    fn method(&mut self, path: &str, it: &MethodOf) -> Result<(), Unreadable> {
        let mut method = members(&it.method)?;
        let name = it.method.http_method.as_deref().unwrap_or_default();
        let (owner, shown) = ((path, name), format!("{name} {path}"));
        let responses = object(method.remove("methodResponses"));
        let integration = method.remove("methodIntegration");
        self.put(Kind::Method, owner, &shown, method);
        self.responses(Kind::MethodResponse, owner, responses);
        if integration.is_some() {
            let mut integration = object(integration);
            let responses = object(integration.remove("integrationResponses"));
            // Unless it is named, it is the resource's id, which changes when the resource is made anew.
            if integration.get("cacheNamespace") == Some(&Value::from(&*it.resource_id)) {
                integration.remove("cacheNamespace");
            }
            self.put(Kind::Integration, owner, &shown, integration);
            self.responses(Kind::IntegrationResponse, owner, responses);
        }
        Ok(())
    }

    fn responses(&mut self, kind: Kind, owner: (&str, &str), responses: Map<String, Value>) {
        let (path, method) = owner;
        for (status, response) in responses {
            let place = Place {
                owner: (path.to_owned(), method.to_owned()),
                kind,
                status: status.clone(),
            };
            let part = Part {
                name: format!("{status} of {method} {path}"),
                members: response,
            };
            self.0.insert(place, part);
        }
    }

    fn others(&mut self, definition: &Definition) -> Result<(), Unreadable> {
        for model in &definition.models {
            let mut members = members(model)?;
            members.remove("id");
            let name = model.name.as_deref().unwrap_or_default();
            self.put(Kind::Model, (name, ""), name, members);
        }
        for it in &definition.validators {
            let name = it.name.as_deref().unwrap_or_default();
            let id = it.id.as_deref().unwrap_or_default();
            self.put(Kind::RequestValidator, (id, ""), name, members(it)?);
        }
        for it in &definition.authorizers {
            let name = it.name.as_deref().unwrap_or_default();
            let id = it.id.as_deref().unwrap_or_default();
            self.put(Kind::Authorizer, (id, ""), name, members(it)?);
        }
        for it in &definition.gateway_responses {
            let name = it.response_type.as_deref().unwrap_or_default();
            self.put(Kind::GatewayResponse, (name, ""), name, members(it)?);
        }
        Ok(())
    }

    fn put(&mut self, kind: Kind, owner: (&str, &str), name: &str, members: Map<String, Value>) {
        let place = Place {
            owner: (owner.0.to_owned(), owner.1.to_owned()),
            kind,
            status: String::new(),
        };
        let part = Part {
            name: name.to_owned(),
            members: Value::Object(members),
        };
        self.0.insert(place, part);
    }
}

impl Place {
    /// The part that this one cannot be without, whose coming or going tells of this one too.
    pub(super) fn around(&self) -> Option<Self> {
        let kind = match self.kind {
            Kind::MethodResponse | Kind::Integration => Kind::Method,
            Kind::IntegrationResponse => Kind::Integration,
            Kind::RestApi
            | Kind::Resource
            | Kind::Method
            | Kind::Model
            | Kind::RequestValidator
            | Kind::Authorizer
            | Kind::GatewayResponse => return None,
        };
        Some(Self {
            owner: self.owner.clone(),
            kind,
            status: String::new(),
        })
    }
}

fn members<T: Shape>(shape: &T) -> Result<Map<String, Value>, Unreadable> {
    serde_json::from_slice(&json::to_vec(shape))
}

fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    }
}
