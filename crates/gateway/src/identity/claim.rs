//! `$context.authorizer.claims`: what a caller's token claims, every value as a text.
//!
//! Lists are told with commas between, `exp` and `iat` as Java writes dates: known from events that users published (2019 to 2023). The
//! guide has claims as texts only, and all of them together as nothing:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

use std::borrow::Cow;

use serde_json::Value;

use super::Finding;
use crate::record::Record;

/// A claim of the token that the request came with.
pub(crate) fn text<'r>(record: &'r Record, name: &str) -> Option<Cow<'r, str>> {
    let Finding::Verified { claims, .. } = record.token.as_deref()? else {
        return None;
    };
    let value = claims.get(name)?;
    match (name, value.as_f64()) {
        ("exp" | "iat", Some(seconds)) => Some(Cow::Owned(date(seconds as i64))),
        _ => shown(value),
    }
}

fn shown(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().filter_map(shown).collect();
            Some(Cow::Owned(items.join(",")))
        }
        // Guess: an object is told as JSON, as `identities` of federated users is.
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => Some(Cow::Owned(value.to_string())),
    }
}

/// `Fri Nov 06 23:21:28 UTC 2020`
fn date(seconds: i64) -> String {
    let Ok(moment) = time::OffsetDateTime::from_unix_timestamp(seconds) else {
        return String::new();
    };
    let (hour, minute, second) = moment.to_hms();
    let (weekday, month) = (moment.weekday().to_string(), moment.month().to_string());
    format!(
        "{} {} {:02} {hour:02}:{minute:02}:{second:02} UTC {}",
        &weekday[..3],
        &month[..3],
        moment.day(),
        moment.year()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn every_value_is_a_text() {
        let mut record = Record::of_test(&[]);
        assert_eq!(text(&record, "sub"), None);
        let finding = r#"{"verified":{"issuer":"i","claims":{"sub":"a","exp":1604704888,"iat":1604701288.5,"auth_time":1604701288,
            "email_verified":true,"cognito:groups":["one","two"],"identities":[{"userId":"7"}],"address":{"a":[1]},"none":null,"list":[]}}}"#;
        record.token = Some(Rc::new(serde_json::from_str(finding).expect("a finding")));
        for (name, expected) in [
            ("sub", Some("a")),
            ("exp", Some("Fri Nov 06 23:21:28 UTC 2020")),
            ("iat", Some("Fri Nov 06 22:21:28 UTC 2020")),
            ("auth_time", Some("1604701288")),
            ("email_verified", Some("true")),
            ("cognito:groups", Some("one,two")),
            ("identities", Some(r#"{"userId":"7"}"#)),
            ("address", Some(r#"{"a":[1]}"#)),
            ("none", None),
            ("list", Some("")),
            ("other", None),
        ] {
            assert_eq!(text(&record, name).as_deref(), expected, "{name}");
        }
    }
}
