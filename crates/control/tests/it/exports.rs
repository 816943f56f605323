//! GetExport. What is recorded of it is in the program's `recorded` cases; here is what is not.

use serde_json::{Value, json};

use crate::fixture::{Answered, Fixture, authorization};
use crate::play::{NONE, any, play};

fn document() -> Value {
    let mock = json!({"type": "mock", "responses": {"default": {"statusCode": "200"}}});
    let part = json!({"location": {"type": "API"}, "properties": {"description": "all of it"}});
    json!({
        "swagger": "2.0",
        "info": {"title": "pets", "version": "7"},
        "x-amazon-apigateway-documentation": {"documentationParts": [part]},
        "paths": {"/pets": {"get": {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": mock}}}
    })
}

/// The guide: what is exported is what the stage serves, with the documentation of the stage's version.
#[tokio::test]
async fn of_the_stage() {
    let fixture = Fixture::new();
    let later = json!({"swagger": "2.0", "info": {"title": "later", "version": "8"}, "paths": {}});
    let version = json!({"documentationVersion": "d1", "stageName": "dev"});
    let export = "GET /restapis/{api.id}/stages/dev/exports/oas30";
    let get = json!({"responses": {"200": {"description": "200 response", "content": {}}}});
    let host = "https://{api.id}.execute-api.us-east-1.amazonaws.com/{basePath}";
    let plain = json!({
        "openapi": "3.0.1",
        "info": {"title": "pets", "version": "7"},
        "servers": [{"url": host, "variables": {"basePath": {"default": "dev"}}}],
        "paths": {"/pets": {"get": get}},
        "components": {}
    });
    let mut documented = plain.clone();
    documented["x-amazon-apigateway-documentation"] = json!({
        "version": "d1",
        "documentationParts": [{"location": {"type": "API"}, "properties": {"description": "all of it"}}]
    });
    let with_documentation = format!("{export}?extensions=documentation");
    play(
        &fixture,
        &[
            ("api", "POST /restapis?mode=import", document(), 201, any()),
            (
                "deployed",
                "POST /restapis/{api.id}/deployments",
                json!({"stageName": "dev"}),
                201,
                any(),
            ),
            (
                "changed",
                "PUT /restapis/{api.id}?mode=overwrite",
                later,
                200,
                any(),
            ),
            ("as deployed", export, NONE, 200, plain.clone()),
            ("not published", &with_documentation, NONE, 200, plain),
        ],
    )
    .await;
    let fixture = Fixture::new();
    play(
        &fixture,
        &[
            ("api", "POST /restapis?mode=import", document(), 201, any()),
            (
                "deployed",
                "POST /restapis/{api.id}/deployments",
                json!({"stageName": "dev"}),
                201,
                any(),
            ),
            (
                "published",
                "POST /restapis/{api.id}/documentation/versions",
                version,
                201,
                any(),
            ),
            (
                "documented",
                &with_documentation,
                NONE,
                200,
                documented.clone(),
            ),
            (
                "a part changes",
                "PUT /restapis/{api.id}/documentation/parts?mode=overwrite",
                json!({
                    "swagger": "2.0", "info": {"title": "pets", "version": "7"}, "paths": {},
                    "x-amazon-apigateway-documentation": {"documentationParts": [{"location": {"type": "API"}, "properties": {"description": "new"}}]}
                }),
                200,
                any(),
            ),
            (
                "what is published stays",
                &with_documentation,
                NONE,
                200,
                documented,
            ),
        ],
    )
    .await;
}

/// Both types, as JSON and YAML, with and without extensions; what has them makes the same API again.
#[tokio::test]
async fn in_every_form() {
    let fixture = Fixture::new();
    let answers = play(
        &fixture,
        &[
            ("api", "POST /restapis?mode=import", document(), 201, any()),
            (
                "deployed",
                "POST /restapis/{api.id}/deployments",
                json!({"stageName": "dev"}),
                201,
                any(),
            ),
        ],
    )
    .await;
    let own = answers["api"]["id"].as_str().expect("an id").to_owned();
    for kind in ["oas30", "swagger"] {
        for (accept, ending, start) in [
            ("application/json", "json", "{"),
            (
                "application/yaml",
                "yaml",
                if kind == "oas30" {
                    "---\nopenapi:"
                } else {
                    "---\nswagger:"
                },
            ),
        ] {
            let plain = exported(&fixture, &own, kind, "", accept).await;
            assert!(plain.text.starts_with(start), "{}", plain.text);
            assert!(
                !plain.text.contains("x-amazon-apigateway"),
                "{}",
                plain.text
            );
            let file = format!("attachment; filename=\"{kind}_7.{ending}\"");
            assert_eq!(plain.headers["content-disposition"], file);
            let whole = exported(&fixture, &own, kind, "?extensions=apigateway", accept).await;
            let made = fixture
                .call("POST", "/restapis?mode=import", &whole.text)
                .await;
            assert_eq!(made.status, 201, "{}", made.text);
            let other = made.json()["id"].as_str().expect("an id").to_owned();
            let stage = json!({"stageName": "dev"}).to_string();
            fixture
                .call("POST", &format!("/restapis/{other}/deployments"), &stage)
                .await;
            let again = exported(&fixture, &other, kind, "?extensions=apigateway", accept).await;
            assert_eq!(
                again.text.replace(&other, &own),
                whole.text,
                "{kind} {ending}"
            );
            assert!(whole.text.contains("x-amazon-apigateway-integration"));
        }
    }
}

async fn exported(fixture: &Fixture, api: &str, kind: &str, query: &str, accept: &str) -> Answered {
    let target = format!("/restapis/{api}/stages/dev/exports/{kind}{query}");
    let authorization = authorization("us-east-1/apigateway");
    let headers = [
        ("Host", "localhost"),
        ("Authorization", authorization.as_str()),
        ("Accept", accept),
    ];
    let answer = fixture.send("GET", &target, &headers, b"").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// The texts are ours.
#[tokio::test]
async fn refused() {
    let fixture = Fixture::new();
    let bad = |text: &str| json!(format!("BadRequestException: {text}"));
    let at = |rest: &str| format!("GET /restapis/{{api.id}}/stages/{rest}");
    let cannot = "Tollgate cannot honour the export parameter";
    play(
        &fixture,
        &[
            ("api", "POST /restapis?mode=import", document(), 201, any()),
            (
                "deployed",
                "POST /restapis/{api.id}/deployments",
                json!({"stageName": "dev"}),
                201,
                any(),
            ),
            (
                "type",
                &at("dev/exports/raml"),
                NONE,
                400,
                bad("Invalid export type specified: raml. Valid values are swagger, oas30"),
            ),
            (
                "stage",
                &at("prod/exports/oas30"),
                NONE,
                404,
                json!("NotFoundException: Invalid stage identifier specified"),
            ),
            (
                "api",
                "GET /restapis/none/stages/dev/exports/oas30",
                NONE,
                404,
                json!("NotFoundException: Invalid stage identifier specified"),
            ),
            (
                "extension",
                &at("dev/exports/oas30?extensions=integrations,postman"),
                NONE,
                400,
                bad(&format!("{cannot} 'extensions' with value 'postman'")),
            ),
            (
                "parameter",
                &at("dev/exports/oas30?colour=red"),
                NONE,
                400,
                bad(&format!("{cannot} 'colour' with value 'red'")),
            ),
        ],
    )
    .await;
}
