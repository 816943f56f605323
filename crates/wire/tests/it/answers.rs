//! Outputs as answers: status, body, headers.

use bytes::Bytes;
use tollgate_wire::apigateway::*;
use tollgate_wire::rest::encode;
use tollgate_wire::{Map, Operation, Timestamp};

fn check<O: Operation>(output: &O::Output, status: u16, body: &str) {
    let encoded = encode::<O>(output);
    assert_eq!(encoded.status, status);
    assert_eq!(String::from_utf8_lossy(&encoded.body), body);
}

#[test]
fn absent_members_are_left_out_and_times_are_whole_seconds() {
    let api = RestApi {
        id: Some("abc".to_owned()),
        created_date: Some(Timestamp::from_ms(1_767_225_600_999)),
        tags: Some(Map::default()),
        disable_execute_api_endpoint: Some(false),
        ..RestApi::default()
    };
    check::<CreateRestApi>(
        &api,
        201,
        r#"{"id":"abc","createdDate":1767225600,"tags":{},"disableExecuteApiEndpoint":false}"#,
    );
    check::<GetRestApi>(&RestApi::default(), 200, "{}");
}

#[test]
fn lists_are_called_item() {
    let apis = RestApis {
        items: Some(vec![RestApi::default()]),
        position: Some("next".to_owned()),
    };
    check::<GetRestApis>(&apis, 200, r#"{"position":"next","item":[{}]}"#);
    let stages = Stages {
        item: Some(Vec::new()),
    };
    check::<GetStages>(&stages, 200, r#"{"item":[]}"#);
    let usage = Usage {
        items: Some(Map::from_iter([("key".to_owned(), vec![vec![1, 2]])])),
        ..Usage::default()
    };
    check::<GetUsage>(&usage, 200, r#"{"values":{"key":[[1,2]]}}"#);
}

/// Recorded: an empty template is shown as null.
#[test]
fn an_entry_may_be_null() {
    let response = IntegrationResponse {
        response_templates: Some(Map::from_iter([("application/json".to_owned(), None)])),
        ..IntegrationResponse::default()
    };
    check::<PutIntegrationResponse>(
        &response,
        201,
        r#"{"responseTemplates":{"application/json":null}}"#,
    );
}

#[test]
fn numbers_and_text() {
    let setting = MethodSetting {
        throttling_rate_limit: Some(10_000.0),
        logging_level: Some("\"\\\u{1}\n/é\u{2028}😀".to_owned()),
        ..MethodSetting::default()
    };
    let stage = Stage {
        method_settings: Some(Map::from_iter([("~1a/GET".to_owned(), setting)])),
        ..Stage::default()
    };
    check::<UpdateStage>(
        &stage,
        200,
        "{\"methodSettings\":{\"~1a/GET\":{\"loggingLevel\":\"\\\"\\\\\\u0001\\n/é\u{2028}😀\",\"throttlingRateLimit\":10000.0}}}",
    );
}

#[test]
fn nothing_is_an_empty_body() {
    check::<DeleteRestApi>(&(), 202, "");
    check::<DeleteMethod>(&(), 204, "");
    check::<TagResource>(&(), 204, "");
}

#[test]
fn a_payload_is_the_body_and_other_members_are_headers() {
    let export = ExportResponse {
        content_type: Some("application/json".to_owned()),
        content_disposition: Some("attachment; filename=\"a.json\"".to_owned()),
        body: Some(Bytes::from_static(b"{ }")),
    };
    let encoded = encode::<GetExport>(&export);
    assert_eq!(encoded.body, b"{ }");
    let names: Vec<_> = encoded
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["Content-Type", "Content-Disposition"]);
}
