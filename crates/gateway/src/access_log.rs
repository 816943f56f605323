//! Access log formats, compiled per stage.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>
//!
//! AWS puts values into a format as they are. A header could so end a line or close a quote and write entries of its
//! own; here control characters, quotes, backslashes and separators of values are escaped, in the way of the format's kind.

use crate::context::Variable;
use crate::execution_log::hidden;
use crate::record::Record;

/// A stage's access log.
#[derive(Debug)]
pub struct AccessLog {
    /// `destinationArn`, as the stage names it.
    pub destination: Box<str>,
    /// What a line holds.
    pub format: Format,
}

/// The format of a stage's access log.
#[derive(Debug)]
pub struct Format {
    pieces: Vec<Piece>,
    kind: Kind,
}

#[derive(Debug)]
enum Piece {
    Text(Box<str>),
    Variable(Variable),
    /// Not a variable AWS has; prints as one without a value.
    Unknown,
}

/// What a format writes, guessed from its first character and from what is between its variables: it decides how values are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Values separated by commas (RFC 4180).
    Csv,
    Json,
    Xml,
    Plain,
}

/// AWS limits formats to 3 KB.
const FORMAT_BYTES_MAX: usize = 3072;

/// A line of no more than this many bytes is kept; `User-Agent` and paths are the client's to make long.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// A format that AWS would not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Longer than AWS allows.
    #[error("the access log format is longer than {FORMAT_BYTES_MAX} bytes")]
    TooLong,
    /// More than one line.
    #[error("the access log format has more than one line")]
    Lines,
}

const PREFIX: &str = "$context.";

/// The guide: what the log says of a request whose client sent an id that is no UUID.
const REPLACED_ID: &str = "UUID_REPLACED_INVALID_REQUEST_ID";

impl Format {
    /// Compiles a format such as `$context.requestId $context.status`.
    pub fn compile(text: &str) -> Result<Self, FormatError> {
        if text.len() > FORMAT_BYTES_MAX {
            return Err(FormatError::TooLong);
        }
        let text = text.trim_end_matches(['\r', '\n']);
        if text.contains(['\r', '\n']) {
            return Err(FormatError::Lines);
        }
        let pieces = pieces(text);
        let kind = match text.trim_start().bytes().next() {
            Some(b'{' | b'[') => Kind::Json,
            Some(b'<') => Kind::Xml,
            _ if are_separated(&pieces) => Kind::Csv,
            _ => Kind::Plain,
        };
        Ok(Self { pieces, kind })
    }

    /// Appends the line of a finished request, without a line feed.
    pub fn write(&self, record: &Record, line: &mut Vec<u8>) {
        let start = line.len();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => line.extend_from_slice(text.as_bytes()),
                Piece::Unknown => line.push(b'-'),
                Piece::Variable(variable) => self.write_variable(variable, record, line),
            }
        }
        line.truncate(start + LINE_BYTES_MAX);
    }

    fn write_variable(&self, variable: &Variable, record: &Record, line: &mut Vec<u8>) {
        if let Some(made) = variable.made(record) {
            return line.extend_from_slice(&made);
        }
        match variable.value(record) {
            Some(_) if *variable == Variable::RequestId && record.has_invalid_id() => {
                line.extend_from_slice(REPLACED_ID.as_bytes());
            }
            // Already JSON, quotes included.
            Some(value) if *variable == Variable::ErrorMessageString => {
                line.extend_from_slice(value.as_bytes());
            }
            // The guide: values of keys are not logged as they are.
            Some(value) if *variable == Variable::ApiKey => {
                self.kind.push(&hidden(value.as_bytes()), line);
            }
            Some(value) => self.kind.push(&value, line),
            None => line.push(b'-'),
        }
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(PREFIX) {
        push_text(&mut pieces, &rest[..at]);
        let after = &rest[at + PREFIX.len()..];
        let name = &after[..name_length(after)];
        pieces.push(Variable::parse(name).map_or(Piece::Unknown, Piece::Variable));
        rest = &after[name.len()..];
    }
    push_text(&mut pieces, rest);
    pieces
}

/// Whether there are several values, and nothing but commas between them.
fn are_separated(pieces: &[Piece]) -> bool {
    let is_fit = |piece: &Piece| match piece {
        Piece::Text(text) => text.trim() == ",",
        Piece::Variable(_) | Piece::Unknown => true,
    };
    pieces.len() > 2 && pieces.iter().all(is_fit)
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(Box::from(text)));
    }
}

/// How far a variable's name goes; a dot at its end is the text's.
pub(crate) fn name_length(text: &str) -> usize {
    let end = text.find(|letter: char| {
        !letter.is_ascii_alphanumeric() && !matches!(letter, '.' | '_' | '-' | ':')
    });
    let name = &text[..end.unwrap_or(text.len())];
    name.trim_end_matches(['.', '-', ':']).len()
}

