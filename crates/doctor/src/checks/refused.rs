//! What a deployment, or the import before it, refuses: settings that Tollgate does not honour, in its own words, and AWS's rules for
//! integrations.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html>

use std::collections::HashMap;

use tollgate_gateway::plan::honour::Refusal;

use crate::code::Code;
use crate::exam::{Exam, Seen, Spot, at_api, at_gateway_response, at_model};
use crate::finding::Severity;

/// Time-outs that API Gateway takes, in milliseconds.
const TIMEOUT_MS: std::ops::RangeInclusive<i32> = 50..=29_000;

/// Tells what a deployment is refused for.
pub(crate) fn check(exam: &mut Exam<'_>, refused: &[Refusal]) {
    let methods = exam.methods().into_iter();
    let methods: Methods<'_> = methods.map(|seen| (seen.label(), seen)).collect();
    for refusal in refused {
        let place = place(&methods, &refusal.member);
        let reason = format!(
            "Tollgate cannot honour {}: {}",
            refusal.member, refusal.reason
        );
        exam.tell(Code::SettingRefused, Severity::Error, place, reason, None);
    }
}

/// By label: there may be very many.
type Methods<'d> = HashMap<String, Seen<'d>>;

/// The place of `methodIntegration.connectionType of GET /pets` and its like.
fn place(methods: &Methods<'_>, member: &str) -> (String, Spot) {
    let (path, owner) = member.split_once(" of ").unwrap_or(("", member));
    if let Some(seen) = methods.get(owner) {
        return of_method(seen, path);
    }
    if let Some(kind) = owner.strip_prefix("gateway response ") {
        return at_gateway_response(kind, &[]);
    }
    if let Some(name) = owner.strip_prefix("model ") {
        return at_model(name, &[]);
    }
    match path.split('.').next() {
        Some("policy") => at_api("/x-amazon-apigateway-policy"),
        Some("endpointConfiguration") => at_api("/x-amazon-apigateway-endpoint-configuration"),
        Some("securityPolicy") => at_api("/x-amazon-apigateway-security-policy"),
        _ => at_api(""),
    }
}

fn of_method(seen: &Seen<'_>, path: &str) -> (String, Spot) {
    let Some(path) = path.strip_prefix("methodIntegration.") else {
        return seen.at(&[of_security(path)]);
    };
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    match (first, rest.split_once('.')) {
        ("integrationResponses", Some((status, rest))) => {
            let (member, key) = rest.split_once('.').unwrap_or((rest, ""));
            match key.is_empty() {
                true => seen.at_response(status, &[member]),
                false => seen.at_response(status, &[member, key]),
            }
        }
        _ if rest.is_empty() => seen.at_integration(&[first]),
        _ => seen.at_integration(&[first, rest]),
    }
}

/// Who may call is said by `security` in a document.
fn of_security(member: &str) -> &str {
    match member {
        "authorizationType" | "apiKeyRequired" => "security",
        other => other,
    }
}

/// AWS's rules for integrations, which an import holds every method to.
pub(crate) fn rules(exam: &mut Exam<'_>) {
    for seen in exam.methods() {
        let Some(integration) = seen.integration() else {
            let reason = "no integration: AWS refuses to deploy the API, and there is nothing that could answer";
            let code = Code::MethodWithoutIntegration;
            exam.tell(code, Severity::Error, seen.at(&[]), reason, None);
            continue;
        };
        let mut refuse = |member: &str, reason: &str| {
            let place = seen.at_integration(&[member]);
            let reason = format!("the import is refused: {reason}");
            exam.tell(Code::ImportRefused, Severity::Error, place, reason, None);
        };
        let is_mock = seen.kind() == "MOCK";
        let http_method = integration.http_method.as_deref().unwrap_or_default();
        if !is_mock && http_method.is_empty() {
            refuse(
                "httpMethod",
                "Enumeration value for HttpMethod must be non-empty",
            );
        }
        let uri = integration.uri.as_deref().unwrap_or_default();
        if seen.kind().starts_with("HTTP") && !is_address(uri) {
            refuse("uri", "Invalid HTTP endpoint specified for URI");
        }
        let timeout_ms = integration.timeout_in_millis.unwrap_or(*TIMEOUT_MS.end());
        if !TIMEOUT_MS.contains(&timeout_ms) {
            let (least, most) = (TIMEOUT_MS.start(), TIMEOUT_MS.end());
            let reason = format!("Timeout should be between {least} ms and {most} ms");
            refuse("timeoutInMillis", &reason);
        }
        let passthrough = integration.passthrough_behavior.as_deref();
        if !passthrough
            .is_none_or(|it| ["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"].contains(&it))
        {
            let reason =
                "passthroughBehavior must be one of when_no_match, when_no_templates, never";
            refuse("passthroughBehavior", reason);
        }
    }
}

/// A scheme and a host; stage variables may stand anywhere after the scheme.
fn is_address(uri: &str) -> bool {
    let rest = uri
        .strip_prefix("http://")
        .or_else(|| uri.strip_prefix("https://"));
    let has_host = rest.is_some_and(|it| !it.is_empty() && !it.starts_with(['/', '?', '#', ':']));
    has_host && !uri.contains(char::is_whitespace)
}
