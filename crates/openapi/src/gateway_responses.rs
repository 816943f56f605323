//! `x-amazon-apigateway-gateway-responses`.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.html>

use tollgate_wire::apigateway::GatewayResponse;
use tollgate_wire::schema::Shape as Kind;
use tollgate_wire::{Map, Shape};

use crate::document::Node;
use crate::notes::Notes;
use crate::origin::Subject;

/// Reads the customised responses. What one leaves out stays unset: it takes the default of its type.
pub(crate) fn read(root: &Node<'_>, notes: &mut Notes) -> Vec<GatewayResponse> {
    let Some(written) = notes.object_of(root, "x-amazon-apigateway-gateway-responses") else {
        return Vec::new();
    };
    let members: Vec<(&str, Node<'_>)> = written.members().collect();
    members
        .into_iter()
        .filter_map(|(kind, response)| one(kind, response, notes))
        .collect()
}

fn one(kind: &str, response: Node<'_>, notes: &mut Notes) -> Option<GatewayResponse> {
    let response = notes.object(response)?;
    notes
        .origins
        .note(&response, || Subject::GatewayResponse(kind.to_owned()));
    if !is_type(kind) {
        notes.problem(response.problem(format!("'{kind}' is no gateway response type")));
        return None;
    }
    Some(GatewayResponse {
        response_type: Some(kind.to_owned()),
        status_code: notes.text_of(&response, "statusCode"),
        response_parameters: texts(&response, "responseParameters", notes),
        response_templates: texts(&response, "responseTemplates", notes),
        default_response: Some(false),
    })
}

/// Whether the service's model has this type of gateway response.
fn is_type(name: &str) -> bool {
    let members = GatewayResponse::SCHEMA.members.iter();
    let mut types = members.filter(|member| member.name == "responseType");
    types.any(|member| matches!(member.shape, Kind::Text(text) if text.one_of.contains(&name)))
}

fn texts(response: &Node<'_>, name: &str, notes: &mut Notes) -> Option<Map<Option<String>>> {
    let written = notes.object_of(response, name)?;
    let texts = written
        .members()
        .filter_map(|(key, value)| Some((key.to_owned(), Some(notes.text(&value)?))));
    let texts: Map<Option<String>> = texts.collect();
    (!texts.is_empty()).then_some(texts)
}
