//! Values that stand in the text of a path. They are shared between threads, as [`Value`] cannot be.

use std::borrow::Cow;

use super::cursor::{Cursor, Fault};
use crate::{List, ListKind, Map, Number, Value};

#[derive(Debug)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Number(Number),
    Text(Box<str>),
    List(Box<[Literal]>),
    Map(Box<[(Box<str>, Literal)]>),
}

/// Literals nest less deep than documents: each level takes some of the stack.
const DEPTH_MAX: usize = 64;

impl Literal {
    /// Reads JSON, single quotes and bare words allowed, as Jayway's library reads the literals of filters.
    pub(super) fn of_json(text: &str) -> Option<Self> {
        let limits = crate::Limits {
            depth: DEPTH_MAX,
            ..crate::Limits::default()
        };
        Some(Self::of_value(
            &Value::parse_lenient_within(text, limits).ok()?,
        ))
    }

    fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Number(number) => Self::Number(number.clone()),
            Value::Text(text) => Self::Text(Box::from(&**text)),
            Value::List(list) => Self::List(list.borrow().iter().map(Self::of_value).collect()),
            Value::Map(map) => Self::Map(
                map.borrow()
                    .iter()
                    .map(|(key, value)| (Box::from(&**key), Self::of_value(value)))
                    .collect(),
            ),
        }
    }

    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::from(&**text),
            Self::List(items) => Value::List(List::new(
                ListKind::Json,
                items.iter().map(Self::to_value).collect(),
            )),
            Self::Map(members) => Value::Map(
                members
                    .iter()
                    .map(|(key, value)| (&**key, value.to_value()))
                    .collect::<Map>(),
            ),
        }
    }
}

/// Reads the quoted string at the cursor.
pub(super) fn quoted<'t>(cursor: &mut Cursor<'t>) -> Result<Cow<'t, str>, Fault> {
    let start = cursor.at();
    let quote = cursor.peek().unwrap_or_default();
    let Some(end) = cursor.unescaped(start + 1, quote) else {
        return cursor.fail("string is not closed");
    };
    cursor.move_to(end + 1);
    Ok(unescape(cursor.slice(start + 1, end)))
}

/// Takes backslashes away as Java's string literals have them; before any other character they mean nothing.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('\\') {
        out.push_str(&rest[..place]);
        rest = escape(&rest[place + 1..], &mut out);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn escape<'t>(text: &'t str, out: &mut String) -> &'t str {
    let mut characters = text.chars();
    let Some(escaped) = characters.next() else {
        return text;
    };
    if escaped == 'u'
        && let Some(digits) = text.get(1..5)
        && let Ok(code) = u32::from_str_radix(digits, 16)
    {
        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        return &text[5..];
    }
    out.push(match escaped {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        other => other,
    });
    characters.as_str()
}
