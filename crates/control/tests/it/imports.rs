//! ImportRestApi, PutRestApi, and what `tollgate dev` deploys of a file.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_ImportRestApi.html>

use serde_json::{Value, json};

use crate::fixture::{Fixture, NOW_MS};
use crate::play::{NONE, any, patch, play};

fn document(title: &str, paths: Value) -> Value {
    json!({"openapi": "3.0.1", "info": {"title": title, "version": "1"}, "paths": paths})
}

fn mock(responses: Value) -> Value {
    json!({"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": {"type": "mock", "responses": responses}})
}

/// Recorded: TestApiGatewayImportRestApi::test_import_rest_api, test_import_swagger_api.
#[tokio::test]
async fn imported() {
    let fixture = Fixture::new();
    let pets = document(
        "pets",
        json!({"/pets/{id}": {"get": mock(json!({"default": {"statusCode": "200"}}))}}),
    );
    play(&fixture, &[
        ("api", "POST /restapis?mode=import", pets, 201, json!({
            "id": "*", "name": "pets", "version": "1", "createdDate": NOW_MS / 1000, "apiKeySource": "HEADER", "rootResourceId": "*",
            "endpointConfiguration": {"types": ["EDGE"], "ipAddressType": "ipv4"}, "disableExecuteApiEndpoint": false
        })),
        ("resources", "GET /restapis/{api.id}/resources?embed=methods", NONE, 200, json!({"item": [
            {"id": "{api.rootResourceId}", "path": "/"},
            {"path": "/pets", "pathPart": "pets", "parentId": "{api.rootResourceId}", "id": "*"},
            {"path": "/pets/{id}", "pathPart": "{id}", "resourceMethods": {"GET": {"httpMethod": "GET", "methodIntegration": {"type": "MOCK", "...": true}, "...": true}}, "...": true}
        ]})),
        ("no default models", "GET /restapis/{api.id}/models", NONE, 200, json!({"item": []})),
        ("deployable", "POST /restapis/{api.id}/deployments", json!({"stageName": "dev"}), 201, any()),
    ]).await;
}

#[tokio::test]
async fn yaml_and_swagger() {
    let fixture = Fixture::new();
    let yaml = "swagger: '2.0'\ninfo:\n  title: cats\n  version: '2'\npaths:\n  /cats:\n    get:\n      responses:\n        200:\n          description: ok\n      x-amazon-apigateway-integration:\n        type: mock\n";
    play(&fixture, &[
        ("api", "POST /restapis?mode=import", json!(yaml), 201, json!({"name": "cats", "version": "2", "...": true})),
        ("regional", "POST /restapis?mode=import&endpointConfigurationTypes=REGIONAL", json!(yaml), 201, json!({"endpointConfiguration": {"types": ["REGIONAL"], "ipAddressType": "ipv4"}, "...": true})),
    ]).await;
}

/// Recorded: test_put_rest_api_mode_binary_media_types[overwrite]; that ids stay is ours to keep clients' references.
#[tokio::test]
async fn overwritten() {
    let fixture = Fixture::new();
    let get = mock(json!({"default": {"statusCode": "200"}}));
    let first = document("pets", json!({"/pets": {"get": get}, "/old": {"get": get}}));
    let second = document(
        "cats",
        json!({"/pets": {"post": get}, "/new": {"get": get}}),
    );
    let answers = play(&fixture, &[
        ("api", "POST /restapis?mode=import&endpointConfigurationTypes=REGIONAL", first, 201, any()),
        ("before", "GET /restapis/{api.id}/resources", NONE, 200, any()),
        ("deployed", "POST /restapis/{api.id}/deployments", json!({"stageName": "dev"}), 201, any()),
        ("put", "PUT /restapis/{api.id}?mode=overwrite", second, 200, json!({
            "id": "{api.id}", "name": "cats", "rootResourceId": "{api.rootResourceId}", "endpointConfiguration": {"types": ["REGIONAL"], "ipAddressType": "ipv4"}, "tags": {}, "...": true
        })),
        ("after", "GET /restapis/{api.id}/resources", NONE, 200, json!({"item": [{"path": "/", "...": true}, {"path": "/new", "...": true}, {"path": "/pets", "resourceMethods": {"POST": {}}, "...": true}]})),
        ("what is deployed stays", "GET /restapis/{api.id}/deployments/{deployed.id}?embed=apisummary", NONE, 200, json!({"apiSummary": {"/old": "*", "/pets": {"GET": "*"}}, "...": true})),
    ]).await;
    let id = |list: &str, path: &str| {
        let items = answers[list]["item"].as_array().unwrap().iter();
        items
            .filter(|it| it["path"] == path)
            .map(|it| it["id"].clone())
            .next()
    };
    assert_eq!(id("before", "/pets"), id("after", "/pets"));
}

