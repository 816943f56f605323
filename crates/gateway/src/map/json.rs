//! JSON on its way through mappings: bodies that expressions look into, and the texts of what they find.

use tollgate_jsonpath::Value;

/// No mapped value is longer than what a body may be.
const TEXT_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Reads a body. The error says where.
pub(crate) fn json(text: &str) -> Result<Value, String> {
    Value::parse_json(text).map_err(|error| error.to_string())
}

/// Reads what a MOCK's request template rendered, as leniently as AWS does.
pub(crate) fn lenient_json(text: &str) -> Result<Value, String> {
    Value::parse_lenient(text).map_err(|error| error.to_string())
}

/// A found value as a parameter: a text as it is, everything else as JSON. Null is no value.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Text(text) => Some(text.to_string()),
        other => other.to_json(TEXT_BYTES_MAX).ok(),
    }
}
