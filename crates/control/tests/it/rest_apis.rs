//! REST APIs. <https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html>

use serde_json::json;

use crate::fixture::{Fixture, NOW_MS};
use crate::play::{NONE, any, bad, each, ok, patch, play};

/// Recorded: TestApiGatewayApiRestApi::test_create_rest_api_with_optional_params, …_with_tags, …_with_binary_media_types.
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"execute-api:*","Resource":"*"}}"#;

#[tokio::test]
async fn created_with_defaults_and_shown_as_stored() {
    let fixture = Fixture::new();
    let whole = json!({
        "id": "*", "name": "pets", "createdDate": NOW_MS / 1000, "apiKeySource": "HEADER",
        "endpointConfiguration": {"types": ["EDGE"], "ipAddressType": "ipv4"},
        "disableExecuteApiEndpoint": false, "rootResourceId": "*"
    });
    let answers = play(&fixture, &[
        ("api", "POST /restapis", json!({"name": "pets"}), 201, whole.clone()),
        ("get adds no tags", "GET /restapis/{api.id}", NONE, 200, json!({"tags": {}, "...": true, "id": "{api.id}", "rootResourceId": "{api.rootResourceId}"})),
        ("the list omits them", "GET /restapis", NONE, 200, json!({"item": [whole]})),
        ("resources", "GET /restapis/{api.id}/resources", NONE, 200, json!({"item": [{"id": "{api.rootResourceId}", "path": "/"}]})),
        ("models", "GET /restapis/{api.id}/models", NONE, 200, json!({"item": [
            {"id": "*", "name": "Empty", "description": "This is a default empty schema model", "contentType": "application/json", "schema": "*"},
            {"id": "*", "name": "Error", "description": "This is a default error schema model", "contentType": "application/json", "schema": "*"}
        ]})),
        ("all given", "POST /restapis", json!({
            "name": "all", "description": "d", "version": "v1", "binaryMediaTypes": ["image/png", "a/b"], "minimumCompressionSize": 10,
            "apiKeySource": "AUTHORIZER", "endpointConfiguration": {"types": ["REGIONAL"]}, "disableExecuteApiEndpoint": true,
            "tags": {"k": "v"}
        }), 201, json!({
            "id": "*", "name": "all", "description": "d", "version": "v1", "createdDate": "*", "binaryMediaTypes": ["image/png", "a/b"],
            "minimumCompressionSize": 10, "apiKeySource": "AUTHORIZER", "endpointConfiguration": {"types": ["REGIONAL"], "ipAddressType": "ipv4"},
            "disableExecuteApiEndpoint": true, "rootResourceId": "*", "tags": {"k": "v"}
        })),
        ("private", "POST /restapis", json!({"name": "p", "endpointConfiguration": {"types": ["PRIVATE"]}}), 201,
            json!({"endpointConfiguration": {"types": ["PRIVATE"], "ipAddressType": "dualstack"}, "...": true})),
    ]).await;
    let (id, root) = (
        answers["api"]["id"].as_str().unwrap(),
        answers["api"]["rootResourceId"].as_str().unwrap(),
    );
    assert_eq!((id.len(), root.len()), (10, 10));
}

/// Recorded: test_create_rest_api_with_optional_params, …_with_endpoint_configuration, test_create_rest_api_private_type,
/// test_create_rest_api_verify_defaults.
#[tokio::test]
async fn refused_creations() {
    let fixture = Fixture::new();
    for (body, expect) in [
        (
            json!({"name": "a", "description": ""}),
            "BadRequestException: Description cannot be an empty string",
        ),
        (
            json!({"name": "a", "minimumCompressionSize": -1}),
            "BadRequestException: Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (
            json!({"name": "a", "minimumCompressionSize": 10_485_761}),
            "BadRequestException: Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (
            json!({"name": "a", "description": "", "minimumCompressionSize": -1}),
            "BadRequestException: Description cannot be an empty string",
        ),
        (
            json!({"name": "a", "endpointConfiguration": {"types": []}}),
            "BadRequestException: REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
        ),
        (
            json!({"name": "a", "endpointConfiguration": {"types": ["EDGE", "REGIONAL"]}}),
            "BadRequestException: Cannot create an api with multiple Endpoint Types.",
        ),
        (
            json!({"name": "a", "endpointConfiguration": {"types": ["PRIVATE"], "ipAddressType": "ipv4"}}),
            "BadRequestException: Only dualstack ipAddressType is supported for Private APIs.",
        ),
        // Guess: AWS's text is not recorded for an API.
        (
            json!({"name": " "}),
            "BadRequestException: Name cannot be empty",
        ),
        (
            json!({"name": true}),
            "SerializationException: class java.lang.Boolean can not be converted to an String",
        ),
    ] {
        play(
            &fixture,
            &[("refused", "POST /restapis", body, 400, json!(expect))],
        )
        .await;
    }
    play(
        &fixture,
        &[(
            "nothing was made",
            "GET /restapis",
            NONE,
            200,
            json!({"item": []}),
        )],
    )
    .await;
}

