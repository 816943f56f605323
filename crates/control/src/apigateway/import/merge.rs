//! A definition merged into an API: what both say is the definition's, what only the API has stays. PutRestApi's default.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-update.html>

use tollgate_openapi::{Fault, Subject, variable_taken};
use tollgate_wire::apigateway::{EndpointConfiguration, Resource, RestApi};

use super::api_over;
use super::ids::Ids;
use super::source::ApiFault;
use crate::apigateway::resources;

/// The API's own members after a merge. Recorded: binary media types are added to those that are there.
pub(super) fn api(
    present: &RestApi,
    said: RestApi,
    is_type_given: bool,
) -> Result<RestApi, ApiFault> {
    let types = [&present.binary_media_types, &said.binary_media_types];
    let binary_media_types = united(types.into_iter().flatten().flatten());
    let endpoint_configuration = match is_type_given {
        true => endpoint(present, said.endpoint_configuration),
        false => None,
    };
    let before = present.clone();
    let merged = RestApi {
        name: said.name.or(before.name),
        description: said.description.or(before.description),
        version: said.version.or(before.version),
        binary_media_types: Some(binary_media_types),
        minimum_compression_size: said
            .minimum_compression_size
            .or(before.minimum_compression_size),
        api_key_source: said.api_key_source.or(before.api_key_source),
        policy: said.policy.or(before.policy),
        security_policy: said.security_policy.or(before.security_policy),
        endpoint_access_mode: said.endpoint_access_mode.or(before.endpoint_access_mode),
        disable_execute_api_endpoint: said.disable_execute_api_endpoint,
        endpoint_configuration,
        ..said
    };
    api_over(present, merged, is_type_given)
}

/// A type that the call names is put in place of the old one; the rest of the endpoint stays unless the type is another.
fn endpoint(
    present: &RestApi,
    said: Option<EndpointConfiguration>,
) -> Option<EndpointConfiguration> {
    let said = said?;
    let before = present.endpoint_configuration.clone().unwrap_or_default();
    match before.types == said.types {
        true => Some(EndpointConfiguration {
            ip_address_type: said.ip_address_type.or(before.ip_address_type),
            vpc_endpoint_ids: said.vpc_endpoint_ids.or(before.vpc_endpoint_ids),
            ..said
        }),
        false => Some(said),
    }
}

fn united<'t>(types: impl Iterator<Item = &'t String>) -> Vec<String> {
    let mut united: Vec<String> = Vec::new();
    for it in types {
        if !united.contains(it) {
            united.push(it.clone());
        }
    }
    united
}

/// A resource has one child that is a variable, whichever of the two trees names it.
pub(super) fn faults(ids: &Ids, new: &[Resource]) -> Vec<Fault> {
    new.iter().filter_map(|it| sibling(ids, it)).collect()
}

fn sibling(ids: &Ids, new: &Resource) -> Option<Fault> {
    let part = new.path_part.as_deref()?;
    if !part.starts_with('{') {
        return None;
    }
    let path = resources::path(new);
    let (parent, _) = path.rsplit_once('/')?;
    let sibling = ids.variable_below(parent)?;
    (sibling != part).then(|| Fault {
        subject: Subject::Resource(path.to_owned()),
        text: variable_taken(path, sibling),
    })
}