/// Recorded: test_put_rest_api_mode_binary_media_types[merge]. The guide: methods of the document win, all else stays.
#[tokio::test]
async fn merged() {
    let fixture = Fixture::new();
    let get = mock(json!({"default": {"statusCode": "200"}}));
    let put = mock(json!({"default": {"statusCode": "404"}}));
    let with = |mut document: Value, name: &str, value: Value| {
        document[name] = value;
        document
    };
    let binary = "x-amazon-apigateway-binary-media-types";
    let first = document(
        "pets",
        json!({"/pets": {"get": get, "post": get}, "/old/{id}": {"get": get}}),
    );
    let first = with(first, binary, json!(["image/png"]));
    let second = document("cats", json!({"/pets": {"get": put}, "/new": {"get": get}}));
    let second = with(second, binary, json!(["image/gif", "image/png"]));
    let other = document("cats", json!({"/old/{name}": {"get": get}}));
    let taken = "BadRequestException: Errors found during import:\n\tUnable to create resource at path '/old/{name}': A sibling ({id}) of this resource already has a variable path part -- only one is allowed";
    let answers = play(&fixture, &[
        ("api", "POST /restapis?mode=import&endpointConfigurationTypes=REGIONAL", first, 201, any()),
        ("before", "GET /restapis/{api.id}/resources", NONE, 200, any()),
        ("put", "PUT /restapis/{api.id}", second.clone(), 200, json!({
            "id": "{api.id}", "name": "cats", "endpointConfiguration": {"types": ["REGIONAL"], "ipAddressType": "ipv4"},
            "binaryMediaTypes": ["image/png", "image/gif"], "...": true
        })),
        ("again", "PUT /restapis/{api.id}?mode=merge", second, 200, any()),
        ("after", "GET /restapis/{api.id}/resources", NONE, 200, json!({"item": [
            {"path": "/", "...": true}, {"path": "/new", "...": true}, {"path": "/old", "...": true},
            {"path": "/old/{id}", "...": true}, {"path": "/pets", "resourceMethods": {"GET": {}, "POST": {}}, "...": true}
        ]})),
        ("two variables", "PUT /restapis/{api.id}?mode=merge", other, 400, json!(taken)),
    ]).await;
    let id = |list: &str| {
        let items = answers[list]["item"].as_array().unwrap().iter();
        let mut pets = items.filter(|it| it["path"] == "/pets");
        pets.next().map(|it| it["id"].clone())
    };
    assert_eq!(id("before"), id("after"));
    let id = id("after").unwrap();
    let pets = format!(
        "/restapis/{{api.id}}/resources/{}/methods",
        id.as_str().unwrap()
    );
    let api = answers["api"]["id"].as_str().unwrap();
    let pets = pets.replace("{api.id}", api);
    play(
        &fixture,
        &[
            (
                "replaced",
                &format!("GET {pets}/GET/integration/responses/404"),
                NONE,
                200,
                json!({"statusCode": "404"}),
            ),
            (
                "gone",
                &format!("GET {pets}/GET/integration/responses/200"),
                NONE,
                404,
                any(),
            ),
            (
                "stays",
                &format!("GET {pets}/POST/integration/responses/200"),
                NONE,
                200,
                json!({"statusCode": "200"}),
            ),
        ],
    )
    .await;
}

