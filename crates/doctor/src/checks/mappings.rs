//! Parameter mappings: sources and destinations that are not there.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping.html>

use tollgate_wire::apigateway::IntegrationResponse;

use super::context;
use crate::code::Code;
use crate::exam::{Exam, Seen, Spot, texts};
use crate::finding::Severity;
use crate::text::hint;

/// Tells what the mappings of every method refer to in vain.
pub(super) fn check(exam: &mut Exam<'_>) {
    for seen in exam.methods() {
        for (destination, source) in request_mappings(&seen) {
            let place = seen.at_integration(&["requestParameters", destination]);
            of_source(exam, &seen, place, source);
        }
        of_path(exam, &seen);
        for (status, response) in seen.responses() {
            of_response(exam, &seen, status, response);
        }
    }
}

pub(super) fn request_mappings<'d>(seen: &Seen<'d>) -> Vec<(&'d str, &'d str)> {
    let given = seen.integration();
    let given = given.and_then(|it| it.request_parameters.as_ref());
    texts(given).collect()
}

/// A source that AWS refuses, or that has never a value.
fn of_source(exam: &mut Exam<'_>, seen: &Seen<'_>, place: (String, Spot), source: &str) {
    if let Some((kind, name)) = parameter(source) {
        let plain = kind.strip_prefix("multivalue").unwrap_or(kind);
        if !declared(seen, plain, name) {
            let declared = seen.method.request_parameters.iter().flatten();
            let known = declared.map(|(known, _)| known.as_str());
            let wanted = format!("method.request.{plain}.{name}");
            let reason = format!(
                "the import is refused: Invalid mapping expression parameter specified: {source} (the method does not declare it){}",
                hint(&wanted, known)
            );
            exam.tell(
                Code::UndeclaredMappingSource,
                Severity::Error,
                place,
                reason,
                None,
            );
        }
        return;
    }
    everywhere(exam, place, source);
}

/// AWS compares the names of declared parameters as they are written.
fn declared(seen: &Seen<'_>, place: &str, name: &str) -> bool {
    let wanted = format!("method.request.{place}.{name}");
    let mut known = seen.method.request_parameters.iter().flatten();
    known.any(|(known, _)| *known == wanted)
}

/// The place and name of `method.request.header.Accept`; nothing for the body and for other sources.
fn parameter(source: &str) -> Option<(&str, &str)> {
    const PLACES: [&str; 5] = [
        "path",
        "querystring",
        "header",
        "multivaluequerystring",
        "multivalueheader",
    ];
    let (place, name) = source.strip_prefix("method.request.")?.split_once('.')?;
    PLACES.contains(&place).then_some((place, name))
}

/// Sources that may stand in requests and responses alike.
fn everywhere(exam: &mut Exam<'_>, place: (String, Spot), source: &str) {
    if let Some(name) = source.strip_prefix("stageVariables.") {
        return stage_variable(exam, place, name);
    }
    let name = source.strip_prefix("context.");
    if let Some((name, hint)) = name.and_then(|name| Some((name, context::fault(name)?))) {
        let reason =
            format!("context.{name} never has a value here{hint}, so that nothing is mapped");
        let code = Code::UnknownContextVariable;
        exam.tell(code, Severity::Warning, place, reason, None);
    }
}

/// Where no variables were given, nothing is known of the stage.
pub(super) fn stage_variable(exam: &mut Exam<'_>, place: (String, Spot), name: &str) {
    let given = &exam.options.stage_variables;
    if given.iter().any(|(known, _)| known == name) {
        return;
    }
    let known = given.iter().map(|(known, _)| known.as_str());
    let (severity, reason) = match given.is_empty() {
        true => (
            Severity::Note,
            format!(
                "needs the stage variable {name}; --stage-variables {name}=… checks with a value"
            ),
        ),
        false => (
            Severity::Warning,
            format!(
                "the stage variable {name} has no value{}",
                hint(name, known)
            ),
        ),
    };
    exam.tell(Code::UnsetStageVariable, severity, place, reason, None);
}

