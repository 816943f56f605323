//! Documentation parts and versions.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api.html>

use serde_json::{Value, json};

use crate::fixture::Fixture;
use crate::play::{NONE, any, bad, each, ok, patch, play_on_mock, play_on_pets};

const PARTS: &str = "/restapis/{api.id}/documentation/parts";
const PART: &str = "/restapis/{api.id}/documentation/parts/{part.id}";
const VERSIONS: &str = "/restapis/{api.id}/documentation/versions";
const NO_PART: &str = "NotFoundException: Invalid Documentation part identifier specified";

fn part(location: Value) -> Value {
    json!({"location": location, "properties": "{\"foo\": \"bar\"}"})
}

/// Recorded: TestDocumentations::test_documentation_parts_and_versions and TestApiGatewayApiDocumentationPart.
/// The text on a place that is taken is a guess.
#[tokio::test]
async fn the_life_of_a_part() {
    let fixture = Fixture::new();
    let (get, post) = (format!("GET {PARTS}"), format!("POST {PARTS}"));
    let api = json!({"id": "*", "location": {"type": "API"}, "properties": "{\"foo\": \"bar\"}"});
    let no_api = "NotFoundException: Invalid API identifier specified 000000000000:nothing";
    let method = json!({"type": "METHOD", "path": "/pets", "method": "GET"});
    play_on_pets(&fixture, &[
        ("part", &post, part(json!({"type": "API"})), 201, api.clone()),
        ("get", &format!("GET {PART}"), NONE, 200, api.clone()),
        ("list", &get, NONE, 200, json!({"item": [api.clone()]})),
        ("taken", &post, part(json!({"type": "API"})), 409, json!("ConflictException: Documentation part already exists for the specified location: type 'API'")),
        ("method", &post, part(method.clone()), 201, any()),
        ("taken", &post, part(method), 409, json!("ConflictException: Documentation part already exists for the specified location: type 'METHOD', path '/pets', method 'GET'")),
        ("empty", &post, json!({"location": {"type": "MODEL", "name": "Pet"}, "properties": "{}"}), 201, any()),
        ("by type", &format!("{get}?type=API"), NONE, 200, json!({"item": [api]})),
        ("by path", &format!("{get}?path=/pets"), NONE, 200, json!({"item": [{"id": "{method.id}", "...": true}]})),
        ("by name", &format!("{get}?name=Pet"), NONE, 200, json!({"item": [{"id": "{empty.id}", "...": true}]})),
        ("without content", &format!("{get}?locationStatus=UNDOCUMENTED"), NONE, 200, json!({"item": [{"id": "{empty.id}", "...": true}]})),
        ("delete", &format!("DELETE {PART}"), NONE, 202, NONE),
        ("gone", &format!("GET {PART}"), NONE, 404, json!(NO_PART)),
        ("gone", &format!("DELETE {PART}"), NONE, 404, json!(NO_PART)),
        ("no API", "GET /restapis/nothing/documentation/parts", NONE, 404, json!(no_api)),
        ("no API", "POST /restapis/nothing/documentation/parts", part(json!({"type": "API"})), 404, json!(no_api)),
        ("no API", "GET /restapis/nothing/documentation/parts/abc123", NONE, 404, json!(NO_PART)),
        ("no type", &post, part(json!({"type": "INVALID"})), 400, json!("ValidationException: 1 validation error detected: Value 'INVALID' at 'createDocumentationPartInput.location.type' failed to satisfy constraint: Member must satisfy enum value set: [RESPONSE_BODY, RESPONSE, METHOD, MODEL, AUTHORIZER, RESPONSE_HEADER, RESOURCE, PATH_PARAMETER, REQUEST_BODY, QUERY_PARAMETER, API, REQUEST_HEADER]")),
    ]).await;
}

/// Seen of Terraform's provider: what it has no value for it sends as an empty text.
#[tokio::test]
async fn empty_members_of_a_place_are_none() {
    let fixture = Fixture::new();
    let location =
        json!({"type": "METHOD", "path": "/pets", "method": "GET", "statusCode": "", "name": ""});
    let shown = json!({"id": "*", "location": {"type": "METHOD", "path": "/pets", "method": "GET"}, "properties": "{\"foo\": \"bar\"}"});
    let post = format!("POST {PARTS}");
    play_on_pets(&fixture, &[("part", &post, part(location), 201, shown)]).await;
}

