//! Which integration response an answer meets.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html>

use crate::plan::{IntegrationResponse, Selection};
use crate::record::Record;
use crate::rejection::Rejection;
use crate::trace::DetailKind;

/// Chooses by the backend's status: the first whose whole pattern matches, in ascending order of statuses (recorded), else the one
/// without a pattern.
pub(crate) fn select<'p>(
    responses: &'p [IntegrationResponse],
    status: u16,
    record: &mut Record,
) -> Result<&'p IntegrationResponse, Rejection> {
    let mut digits = itoa::Buffer::new();
    let text = digits.format(status);
    let matching = responses
        .iter()
        .find(|response| matches(&response.pattern, text));
    let default = || {
        responses
            .iter()
            .find(|response| matches!(response.pattern, Selection::Default))
    };
    if record.trace.is_some() {
        tell(record, responses, text);
    }
    let Some(chosen) = matching.or_else(default) else {
        return Err(Rejection::configuration(format!(
            "no match for output mapping and no default output mapping configured; endpoint response status code: {status}"
        ))
        .logged(format!(
            "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: {status}"
        )));
    };
    Ok(chosen)
}

/// Which patterns were tried, up to the one that matched, and what came of each.
#[cold]
fn tell(record: &mut Record, responses: &[IntegrationResponse], status: &str) {
    let Some(trace) = &mut record.trace else {
        return;
    };
    for response in responses {
        let is_chosen = matches(&response.pattern, status);
        let outcome = match (&response.pattern, is_chosen) {
            (Selection::Default, _) => "has no pattern: it is for what no other is for",
            (Selection::Never(_), _) => "the pattern does not parse, so it is for nothing",
            (Selection::Pattern(_), true) => "the pattern matches",
            (Selection::Pattern(_), false) => "the pattern does not match",
        };
        let mut digits = itoa::Buffer::new();
        let subject = [
            status,
            " for response ",
            digits.format(response.status),
            " /",
            &response.selection,
            "/",
        ];
        trace.detail(DetailKind::Pattern, &subject, &[outcome]);
        if is_chosen {
            return;
        }
    }
}

fn matches(selection: &Selection, text: &str) -> bool {
    match selection {
        Selection::Pattern(pattern) => pattern.matches(text).unwrap_or(false),
        Selection::Default | Selection::Never(_) => false,
    }
}