/// The places of the backend's address, and the mappings that should fill them.
fn of_path(exam: &mut Exam<'_>, seen: &Seen<'_>) {
    let Some(uri) = seen.integration().and_then(|it| it.uri.as_deref()) else {
        return;
    };
    for (at, prefix) in uri.match_indices("${stageVariables.") {
        let rest = &uri[at + prefix.len()..];
        let name = &rest[..rest.find('}').unwrap_or(rest.len())];
        stage_variable(exam, seen.at_integration(&["uri"]), name);
    }
    if !seen.kind().starts_with("HTTP") {
        return;
    }
    let places = placeholders(uri);
    let mappings = request_mappings(seen);
    let filled = mappings.iter().filter_map(|(destination, _)| {
        let name = destination.strip_prefix("integration.request.path.")?;
        Some((*destination, name))
    });
    let filled: Vec<_> = filled.collect();
    for name in &places {
        if !filled.iter().any(|(_, known)| known == name) {
            let reason = format!(
                "nothing fills {{{name}}}: without integration.request.path.{name} the backend is asked for {{{name}}} as it is written"
            );
            let place = seen.at_integration(&["uri"]);
            exam.tell(
                Code::PlaceholderUnmapped,
                Severity::Warning,
                place,
                reason,
                None,
            );
        }
    }
    for (destination, name) in filled {
        if !places.contains(&name) && !uri.contains("${stageVariables.") {
            let reason = format!(
                "the address has no {{{name}}}{}, so that the mapping changes nothing",
                hint(name, places.iter().copied())
            );
            let place = seen.at_integration(&["requestParameters", destination]);
            exam.tell(Code::MappingUnused, Severity::Warning, place, reason, None);
        }
    }
}

/// The names in `{…}`, those of `${stageVariables.…}` left out.
fn placeholders(uri: &str) -> Vec<&str> {
    let starts = uri
        .match_indices('{')
        .filter(|(at, _)| !uri[..*at].ends_with('$'));
    let names = starts.filter_map(|(at, _)| {
        let inside = &uri[at + 1..];
        let name = &inside[..inside.find('}')?];
        (!name.is_empty() && !name.contains(['{', '/'])).then_some(name)
    });
    names
        .map(|name| name.strip_suffix('+').unwrap_or(name))
        .collect()
}

fn of_response(exam: &mut Exam<'_>, seen: &Seen<'_>, status: &str, response: &IntegrationResponse) {
    let mut declared = seen.method.method_responses.iter().flatten();
    let declared = declared.find(|(key, it)| it.status_code.as_deref().unwrap_or(key) == status);
    for (destination, source) in texts(response.response_parameters.as_ref()) {
        let place = seen.at_response(status, &["responseParameters", destination]);
        let known: Vec<&str> = declared
            .iter()
            .flat_map(|(_, it)| it.response_parameters.iter().flatten())
            .map(|(known, _)| known.as_str())
            .collect();
        if declared.is_some() && !known.contains(&destination) {
            let header = destination.strip_prefix("method.response.header.");
            let names = known
                .iter()
                .filter_map(|it| it.strip_prefix("method.response.header."));
            let reason = format!(
                "the import is refused: Invalid mapping expression parameter specified: {destination} (the response {status} of the method does not declare the header){}",
                hint(header.unwrap_or_default(), names)
            );
            exam.tell(
                Code::UndeclaredResponseHeader,
                Severity::Error,
                place,
                reason,
                None,
            );
            continue;
        }
        if declared.is_none() {
            let reason = format!(
                "the import is refused: No method response exists for method. (a header is mapped for status {status}, which the method does not declare)"
            );
            exam.tell(
                Code::UndeclaredResponseHeader,
                Severity::Error,
                place,
                reason,
                None,
            );
            continue;
        }
        everywhere(exam, place, source);
    }
}
