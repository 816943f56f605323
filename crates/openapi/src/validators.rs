//! `x-amazon-apigateway-request-validators`.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-request-validators.html>

use tollgate_wire::apigateway::RequestValidator;

use crate::document::Node;
use crate::notes::Notes;

/// Reads the validators of a document. The provisional id of each is its name.
pub(crate) fn read(root: &Node<'_>, notes: &mut Notes) -> Vec<RequestValidator> {
    let Some(written) = notes.object_of(root, "x-amazon-apigateway-request-validators") else {
        return Vec::new();
    };
    let members: Vec<(&str, Node<'_>)> = written.members().collect();
    members
        .into_iter()
        .filter_map(|(name, validator)| one(name, validator, notes))
        .collect()
}

fn one(name: &str, validator: Node<'_>, notes: &mut Notes) -> Option<RequestValidator> {
    let validator = notes.object(validator)?;
    Some(RequestValidator {
        id: Some(name.to_owned()),
        name: Some(name.to_owned()),
        validate_request_body: notes
            .flag_of(&validator, "validateRequestBody")
            .or(Some(false)),
        validate_request_parameters: notes
            .flag_of(&validator, "validateRequestParameters")
            .or(Some(false)),
    })
}
