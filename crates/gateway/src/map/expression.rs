//! The grammar of parameter mappings: where a value goes and where it comes from.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping.html>

use std::fmt;

use tollgate_jsonpath::Path;

use crate::context::Variable;

/// Where a mapped request value goes: `integration.request.{path|querystring|header}.{name}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The part of the request.
    pub place: Place,
    /// The name there.
    pub name: Box<str>,
}

/// A part of a request that holds named values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Place {
    Path,
    Query,
    Header,
}

/// Where a mapped value comes from.
#[derive(Debug)]
pub enum Source {
    /// `method.request.path.X`; in a response `integration.response.header.X` and so on.
    Parameter {
        /// The part of the message.
        place: Place,
        /// Its name, letter case counts.
        name: Box<str>,
        /// `multivalueheader`, `multivaluequerystring`: every value, not the last one.
        all: bool,
    },
    /// The whole body.
    Body,
    /// A part of a JSON body.
    BodyPath(Box<Path>),
    /// `stageVariables.X`
    StageVariable(Box<str>),
    /// `context.X`
    Context(Variable),
    /// `'text'`
    Literal(Box<str>),
    /// A variable AWS does not know, or one that has no value here: the mapping adds nothing.
    Nothing,
}

/// A mapping expression that AWS would refuse as well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Not of the form that the position asks for.
    #[error("`{0}` is not a mapping expression")]
    Malformed(String),
    /// The JSONPath behind `body.` does not parse.
    #[error("`{expression}`: {reason}")]
    BodyPath {
        /// The whole expression.
        expression: String,
        /// What the parser said.
        reason: String,
    },
}

impl Destination {
    /// Reads `integration.request.header.Accept` and its like.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let malformed = || ExpressionError::Malformed(text.to_owned());
        let rest = text
            .strip_prefix("integration.request.")
            .ok_or_else(malformed)?;
        let (place, name) = rest.split_once('.').ok_or_else(malformed)?;
        let place = Place::parse(place).ok_or_else(malformed)?;
        if name.is_empty() {
            return Err(malformed());
        }
        Ok(Self {
            place,
            name: Box::from(name),
        })
    }
}

/// Reads the header name of `{prefix}{name}`, e.g. of `method.response.header.ETag`.
pub(crate) fn header_name<'t>(text: &'t str, prefix: &str) -> Result<&'t str, ExpressionError> {
    let name = text.strip_prefix(prefix).filter(|name| !name.is_empty());
    name.ok_or_else(|| ExpressionError::Malformed(text.to_owned()))
}

impl Place {
    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "querystring",
            Self::Header => "header",
        }
    }

    /// `path`, `querystring` or `header`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "path" => Some(Self::Path),
            "querystring" => Some(Self::Query),
            "header" => Some(Self::Header),
            _ => None,
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.place.name(), self.name)
    }
}

/// For people.
impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter { place, name, all } => {
                let every = if *all { "every value of " } else { "" };
                write!(formatter, "{every}{} {name}", place.name())
            }
            Self::Body => formatter.write_str("the body"),
            Self::BodyPath(_) => formatter.write_str("a part of the body"),
            Self::StageVariable(name) => write!(formatter, "stageVariables.{name}"),
            Self::Context(variable) => write!(formatter, "$context, {variable:?}"),
            Self::Literal(text) => write!(formatter, "'{text}'"),
            Self::Nothing => formatter.write_str("nothing"),
        }
    }
}

impl Source {
    /// A source in an integration request: `method.request.…`, `context.…`, `stageVariables.…` or `'…'`.
    pub fn of_request(text: &str) -> Result<Self, ExpressionError> {
        match text.strip_prefix("method.request.") {
            Some(rest) => Self::of_message(text, rest),
            None => Self::elsewhere(text),
        }
    }

    /// A source in an integration response: `integration.response.…` and the rest of the above.
    pub fn of_response(text: &str) -> Result<Self, ExpressionError> {
        match text.strip_prefix("integration.response.") {
            Some(rest) if rest.starts_with("path.") || rest.starts_with("querystring.") => {
                Err(ExpressionError::Malformed(text.to_owned()))
            }
            Some(rest) => Self::of_message(text, rest),
            None => Self::elsewhere(text),
        }
    }

