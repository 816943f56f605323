//! Which integration response an answer meets.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html>

use crate::plan::{IntegrationResponse, Selection};
use crate::record::Record;
use crate::rejection::Rejection;
use crate::trace::{StepName, Told};

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
    let Some(chosen) = matching.or_else(default) else {
        return Err(Rejection::configuration(format!(
            "no match for output mapping and no default output mapping configured; endpoint response status code: {status}"
        ))
        .logged(format!(
            "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: {status}"
        )));
    };
    record.trace(StepName::MapResponse, |_| {
        let because = match matching {
            Some(_) => format!("its pattern matches {text}"),
            None => format!("no pattern matches {text}, and it has none"),
        };
        Told::decided(format!("integration response {}", chosen.status), because)
    });
    Ok(chosen)
}

fn matches(selection: &Selection, text: &str) -> bool {
    match selection {
        Selection::Pattern(pattern) => pattern.matches(text).unwrap_or(false),
        Selection::Default | Selection::Never(_) => false,
    }
}
