//! Small questions about texts: whether they are JSON, and which known name an unknown one was meant to be.

use serde::de::IgnoredAny;

/// Why a body of this content type is not what it says; nothing when it is, or says nothing that is checked here. An empty body is no
/// fault: templates that only choose a status give one.
pub(crate) fn json_fault(content_type: &str, body: &str) -> Option<String> {
    if !is_json(content_type) || body.trim().is_empty() {
        return None;
    }
    let parsed: Result<IgnoredAny, _> = serde_json::from_str(body);
    parsed.err().map(|error| error.to_string())
}

/// Whether a media type is JSON.
pub(crate) fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
        || media_type.to_ascii_lowercase().ends_with("+json")
}

/// Names longer than this are not compared.
const NAME_BYTES_MAX: usize = 64;

/// The known name that is nearest to this one, if it is near enough to have been meant.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let lower = name.to_ascii_lowercase();
    let allowed = (name.len() / 3).min(2);
    let distances = known
        .into_iter()
        .map(|it| (distance(&lower, &it.to_ascii_lowercase()), it));
    let near = distances.filter(|(distance, it)| *distance <= allowed && *it != name);
    near.min_by_key(|(distance, _)| *distance).map(|(_, it)| it)
}

/// ` (did you mean x?)`, if there is something that could have been meant.
pub(crate) fn hint<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(name, known).map_or(String::new(), |it| format!(" (did you mean {it}?)"))
}

/// Levenshtein's distance; of names that are too long, one that is never allowed.
fn distance(one: &str, other: &str) -> usize {
    if one.len() > NAME_BYTES_MAX || other.len() > NAME_BYTES_MAX {
        return usize::MAX;
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, character) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = at + 1;
        for (column, wanted) in other.iter().enumerate() {
            let replaced = corner + usize::from(character != *wanted);
            corner = row[column + 1];
            row[column + 1] = replaced.min(corner + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_near() {
        let known = ["petId", "limit", "X-Shop"];
        for (name, expected) in [
            ("petid", Some("petId")),
            ("pettId", Some("petId")),
            ("ownerId", None),
            ("limt", Some("limit")),
            ("x-shop", Some("X-Shop")),
            ("id", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
    }

    #[test]
    fn bodies_are_held_to_their_type() {
        assert_eq!(json_fault("application/json", "{\"a\": 1}"), None);
        assert_eq!(json_fault("application/json", ""), None);
        assert_eq!(json_fault("text/plain", "{"), None);
        assert!(json_fault("application/json; charset=utf-8", "{\"a\": }").is_some());
        assert!(json_fault("application/problem+json", "x").is_some());
    }
}