    fn of_message(whole: &str, rest: &str) -> Result<Self, ExpressionError> {
        if rest == "body" {
            return Ok(Self::Body);
        }
        let malformed = || ExpressionError::Malformed(whole.to_owned());
        let (kind, name) = rest.split_once('.').ok_or_else(malformed)?;
        let (place, all) = match kind {
            "body" => return Self::body(whole, name),
            "multivalueheader" => (Place::Header, true),
            "multivaluequerystring" => (Place::Query, true),
            _ => (Place::parse(kind).ok_or_else(malformed)?, false),
        };
        if name.is_empty() {
            return Err(malformed());
        }
        Ok(Self::Parameter {
            place,
            name: Box::from(name),
            all,
        })
    }

    /// AWS's JSONPath stands here without its `$.`.
    fn body(whole: &str, path: &str) -> Result<Self, ExpressionError> {
        let path = match path.starts_with('$') {
            true => Path::parse(path),
            false => Path::parse(&format!("$.{path}")),
        };
        let path = path.map_err(|error| ExpressionError::BodyPath {
            expression: whole.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self::BodyPath(Box::new(path)))
    }

    fn elsewhere(text: &str) -> Result<Self, ExpressionError> {
        if let Some(literal) = literal(text) {
            return Ok(Self::Literal(Box::from(literal)));
        }
        if let Some(name) = text.strip_prefix("stageVariables.") {
            return Ok(Self::StageVariable(Box::from(name)));
        }
        match text.strip_prefix("context.") {
            Some(name) => {
                let variable = Variable::parse(name).filter(|variable| !variable.is_of_logs_only());
                Ok(variable.map_or(Self::Nothing, Self::Context))
            }
            None => Err(ExpressionError::Malformed(text.to_owned())),
        }
    }

    /// Whether the value comes out of a body, which then has to be read whole.
    pub fn reads_body(&self) -> bool {
        matches!(self, Self::Body | Self::BodyPath(_))
    }
}

fn literal(text: &str) -> Option<&str> {
    text.strip_prefix('\'')?.strip_suffix('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations() {
        let found = Destination::parse("integration.request.querystring.a.b").expect("valid");
        assert_eq!((found.place, &*found.name), (Place::Query, "a.b"));
        for bad in [
            "",
            "integration.request.header",
            "integration.request.header.",
            "integration.request.body.x",
            "method.request.header.x",
        ] {
            assert!(Destination::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sources_of_requests() {
        let check = |text: &str, expected: &str| {
            let found = Source::of_request(text);
            let shown = match &found {
                Ok(Source::BodyPath(_)) => "BodyPath".to_owned(),
                Ok(source) => format!("{source:?}"),
                Err(_) => "error".to_owned(),
            };
            assert_eq!(shown, expected, "{text}");
        };
        check(
            "method.request.path.id",
            r#"Parameter { place: Path, name: "id", all: false }"#,
        );
        check(
            "method.request.header.X-Y",
            r#"Parameter { place: Header, name: "X-Y", all: false }"#,
        );
        check(
            "method.request.multivalueheader.X",
            r#"Parameter { place: Header, name: "X", all: true }"#,
        );
        check(
            "method.request.multivaluequerystring.q",
            r#"Parameter { place: Query, name: "q", all: true }"#,
        );
        check("method.request.body", "Body");
        check("method.request.body.a.b[0]", "BodyPath");
        check("stageVariables.host", r#"StageVariable("host")"#);
        check("'it''s'", r#"Literal("it''s")"#);
        check("''", r#"Literal("")"#);
        check("context.nonsense.of.mine", "Nothing");
        check("context.httpMethod", "Context(HttpMethod)");
        for bad in [
            "",
            "'",
            "method.request.cookie.x",
            "method.request.header.",
            "integration.response.header.x",
            "plain",
        ] {
            check(bad, "error");
        }
    }

    #[test]
    fn sources_of_responses() {
        assert!(matches!(
            Source::of_response("integration.response.header.ETag"),
            Ok(Source::Parameter {
                place: Place::Header,
                ..
            })
        ));
        assert!(matches!(
            Source::of_response("integration.response.body"),
            Ok(Source::Body)
        ));
        assert!(Source::of_response("integration.response.path.x").is_err());
        assert!(Source::of_response("method.request.header.x").is_err());
    }
}
