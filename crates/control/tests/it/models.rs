//! Models. <https://docs.aws.amazon.com/apigateway/latest/api/API_Model.html>

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::play::{NONE, any, patch, play_on_pets};

const MODELS: &str = "POST /restapis/{api.id}/models";

fn model(name: &str, schema: &str) -> Value {
    json!({"name": name, "contentType": "application/json", "schema": schema})
}

/// Recorded: TestApiGatewayApiModels::test_model_lifecycle.
#[tokio::test]
async fn a_life() {
    let fixture = Fixture::new();
    let pet = json!({"id": "*", "name": "Pet", "contentType": "application/json", "schema": "{\"type\":\"object\"}"});
    play_on_pets(&fixture, &[
        ("create", MODELS, model("Pet", "{\"type\":\"object\"}"), 201, pet.clone()),
        ("get", "GET /restapis/{api.id}/models/Pet", NONE, 200, pet),
        ("list", "GET /restapis/{api.id}/models", NONE, 200, json!({"item": [{"name": "Empty", "...": true}, {"name": "Error", "...": true}, {"name": "Pet", "...": true}]})),
        ("delete", "DELETE /restapis/{api.id}/models/Pet", NONE, 202, NONE),
        ("gone", "GET /restapis/{api.id}/models/Pet", NONE, 404, json!("NotFoundException: Invalid model name specified: Pet")),
        ("gone", "DELETE /restapis/{api.id}/models/Pet", NONE, 404, json!("NotFoundException: Invalid model name specified: Pet")),
        ("a default may go too", "DELETE /restapis/{api.id}/models/Empty", NONE, 202, NONE),
    ]).await;
}

/// Recorded: test_model_validation. That a JSON schema is JSON is AWS's rule, the text only seen in part.
#[tokio::test]
async fn refused_models() {
    let fixture = Fixture::new();
    let bad = |text: &str| json!(format!("BadRequestException: {text}"));
    let empty = bad("Model schema must have at least 1 property or array items defined");
    let invalid = bad(
        "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]",
    );
    play_on_pets(
        &fixture,
        &[
            (
                "no API",
                "POST /restapis/nothing/models",
                model("Pet", "{}"),
                404,
                json!("NotFoundException: Invalid API identifier specified 000000000000:nothing"),
            ),
            (
                "no API",
                "GET /restapis/nothing/models",
                NONE,
                404,
                json!("NotFoundException: Invalid API identifier specified 000000000000:nothing"),
            ),
            (
                "no API",
                "GET /restapis/nothing/models/Pet",
                NONE,
                404,
                json!("NotFoundException: Invalid model name specified: Pet"),
            ),
            (
                "no name",
                MODELS,
                model("", "{}"),
                400,
                bad("Model name must be non-empty"),
            ),
            (
                "no schema",
                MODELS,
                json!({"name": "Pet", "contentType": "application/json"}),
                400,
                empty.clone(),
            ),
            ("an empty schema", MODELS, model("Pet", ""), 400, empty),
            ("no JSON", MODELS, model("Pet", "{"), 400, invalid.clone()),
            ("no object", MODELS, model("Pet", "[]"), 400, invalid),
            (
                "a dot",
                MODELS,
                model("Pet.Name", "{}"),
                400,
                bad("Model name must be alphanumeric: Pet.Name"),
            ),
            (
                "another type's schema is its own",
                MODELS,
                json!({"name": "Xml", "contentType": "application/xml", "schema": "<x/>"}),
                201,
                any(),
            ),
            (
                "taken",
                MODELS,
                model("Empty", "{}"),
                409,
                json!("ConflictException: Model name already exists for this REST API"),
            ),
        ],
    )
    .await;
}