impl Kind {
    fn push(self, value: &str, line: &mut Vec<u8>) {
        let is_quoted = self == Self::Csv && value.contains([',', '"']);
        if is_quoted {
            line.push(b'"');
        }
        self.push_escaped(value, line);
        if is_quoted {
            line.push(b'"');
        }
    }

    fn push_escaped(self, value: &str, line: &mut Vec<u8>) {
        // Most values hold nothing to escape; looked at as a whole, many bytes are compared at once.
        if !value
            .bytes()
            .fold(false, |found, byte| found | is_special(byte))
        {
            line.extend_from_slice(value.as_bytes());
            return;
        }
        let mut plain_from = 0;
        for (at, byte) in value.bytes().enumerate() {
            if let Some(escaped) = self.escape(byte) {
                line.extend_from_slice(&value.as_bytes()[plain_from..at]);
                line.extend_from_slice(escaped.as_bytes());
                plain_from = at + 1;
            }
        }
        line.extend_from_slice(&value.as_bytes()[plain_from..]);
    }

    fn escape(self, byte: u8) -> Option<&'static str> {
        match (self, byte) {
            (Self::Csv, b'"') => Some("\"\""),
            (Self::Xml, b'&') => Some("&amp;"),
            (Self::Xml, b'<') => Some("&lt;"),
            (Self::Xml, b'>') => Some("&gt;"),
            (Self::Xml, b'"') => Some("&quot;"),
            (Self::Json | Self::Plain, b'"') => Some("\\\""),
            (Self::Json | Self::Plain, b'\\') => Some("\\\\"),
            (_, b'\n') => Some("\\n"),
            (_, b'\r') => Some("\\r"),
            (_, b'\t') => Some("\\t"),
            // Other control characters cannot come in a header; a decoded value may still hold them.
            (_, ..0x20 | 0x7f) => Some("?"),
            _ => None,
        }
    }
}

/// Every byte that some kind escapes.
fn is_special(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b'"' | b'\\' | b'&' | b'<' | b'>' | 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_aws_ends_them() {
        for (text, length) in [
            ("status\"", 6),
            ("status.", 6),
            ("identity.sourceIp ", 17),
            ("requestId]", 9),
            ("", 0),
            ("status-x", 8),
        ] {
            assert_eq!(name_length(text), length, "{text}");
        }
    }

    #[test]
    fn no_escaped_byte_is_overlooked() {
        for kind in [Kind::Csv, Kind::Json, Kind::Xml, Kind::Plain] {
            for byte in 0..=u8::MAX {
                assert!(
                    kind.escape(byte).is_none() || is_special(byte),
                    "{kind:?} {byte}"
                );
            }
        }
    }

    #[test]
    fn values_cannot_break_out() {
        let shown = |kind: Kind, value: &str| {
            let mut line = Vec::new();
            kind.push(value, &mut line);
            String::from_utf8(line).expect("utf-8")
        };
        assert_eq!(shown(Kind::Json, "a\"},{\"b\\\r\n"), r#"a\"},{\"b\\\r\n"#);
        assert_eq!(shown(Kind::Xml, "<a>&\""), "&lt;a&gt;&amp;&quot;");
        assert_eq!(
            shown(Kind::Plain, "x\n1.2.3.4 - GET\u{7f}"),
            "x\\n1.2.3.4 - GET?"
        );
        assert_eq!(shown(Kind::Plain, "日本"), "日本");
        assert_eq!(shown(Kind::Csv, "a,\"b\"\n"), "\"a,\"\"b\"\"\\n\"");
        assert_eq!(shown(Kind::Csv, "a b"), "a b");
    }

    #[test]
    fn the_kind_is_seen_in_the_format() {
        for (format, kind) in [
            ("{\"id\":\"$context.requestId\"}", Kind::Json),
            ("<id>$context.requestId</id>", Kind::Xml),
            ("$context.requestId,$context.status", Kind::Csv),
            ("$context.requestId, $context.nothing", Kind::Csv),
            ("$context.requestId $context.status", Kind::Plain),
            ("$context.requestId", Kind::Plain),
        ] {
            let compiled = Format::compile(format).expect("a format");
            assert_eq!(compiled.kind, kind, "{format}");
        }
    }

    #[test]
    fn formats_are_bounded() {
        assert_eq!(
            Format::compile(&"x".repeat(3073)).err(),
            Some(FormatError::TooLong)
        );
        assert_eq!(Format::compile("a\nb").err(), Some(FormatError::Lines));
        assert!(Format::compile("a\n").is_ok());
    }
}