/// The guide: what the document names is as it says, all else stays with a merge and goes with an overwrite. Each kind of part.
#[tokio::test]
async fn every_kind_of_part_is_merged_or_overwritten() {
    let (first, second) = (parts(["A", "B"], 1), parts(["B", "C"], 2));
    for (mode, expected) in [
        ("merge", &[("A", 1), ("B", 2), ("C", 2)][..]),
        ("overwrite", &[("B", 2), ("C", 2)][..]),
    ] {
        let fixture = Fixture::new();
        let put = format!("PUT /restapis/{{api.id}}?mode={mode}");
        let lists = [
            ("models", "GET /restapis/{api.id}/models"),
            ("validators", "GET /restapis/{api.id}/requestvalidators"),
            ("authorizers", "GET /restapis/{api.id}/authorizers"),
            (
                "documentation",
                "GET /restapis/{api.id}/documentation/parts",
            ),
        ];
        let mut steps = vec![
            (
                "api",
                "POST /restapis?mode=import",
                first.clone(),
                201,
                any(),
            ),
            ("put", &*put, second.clone(), 200, any()),
        ];
        steps.extend(lists.map(|(name, line)| (name, line, NONE, 200, any())));
        let answers = play(&fixture, &steps).await;
        let found = |list: &str, name: fn(&Value) -> &Value, number: fn(&Value) -> String| {
            let items = answers[list]["item"].as_array().expect("a list").iter();
            let mut found: Vec<_> = items
                .map(|it| (name(it).as_str().expect("a name").to_owned(), number(it)))
                .collect();
            found.sort();
            found
        };
        let expect = |number: fn(i32) -> String| -> Vec<_> {
            let expected = expected.iter();
            expected
                .map(|(name, said)| ((*name).to_owned(), number(*said)))
                .collect()
        };
        let name: fn(&Value) -> &Value = |it| &it["name"];
        assert_eq!(
            found("models", name, |it| it["description"].to_string()),
            expect(|said| format!("\"{said}\"")),
            "{mode}"
        );
        assert_eq!(
            found("validators", name, |it| it["validateRequestBody"]
                .to_string()),
            expect(|said| (said == 2).to_string()),
            "{mode}"
        );
        assert_eq!(
            found("authorizers", name, |it| it["authorizerResultTtlInSeconds"]
                .to_string()),
            expect(|said| said.to_string()),
            "{mode}"
        );
        assert_eq!(
            found(
                "documentation",
                |it| &it["location"]["name"],
                |it| it["properties"].as_str().unwrap_or_default().to_owned()
            ),
            expect(|said| format!("{{\"said\":{said}}}")),
            "{mode}"
        );
        for (kind, custom) in [
            ("UNAUTHORIZED", mode == "merge"),
            ("ACCESS_DENIED", true),
            ("THROTTLED", true),
        ] {
            let line = format!("GET /restapis/{{api.id}}/gatewayresponses/{kind}");
            let line = crate::play::fill(&line, &answers);
            let target = line.strip_prefix("GET ").expect("a line");
            let answer = fixture.call("GET", target, "").await.json();
            assert_eq!(answer["defaultResponse"], !custom, "{mode} {kind}");
        }
    }
}

