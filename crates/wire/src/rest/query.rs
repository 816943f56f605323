//! Percent-encoded text of a request, and its query: names and values, with `+` for a blank.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::error::DecodeError;

/// Every parameter in order, decoded; one without `=` has an empty value.
///
/// # Errors
/// When one is no UTF-8 once it is decoded.
pub(crate) fn parameters(query: &str) -> Result<Vec<(String, String)>, DecodeError> {
    pairs(query)
        .map(|(name, value)| Ok((blanks(name)?, blanks(value)?)))
        .collect()
}

/// Whether a parameter stands in the query literally.
pub(crate) fn has(query: &str, name: &str, value: &str) -> bool {
    pairs(query).any(|pair| pair == (name, value))
}

/// Text that is percent-encoded.
///
/// # Errors
/// When it is no UTF-8 once it is decoded.
pub(crate) fn decoded(text: &str) -> Result<Cow<'_, str>, DecodeError> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map_err(|_| {
        DecodeError::bad_request(format!("{text} is no UTF-8 when it is percent-decoded"))
    })
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts.map(|part| part.split_once('=').unwrap_or((part, "")))
}

fn blanks(text: &str) -> Result<String, DecodeError> {
    Ok(decoded(&text.replace('+', " "))?.into_owned())
}