/// Recorded: test_put_method_model, down to the two slashes.
#[tokio::test]
async fn what_a_method_names_stays() {
    let fixture = Fixture::new();
    let delete = "DELETE /restapis/{api.id}/models/Pet";
    let method = |models: Value| json!({"authorizationType": "NONE", "requestModels": models});
    let root = "/restapis/{api.id}/resources/{api.rootResourceId}/methods/ANY";
    play_on_pets(&fixture, &[
        ("create", MODELS, model("Pet", "{}"), 201, any()),
        ("named at the root", &format!("PUT {root}"), method(json!({"application/json": "Pet"})), 201, any()),
        ("stays", delete, NONE, 409, json!("ConflictException: Cannot delete model 'Pet', is referenced in method request: //ANY")),
        ("named below", "PUT /restapis/{api.id}/resources/{pets.id}/methods/GET", method(json!({"application/json": "Pet"})), 201, any()),
        ("the deeper is told", delete, NONE, 409, json!("ConflictException: Cannot delete model 'Pet', is referenced in method request: /pets/GET")),
        ("one less", "DELETE /restapis/{api.id}/resources/{pets.id}", NONE, 202, NONE),
        ("none", &format!("PATCH {root}"), patch(json!([["remove", "/requestModels/application~1json"]])), 200, any()),
        ("named by a response", &format!("PUT {root}/responses/200"), json!({"responseModels": {"application/json": "Pet"}}), 201, any()),
        // Guess, after the text on requests.
        ("stays too", delete, NONE, 409, json!("ConflictException: Cannot delete model 'Pet', is referenced in method response: //ANY")),
        ("none", &format!("DELETE {root}/responses/200"), NONE, 204, NONE),
        ("goes", delete, NONE, 202, NONE),
    ]).await;
}

/// Recorded: test_update_model.
#[tokio::test]
async fn patches() {
    let fixture = Fixture::new();
    let on = "PATCH /restapis/{api.id}/models/Pet";
    let bad = |text: &str| json!(format!("BadRequestException: {text}"));
    play_on_pets(&fixture, &[
        ("create", MODELS, model("Pet", "{}"), 201, any()),
        ("description", on, patch(json!([["replace", "/description", "d"]])), 200, json!({"description": "d", "...": true})),
        ("schema", on, patch(json!([["replace", "/schema", "{\"type\":\"string\"}"]])), 200, json!({"schema": "{\"type\":\"string\"}", "...": true})),
        ("no schema", on, patch(json!([["replace", "/schema", ""]])), 400, bad("Model schema must have at least 1 property or array items defined")),
        ("no such path", on, patch(json!([["replace", "/name", "a"]])), 400, bad("Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]")),
        ("no such operation", on, patch(json!([["add", "/wrong-path", "a"]])), 400, bad("Invalid patch path  '/wrong-path' specified for op 'add'. Please choose supported operations")),
        ("unknown", "PATCH /restapis/{api.id}/models/Cat", patch(json!([])), 404, json!("NotFoundException: Invalid model name specified: Cat")),
    ]).await;
}

/// Guess: AWS's schemas and templates are not recorded; the developer guide shows templates of this kind.
#[tokio::test]
async fn flattened_and_as_a_template() {
    let fixture = Fixture::new();
    let reference = "{\"type\":\"array\",\"items\":{\"$ref\":\"https://apigateway.amazonaws.com/restapis/{api.id}/models/Pet\"}}";
    let flat = "{\"type\":\"array\",\"items\":{\"$ref\":\"#/definitions/Pet\"},\"definitions\":{\"Pet\":{\"type\":\"string\"}}}";
    let error = "#set($inputRoot = $input.path('$'))\n{\n  \"message\" : \"foo\"\n}";
    play_on_pets(
        &fixture,
        &[
            (
                "pet",
                MODELS,
                model("Pet", "{\"type\":\"string\"}"),
                201,
                any(),
            ),
            ("pets", MODELS, model("Pets", reference), 201, any()),
            (
                "flat",
                "GET /restapis/{api.id}/models/Pets?flatten=true",
                NONE,
                200,
                json!({"schema": flat, "...": true}),
            ),
            (
                "as it is",
                "GET /restapis/{api.id}/models/Pets?flatten=false",
                NONE,
                200,
                json!({"schema": reference, "...": true}),
            ),
            (
                "template",
                "GET /restapis/{api.id}/models/Error/default_template",
                NONE,
                200,
                json!({"value": error}),
            ),
            (
                "none",
                "GET /restapis/{api.id}/models/Cat/default_template",
                NONE,
                404,
                json!("NotFoundException: Invalid model name specified: Cat"),
            ),
            (
                "xml",
                MODELS,
                json!({"name": "Xml", "contentType": "application/xml", "schema": "<x/>"}),
                201,
                any(),
            ),
            (
                "as it is",
                "GET /restapis/{api.id}/models/Xml?flatten=true",
                NONE,
                200,
                json!({"schema": "<x/>", "...": true}),
            ),
            (
                "none",
                "GET /restapis/{api.id}/models/Xml/default_template",
                NONE,
                400,
                json!("BadRequestException: Tollgate cannot make a template of this model"),
            ),
        ],
    )
    .await;
}
