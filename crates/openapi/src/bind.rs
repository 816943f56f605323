//! Provisional ids to real ones. A document has no ids: until the control plane gives them, a resource goes by its
//! path, a model and a validator by their names, and references between models by a placeholder for the API.

use std::collections::HashMap;

use tollgate_model::rest::Definition;
use tollgate_wire::apigateway::Model;

use crate::schema::{API_ID_PLACEHOLDER, canonical};

/// Something of an imported definition that needs an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provisional<'p> {
    /// The resource at this full path; `/` is the root.
    Resource(&'p str),
    /// The model of this name.
    Model(&'p str),
    /// The request validator of this name.
    Validator(&'p str),
    /// The authorizer of this name.
    Authorizer(&'p str),
    /// The documentation part about this place: see [`place_of`](crate::place_of).
    DocumentationPart(&'p str),
}

impl<'p> Provisional<'p> {
    /// What it goes by until it has an id.
    pub fn name(self) -> &'p str {
        match self {
            Self::Resource(name)
            | Self::Model(name)
            | Self::Validator(name)
            | Self::Authorizer(name)
            | Self::DocumentationPart(name) => name,
        }
    }
}

/// Gives every part of a definition its id, asking `assign` once for each, and puts the ids wherever parts name one
/// another.
pub(crate) fn bind(
    definition: &mut Definition,
    api_id: &str,
    mut assign: impl FnMut(Provisional<'_>) -> String,
) {
    definition.api.id = Some(api_id.to_owned());
    if let Some(policy) = &mut definition.api.policy {
        *policy = policy.replace(API_ID_PLACEHOLDER, api_id);
    }
    for model in &mut definition.models {
        bind_model(model, api_id, &mut assign);
    }
    bind_resources(definition, &mut assign);
    bind_validators(definition, &mut assign);
    bind_authorizers(definition, &mut assign);
    for part in &mut definition.documentation_parts {
        let place = part.id.take();
        part.id = place.map(|place| assign(Provisional::DocumentationPart(&place)));
    }
}

fn bind_model(model: &mut Model, api_id: &str, assign: &mut impl FnMut(Provisional<'_>) -> String) {
    model.id = model
        .id
        .take()
        .map(|name| assign(Provisional::Model(&name)));
    let prefix = canonical(API_ID_PLACEHOLDER, "");
    model.schema = model
        .schema
        .take()
        .map(|text| text.replace(&prefix, &canonical(api_id, "")));
}

fn bind_resources(definition: &mut Definition, assign: &mut impl FnMut(Provisional<'_>) -> String) {
    let paths = definition
        .resources
        .iter()
        .filter_map(|resource| resource.path.clone());
    let ids: HashMap<String, String> = paths
        .map(|path| (path.clone(), assign(Provisional::Resource(&path))))
        .collect();
    for resource in &mut definition.resources {
        renew(&mut resource.id, &ids);
        renew(&mut resource.parent_id, &ids);
    }
    for method in &mut definition.methods {
        if let Some(integration) = &mut method.method.method_integration {
            // One that the document named itself is no path of a resource and stays.
            renew(&mut integration.cache_namespace, &ids);
        }
        if let Some(id) = ids.get(&method.resource_id) {
            method.resource_id.clone_from(id);
        }
    }
    let root = ids.get("/").cloned();
    definition.api.root_resource_id = root;
}

fn bind_validators(
    definition: &mut Definition,
    assign: &mut impl FnMut(Provisional<'_>) -> String,
) {
    let names = definition
        .validators
        .iter()
        .filter_map(|validator| validator.name.clone());
    let ids: HashMap<String, String> = names
        .map(|name| (name.clone(), assign(Provisional::Validator(&name))))
        .collect();
    for validator in &mut definition.validators {
        renew(&mut validator.id, &ids);
    }
    for method in &mut definition.methods {
        renew(&mut method.method.request_validator_id, &ids);
    }
}

fn bind_authorizers(
    definition: &mut Definition,
    assign: &mut impl FnMut(Provisional<'_>) -> String,
) {
    let names = definition
        .authorizers
        .iter()
        .filter_map(|authorizer| authorizer.name.clone());
    let ids: HashMap<String, String> = names
        .map(|name| (name.clone(), assign(Provisional::Authorizer(&name))))
        .collect();
    for authorizer in &mut definition.authorizers {
        renew(&mut authorizer.id, &ids);
    }
    for method in &mut definition.methods {
        renew(&mut method.method.authorizer_id, &ids);
    }
}

fn renew(id: &mut Option<String>, ids: &HashMap<String, String>) {
    if let Some(real) = id.as_ref().and_then(|provisional| ids.get(provisional)) {
        *id = Some(real.clone());
    }
}
