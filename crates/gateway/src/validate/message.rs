//! Validation errors in the words of the library behind API Gateway (java-json-tools), as `$context.error.validationErrorString`
//! shows them. `required` and `additionalProperties` are seen in transcripts of AWS; the other texts are that library's.

use std::borrow::Cow;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

/// At most this many messages make up a list; a body may break a rule in each of its members.
const MESSAGES_MAX: usize = 32;

/// A value in a message is cut to this many bytes.
const VALUE_BYTES_MAX: usize = 256;

/// `[message, message]`
pub(super) fn list<'e>(body: &Value, errors: impl Iterator<Item = ValidationError<'e>>) -> String {
    let mut messages = Vec::new();
    let mut missing = Missing::default();
    // A few more than are shown, so that the members missing from one object are named together.
    for error in errors.take(MESSAGES_MAX * 8) {
        match error.kind() {
            ValidationErrorKind::Required { property } => {
                missing.add(&error, property, &mut messages)
            }
            ValidationErrorKind::FalseSchema if is_of_no_member(&error) => {
                messages.push(not_allowed(members(body, &error)))
            }
            kind => messages.push(text(kind, error.instance())),
        }
    }
    missing.fill(&mut messages);
    messages.truncate(MESSAGES_MAX);
    format!("[{}]", messages.join(", "))
}

/// `additionalProperties: false` beside no `properties`: the validator names the object, whose members are all not allowed.
fn is_of_no_member(error: &ValidationError<'_>) -> bool {
    error
        .schema_path()
        .to_string()
        .ends_with("/additionalProperties")
}

fn members(body: &Value, error: &ValidationError<'_>) -> Vec<String> {
    let object = body
        .pointer(error.instance_path().as_str())
        .and_then(Value::as_object);
    object
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect()
}

fn not_allowed(mut names: Vec<String>) -> String {
    names.sort();
    format!(
        "object instance has properties which are not allowed by the schema: {}",
        array(&names)
    )
}

/// One message names all members that one object lacks; the validator tells them one by one.
#[derive(Default)]
struct Missing {
    objects: Vec<(String, usize, Vec<String>)>,
}

impl Missing {
    fn add(&mut self, error: &ValidationError<'_>, property: &Value, messages: &mut Vec<String>) {
        let name = property.as_str().unwrap_or_default().to_owned();
        let at = format!("{} {}", error.instance_path(), error.schema_path());
        match self.objects.iter_mut().find(|(known, _, _)| *known == at) {
            Some((_, _, names)) => names.push(name),
            None => {
                self.objects.push((at, messages.len(), vec![name]));
                messages.push(String::new());
            }
        }
    }

    fn fill(self, messages: &mut [String]) {
        for (_, place, mut names) in self.objects {
            names.sort();
            messages[place] = format!("object has missing required properties ({})", array(&names));
        }
    }
}

fn text(kind: &ValidationErrorKind, instance: &Value) -> String {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::Type { kind } => wrong_type(kind, instance),
        Kind::AdditionalProperties { unexpected } => not_allowed(unexpected.clone()),
        Kind::Enum { options } => {
            format!(
                "instance value ({}) not found in enum (possible values: {})",
                shown(instance),
                shown(options)
            )
        }
        Kind::Maximum { limit } => format!(
            "numeric instance is greater than the required maximum (maximum: {limit}, found: {})",
            shown(instance)
        ),
        Kind::Minimum { limit } => format!(
            "numeric instance is lower than the required minimum (minimum: {limit}, found: {})",
            shown(instance)
        ),
        Kind::ExclusiveMaximum { limit } => {
            format!("numeric instance is not strictly lower than the required maximum {limit}")
        }
        Kind::ExclusiveMinimum { limit } => {
            format!("numeric instance is not strictly greater than the required minimum {limit}")
        }
        Kind::MultipleOf { multiple_of } => format!(
            "remainder of division is not zero ({} / {multiple_of})",
            shown(instance)
        ),
        Kind::Pattern { pattern } => {
            format!(
                "ECMA 262 regex {} does not match input string {}",
                shown(&Value::from(&**pattern)),
                shown(instance)
            )
        }
        Kind::Format { format } => malformed(format, instance),
        _ => sized(kind, instance),
    }
}

