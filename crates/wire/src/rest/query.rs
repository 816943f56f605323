//! The query of a request: names and values, both percent-decoded, with `+` for a blank.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Every parameter in order; one without `=` has an empty value.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts.map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decoded(name), decoded(value))
    })
}

/// Every value of the parameter `name`.
pub(crate) fn values<'a>(query: &'a str, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
    parameters(query)
        .filter(move |(known, _)| known == name)
        .map(|(_, value)| value)
}

fn decoded(text: &str) -> Cow<'_, str> {
    match text.contains('+') {
        true => Cow::Owned(
            percent_decode_str(&text.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned(),
        ),
        false => percent_decode_str(text).decode_utf8_lossy(),
    }
}
