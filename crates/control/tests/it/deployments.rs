//! Deployments. <https://docs.aws.amazon.com/apigateway/latest/api/API_Deployment.html>

use serde_json::json;
use tollgate_control::Refusal;

use crate::fixture::{Fixture, NOW_MS};
use crate::play::{NONE, any, patch, play, play_after, play_on_get, play_on_mock};

const ALL: &str = "/restapis/{api.id}/deployments";
const ONE: &str = "/restapis/{api.id}/deployments/{deployed.id}";

/// Recorded: TestDeployments::test_create_update_deployments, test_create_delete_deployments.
#[tokio::test]
async fn a_life() {
    let fixture = Fixture::new();
    let deployment = json!({"id": "*", "createdDate": NOW_MS / 1000, "description": "first"});
    let answers = play_on_mock(&fixture, &[
        ("deployed", &format!("POST {ALL}"), json!({"stageName": "dev", "description": "first", "variables": {"v": "1"}, "stageDescription": "s"}), 201, deployment.clone()),
        ("get", &format!("GET {ONE}"), NONE, 200, deployment.clone()),
        ("its stage", "GET /restapis/{api.id}/stages/dev", NONE, 200, json!({"deploymentId": "{deployed.id}", "description": "s", "variables": {"v": "1"}, "...": true})),
        ("summary", &format!("GET {ONE}?embed=apisummary"), NONE, 200, json!({"apiSummary": {"/pets": {"GET": {"authorizationType": "NONE", "apiKeyRequired": false}}}, "...": true})),
        ("described", &format!("PATCH {ONE}"), patch(json!([["replace", "/description", "d"]])), 200, json!({"id": "{deployed.id}", "createdDate": "*", "description": "d"})),
        ("in use", &format!("DELETE {ONE}"), NONE, 400, json!("BadRequestException: Active stages pointing to this deployment must be moved or deleted")),
        ("next", &format!("POST {ALL}"), json!({"stageName": "dev"}), 201, json!({"id": "*", "createdDate": "*"})),
        ("the stage moved and kept the rest", "GET /restapis/{api.id}/stages/dev", NONE, 200, json!({"deploymentId": "{next.id}", "description": "s", "variables": {"v": "1"}, "...": true})),
        ("both", &format!("GET {ALL}"), NONE, 200, json!({"item": ["*", "*"]})),
        ("delete", &format!("DELETE {ONE}"), NONE, 202, NONE),
        ("gone", &format!("GET {ONE}"), NONE, 404, json!("NotFoundException: Invalid Deployment identifier specified")),
        ("without a stage", &format!("POST {ALL}"), json!({}), 201, any()),
        ("no API", "POST /restapis/nothing/deployments", json!({}), 404, json!("NotFoundException: Invalid API identifier specified 000000000000:nothing")),
        ("no such path", "PATCH /restapis/{api.id}/deployments/{next.id}", patch(json!([["replace", "/id", "d"]])), 400, json!("BadRequestException: Invalid patch path  '/id' specified for op 'replace'. Must be one of: [/description]")),
    ]).await;
    let prepared = fixture.gateway.prepared.lock().expect("no test panicked");
    let api = answers["api"]["id"].as_str().unwrap();
    assert_eq!(prepared.len(), 3);
    assert_eq!(
        prepared[0],
        format!("{api}/{}/dev", answers["deployed"]["id"].as_str().unwrap())
    );
    assert!(prepared[2].ends_with("/-"), "{prepared:?}");
    assert_eq!(fixture.gateway.served(), 2);
}

/// What was deployed stays as it was, whatever becomes of the API.
#[tokio::test]
async fn a_deployment_is_frozen() {
    let fixture = Fixture::new();
    let summary = json!({"apiSummary": {"/pets": {"GET": {"authorizationType": "NONE", "apiKeyRequired": false}}}, "...": true});
    play_on_mock(
        &fixture,
        &[
            ("deployed", &format!("POST {ALL}"), json!({}), 201, any()),
            (
                "changed",
                "PATCH /restapis/{api.id}/resources/{pets.id}/methods/GET",
                patch(json!([["replace", "/apiKeyRequired", "true"]])),
                200,
                any(),
            ),
            (
                "not changed",
                &format!("GET {ONE}?embed=apisummary"),
                NONE,
                200,
                summary.clone(),
            ),
            (
                "deleted",
                "DELETE /restapis/{api.id}/resources/{pets.id}",
                NONE,
                202,
                NONE,
            ),
            (
                "not deleted",
                &format!("GET {ONE}?embed=apisummary"),
                NONE,
                200,
                summary,
            ),
        ],
    )
    .await;
}

