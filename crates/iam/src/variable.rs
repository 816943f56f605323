//! `${key}`, `${key, 'default'}`, and the characters that are written like variables.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use std::borrow::Cow;

use crate::context::Context;

/// The value of a condition key within a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Variable {
    key: Box<str>,
    default: Option<Box<str>>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Found {
    /// `${*}`, `${?}`, `${$}`.
    Character(&'static str),
    Variable(Variable),
}

/// Reads what `text` begins with, and says how many bytes that takes.
pub(crate) fn read(text: &str) -> Result<(Found, usize), String> {
    let inner = text.strip_prefix("${").unwrap_or(text);
    let unclosed = || format!("the variable at {text:?} does not end");
    let close = inner.find('}').ok_or_else(unclosed)?;
    // A default may have braces in it.
    let quote = inner[..close].find(", '");
    let (name, default, length) = match quote {
        None => (&inner[..close], None, close + 1),
        Some(quote) => {
            let begins = quote + 3;
            let ends = begins + inner[begins..].find("'}").ok_or_else(unclosed)?;
            (&inner[..quote], Some(&inner[begins..ends]), ends + 2)
        }
    };
    Ok((found(name, default)?, length + 2))
}

fn found(name: &str, default: Option<&str>) -> Result<Found, String> {
    let character = match (name, default) {
        ("*", None) => Some("*"),
        ("?", None) => Some("?"),
        ("$", None) => Some("$"),
        _ => None,
    };
    if let Some(character) = character {
        return Ok(Found::Character(character));
    }
    if name.is_empty() || name.contains(['*', '?', '$', '{', '\'']) {
        return Err(format!("no condition key is called {name:?}"));
    }
    Ok(Found::Variable(Variable {
        key: name.into(),
        default: default.map(Into::into),
    }))
}

impl Variable {
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The one value of the key, or the default. A key of several values stands for none of them.
    pub(crate) fn value<'v>(&'v self, context: &'v Context<'_>) -> Option<Cow<'v, str>> {
        match context.values(&self.key) {
            [value] => Some(value.text()),
            [] => self.default.as_deref().map(Cow::Borrowed),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_variable() {
        for text in ["${", "${a", "${}", "${a, 'b}", "${**}", "${a${b}"] {
            assert!(read(text).is_err(), "{text}");
        }
        let (found, taken) = read("${a:b, 'x}y'}z").unwrap();
        let variable = Variable {
            key: "a:b".into(),
            default: Some("x}y".into()),
        };
        assert_eq!((found, taken), (Found::Variable(variable), 13));
    }
}