/// Guess: the rules are the API reference's, the texts are not recorded.
#[tokio::test]
async fn refused_parts() {
    let fixture = Fixture::new();
    let no_object = "Documentation part properties must be a JSON object";
    let invalid = |what: &str| format!("Invalid documentation part location: {what}");
    let cases = [
        (
            part(json!({"type": "API", "path": "/"})),
            invalid("path is not valid for type API"),
        ),
        (
            part(json!({"type": "METHOD", "statusCode": "200"})),
            invalid("statusCode is not valid for type METHOD"),
        ),
        (
            part(json!({"type": "MODEL"})),
            invalid("name is required for type MODEL"),
        ),
        (
            json!({"location": {"type": "API"}, "properties": "{"}),
            no_object.to_owned(),
        ),
        (
            json!({"location": {"type": "API"}, "properties": "[]"}),
            no_object.to_owned(),
        ),
    ];
    let cases =
        cases.map(|(body, text)| (body, 400, json!(format!("BadRequestException: {text}"))));
    play_on_pets(
        &fixture,
        &each(&format!("POST {PARTS}"), cases).collect::<Vec<_>>(),
    )
    .await;
}

/// Recorded: test_invalid_update_documentation_part.
#[tokio::test]
async fn patches_of_parts() {
    let fixture = Fixture::new();
    let (post, line) = (format!("POST {PARTS}"), format!("PATCH {PART}"));
    let mut steps = vec![(
        "part",
        post.as_str(),
        part(json!({"type": "API"})),
        201,
        any(),
    )];
    steps.extend(each(&line, [
        ok(json!([["replace", "/properties", "{\"a\":1}"]]), "properties", json!("{\"a\":1}")),
        bad(json!([["replace", "/properties", "no"]]), "Documentation part properties must be a JSON object"),
        bad(json!([["add", "/properties", "{}"]]), "Invalid patch path  '/properties' specified for op 'add'. Please choose supported operations"),
        bad(json!([["replace", "/invalidPath", "{}"]]), "Invalid patch path  '/invalidPath' specified for op 'replace'. Must be one of: [/properties]"),
    ]));
    let none = "PATCH /restapis/nothing/documentation/parts/{part.id}";
    steps.push((
        "no API",
        none,
        patch(json!([["replace", "/properties", "{}"]])),
        404,
        json!(NO_PART),
    ));
    play_on_pets(&fixture, &steps).await;
}

/// Recorded: test_documentation_parts_and_versions. The refusals are guesses after other parts.
#[tokio::test]
async fn the_life_of_a_version() {
    let fixture = Fixture::new();
    let (one, none) = (
        format!("{VERSIONS}/v1"),
        "Invalid Documentation version specified",
    );
    let post = format!("POST {VERSIONS}");
    let stage = "/restapis/{api.id}/stages/dev";
    let (bad, none) = (
        json!(format!("BadRequestException: {none}")),
        json!(format!("NotFoundException: {none}")),
    );
    play_on_mock(&fixture, &[
        ("deployed", "POST /restapis/{api.id}/deployments", json!({"stageName": "dev"}), 201, any()),
        ("part", &format!("POST {PARTS}"), part(json!({"type": "API"})), 201, any()),
        ("made", &post, json!({"documentationVersion": "v1"}), 201, json!({"version": "v1", "createdDate": "*"})),
        ("taken", &post, json!({"documentationVersion": "v1"}), 409, json!("ConflictException: Documentation version already exists for this REST API")),
        ("described", &format!("PATCH {one}"), patch(json!([["replace", "/description", "new"]])), 200, json!({"version": "v1", "createdDate": "*", "description": "new"})),
        ("get", &format!("GET {one}"), NONE, 200, json!({"version": "v1", "createdDate": "*", "description": "new"})),
        ("refused", &format!("PATCH {one}"), patch(json!([["replace", "/version", "v2"]])), 400, json!("BadRequestException: Invalid patch path  '/version' specified for op 'replace'. Must be one of: [/description]")),
        ("no stage", &post, json!({"documentationVersion": "v2", "stageName": "nothing"}), 404, json!("NotFoundException: Invalid stage identifier specified")),
        ("for a stage", &post, json!({"documentationVersion": "v2", "stageName": "dev"}), 201, any()),
        ("shown", &format!("GET {stage}"), NONE, 200, json!({"documentationVersion": "v2", "...": true})),
        ("list", &format!("GET {VERSIONS}"), NONE, 200, json!({"item": [{"version": "v1", "...": true}, {"version": "v2", "...": true}]})),
        ("in use", &format!("DELETE {VERSIONS}/v2"), NONE, 400, json!("BadRequestException: Active stages pointing to this documentation version must be moved or deleted")),
        ("another", &format!("PATCH {stage}"), patch(json!([["replace", "/documentationVersion", "v1"]])), 200, any()),
        ("a new stage", "POST /restapis/{api.id}/stages", json!({"stageName": "s", "deploymentId": "{deployed.id}", "documentationVersion": "v1"}), 201, json!({"documentationVersion": "v1", "...": true})),
        ("goes", &format!("DELETE {VERSIONS}/v2"), NONE, 202, NONE),
        ("not shown any more", &format!("PATCH {stage}"), patch(json!([["replace", "/documentationVersion", "v2"]])), 400, bad),
        ("gone", &format!("GET {VERSIONS}/v2"), NONE, 404, none.clone()),
        ("unknown", &format!("PATCH {VERSIONS}/v3"), patch(json!([])), 404, none.clone()),
        ("unknown", &format!("DELETE {VERSIONS}/v3"), NONE, 404, none),
        ("a long name", &post, json!({"documentationVersion": "v".repeat(65)}), 400, json!("BadRequestException: Documentation version must have 1 to 64 characters")),
    ]).await;
}

