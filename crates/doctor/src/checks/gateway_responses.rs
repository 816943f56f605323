//! The gateway's own answers, where the API writes them: variables that do not exist, a template language that is not there, and what is
//! not JSON once it is filled in.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>

use std::sync::Arc;

use tollgate_gateway::Source;
use tollgate_gateway::plan::{ApiFacts, Plans};
use tollgate_model::rest::{Definition, MethodOf};
use tollgate_telemetry::Counters;
use tollgate_wire::Map;
use tollgate_wire::apigateway::{
    GatewayResponse, Integration, Method, Model, RequestValidator, Resource, Stage,
};

use super::context;
use super::mappings::stage_variable;
use crate::bench::{Ask, Backend, Bench, Run};
use crate::code::Code;
use crate::exam::{Exam, at_gateway_response, texts};
use crate::finding::Severity;
use crate::runnable::{API, STAGE};
use crate::text::{is_json, json_fault};

/// Looks at every customised response.
pub(super) fn check(exam: &mut Exam<'_>) {
    for given in &exam.definition.gateway_responses {
        let kind = given.response_type.as_deref().unwrap_or_default();
        for (destination, source) in texts(given.response_parameters.as_ref()) {
            of_header(exam, kind, destination, source);
        }
        for (media_type, text) in texts(given.response_templates.as_ref()) {
            of_template(exam, kind, media_type, text);
        }
        rendered(exam, given, kind);
    }
}

/// Expressions that AWS does not know give nothing.
fn of_header(exam: &mut Exam<'_>, kind: &str, destination: &str, source: &str) {
    let place = at_gateway_response(kind, &["responseParameters", destination]);
    if !destination.starts_with("gatewayresponse.header.") {
        let reason = format!(
            "{destination} changes nothing: an answer has headers, and neither path nor query"
        );
        exam.tell(Code::UnknownReference, Severity::Note, place, reason, None);
        return;
    }
    if let Some(name) = source.strip_prefix("stageVariables.") {
        return stage_variable(exam, place, name);
    }
    if !is_known(source) {
        let reason = format!("{source} has never a value here: the header is not sent");
        exam.tell(
            Code::UnknownReference,
            Severity::Warning,
            place,
            reason,
            None,
        );
    }
}

fn is_known(source: &str) -> bool {
    !matches!(
        Source::of_request(source),
        Ok(Source::Nothing | Source::Body | Source::BodyPath(_)) | Err(_)
    )
}

fn of_template(exam: &mut Exam<'_>, kind: &str, media_type: &str, text: &str) {
    let place = || at_gateway_response(kind, &["responseTemplates", media_type]);
    const LANGUAGE: [&str; 7] = [
        "$input",
        "$util",
        "#set(",
        "#if(",
        "#foreach(",
        "#else",
        "#end",
    ];
    if let Some(word) = LANGUAGE.iter().find(|word| text.contains(**word)) {
        let reason = format!(
            "{word} is of mapping templates: gateway responses fill in $context, $stageVariables and $method.request variables, and nothing else"
        );
        exam.tell(
            Code::NoTemplateLanguage,
            Severity::Warning,
            place(),
            reason,
            None,
        );
    }
    for name in variables(text, "$context.") {
        if let Some(hint) = context::fault(name) {
            let reason = format!("$context.{name} has never a value here{hint}");
            exam.tell(
                Code::UnknownContextVariable,
                Severity::Warning,
                place(),
                reason,
                None,
            );
        }
    }
    for name in variables(text, "$stageVariables.") {
        stage_variable(exam, place(), name);
    }
}

/// The names behind a prefix.
fn variables<'t>(text: &'t str, prefix: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(prefix).map(move |(at, _)| {
        let rest = &text[at + prefix.len()..];
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let end = rest
            .bytes()
            .position(|byte| !is_part(byte))
            .unwrap_or(rest.len());
        rest[..end].trim_end_matches('.')
    })
}

