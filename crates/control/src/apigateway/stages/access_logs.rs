//! What a stage's access log may be.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>

use crate::error::ApiError;

/// The guide: a format has at most 3 KB.
const FORMAT_BYTES_MAX: usize = 3072;

/// Where lines go: a log group, or a delivery stream of Firehose.
pub(super) fn check_destination(arn: &str) -> Result<(), ApiError> {
    check_given(arn)?;
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "logs", _, _, group] => check_group(group),
        ["arn", _, "firehose", _, _, stream] => check_stream(stream),
        _ => refuse(format!("Invalid ARN specified in the request: {arn}")),
    }
}

/// Seen at users: an ARN that ends in `:*`, as CloudWatch gives it, is refused so.
fn check_group(group: &str) -> Result<(), ApiError> {
    let name = group.strip_prefix("log-group:");
    let is_allowed =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '/' | '.');
    match name {
        Some(name) if !name.is_empty() && name.chars().all(is_allowed) => Ok(()),
        _ => refuse(format!(
            "Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': '{group}'"
        )),
    }
}

/// The guide names the prefix; the text is a guess.
fn check_stream(stream: &str) -> Result<(), ApiError> {
    match stream.starts_with("deliverystream/amazon-apigateway-") {
        true => Ok(()),
        false => refuse(format!(
            "Access log destination must be a delivery stream whose name begins with amazon-apigateway-: '{stream}'"
        )),
    }
}

/// What a line holds. The text on lines is seen at users, the other two are guesses after it.
pub(super) fn check_format(format: &str) -> Result<(), ApiError> {
    check_given(format)?;
    let line = format.strip_suffix('\n').unwrap_or(format);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.contains(['\r', '\n']) {
        return refuse(format!(
            "Access Log format must be single line, new line character is allowed only at end of the format: '{format}'"
        ));
    }
    if format.len() > FORMAT_BYTES_MAX {
        return refuse(format!(
            "Access Log format must not be larger than {FORMAT_BYTES_MAX} bytes"
        ));
    }
    match names_request(format) {
        true => Ok(()),
        false => refuse(format!(
            "Access Log format must contain the following variable: $context.requestId or $context.extendedRequestId: '{format}'"
        )),
    }
}

/// Whether it names one of a request's ids; a longer name is another variable.
fn names_request(format: &str) -> bool {
    ["$context.requestId", "$context.extendedRequestId"]
        .iter()
        .flat_map(|name| format.match_indices(name))
        .any(|(at, name)| {
            let next = format[at + name.len()..].chars().next();
            !next.is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        })
}

/// Recorded.
fn check_given(value: &str) -> Result<(), ApiError> {
    match value.is_empty() {
        true => refuse("Access Log value must not be empty".to_owned()),
        false => Ok(()),
    }
}

fn refuse(message: String) -> Result<(), ApiError> {
    Err(ApiError::bad_request(message))
}
