//! Where members come from: labels, query, headers, body.

use tollgate_wire::apigateway::*;
use tollgate_wire::{Kind, Map};

use crate::request::{decode, decode_with, refused};

#[test]
fn labels_are_decoded() {
    for (segment, expected) in [
        ("plain", "plain"),
        ("a%20b+c", "a b+c"),
        ("%7Bproxy%2B%7D", "{proxy+}"),
        ("v1~1orders~0", "v1/orders~"),
        ("(none)", "(none)"),
        ("m%C3%BCller", "müller"),
    ] {
        let input =
            decode::<GetBasePathMapping>(&format!("/domainnames/d/basepathmappings/{segment}"), "")
                .unwrap();
        assert_eq!(input.base_path.as_deref(), Some(expected));
        assert_eq!(input.domain_name.as_deref(), Some("d"));
    }
}

#[test]
fn an_arn_is_one_label() {
    let target = "/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fabc?tagKeys=a&tagKeys=b%20c&other=x";
    let input = decode::<UntagResource>(target, "").unwrap();
    assert_eq!(
        input.resource_arn.as_deref(),
        Some("arn:aws:apigateway:us-east-1::/restapis/abc")
    );
    assert_eq!(input.tag_keys, Some(vec!["a".to_owned(), "b c".to_owned()]));
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    for target in ["/restapis/%FF", "/restapis?position=%C3", "/restapis?%FF=1"] {
        let refusal = match target.contains('?') {
            true => refused::<GetRestApis>(target, ""),
            false => refused::<GetRestApi>(target, ""),
        };
        assert_eq!(refusal.kind, Kind::BadRequest, "{target}");
    }
}

#[test]
fn the_query_has_types() {
    let input = decode::<GetRestApis>("/restapis?limit=25&position=a%2Bb%3D+c", "").unwrap();
    assert_eq!(input.limit, Some(25));
    assert_eq!(input.position.as_deref(), Some("a+b= c"));
    let input = decode::<GetModel>("/restapis/a/models/Pet?flatten=true", "").unwrap();
    assert_eq!(input.flatten, Some(true));
    let input = decode::<GetModel>("/restapis/a/models/Pet", "").unwrap();
    assert_eq!(input.flatten, None);
    for target in [
        "/restapis?limit=many",
        "/restapis?limit=99999999999",
        "/restapis?limit=",
    ] {
        let refusal = refused::<GetRestApis>(target, "");
        assert_eq!(
            refusal.message, "class java.lang.String can not be converted to an Integer",
            "{target}"
        );
    }
}

#[test]
fn an_import_takes_its_body_as_it_is_and_the_rest_of_the_query() {
    let target = "/restapis?mode=import&failonwarnings=true&basepath=prepend&endpointConfigurationTypes=REGIONAL";
    let input = decode::<ImportRestApi>(target, "swagger: '2.0' # no JSON").unwrap();
    assert_eq!(
        input.body.as_deref(),
        Some(b"swagger: '2.0' # no JSON".as_slice())
    );
    assert_eq!(input.fail_on_warnings, Some(true));
    let expected = [
        ("basepath", "prepend"),
        ("endpointConfigurationTypes", "REGIONAL"),
    ];
    let expected: Map<_> = expected
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Some(value.to_owned())))
        .collect();
    assert_eq!(input.parameters, Some(expected));

    let input = decode::<PutRestApi>("/restapis/a?mode=overwrite&mode2=x", "{}").unwrap();
    assert_eq!(input.mode.as_deref(), Some("overwrite"));
    assert_eq!(
        input.parameters.unwrap().keys().collect::<Vec<_>>(),
        ["mode2"]
    );
}

#[test]
fn headers_are_found_in_any_case() {
    let headers = [("accept", "application/yaml"), ("Accept", "other")];
    let input =
        decode_with::<GetExport>("/restapis/a/stages/b/exports/oas30", &headers, "").unwrap();
    assert_eq!(input.accepts.as_deref(), Some("application/yaml"));
    assert_eq!(input.parameters, None);
}

#[test]
fn the_body_has_names_of_its_own() {
    let body = r#"{"type": "HTTP", "httpMethod": "POST", "http_method": "no member of the body", "unknown": [{}]}"#;
    let input =
        decode::<PutIntegration>("/restapis/a/resources/b/methods/GET/integration", body).unwrap();
    assert_eq!(input.http_method.as_deref(), Some("GET"));
    assert_eq!(input.integration_http_method.as_deref(), Some("POST"));
    assert_eq!(input.type_.as_deref(), Some("HTTP"));
}

#[test]
fn no_body_is_a_body_without_members() {
    for body in ["", " \r\n\t", "null", " {} "] {
        let input = decode::<CreateDeployment>("/restapis/a/deployments", body).unwrap();
        let expected = CreateDeploymentRequest {
            rest_api_id: Some("a".to_owned()),
            ..CreateDeploymentRequest::default()
        };
        assert_eq!(input, expected, "{body:?}");
    }
}

#[test]
fn a_body_that_no_member_takes_is_not_read() {
    decode::<GetRestApi>("/restapis/a", "{ this is no JSON").unwrap();
    decode::<DeleteStage>("/restapis/a/stages/b", "[").unwrap();
}

/// Recorded: the entry comes back as null.
#[test]
fn an_entry_may_be_null() {
    let body = r#"{"responseTemplates": {"application/json": null, "text/plain": ""}}"#;
    let target = "/restapis/a/resources/b/methods/GET/integration/responses/200";
    let templates = decode::<PutIntegrationResponse>(target, body)
        .unwrap()
        .response_templates
        .unwrap();
    assert_eq!(templates.get("application/json"), Some(&None));
    assert_eq!(templates.get("text/plain"), Some(&Some(String::new())));
}
