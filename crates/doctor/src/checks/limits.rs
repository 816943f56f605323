//! AWS's limits, where a definition comes near them. Some can be raised for an account; whether they were is not known here.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>

use tollgate_openapi::Subject;

use crate::code::Code;
use crate::exam::{Exam, Seen, Spot, at_api, at_model, texts};
use crate::finding::Severity;

/// A limit, and what happens above it.
#[derive(Clone, Copy)]
struct Limit {
    /// What is counted, with its unit.
    what: &'static str,
    most: usize,
    /// Whether Tollgate holds to it as well, whatever the account.
    is_firm: bool,
}

const fn firm(what: &'static str, most: usize) -> Limit {
    Limit {
        what,
        most,
        is_firm: true,
    }
}

/// Those of AWS that Tollgate does not enforce, or that can be raised.
const fn soft(what: &'static str, most: usize) -> Limit {
    Limit {
        what,
        most,
        is_firm: false,
    }
}

const RESOURCES: Limit = soft("resources of an API", 300);
const AUTHORIZERS: Limit = soft("authorizers of an API", 10);
const DOCUMENTATION_PARTS: Limit = soft("documentation parts of an API", 2_000);
const POLICY: Limit = soft("characters of a resource policy", 8_192);
const PATH: Limit = firm("bytes of a path", tollgate_openapi::PATH_BYTES_MAX);
const TEMPLATE: Limit = firm("bytes of a mapping template", 300 * 1024);
const MODELS: Limit = soft("bytes of all models of an API", 400 * 1024);
const HEADERS: Limit = soft("bytes of all headers of an answer", 10_240);
const VARIABLES: Limit = soft("stage variables", 100);
const VARIABLE_NAME: Limit = soft("characters of a stage variable's name", 64);
const VARIABLE_VALUE: Limit = soft("characters of a stage variable's value", 512);

/// Tells which limits are near, and which are exceeded.
pub(super) fn check(exam: &mut Exam<'_>) {
    let definition = exam.definition;
    of(
        exam,
        RESOURCES,
        definition.resources.len(),
        at_api("/paths"),
    );
    of(exam, AUTHORIZERS, definition.authorizers.len(), at_api(""));
    let parts = definition.documentation_parts.len();
    of(exam, DOCUMENTATION_PARTS, parts, at_api(""));
    let policy = definition.api.policy.as_deref().map_or(0, str::len);
    of(exam, POLICY, policy, at_api("/x-amazon-apigateway-policy"));
    let schemas = definition
        .models
        .iter()
        .filter_map(|it| it.schema.as_deref());
    let models = schemas.map(str::len).sum();
    let largest = definition
        .models
        .iter()
        .max_by_key(|it| it.schema.as_deref().map_or(0, str::len));
    let place = largest.and_then(|it| it.name.as_deref());
    let place = place.map_or_else(|| at_api(""), |name| at_model(name, &[]));
    of(exam, MODELS, models, place);
    let paths = definition
        .resources
        .iter()
        .filter_map(|it| it.path.as_deref());
    if let Some(path) = paths.max_by_key(|path| path.len()) {
        let spot = Spot::Part(Subject::Resource(path.to_owned()), Vec::new());
        of(exam, PATH, path.len(), (format!("resource {path}"), spot));
    }
    for seen in exam.methods() {
        of_method(exam, &seen);
    }
    of_variables(exam);
}

/// Four fifths are near.
fn of(exam: &mut Exam<'_>, limit: Limit, count: usize, place: (String, Spot)) {
    let Limit {
        what,
        most,
        is_firm,
    } = limit;
    if count > most {
        let (severity, who) = match is_firm {
            true => (Severity::Error, "AWS and Tollgate take"),
            false => (Severity::Warning, "AWS takes"),
        };
        let reason = format!("{count} {what}; {who} {most}");
        exam.tell(Code::LimitExceeded, severity, place, reason, None);
    } else if count * 5 >= most * 4 {
        let reason = format!("{count} {what}, of {most} that AWS takes");
        exam.tell(Code::LimitNear, Severity::Note, place, reason, None);
    }
}

fn of_method(exam: &mut Exam<'_>, seen: &Seen<'_>) {
    let requests = seen
        .integration()
        .and_then(|it| it.request_templates.as_ref());
    for (media_type, text) in texts(requests) {
        let place = seen.at_integration(&["requestTemplates", media_type]);
        of(exam, TEMPLATE, text.len(), place);
    }
    for (status, response) in seen.responses() {
        for (media_type, text) in texts(response.response_templates.as_ref()) {
            let place = seen.at_response(status, &["responseTemplates", media_type]);
            of(exam, TEMPLATE, text.len(), place);
        }
        let mapped = texts(response.response_parameters.as_ref());
        // A name, a colon, a blank, a value without its quotes, and the end of the line.
        let bytes = mapped.map(|(name, source)| {
            let name = name.rsplit('.').next().unwrap_or_default();
            let literal = source
                .strip_prefix('\'')
                .and_then(|it| it.strip_suffix('\''));
            name.len() + literal.map_or(0, str::len) + 4
        });
        of(
            exam,
            HEADERS,
            bytes.sum(),
            seen.at_response(status, &["responseParameters"]),
        );
    }
}

fn of_variables(exam: &mut Exam<'_>) {
    let variables = &exam.options.stage_variables;
    let place = || ("the stage variables".to_owned(), Spot::api(""));
    of(exam, VARIABLES, variables.len(), place());
    for (name, value) in variables {
        let own = || (format!("stage variable {name}"), Spot::api(""));
        of(exam, VARIABLE_NAME, name.chars().count(), own());
        of(exam, VARIABLE_VALUE, value.chars().count(), own());
    }
}
