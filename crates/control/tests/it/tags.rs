//! Tags by ARN. <https://docs.aws.amazon.com/apigateway/latest/api/API_TagResource.html>

use serde_json::json;

use crate::fixture::Fixture;
use crate::play::{NONE, any, play_on_mock};

const API: &str = "/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2F{api.id}";
const STAGE: &str = "/tags/arn:aws:apigateway:us-east-1::%2Frestapis%2F{api.id}%2Fstages%2Fdev";

/// Statuses of the model; the rest recorded: TestApiGatewayApiRestApi::test_create_rest_api_with_tags.
#[tokio::test]
async fn of_apis_and_stages() {
    let fixture = Fixture::new();
    play_on_mock(&fixture, &[
        ("deployed", "POST /restapis/{api.id}/deployments", json!({"stageName": "dev"}), 201, any()),
        ("none yet", &format!("GET {API}"), NONE, 200, json!({"tags": {}})),
        ("tagged", &format!("PUT {API}"), json!({"tags": {"a": "1", "b": "2"}}), 204, NONE),
        ("added to", &format!("PUT {API}"), json!({"tags": {"b": "3", "c": ""}}), 204, NONE),
        ("shown", "GET /restapis/{api.id}", NONE, 200, json!({"tags": {"a": "1", "b": "3", "c": ""}, "...": true})),
        ("untagged", &format!("DELETE {API}?tagKeys=a&tagKeys=c&tagKeys=none"), NONE, 204, NONE),
        ("left", &format!("GET {API}"), NONE, 200, json!({"tags": {"b": "3"}})),
        ("a stage", &format!("PUT {STAGE}"), json!({"tags": {"s": "1"}}), 204, NONE),
        ("its own", &format!("GET {STAGE}"), NONE, 200, json!({"tags": {"s": "1"}})),
        ("shown", "GET /restapis/{api.id}/stages/dev", NONE, 200, json!({"tags": {"s": "1"}, "...": true})),
        ("untagged", &format!("DELETE {STAGE}?tagKeys=s"), NONE, 204, NONE),
        ("no tags are omitted", "GET /restapis/{api.id}/stages/dev", NONE, 200, json!({
            "deploymentId": "{deployed.id}", "stageName": "dev", "cacheClusterEnabled": false, "cacheClusterStatus": "NOT_AVAILABLE",
            "methodSettings": {}, "tracingEnabled": false, "createdDate": "*", "lastUpdatedDate": "*"
        })),
    ]).await;
}

#[tokio::test]
async fn refused() {
    let fixture = Fixture::new();
    let bad = |text: &str| json!(format!("BadRequestException: {text}"));
    let put = format!("PUT {API}");
    let many: serde_json::Map<_, _> = (0..51).map(|n| (format!("k{n}"), json!("v"))).collect();
    // Guess: the texts on ARNs and on the number of tags are not recorded.
    let no_arn = "BadRequestException: Invalid ARN specified in the request";
    play_on_mock(&fixture, &[
        ("no ARN", "GET /tags/nothing", NONE, 400, json!(no_arn)),
        ("another service's", "GET /tags/arn:aws:s3:::bucket", NONE, 400, json!(no_arn)),
        ("another region's", "GET /tags/arn:aws:apigateway:eu-west-1::%2Frestapis%2F{api.id}", NONE, 400, json!(no_arn)),
        ("another partition's", "GET /tags/arn:aws-cn:apigateway:us-east-1::%2Frestapis%2F{api.id}", NONE, 400, json!(no_arn)),
        ("another account's", "GET /tags/arn:aws:apigateway:us-east-1:111111111111:%2Frestapis%2F{api.id}", NONE, 400, json!(no_arn)),
        ("the own account's", "GET /tags/arn:aws:apigateway:us-east-1:000000000000:%2Frestapis%2F{api.id}", NONE, 200, any()),
        ("no path", "GET /tags/arn:aws:apigateway:us-east-1::x%2Frestapis%2F{api.id}", NONE, 400, json!("BadRequestException: Tollgate does not serve tags of x/restapis/{api.id} yet")),
        ("no API", "GET /tags/arn:aws:apigateway:us-east-1::%2Frestapis%2Fnothing", NONE, 404, json!("NotFoundException: Invalid API identifier specified 000000000000:nothing")),
        ("no stage", &format!("GET {STAGE}"), NONE, 404, json!("NotFoundException: Invalid stage identifier specified")),
        ("not served", "GET /tags/arn:aws:apigateway:us-east-1::%2Fvpclinks%2Fabc123", NONE, 400, json!("BadRequestException: Tollgate does not serve tags of /vpclinks/abc123 yet")),
        ("too many", &format!("PUT {API}"), json!({"tags": many}), 400, json!("BadRequestException: The number of tags exceeds the limit of 50 tags per resource")),
        ("no key", &put, json!({"tags": {"": "v"}}), 400, bad("Tag keys must have 1 to 128 characters")),
        ("a long key", &put, json!({"tags": {"é".repeat(129): "v"}}), 400, bad("Tag keys must have 1 to 128 characters")),
        ("AWS's key", &put, json!({"tags": {"AWS:x": "v"}}), 400, bad("Tag keys cannot start with 'aws:', which is AWS's: AWS:x")),
        ("a long value", "POST /restapis", json!({"name": "a", "tags": {"k": "é".repeat(257)}}), 400, bad("Tag values must have at most 256 characters: k")),
    ]).await;
}