/// The response as clients get it, where its template says JSON.
fn rendered(exam: &mut Exam<'_>, given: &GatewayResponse, kind: &str) {
    let mut templates = texts(given.response_templates.as_ref());
    let Some((media_type, _)) = templates.find(|(media_type, _)| is_json(media_type)) else {
        return;
    };
    // A body that breaks its model makes the words with the most marks in them.
    let occasions: &[Occasion] = match kind {
        "BAD_REQUEST_BODY" | "DEFAULT_4XX" => &[Occasion::NoRoute, Occasion::BadBody],
        _ => &[Occasion::NoRoute],
    };
    for occasion in occasions {
        let Some(run) = provoked(exam, given, *occasion) else {
            continue;
        };
        let content_type = run.header("Content-Type").unwrap_or_default();
        if let Some(error) = json_fault(&content_type, &run.answer()) {
            let place = at_gateway_response(kind, &["responseTemplates", media_type]);
            let shown = match *occasion {
                Occasion::BadBody => "for a body that does not fit its model",
                Occasion::NoRoute => "with the words of a missing route",
            };
            let reason =
                format!("the client gets {content_type} that is not JSON, shown {shown}: {error}");
            exam.tell(
                Code::TemplateNotJson,
                Severity::Error,
                place,
                reason,
                Some(run.evidence()),
            );
            return;
        }
    }
}

/// What makes the gateway answer by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Occasion {
    NoRoute,
    BadBody,
}

/// The answer of an API that has nothing but this response, under the type that the occasion calls for: most types cannot be brought
/// about by a request.
fn provoked(exam: &Exam<'_>, given: &GatewayResponse, occasion: Occasion) -> Option<Run> {
    let kind = match occasion {
        Occasion::NoRoute => "MISSING_AUTHENTICATION_TOKEN",
        Occasion::BadBody => "BAD_REQUEST_BODY",
    };
    let definition = api_of(GatewayResponse {
        response_type: Some(kind.to_owned()),
        ..given.clone()
    });
    let facts = ApiFacts {
        id: API.into(),
        account: "000000000000".into(),
        region: "us-east-1".into(),
    };
    let variables = exam.options.stage_variables.iter();
    let stage = Stage {
        stage_name: Some(STAGE.to_owned()),
        variables: Some(
            variables
                .map(|(name, value)| (name.clone(), Some(value.clone())))
                .collect(),
        ),
        ..Stage::default()
    };
    let plans = Plans::new(Counters::new(1));
    let plan = plans.plan(Arc::new(facts), &definition, &stage).ok()?;
    let mut bench = Bench::new(plan, exam.options);
    let ask = Ask {
        method: "POST".to_owned(),
        path: match occasion {
            Occasion::NoRoute => "/no-such-route".to_owned(),
            Occasion::BadBody => "/".to_owned(),
        },
        ..Ask::default()
    };
    bench.run(&ask.with_body("application/json", "{}"), Backend::fine())
}

fn api_of(response: GatewayResponse) -> Definition {
    const SCHEMA: &str = r#"{"type": "object", "required": ["name"]}"#;
    let one = |name: &str, value: &str| {
        let mut map: Map<Option<String>> = Map::default();
        map.insert(name.to_owned(), Some(value.to_owned()));
        Some(map)
    };
    let text = |text: &str| Some(text.to_owned());
    Definition {
        resources: vec![Resource {
            id: text("/"),
            path: text("/"),
            ..Resource::default()
        }],
        methods: vec![MethodOf {
            resource_id: "/".to_owned(),
            method: Method {
                http_method: text("POST"),
                authorization_type: text("NONE"),
                request_validator_id: text("all"),
                request_models: one("application/json", "Named"),
                method_integration: Some(Integration {
                    type_: text("MOCK"),
                    ..Integration::default()
                }),
                ..Method::default()
            },
        }],
        models: vec![Model {
            name: text("Named"),
            schema: text(SCHEMA),
            ..Model::default()
        }],
        validators: vec![RequestValidator {
            id: text("all"),
            validate_request_body: Some(true),
            ..RequestValidator::default()
        }],
        gateway_responses: vec![response],
        ..Definition::default()
    }
}
