//! How values and times stand in the execution log.

use std::borrow::Cow;

use time::OffsetDateTime;
use tollgate_http::Headers;

use super::redact::shown;

/// The characters of a line that are kept; published logs have as many before the mark.
const LINE_CHARACTERS_MAX: usize = 1024;
const CUT: &str = " [TRUNCATED]";

/// `{a=1, b=2}`, as Java prints a map. Values of one name are joined, a map has none twice.
pub(super) fn pairs<N: AsRef<str>, V: AsRef<str>>(entries: impl Iterator<Item = (N, V)>) -> String {
    let mut map: Vec<(N, String)> = Vec::new();
    for (name, value) in entries {
        let value = shown(name.as_ref(), value.as_ref().as_bytes()).into_owned();
        let known = map
            .iter_mut()
            .find(|(known, _)| known.as_ref() == name.as_ref());
        match known {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => map.push((name, value)),
        }
    }
    let entries = map
        .iter()
        .map(|(name, value)| format!("{}={value}", name.as_ref()));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
}

pub(super) fn fields(headers: &Headers) -> String {
    let entries = headers.iter();
    pairs(entries.map(|(name, value)| (name, String::from_utf8_lossy(value))))
}

/// As much of a body as a line can hold: a longer one is cut anyway.
pub(super) fn text_of(body: &[u8]) -> Cow<'_, str> {
    const BYTES_MAX: usize = 4 * (LINE_CHARACTERS_MAX + 1);
    String::from_utf8_lossy(&body[..body.len().min(BYTES_MAX)])
}

pub(super) fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LINE_CHARACTERS_MAX) {
        text.truncate(end);
        text.push_str(CUT);
    }
    text
}

/// `Tue Nov 24 22:14:09 UTC 2026`
pub(super) fn time_of(now_ms: u64) -> String {
    let Some(moment) = moment(now_ms) else {
        return String::new();
    };
    let (weekday, month) = (moment.weekday().to_string(), moment.month().to_string());
    let (hour, minute, second) = moment.to_hms();
    format!(
        "{} {} {:02} {hour:02}:{minute:02}:{second:02} UTC {}",
        &weekday[..3],
        &month[..3],
        moment.day(),
        moment.year()
    )
}

/// An event as CloudWatch exports it. What could end the line, or move a terminal's cursor, is a blank.
pub(super) fn push_event(at_ms: u64, request_id: &str, text: &str, into: &mut Vec<u8>) {
    if let Some(moment) = moment(at_ms) {
        let (hour, minute, second) = moment.to_hms();
        let (year, month, day) = (moment.year(), u8::from(moment.month()), moment.day());
        let part = at_ms % 1000;
        let time =
            format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{part:03}Z ");
        into.extend_from_slice(time.as_bytes());
    }
    into.extend_from_slice(format!("({request_id}) ").as_bytes());
    let clean = text.bytes().map(|byte| match byte {
        ..0x20 | 0x7f => b' ',
        byte => byte,
    });
    into.extend(clean);
}

fn moment(at_ms: u64) -> Option<OffsetDateTime> {
    let seconds = i64::try_from(at_ms / 1000).ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_javas() {
        assert_eq!(time_of(1_795_558_449_000), "Tue Nov 24 22:14:09 UTC 2026");
        assert_eq!(time_of(u64::MAX), "");
    }

    #[test]
    fn events_are_lines_as_cloudwatch_exports_them() {
        let mut line = Vec::new();
        push_event(1_496_671_067_369, "id", "a\nb\u{1b}[2J ä", &mut line);
        let expected = "2017-06-05T13:57:47.369Z (id) a b [2J ä";
        assert_eq!(String::from_utf8(line).expect("text"), expected);
    }

    /// As in the published logs: 1,024 characters, then the mark.
    #[test]
    fn long_lines_are_cut() {
        let long = cut("ä".repeat(1025));
        assert_eq!(long, format!("{} [TRUNCATED]", "ä".repeat(1024)));
        assert_eq!(cut("x".repeat(1024)), "x".repeat(1024));
        let body = "ä".repeat(5_000);
        assert!(text_of(body.as_bytes()).chars().count() > LINE_CHARACTERS_MAX);
        assert_eq!(text_of(b"short"), "short");
    }

    #[test]
    fn maps_are_printed_as_java_prints_them() {
        let entries = [("a", "1"), ("b", "x, y"), ("a", "2")];
        assert_eq!(pairs(entries.into_iter()), "{a=1,2, b=x, y}");
        let none: [(&str, &str); 0] = [];
        assert_eq!(pairs(none.into_iter()), "{}");
        let query = [("x-api-key", "0123456789abcdefghij")];
        assert_eq!(pairs(query.into_iter()), "{x-api-key=**************efghij}");
    }
}
