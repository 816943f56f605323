//! `Cache-Control: max-age=0`: a client asks for its answer to be fetched anew, and for the entry to be replaced.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html#invalidate-method-caching>

use tollgate_http::Headers;

use super::methods::{Caching, Strategy};
use crate::authorize;
use crate::plan::StagePlan;
use crate::record::Record;

/// The header of an answer whose client may not have it fetched anew. Guess: the text, which the guide does not show.
pub(super) const WARNING: (&str, &str) =
    ("Warning", "199 User is not authorized to invalidate cache");

/// What a request asks of the cache, and may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing: an entry will do.
    Any,
    /// An answer fetched anew.
    Fresh,
    /// The same, which it may not have: it is told so by a header.
    Warned,
    /// It may not, and fails.
    Denied,
}

/// What a request is to be given.
pub(super) fn wish(caching: Caching, stage: &StagePlan, record: &Record) -> Wish {
    if !asks_for_fresh(record.headers()) {
        return Wish::Any;
    }
    match caching.unauthorized {
        None => Wish::Fresh,
        Some(_) if authorize::may_invalidate(stage, record) => Wish::Fresh,
        Some(Strategy::Fail) => Wish::Denied,
        Some(Strategy::Warn) => Wish::Warned,
        Some(Strategy::Ignore) => Wish::Any,
    }
}

/// The guide names `max-age=0` alone; `no-cache`, `Pragma` and conditional requests ask for nothing.
fn asks_for_fresh(headers: &Headers) -> bool {
    headers.get_all("Cache-Control").any(|value| {
        let directives = value.split(|byte| *byte == b',');
        directives.map(<[u8]>::trim_ascii).any(is_max_age_zero)
    })
}

fn is_max_age_zero(directive: &[u8]) -> bool {
    let Some((name, value)) = directive.split_at_checked("max-age".len()) else {
        return false;
    };
    let value = value.trim_ascii_start();
    let value = value.strip_prefix(b"=").unwrap_or_default().trim_ascii();
    let value = value
        .strip_prefix(b"\"")
        .and_then(|value| value.strip_suffix(b"\""))
        .unwrap_or(value);
    name.eq_ignore_ascii_case(b"max-age")
        && !value.is_empty()
        && value.iter().all(|digit| *digit == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_age_zero_is_found_among_directives() {
        for (values, expected) in [
            (&["max-age=0"][..], true),
            (&["no-cache, MAX-AGE = 0"], true),
            (&["max-age=\"0\""], true),
            (&["max-age=00"], true),
            (&["no-store", "max-age=0,x"], true),
            (&["max-age=01"], false),
            (&["max-age=0x"], false),
            (&["max-age"], false),
            (&["max-age="], false),
            (&["s-max-age=0"], false),
            (&["max-age0"], false),
            (&["xmax-age=0"], false),
            (&["no-cache"], false),
            (&["\u{e4}=0", "max-ag\u{e9}=0"], false),
            (&[], false),
        ] {
            let mut headers = Headers::new();
            for value in values {
                headers
                    .push("cache-control", value.as_bytes())
                    .expect("a header");
            }
            assert_eq!(asks_for_fresh(&headers), expected, "{values:?}");
        }
    }
}