/// A document with a part of each kind under each name, which says `number`.
fn parts(names: [&str; 2], number: i32) -> Value {
    let each = |one: &dyn Fn(&str) -> Value| -> Value {
        names
            .iter()
            .map(|name| ((*name).to_owned(), one(name)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations";
    let responses = match number {
        1 => ["UNAUTHORIZED", "ACCESS_DENIED"],
        _ => ["ACCESS_DENIED", "THROTTLED"],
    };
    let responses = responses.map(|kind| (kind.to_owned(), json!({"statusCode": "418"})));
    let responses: serde_json::Map<_, _> = responses.into_iter().collect();
    json!({
        "openapi": "3.0.1", "info": {"title": "parts", "version": "1"}, "paths": {},
        "components": {
            "schemas": each(&|_| json!({"type": "object", "description": number.to_string()})),
            "securitySchemes": each(&|_| json!({
                "type": "apiKey", "in": "header", "name": "A",
                "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": uri, "authorizerResultTtlInSeconds": number}
            }))
        },
        "x-amazon-apigateway-request-validators": each(&|_| json!({"validateRequestBody": number == 2})),
        "x-amazon-apigateway-gateway-responses": responses,
        "x-amazon-apigateway-documentation": {"documentationParts": names.map(|name| json!({"location": {"type": "MODEL", "name": name}, "properties": {"said": number}}))}
    })
}

/// The guide: warnings are told, and refuse where the call says so; nothing is made or changed then.
#[tokio::test]
async fn warnings_are_told_or_refuse() {
    let fixture = Fixture::new();
    let schema = json!({"$ref": "#/components/schemas/None"});
    let content = json!({"application/json": {"schema": schema}});
    let get = json!({"responses": {"200": {"description": "ok", "content": content}}, "x-amazon-apigateway-integration": {"type": "mock"}});
    let warned = document("warned", json!({"/pets": {"get": get}}));
    let text = "Unable to find model 'None' for method 'GET' of resource '/pets'";
    let told = json!({"name": "warned", "warnings": [text], "...": true});
    let refused = json!(format!(
        "BadRequestException: Warnings found during import:\n\t{text}"
    ));
    let fine = document("fine", json!({}));
    play(
        &fixture,
        &[
            (
                "refused",
                "POST /restapis?mode=import&failonwarnings=true",
                warned.clone(),
                400,
                refused.clone(),
            ),
            (
                "nothing came of it",
                "GET /restapis",
                NONE,
                200,
                json!({"item": []}),
            ),
            (
                "told",
                "POST /restapis?mode=import&failonwarnings=false",
                warned.clone(),
                201,
                told.clone(),
            ),
            (
                "api",
                "POST /restapis?mode=import&failonwarnings=true",
                fine,
                201,
                json!({"name": "fine", "...": true}),
            ),
            (
                "refused",
                "PUT /restapis/{api.id}?failonwarnings=true",
                warned.clone(),
                400,
                refused,
            ),
            (
                "as before",
                "GET /restapis/{api.id}",
                NONE,
                200,
                json!({"name": "fine", "...": true}),
            ),
            ("told", "PUT /restapis/{api.id}", warned, 200, told),
            (
                "shown as well",
                "GET /restapis/{api.id}",
                NONE,
                200,
                json!({"name": "warned", "...": true}),
            ),
        ],
    )
    .await;
}

/// Recorded: test_import_api_bad_file, test_update_rest_api_invalid_api_id. The rest is ours: named, never ignored.
#[tokio::test]
async fn refused() {
    let fixture = Fixture::new();
    let pets = document("pets", json!({"/": {"get": mock(json!({}))}}));
    let bad = |text: &str| json!(format!("BadRequestException: {text}"));
    play(
        &fixture,
        &[
            (
                "no document",
                "POST /restapis?mode=import",
                json!("this is not OpenAPI"),
                400,
                bad("Invalid OpenAPI input."),
            ),
            (
                "nothing",
                "POST /restapis?mode=import",
                json!(""),
                400,
                any(),
            ),
            (
                "no API",
                "PUT /restapis/nothing?mode=overwrite",
                pets.clone(),
                404,
                json!("NotFoundException: Invalid API identifier specified 000000000000:nothing"),
            ),
            (
                "nothing came of it",
                "GET /restapis",
                NONE,
                200,
                json!({"item": []}),
            ),
        ],
    )
    .await;
    for (member, value, text) in [
        (
            "x-amazon-apigateway-api-key-source",
            json!("moon"),
            "Invalid API key source specified. Valid options are HEADER,AUTHORIZER",
        ),
        (
            "servers",
            json!([{"url": "/", "x-amazon-apigateway-endpoint-configuration": {"ipAddressType": "ipv5"}}]),
            "ipAddressType must be either ipv4 or dualstack.",
        ),
    ] {
        let mut wrong = pets.clone();
        wrong[member] = value;
        let refused = [(member, "POST /restapis?mode=import", wrong, 400, bad(text))];
        play(&fixture, &refused).await;
    }
    for query in [
        "wrong=1",
        "basepath=wrong",
        "endpointConfigurationTypes=MOON",
        "ignore=everything",
    ] {
        let answer = fixture
            .call(
                "POST",
                &format!("/restapis?mode=import&{query}"),
                &pets.to_string(),
            )
            .await;
        let name = query.split('=').next().unwrap();
        assert!(
            answer.status == 400 && answer.refusal().contains(name),
            "{query}: {} {}",
            answer.status,
            answer.text
        );
    }
}

/// Seen with AWS: Testlio/lambda-tools, issue 56; awslabs/aws-apigateway-importer, issues 121 and 209. The other rules
/// are those of the operations that an import stands for.
#[tokio::test]
async fn what_no_integration_could_be_put_as() {
    let fixture = Fixture::new();
    let mapping = |error: &str| {
        format!(
            "Invalid mapping expression specified: Validation Result: warnings : [], errors : [{error}]"
        )
    };
    let get = |integration: Value| {
        let responses = json!({"200": {"description": "ok"}});
        json!({"get": {"responses": responses, "x-amazon-apigateway-integration": integration}})
    };
    let answer = |response: Value| json!({"type": "mock", "responses": {"default": response}});
    let parameters = |entry: Value| json!({"type": "mock", "requestParameters": entry});
    let cases = [
        (
            parameters(json!({"integration.request.header.a": "method.request.header.A"})),
            "integration",
            mapping("Invalid mapping expression parameter specified: method.request.header.A"),
        ),
        (
            json!({"type": "http_proxy", "uri": "http://a"}),
            "integration",
            "Enumeration value for HttpMethod must be non-empty".to_owned(),
        ),
        (
            json!({"type": "http_proxy", "httpMethod": "GET", "uri": "a"}),
            "integration",
            "Invalid HTTP endpoint specified for URI".to_owned(),
        ),
        (
            json!({"type": "mock", "timeoutInMillis": 90_000}),
            "integration",
            "Timeout should be between 50 ms and 29000 ms".to_owned(),
        ),
        (
            json!({"type": "mock", "passthroughBehavior": "sometimes"}),
            "integration",
            "Invalid passthroughBehavior specified. Valid options are WHEN_NO_MATCH,WHEN_NO_TEMPLATES,NEVER"
                .to_owned(),
        ),
        (
            answer(json!({"statusCode": "2xx"})),
            "integration response",
            "Invalid Response status code specified".to_owned(),
        ),
        (
            answer(json!({"statusCode": "302", "responseParameters": {"method.response.header.Location": "'/'"}})),
            "integration response",
            mapping("No method response exists for method."),
        ),
        (
            answer(json!({"statusCode": "200", "responseParameters": {"method.response.header.Location": "'/'"}})),
            "integration response",
            mapping("Invalid mapping expression parameter specified: method.response.header.Location"),
        ),
    ];
    for (integration, what, reason) in cases {
        let pets = document("pets", json!({"/pets": get(integration)}));
        let expect = format!(
            "BadRequestException: Errors found during import:\n\tUnable to put {what} on 'GET' for resource at path '/pets': {reason}"
        );
        let refused = [(
            "refused",
            "POST /restapis?mode=import",
            pets,
            400,
            json!(expect),
        )];
        play(&fixture, &refused).await;
    }
}

/// What the caller reads is AWS's; the operator reads where in the document it stands, whoever found it.
#[tokio::test]
async fn every_refusal_has_a_place_for_the_operator() {
    let fixture = Fixture::new();
    let method = "\nx-none: 1\npaths:\n  /a/{id}:\n    get:\n      responses: {}\n      x-amazon-apigateway-integration:\n        type: ";
    let part = "\npaths: {}\nx-amazon-apigateway-documentation:\n  documentationParts:\n  - location: {type: API}\n    properties: {}\n  - location: {type: MODEL}\n    properties: {}\n";
    let at = "/paths/~1a~1{id}/get/x-amazon-apigateway-integration";
    for (rest, place) in [
        (
            format!("{method}mock\n        timeoutInMillis: 1\n"),
            format!("(at {at}, line 8, column 7)"),
        ),
        (
            format!("{method}mock\n        responses:\n          default: {{statusCode: '200'}}\n          4..: {{statusCode: nope}}\n"),
            format!("(at {at}/responses/4.., line 12, column 11)"),
        ),
        (
            "\npaths: {}\ncomponents:\n  securitySchemes:\n    ours:\n      type: apiKey\n      x-amazon-apigateway-authorizer:\n        type: token\n        authorizerUri: nowhere\n".to_owned(),
            "(at /components/securitySchemes/ours/x-amazon-apigateway-authorizer, line 8, column 7)".to_owned(),
        ),
        (
            part.to_owned(),
            "(at /x-amazon-apigateway-documentation/documentationParts/1, line 8, column 5)".to_owned(),
        ),
        (
            "\npaths: {}\nx-amazon-apigateway-api-key-source: moon\n".to_owned(),
            "(at /x-amazon-apigateway-api-key-source, line 4, column 1)".to_owned(),
        ),
        (
            "\npaths: {}\nx-amazon-apigateway-minimum-compression-size: -1\n".to_owned(),
            "(at /x-amazon-apigateway-minimum-compression-size, line 4, column 1)".to_owned(),
        ),
        (
            "\npaths: {}\nservers:\n- url: /\n  x-amazon-apigateway-endpoint-configuration: {ipAddressType: ipv5}\n".to_owned(),
            "(at /servers/0/x-amazon-apigateway-endpoint-configuration, line 6, column 3)".to_owned(),
        ),
        (
            "\npaths: {/a: {get: {operationId: []}}}\n".to_owned(),
            "(at /paths/~1a/get/operationId, line 3, column 20)".to_owned(),
        ),
    ] {
        let document = format!("openapi: 3.0.1\ninfo: {{title: t, version: '1'}}{rest}");
        let error = deployed(&fixture, document.clone()).await.expect_err(&document);
        let cause = error.cause.unwrap_or_default();
        assert!(cause.ends_with(&place), "{document}: {cause}");
        assert!(!error.message.contains("line"), "{}", error.message);
    }
    let nameless = "openapi: 3.0.1\ninfo: {title: ' '}\npaths: {}\n".to_owned();
    let error = deployed(&fixture, nameless).await.expect_err("no name");
    assert_eq!(error.message, "Name cannot be empty");
    let cause = error.cause.unwrap_or_default();
    assert_eq!(
        cause,
        "Name cannot be empty (at /info/title, line 2, column 8)"
    );
}

async fn deployed(
    fixture: &Fixture,
    document: String,
) -> Result<tollgate_control::Deployed, tollgate_control::ApiError> {
    let (id, stage) = ("places", "dev");
    let control = &fixture.control;
    control
        .deploy_definition(
            "000000000000",
            "us-east-1",
            id,
            document.into_bytes().into(),
            stage,
        )
        .await
}

#[tokio::test]
async fn a_file_is_deployed_at_once_and_written_anew() {
    let fixture = Fixture::new();
    let deploy = async |title: &str, region: &str| {
        let pets = document(title, json!({"/pets": {"get": mock(json!({}))}})).to_string();
        fixture
            .control
            .deploy_definition(
                "000000000000",
                region,
                "my-pets",
                pets.into_bytes().into(),
                "dev",
            )
            .await
    };
    let first = deploy("pets", "us-east-1").await.expect("the first");
    let second = deploy("cats", "us-east-1").await.expect("the second");
    assert_eq!(
        (first.api_id.as_str(), second.api_id.as_str()),
        ("my-pets", "my-pets")
    );
    play(
        &fixture,
        &[
            (
                "written anew",
                "GET /restapis/my-pets",
                NONE,
                200,
                json!({"name": "cats", "...": true}),
            ),
            (
                "the stage moved",
                "GET /restapis/my-pets/stages/dev",
                NONE,
                200,
                json!({"deploymentId": second.deployment_id, "...": true}),
            ),
            (
                "both are there",
                "GET /restapis/my-pets/deployments",
                NONE,
                200,
                json!({"item": ["*", "*"]}),
            ),
        ],
    )
    .await;
    let elsewhere = deploy("dogs", "eu-west-1")
        .await
        .expect_err("the id is taken");
    assert_eq!(
        elsewhere.message,
        "Tollgate has a REST API with the id my-pets already"
    );
    assert_eq!(fixture.gateway.served(), 2);
}

/// What the gateway does not honour is not written at all.
#[tokio::test]
async fn a_file_that_is_not_honoured_changes_nothing() {
    let fixture = Fixture::new();
    *fixture.gateway.refusals.lock().expect("no test panicked") = vec![tollgate_control::Refusal {
        member: "m".to_owned(),
        reason: "no".to_owned(),
    }];
    let pets = document("pets", json!({"/pets": {"get": mock(json!({}))}})).to_string();
    let refused = fixture
        .control
        .deploy_definition(
            "000000000000",
            "us-east-1",
            "pets",
            pets.into_bytes().into(),
            "dev",
        )
        .await;
    assert_eq!(
        refused.expect_err("refused").message,
        "Tollgate cannot honour m: no"
    );
    play(
        &fixture,
        &[("nothing", "GET /restapis", NONE, 200, json!({"item": []}))],
    )
    .await;
}

/// An imported method may name the model `Empty`, which its API does not have, and one name in two places: changes of
/// something else are not refused for it.
#[tokio::test]
async fn what_an_import_named_stays() {
    let fixture = Fixture::new();
    let parameter = |place: &str| json!({"name": "a", "in": place, "type": "string"});
    let schema = json!({"$ref": "#/definitions/Empty"});
    let get = json!({
        "parameters": [parameter("query"), parameter("header"), {"in": "body", "name": "b", "schema": schema}],
        "responses": {"200": {"description": "ok", "schema": schema}},
        "x-amazon-apigateway-integration": {"type": "mock"}
    });
    let document = json!({"swagger": "2.0", "info": {"title": "a", "version": "1"}, "paths": {"/": {"get": get}}});
    let method = "/restapis/{api.id}/resources/{api.rootResourceId}/methods/GET";
    let named = patch(json!([["replace", "/operationName", "op"]]));
    let header = patch(json!([[
        "add",
        "/responseParameters/method.response.header.b",
        "true"
    ]]));
    let model = patch(json!([["add", "/requestModels/text~1plain", "None"]]));
    let unknown = json!("BadRequestException: Invalid model identifier specified: None");
    let models = json!({"application/json": "Empty"});
    play(
        &fixture,
        &[
            ("api", "POST /restapis?mode=import", document, 201, any()),
            (
                "method",
                &format!("PATCH {method}"),
                named,
                200,
                json!({"operationName": "op", "requestModels": models, "...": true}),
            ),
            (
                "response",
                &format!("PATCH {method}/responses/200"),
                header,
                201,
                json!({"responseModels": models, "...": true}),
            ),
            ("another", &format!("PATCH {method}"), model, 400, unknown),
        ],
    )
    .await;
}

/// Recorded for the shapes of authorizers. They and documentation parts keep their ids when a document names them
/// again, and go when it is written over; what they may not be is refused as by their own operations.
#[tokio::test]
async fn authorizers_and_documentation() {
    let fixture = Fixture::new();
    let with = |authorizer: Value, part: Value| {
        let scheme = json!({"type": "apiKey", "in": "header", "name": "Auth", "x-amazon-apigateway-authorizer": authorizer});
        let mut document = document("pets", json!({"/": {"get": mock(json!({}))}}));
        document["components"] = json!({"securitySchemes": {"check": scheme}});
        document["security"] = json!([{"check": []}]);
        document["x-amazon-apigateway-documentation"] = json!({"documentationParts": [part]});
        document
    };
    let uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:check/invocations";
    let authorizer = json!({"type": "token", "authorizerUri": uri});
    let part = json!({"location": {"type": "API"}, "properties": {"description": "all"}});
    let good = with(authorizer.clone(), part.clone());
    let plain = document("pets", json!({"/": {"get": mock(json!({}))}}));
    let wrong_uri = with(
        json!({"type": "token", "authorizerUri": "http://check"}),
        part,
    );
    let wrong_place = with(
        authorizer,
        json!({"location": {"type": "API", "name": "a"}, "properties": {}}),
    );
    let answers = play(&fixture, &[
        ("api", "POST /restapis?mode=import", good.clone(), 201, any()),
        ("authorizers", "GET /restapis/{api.id}/authorizers", NONE, 200, json!({"item": [{
            "id": "*", "name": "check", "type": "TOKEN", "authType": "custom", "authorizerUri": uri,
            "identitySource": "method.request.header.Auth"
        }]})),
        ("method", "GET /restapis/{api.id}/resources/{api.rootResourceId}/methods/GET", NONE, 200, json!({"authorizationType": "CUSTOM", "...": true})),
        ("parts", "GET /restapis/{api.id}/documentation/parts", NONE, 200, json!({"item": [{
            "id": "*", "location": {"type": "API"}, "properties": "{\"description\":\"all\"}"
        }]})),
        ("again", "PUT /restapis/{api.id}?mode=overwrite", good.clone(), 200, any()),
        ("same authorizers", "GET /restapis/{api.id}/authorizers", NONE, 200, any()),
        ("same parts", "GET /restapis/{api.id}/documentation/parts", NONE, 200, any()),
        ("without", "PUT /restapis/{api.id}?mode=merge", plain.clone(), 200, any()),
        ("stays", "GET /restapis/{api.id}/authorizers", NONE, 200, json!({"item": "*"})),
        ("over", "PUT /restapis/{api.id}?mode=overwrite", plain, 200, any()),
        ("gone", "GET /restapis/{api.id}/authorizers", NONE, 200, json!({"item": []})),
        ("gone too", "GET /restapis/{api.id}/documentation/parts", NONE, 200, json!({"item": []})),
        ("uri", "POST /restapis?mode=import", wrong_uri, 400, any()),
        ("place", "POST /restapis?mode=import", wrong_place, 400, json!("BadRequestException: Errors found during import:\n\tInvalid documentation part location: name is not valid for type API")),
    ]).await;
    let authorizer = &answers["authorizers"]["item"][0]["id"];
    assert_eq!(&answers["method"]["authorizerId"], authorizer);
    assert_eq!(answers["authorizers"], answers["same authorizers"]);
    assert_eq!(answers["parts"], answers["same parts"]);
    assert_eq!(answers["stays"], answers["authorizers"]);
}
