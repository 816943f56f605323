//! JSON objects, read strictly: a member that comes twice is refused, because two readers could each take another one.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Objects and lists within each other.
pub const DEPTH_MAX: usize = 16;

/// Reads one object and nothing beside it; a message without any of its text otherwise.
pub fn object(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    // Nothing but a byte order mark would be skipped by some readers and not by others; serde_json takes none.
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: DEPTH_MAX }.deserialize(&mut deserializer);
    match value.and_then(|value| deserializer.end().map(|()| value)) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err("not an object".to_owned()),
        Err(error) => Err(told(&error)),
    }
}

/// The kind of mistake and its place. The words of serde_json would quote what was sent.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let own = [TWICE, TOO_DEEP]
        .into_iter()
        .find(|own| text.starts_with(own));
    format!("{} at column {}", own.unwrap_or("not JSON"), error.column())
}

const TWICE: &str = "a member comes twice";
const TOO_DEEP: &str = "nested too deep";

/// Reads a value with so many levels left.
struct Strict {
    depth: usize,
}

impl Strict {
    fn within<E: Error>(&self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth }),
            None => Err(E::custom(TOO_DEEP)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not a finite number"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self.within()?)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(self.within()?)?;
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom(TWICE));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_plain_object_is_read() {
        let deep = |levels| format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
        let fits = deep(DEPTH_MAX - 1);
        for (text, expected) in [
            (r#"{"a":1,"b":[true,null,-1,0.5,"x"]}"#, "ok"),
            (" {} ", "ok"),
            (&fits, "ok"),
            (&deep(DEPTH_MAX), "nested too deep at column"),
            (&deep(100_000), "nested too deep at column"),
            (r#"{"a":1,"a":1}"#, "a member comes twice at column"),
            (
                r#"{"iss":1,"\u0069ss":1}"#,
                "a member comes twice at column",
            ),
            (r#"{"a":{"b":1,"b":2}}"#, "a member comes twice at column"),
            (r#"{} {}"#, "not JSON at column"),
            ("{}x", "not JSON at column"),
            ("\u{feff}{}", "not JSON at column"),
            (r#"{"a":"\ud800"}"#, "not JSON at column"),
            (r#"{"a":1e999}"#, "not JSON at column"),
            (r#"{'a':1}"#, "not JSON at column"),
            (r#"{"a":1,}"#, "not JSON at column"),
            ("[]", "not an object"),
            ("null", "not an object"),
            ("", "not JSON at column"),
        ] {
            let found = object(text.as_bytes()).map_or_else(|error| error, |_| "ok".to_owned());
            assert!(found.starts_with(expected), "{text:.60}: {found}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_no_json() {
        assert!(object(b"{\"a\":\"\xff\"}").is_err());
        assert!(object(b"{\"a\":\"\0\"}").is_err());
    }
}