fn definition(parts: &Value) -> Value {
    json!({
        "openapi": "3.0.1", "info": {"title": "doc", "version": "1"}, "paths": {},
        "x-amazon-apigateway-documentation": {"version": "1", "documentationParts": parts}
    })
}

/// Recorded for what is no definition: test_import_documentation_parts_bad_file. The guide says what merging keeps; the
/// rest is a guess.
#[tokio::test]
async fn imports() {
    let fixture = Fixture::new();
    let (import, all) = (format!("PUT {PARTS}"), format!("GET {PARTS}?type=API"));
    let overwrite = format!("{import}?mode=overwrite");
    let api = |properties: Value| json!({"location": {"type": "API"}, "properties": properties});
    let method = json!({"location": {"type": "METHOD", "method": "GET"}, "properties": {"description": "d"}});
    let shown = |properties: &str| json!({"item": [{"id": "{part.id}", "location": {"type": "API"}, "properties": properties}]});
    let yaml = "openapi: 3.0.1\ninfo: {title: a, version: '1'}\npaths: {}\nx-amazon-apigateway-documentation:\n  documentationParts:\n  - location: {type: MODEL, name: Pet}\n    properties: {title: t}\n";
    let twice = "Only the last of several documentation parts for {\"type\":\"METHOD\",\"method\":\"GET\"} is kept";
    let no_definition = json!("BadRequestException: Unable to build importer with provided input.");
    play_on_pets(
        &fixture,
        &[
            (
                "part",
                &format!("POST {PARTS}"),
                part(json!({"type": "API"})),
                201,
                any(),
            ),
            (
                "merged",
                &import,
                definition(&json!([api(json!({"a": 1})), method.clone()])),
                200,
                json!({"ids": "*"}),
            ),
            (
                "the old stays",
                &all,
                NONE,
                200,
                shown("{\"foo\":\"bar\",\"a\":1}"),
            ),
            (
                "overwritten",
                &overwrite,
                definition(&json!([api(json!({"b": 2}))])),
                200,
                json!({"ids": ["{part.id}"]}),
            ),
            ("the new only", &all, NONE, 200, shown("{\"b\":2}")),
            (
                "nothing else",
                &format!("GET {PARTS}"),
                NONE,
                200,
                shown("{\"b\":2}"),
            ),
            ("in YAML", &import, json!(yaml), 200, json!({"ids": ["*"]})),
            (
                "of two, the last",
                &import,
                definition(&json!([method.clone(), method.clone()])),
                200,
                json!({"ids": ["*"], "warnings": [twice]}),
            ),
            (
                "warnings may refuse",
                &format!("{import}?failonwarnings=true"),
                definition(&json!([method.clone(), method])),
                400,
                json!(format!(
                    "BadRequestException: Warnings found during import:\n\t{twice}"
                )),
            ),
            (
                "only documentation is read",
                &import,
                json!(yaml.replace("paths: {}", "paths: {a: 1}")),
                200,
                json!({"ids": ["*"]}),
            ),
            (
                "a place that is none",
                &import,
                definition(&json!([{"location": {"type": "MODEL"}, "properties": {}}])),
                400,
                json!(
                    "BadRequestException: Invalid documentation part location: name is required for type MODEL"
                ),
            ),
            (
                "no definition",
                &import,
                json!("{}"),
                400,
                no_definition.clone(),
            ),
            (
                "no API",
                "PUT /restapis/nothing/documentation/parts",
                json!("no"),
                400,
                no_definition,
            ),
            (
                "no API",
                "PUT /restapis/nothing/documentation/parts",
                definition(&json!([])),
                404,
                json!("NotFoundException: Invalid API identifier specified 000000000000:nothing"),
            ),
        ],
    )
    .await;
}