/// Known from moto and widely seen with AWS.
#[tokio::test]
async fn what_cannot_be_deployed() {
    let fixture = Fixture::new();
    let no_methods = json!("BadRequestException: The REST API doesn't contain any methods");
    play(
        &fixture,
        &[
            ("api", "POST /restapis", json!({"name": "a"}), 201, any()),
            (
                "empty",
                &format!("POST {ALL}"),
                json!({"stageName": "dev"}),
                400,
                no_methods,
            ),
        ],
    )
    .await;
    let fixture = Fixture::new();
    play_on_get(
        &fixture,
        &[(
            "no integration",
            &format!("POST {ALL}"),
            json!({"stageName": "dev"}),
            400,
            json!("BadRequestException: No integration defined for method"),
        )],
    )
    .await;
    let fixture = Fixture::new();
    let canary = "BadRequestException: Invalid deployment content specified.";
    play_on_mock(&fixture, &[
        // Guess: the text of the guide's rule.
        ("no name", &format!("POST {ALL}"), json!({"stageName": "a b"}), 400, json!("BadRequestException: Stage name only allows a-zA-Z0-9_-")),
        ("a canary of nothing", &format!("POST {ALL}"), json!({"canarySettings": {"percentTraffic": 50}}), 400, json!(format!("{canary}Non null and non empty stageName must be provided for canary deployment. Provided value is null"))),
        ("nor of an empty name", &format!("POST {ALL}"), json!({"stageName": "", "canarySettings": {}}), 400, json!(format!("{canary}Non null and non empty stageName must be provided for canary deployment. Provided value is "))),
        ("of no stage", &format!("POST {ALL}"), json!({"stageName": "none", "canarySettings": {}}), 400, json!(format!("{canary}Stage none must already be created before making a canary release deployment"))),
        ("nothing came of it", &format!("GET {ALL}"), NONE, 200, json!({"item": []})),
        ("nor a stage", "GET /restapis/{api.id}/stages", NONE, 200, json!({"item": []})),
    ]).await;
}

/// Ours: what the gateway does not honour is refused by name, and nothing is stored.
#[tokio::test]
async fn what_the_gateway_does_not_honour() {
    let fixture = Fixture::new();
    let answers = play_on_mock(
        &fixture,
        &[("deployed", &format!("POST {ALL}"), json!({}), 201, any())],
    )
    .await;
    let refusal = |member: &str| Refusal {
        member: member.to_owned(),
        reason: "no".to_owned(),
    };
    *fixture.gateway.refusals.lock().expect("no test panicked") =
        (0..22).map(|n| refusal(&format!("m{n}"))).collect();
    let told: Vec<_> = (0..20).map(|n| format!("m{n}: no")).collect();
    let text = json!(format!(
        "BadRequestException: Tollgate cannot honour {}; and 2 more",
        told.join("; ")
    ));
    play_after(
        &fixture,
        answers,
        &[
            (
                "CreateDeployment",
                &format!("POST {ALL}"),
                json!({"stageName": "dev"}),
                400,
                text.clone(),
            ),
            (
                "without a stage",
                &format!("POST {ALL}"),
                json!({}),
                400,
                text.clone(),
            ),
            (
                "CreateStage",
                "POST /restapis/{api.id}/stages",
                json!({"stageName": "dev", "deploymentId": "{deployed.id}"}),
                400,
                text,
            ),
            (
                "no stage",
                "GET /restapis/{api.id}/stages",
                NONE,
                200,
                json!({"item": []}),
            ),
            (
                "one deployment",
                &format!("GET {ALL}"),
                NONE,
                200,
                json!({"item": ["*"]}),
            ),
        ],
    )
    .await;
}