fn malformed(format: &str, instance: &Value) -> String {
    let what = match format {
        "email" => "email address",
        "hostname" => "hostname",
        "ipv4" => "IPv4 address",
        "ipv6" => "IPv6 address",
        "uri" => "URI",
        "regex" => "ECMA 262 regular expression",
        _ => {
            let formats = r#"["yyyy-MM-dd'T'HH:mm:ssZ","yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z"]"#;
            return format!(
                "string {} is invalid against requested date format(s) {formats}",
                shown(instance)
            );
        }
    };
    format!("string {} is not a valid {what}", shown(instance))
}

fn sized(kind: &ValidationErrorKind, instance: &Value) -> String {
    use ValidationErrorKind as Kind;
    let text = shown(instance);
    let letters = instance.as_str().map_or(0, |text| text.chars().count());
    let items = instance.as_array().map_or(0, Vec::len);
    let members = instance.as_object().map_or(0, |members| members.len());
    match kind {
        Kind::MaxLength { limit } => {
            format!("string {text} is too long (length: {letters}, maximum allowed: {limit})")
        }
        Kind::MinLength { limit } => {
            format!("string {text} is too short (length: {letters}, required minimum: {limit})")
        }
        Kind::MaxItems { limit } => {
            format!(
                "array is too long: must have at most {limit} elements but instance has {items} elements"
            )
        }
        Kind::MinItems { limit } => {
            format!(
                "array is too short: must have at least {limit} elements but instance has {items} elements"
            )
        }
        Kind::AdditionalItems { limit } => {
            format!(
                "array must not have more than {limit} elements but instance has {items} elements"
            )
        }
        Kind::UniqueItems => "array must not contain duplicate elements".to_owned(),
        Kind::MaxProperties { limit } => {
            format!(
                "object has too many properties (found {members} but schema requires at most {limit})"
            )
        }
        Kind::MinProperties { limit } => {
            format!(
                "object has too few properties (found {members} but schema requires at least {limit})"
            )
        }
        _ => combined(kind),
    }
}

fn combined(kind: &ValidationErrorKind) -> String {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::AnyOf { context } => {
            let count = context.len();
            format!("instance failed to match at least one required schema among {count}")
        }
        Kind::OneOfNotValid { context } => {
            format!(
                "instance failed to match exactly one schema (matched 0 out of {})",
                context.len()
            )
        }
        Kind::OneOfMultipleValid { context } => {
            let matched = context.iter().filter(|errors| errors.is_empty()).count();
            format!(
                "instance failed to match exactly one schema (matched {matched} out of {})",
                context.len()
            )
        }
        Kind::Not { .. } => "instance matched a schema which it should not have".to_owned(),
        _ => format!("instance failed to match keyword \"{}\"", kind.keyword()),
    }
}

fn wrong_type(kind: &TypeKind, instance: &Value) -> String {
    let mut allowed = match kind {
        TypeKind::Single(single) => vec![single.to_string()],
        TypeKind::Multiple(several) => several.iter().map(|one| one.to_string()).collect(),
    };
    // An integer is a number to the library, and it says so.
    if allowed.iter().any(|name| name == "number") && !allowed.iter().any(|name| name == "integer")
    {
        allowed.push(JsonType::Integer.to_string());
    }
    allowed.sort();
    format!(
        "instance type ({}) does not match any allowed primitive type (allowed: {})",
        type_of(instance),
        array(&allowed)
    )
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn array(names: &[String]) -> String {
    shown(&Value::from(names.to_vec())).into_owned()
}

fn shown(value: &Value) -> Cow<'static, str> {
    let mut text = value.to_string();
    if text.len() > VALUE_BYTES_MAX {
        let end = (0..=VALUE_BYTES_MAX)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    Cow::Owned(text)
}
