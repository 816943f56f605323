//! What requests, responses and trailers have in common: line ends, lengths, lists.

/// Whether every LF of a head follows a CR. `httparse` takes a bare LF for a line end, as RFC 9112 §2.2 allows; a peer
/// that does not would see other lines than we do.
pub(crate) fn ends_are_crlf(head: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', head).all(|at| at > 0 && head[at - 1] == b'\r')
}

/// A `Content-Length`: digits only, and no more than fit.
pub(crate) fn length(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > 19 || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    value.iter().try_fold(0u64, |sum, digit| {
        sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })
}

/// What the framing fields of a message say, gathered over its header block.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FramingFields {
    pub(crate) length: Option<u64>,
    pub(crate) coding: Option<Coding>,
    pub(crate) close: bool,
    pub(crate) keep_alive: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Chunked,
    Unknown,
}

/// Why the framing of a message cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ambiguous {
    Length,
    DifferingLengths,
    SeveralCodings,
    LengthAndCoding,
}

impl Ambiguous {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Length => "content-length is not a number",
            Self::DifferingLengths => "several differing content-lengths",
            Self::SeveralCodings => "several transfer-encodings",
            Self::LengthAndCoding => "both content-length and transfer-encoding",
        }
    }
}

impl FramingFields {
    /// Takes note of one field.
    pub(crate) fn note(&mut self, name: &[u8], value: &[u8]) -> Result<(), Ambiguous> {
        match name.len() {
            10 if name.eq_ignore_ascii_case(b"connection") => self.note_connection(value),
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                let length = length(value).ok_or(Ambiguous::Length)?;
                if self.length.is_some_and(|other| other != length) {
                    return Err(Ambiguous::DifferingLengths);
                }
                self.length = Some(length);
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                if self.coding.is_some() {
                    return Err(Ambiguous::SeveralCodings);
                }
                let chunked = value.eq_ignore_ascii_case(b"chunked");
                self.coding = Some(if chunked {
                    Coding::Chunked
                } else {
                    Coding::Unknown
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// After the last field.
    pub(crate) fn check(self) -> Result<Self, Ambiguous> {
        if self.coding.is_some() && self.length.is_some() {
            return Err(Ambiguous::LengthAndCoding);
        }
        Ok(self)
    }

    fn note_connection(&mut self, value: &[u8]) {
        for option in value.split(|&byte| byte == b',') {
            let option = option.trim_ascii();
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_digits_only() {
        for (text, expected) in [
            ("0", Some(0)),
            ("007", Some(7)),
            ("18446744073709551615", None),
            ("9999999999999999999", Some(9_999_999_999_999_999_999)),
            ("", None),
            ("+5", None),
            ("-1", None),
            ("5, 5", None),
            ("0x10", None),
            (" 5", None),
        ] {
            assert_eq!(length(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn bare_line_feeds_are_seen() {
        assert!(ends_are_crlf(b"GET / HTTP/1.1\r\n\r\n"));
        for head in [
            &b"GET / HTTP/1.1\n\r\n"[..],
            b"\nGET / HTTP/1.1\r\n\r\n",
            b"a\r\n\n",
        ] {
            assert!(!ends_are_crlf(head), "{head:?}");
        }
    }
}
