//! Request validators. <https://docs.aws.amazon.com/apigateway/latest/api/API_RequestValidator.html>

use serde_json::json;

use crate::fixture::Fixture;
use crate::play::{NONE, any, patch, play_on_pets};

const CREATE: &str = "POST /restapis/{api.id}/requestvalidators";
const ONE: &str = "/restapis/{api.id}/requestvalidators/{validator.id}";
const UNKNOWN: &str = "NotFoundException: Invalid Request Validator identifier specified";

/// Recorded: TestApiGatewayApiRequestValidator::test_request_validator_lifecycle, test_validators_crud_no_api,
/// test_invalid_get_request_validators, test_invalid_get_request_validator, test_invalid_delete_request_validator.
#[tokio::test]
async fn a_life() {
    let fixture = Fixture::new();
    let validator = json!({"id": "*", "name": "all", "validateRequestBody": false, "validateRequestParameters": false});
    let no_api = "NotFoundException: Invalid API identifier specified 000000000000:nothing";
    play_on_pets(&fixture, &[
        ("validator", CREATE, json!({"name": "all"}), 201, validator.clone()),
        ("get", &format!("GET {ONE}"), NONE, 200, validator.clone()),
        ("list", "GET /restapis/{api.id}/requestvalidators", NONE, 200, json!({"item": [validator]})),
        ("in use", "PUT /restapis/{api.id}/resources/{pets.id}/methods/GET", json!({"authorizationType": "NONE", "requestValidatorId": "{validator.id}"}), 201, any()),
        // Guess: AWS's answer is not recorded. Deleting it would leave a method that checks nothing.
        ("stays", &format!("DELETE {ONE}"), NONE, 409, json!("ConflictException: Cannot delete request validator '{validator.id}', is referenced in a method")),
        ("no longer in use", "DELETE /restapis/{api.id}/resources/{pets.id}/methods/GET", NONE, 204, NONE),
        ("delete", &format!("DELETE {ONE}"), NONE, 202, NONE),
        ("gone", &format!("GET {ONE}"), NONE, 404, json!(UNKNOWN)),
        ("gone", &format!("DELETE {ONE}"), NONE, 404, json!(UNKNOWN)),
        ("an empty name", CREATE, json!({"name": ""}), 400, json!("BadRequestException: Request Validator name cannot be blank")),
        ("no API", "POST /restapis/nothing/requestvalidators", json!({"name": "a"}), 400, json!("BadRequestException: Invalid REST API identifier specified")),
        ("no API", "GET /restapis/nothing/requestvalidators", NONE, 404, json!(no_api)),
        ("no API", "GET /restapis/nothing/requestvalidators/abc123", NONE, 404, json!(UNKNOWN)),
    ]).await;
}

/// Recorded: test_invalid_update_request_validator_operations.
#[tokio::test]
async fn patches() {
    let fixture = Fixture::new();
    let on = format!("PATCH {ONE}");
    let bad = |text: &str| json!(format!("BadRequestException: {text}"));
    play_on_pets(&fixture, &[
        ("validator", CREATE, json!({"name": "all", "validateRequestBody": true}), 201, any()),
        ("both", &on, patch(json!([["replace", "/validateRequestBody", "false"], ["replace", "/validateRequestParameters", "true"], ["replace", "/name", "one"]])), 200,
            json!({"id": "{validator.id}", "name": "one", "validateRequestBody": false, "validateRequestParameters": true})),
        ("no truth is false", &on, patch(json!([["replace", "/validateRequestParameters", "yes"]])), 200, json!({"validateRequestParameters": false, "...": true})),
        ("no such path", &on, patch(json!([["replace", "/invalidPath", "a"]])), 400, bad("Invalid patch path  '/invalidPath' specified for op 'replace'. Must be one of: [/name, /validateRequestParameters, /validateRequestBody]")),
        ("add", &on, patch(json!([["add", "/validateRequestBody", "true"]])), 400, bad("Invalid patch path  '/validateRequestBody' specified for op 'add'. Please choose supported operations")),
        ("remove", &on, patch(json!([["remove", "/validateRequestBody"]])), 400, bad("Invalid patch path  '/validateRequestBody' specified for op 'remove'. Please choose supported operations")),
        ("a blank name", &on, patch(json!([["replace", "/name", ""]])), 400, bad("Request Validator name cannot be blank")),
    ]).await;
}