/// Recorded: test_update_rest_api_behaviour, …_operation_add_remove, …_compression, …_ip_address_type,
/// test_update_rest_api_concatenation_of_errors; else the API reference's table.
#[tokio::test]
async fn patches() {
    let fixture = Fixture::new();
    let api = "PATCH /restapis/{api.id}";
    play(
        &fixture,
        &[(
            "api",
            "POST /restapis",
            json!({"name": "pets", "description": "d"}),
            201,
            any(),
        )],
    )
    .await;
    let cases = [
        ok(json!([["replace", "/name", "cats"]]), "name", json!("cats")),
        ok(
            json!([["replace", "/description", "e"]]),
            "description",
            json!("e"),
        ),
        ok(
            json!([
                ["add", "/binaryMediaTypes/image~1png"],
                ["add", "/binaryMediaTypes/a~1b"]
            ]),
            "binaryMediaTypes",
            json!(["image/png", "a/b"]),
        ),
        ok(
            json!([["replace", "/binaryMediaTypes/image~1png", "c/d"]]),
            "binaryMediaTypes",
            json!(["a/b", "c/d"]),
        ),
        ok(
            json!([["remove", "/binaryMediaTypes/a~1b"]]),
            "binaryMediaTypes",
            json!(["c/d"]),
        ),
        ok(
            json!([["replace", "/minimumCompressionSize", "100"]]),
            "minimumCompressionSize",
            json!(100),
        ),
        ok(
            json!([["replace", "/disableExecuteApiEndpoint", "true"]]),
            "disableExecuteApiEndpoint",
            json!(true),
        ),
        ok(
            json!([["replace", "/disableExecuteApiEndpoint", "yes"]]),
            "disableExecuteApiEndpoint",
            json!(false),
        ),
        ok(
            json!([["replace", "/apiKeySource", "AUTHORIZER"]]),
            "apiKeySource",
            json!("AUTHORIZER"),
        ),
        ok(
            json!([["replace", "/policy", POLICY]]),
            "policy",
            json!(POLICY.replace('"', "\\\"")),
        ),
        bad(
            json!([["replace", "/policy", "{}"]]),
            "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
        ),
        ok(
            json!([["replace", "/endpointConfiguration/types/EDGE", "REGIONAL"]]),
            "endpointConfiguration",
            json!({"types": ["REGIONAL"], "ipAddressType": "ipv4"}),
        ),
        ok(
            json!([[
                "replace",
                "/endpointConfiguration/ipAddressType",
                "dualstack"
            ]]),
            "endpointConfiguration",
            json!({"types": ["REGIONAL"], "ipAddressType": "dualstack"}),
        ),
        ok(
            json!([["replace", "/endpointConfiguration/types/0", "PRIVATE"]]),
            "endpointConfiguration",
            json!({"types": ["PRIVATE"], "ipAddressType": "dualstack"}),
        ),
        bad(
            json!([["replace", "/endpointConfiguration/ipAddressType", "ipv4"]]),
            "Only dualstack ipAddressType is supported for Private APIs.",
        ),
        bad(
            json!([["replace", "/endpointConfiguration/ipAddressType", "wrong"]]),
            "ipAddressType must be either ipv4 or dualstack.",
        ),
        bad(
            json!([["replace", "/endpointConfiguration/types/0", "wrong"]]),
            "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE",
        ),
        bad(
            json!([["copy", "/endpointConfiguration/types/0", "EDGE"]]),
            "Invalid patch operation specified. Must be 'add'|'remove'|'replace'",
        ),
        bad(
            json!([["add", "/minimumCompressionSize", "1"]]),
            "Invalid patch operation specified. Must be one of: [replace]",
        ),
        bad(
            json!([["replace", "/minimumCompressionSize", "10485761"]]),
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        bad(
            json!([["replace", "/minimumCompressionSize", "many"]]),
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        bad(
            json!([["add", "/binaryMediaTypes", "a/b"]]),
            "Invalid patch path /binaryMediaTypes",
        ),
        bad(
            json!([["replace", "/wrong", "a"]]),
            "Invalid patch path /wrong",
        ),
        bad(json!([["replace"]]), "Invalid patch path null"),
        // The first refusal undoes what was before it.
        bad(
            json!([["replace", "/name", "dogs"], ["replace", "/wrong", "a"]]),
            "Invalid patch path /wrong",
        ),
    ];
    let mut steps = vec![(
        "api",
        "POST /restapis",
        json!({"name": "pets", "description": "d"}),
        201,
        any(),
    )];
    steps.extend(each(api, cases));
    steps.push((
        "no value disables",
        api,
        patch(json!([["replace", "/minimumCompressionSize"]])),
        200,
        any(),
    ));
    steps.push((
        "a removed description",
        api,
        patch(json!([["remove", "/description"]])),
        200,
        any(),
    ));
    steps.push(("after all", "GET /restapis/{api.id}", NONE, 200, json!({
        "id": "{api.id}", "name": "cats", "createdDate": "*", "apiKeySource": "AUTHORIZER", "binaryMediaTypes": ["c/d"], "policy": POLICY.replace('"', "\\\""),
        "endpointConfiguration": {"types": ["PRIVATE"], "ipAddressType": "dualstack"}, "disableExecuteApiEndpoint": false,
        "rootResourceId": "*", "tags": {}
    })));
    play(&fixture, &steps).await;
}

/// Recorded: test_get_api_case_insensitive, test_update_rest_api_invalid_api_id.
#[tokio::test]
async fn unknown_apis_and_deleted_ones() {
    let fixture = Fixture::new();
    let unknown = json!("NotFoundException: Invalid API identifier specified 000000000000:nothing");
    play(
        &fixture,
        &[
            ("api", "POST /restapis", json!({"name": "pets"}), 201, any()),
            ("get", "GET /restapis/nothing", NONE, 404, unknown.clone()),
            (
                "update",
                "PATCH /restapis/nothing",
                patch(json!([])),
                404,
                unknown.clone(),
            ),
            ("delete", "DELETE /restapis/nothing", NONE, 404, unknown),
            ("gone", "DELETE /restapis/{api.id}", NONE, 202, NONE),
            ("no more", "GET /restapis/{api.id}", NONE, 404, any()),
            (
                "nor its parts",
                "GET /restapis/{api.id}/resources/{api.rootResourceId}",
                NONE,
                404,
                json!("NotFoundException: Invalid Resource identifier specified"),
            ),
            (
                "nor in the list",
                "GET /restapis",
                NONE,
                200,
                json!({"item": []}),
            ),
        ],
    )
    .await;
}

/// Beyond AWS: the tags `tollgate:id` and LocalStack's `_custom_id_` fix an id.
#[tokio::test]
async fn fixed_ids() {
    let fixture = Fixture::new();
    let rule = "BadRequestException: Tollgate takes 1 to 63 characters a-z, 0-9 and - for a fixed id, with a letter or digit at both ends";
    let create = |tag: &str, id: &str| json!({"name": "a", "tags": {tag: id}});
    play(
        &fixture,
        &[
            (
                "ours",
                "POST /restapis",
                create("tollgate:id", "pets"),
                201,
                json!({"id": "pets", "tags": {"tollgate:id": "pets"}, "...": true}),
            ),
            (
                "LocalStack's",
                "POST /restapis",
                create("_custom_id_", "cats-1"),
                201,
                json!({"id": "cats-1", "...": true}),
            ),
            (
                "taken",
                "POST /restapis",
                create("tollgate:id", "cats-1"),
                409,
                json!("ConflictException: Tollgate has a REST API with the id cats-1 already"),
            ),
            (
                "upper case",
                "POST /restapis",
                create("tollgate:id", "Pets"),
                400,
                json!(rule),
            ),
            (
                "a dot",
                "POST /restapis",
                create("tollgate:id", "a.b"),
                400,
                json!(rule),
            ),
            (
                "empty",
                "POST /restapis",
                create("tollgate:id", ""),
                400,
                json!(rule),
            ),
            (
                "a dash at the end",
                "POST /restapis",
                create("tollgate:id", "a-"),
                400,
                json!(rule),
            ),
        ],
    )
    .await;
    // Hosts carry neither account nor region, so an id is one in all of them.
    let answer = fixture
        .call_in(
            "eu-west-1",
            "POST",
            "/restapis",
            &create("tollgate:id", "pets").to_string(),
        )
        .await;
    assert_eq!(answer.status, 409);
}

#[tokio::test]
async fn a_deleted_api_is_no_longer_served_when_the_answer_comes() {
    let fixture = Fixture::new();
    play(
        &fixture,
        &[("api", "POST /restapis", json!({"name": "pets"}), 201, any())],
    )
    .await;
    assert!(fixture.gateway.served() == 0);
    let id = fixture.call("GET", "/restapis", "").await.json()["item"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    fixture.call("DELETE", &format!("/restapis/{id}"), "").await;
    assert_eq!(fixture.gateway.served(), 1);
}

/// Ours: each operation looks through what is there, so their number is bounded.
#[tokio::test]
async fn too_many_patches() {
    let fixture = Fixture::new();
    let patches = |count: usize| {
        let add = |n| json!(["add", format!("/binaryMediaTypes/a~1{n}")]);
        patch((0..count).map(add).collect())
    };
    let refused = "BadRequestException: Tollgate takes at most 5000 patch operations at once";
    let update = "PATCH /restapis/{api.id}";
    play(
        &fixture,
        &[
            ("api", "POST /restapis", json!({"name": "a"}), 201, any()),
            ("most", update, patches(5000), 200, any()),
            ("more", update, patches(5001), 400, json!(refused)),
        ],
    )
    .await;
}
