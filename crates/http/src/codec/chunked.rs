//! The chunked coding: RFC 9112 §7.1, strictly. No white space around sizes, CRLF only, extensions and trailers bounded.

use super::{HEADERS_MAX, lines};
use crate::headers::Headers;

/// Bytes of chunk extensions in one body at most. Nobody needs them; they are read and dropped.
const EXTENSION_BYTES_MAX: u32 = 4 << 10;

/// Bytes of the trailer section at most.
const TRAILER_BYTES_MAX: usize = 8 << 10;

/// A decoder's place between two reads.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Chunked {
    state: State,
    extension_bytes: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before the first digit of a size.
    #[default]
    Start,
    Size(u64),
    Extension(u64),
    SizeEnd(u64),
    Data(u64),
    DataReturn,
    DataEnd,
    Trailer,
}

/// What comes next in the bytes given.
#[derive(Debug)]
pub(crate) enum Step {
    /// All bytes but those after `skip` are used; more are needed.
    More { skip: usize },
    /// `len` bytes of body after `skip` bytes of framing.
    Data { skip: usize, len: usize },
    /// The body ends after `skip` bytes.
    End {
        skip: usize,
        trailers: Option<Headers>,
    },
}

/// The bytes are no chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) &'static str);

impl Chunked {
    /// Reads on at `bytes`, which start where the step before ended.
    pub(crate) fn step(&mut self, bytes: &[u8]) -> Result<Step, Malformed> {
        let mut at = 0;
        loop {
            match self.state {
                State::Data(left) if at < bytes.len() => {
                    let len = usize::try_from(left)
                        .unwrap_or(usize::MAX)
                        .min(bytes.len() - at);
                    let left = left - len as u64;
                    self.state = if left == 0 {
                        State::DataReturn
                    } else {
                        State::Data(left)
                    };
                    return Ok(Step::Data { skip: at, len });
                }
                State::Trailer => return trailer(&bytes[at..], at),
                _ => {}
            }
            let Some(&byte) = bytes.get(at) else {
                return Ok(Step::More { skip: at });
            };
            self.state = self.framing_byte(byte)?;
            at += 1;
        }
    }

    fn framing_byte(&mut self, byte: u8) -> Result<State, Malformed> {
        match (self.state, byte) {
            (State::Start, _) => digit(byte)
                .map(State::Size)
                .ok_or(Malformed("a chunk size is not a number")),
            (State::Size(size) | State::Extension(size), b'\r') => Ok(State::SizeEnd(size)),
            (State::Size(size), b';') => self.extension_byte(size),
            (State::Size(size), _) => match digit(byte) {
                Some(_) if size >> 60 != 0 => Err(Malformed("a chunk size is too large")),
                Some(digit) => Ok(State::Size(size << 4 | digit)),
                None => Err(Malformed("a chunk size is not a number")),
            },
            (State::Extension(size), b'\t' | b' '..=b'~') => self.extension_byte(size),
            (State::Extension(_), _) => {
                Err(Malformed("a chunk extension holds a control character"))
            }
            (State::SizeEnd(0), b'\n') => Ok(State::Trailer),
            (State::SizeEnd(size), b'\n') => Ok(State::Data(size)),
            (State::DataReturn, b'\r') => Ok(State::DataEnd),
            (State::DataEnd, b'\n') => Ok(State::Start),
            _ => Err(Malformed("a chunk does not end in CRLF")),
        }
    }

    fn extension_byte(&mut self, size: u64) -> Result<State, Malformed> {
        self.extension_bytes += 1;
        if self.extension_bytes > EXTENSION_BYTES_MAX {
            return Err(Malformed("chunk extensions are too long"));
        }
        Ok(State::Extension(size))
    }
}

fn digit(byte: u8) -> Option<u64> {
    char::from(byte).to_digit(16).map(u64::from)
}

/// The trailer section after the last chunk, `at` bytes into what the step was given.
fn trailer(bytes: &[u8], at: usize) -> Result<Step, Malformed> {
    match bytes {
        [b'\r', b'\n', ..] => {
            return Ok(Step::End {
                skip: at + 2,
                trailers: None,
            });
        }
        [] | [b'\r'] => return Ok(Step::More { skip: at }),
        _ => {}
    }
    let mut fields = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let bounded = &bytes[..bytes.len().min(TRAILER_BYTES_MAX)];
    match httparse::parse_headers(bounded, &mut fields) {
        Ok(httparse::Status::Complete((used, fields))) => {
            let section = &bounded[..used];
            if !lines::ends_are_crlf(section) || fields.iter().any(|field| frames(field.name)) {
                return Err(Malformed("a trailer field is not allowed"));
            }
            Ok(Step::End {
                skip: at + used,
                trailers: Some(Headers::from_parsed(fields, 0)),
            })
        }
        Ok(httparse::Status::Partial) if bytes.len() >= TRAILER_BYTES_MAX => {
            Err(Malformed("the trailer section is too large"))
        }
        Ok(httparse::Status::Partial) if lines::ends_are_crlf(bounded) => {
            Ok(Step::More { skip: at })
        }
        _ => Err(Malformed("the trailer section is invalid")),
    }
}

/// Fields that say where a message ends or goes may not come after it (RFC 9110 §6.5.1).
fn frames(name: &str) -> bool {
    [
        "content-length",
        "transfer-encoding",
        "host",
        "trailer",
        "connection",
        "te",
        "upgrade",
    ]
    .iter()
    .any(|other| name.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes `input` cut into reads of `cut` bytes: the body, the bytes left over, the trailers.
    fn decode(input: &[u8], cut: usize) -> Result<Option<(Vec<u8>, usize, usize)>, Malformed> {
        let (mut decoder, mut body, mut at) = (Chunked::default(), Vec::new(), 0);
        let mut end = 0;
        while end < input.len() {
            end = (end + cut).min(input.len());
            loop {
                match decoder.step(&input[at..end])? {
                    Step::More { skip } => {
                        at += skip;
                        break;
                    }
                    Step::Data { skip, len } => {
                        body.extend_from_slice(&input[at + skip..at + skip + len]);
                        at += skip + len;
                    }
                    Step::End { skip, trailers } => {
                        let trailers = trailers.map_or(0, |trailers| trailers.len());
                        return Ok(Some((body, input.len() - at - skip, trailers)));
                    }
                }
            }
        }
        Ok(None)
    }

    #[test]
    fn chunks_are_the_same_cut_anywhere() {
        let input = b"5\r\nhello\r\n00A;x=\"1\"\r\n0123456789\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\nNEXT";
        for cut in 1..=input.len() {
            // What follows the end is left over only where it was read with it.
            let (body, _, trailers) = decode(input, cut).unwrap().unwrap();
            assert_eq!(
                (&body[..], trailers),
                (&b"hello0123456789"[..], 2),
                "cut {cut}"
            );
        }
        assert_eq!(decode(input, input.len()).unwrap().unwrap().1, 4);
    }

    #[test]
    fn incomplete_chunks_wait() {
        let input = b"5\r\nhello\r\n0\r\nX: 1\r\n\r\n";
        for end in 0..input.len() {
            assert_eq!(decode(&input[..end], 1), Ok(None), "{end}");
        }
    }

    #[test]
    fn bad_chunks_are_refused() {
        let long = format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(5000));
        let trailer = format!("0\r\nX: {}\r\n\r\n", "x".repeat(9000));
        for input in [
            "5\nhello\r\n0\r\n\r\n",
            "5 \r\nhello\r\n0\r\n\r\n",
            " 5\r\nhello\r\n",
            "5\r\nhello!\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "+5\r\nhello\r\n",
            "-1\r\n",
            "0x5\r\nhello\r\n",
            "\r\n",
            ";x\r\n",
            "g\r\n",
            "11111111111111111\r\n",
            "5\rX",
            "5;a\nhello",
            "5;\0\r\nhello",
            "0\r\nX: 1\n\r\n",
            "0\r\n X: 1\r\n\r\n",
            "0\r\nX : 1\r\n\r\n",
            "0\r\nContent-Length: 3\r\n\r\n",
            "0\r\nno colon\r\n\r\n",
            "0\r\n\n",
            &long,
            &trailer,
        ] {
            for cut in [1, 3, input.len()] {
                assert!(
                    decode(input.as_bytes(), cut).is_err(),
                    "{input:?} cut {cut}"
                );
            }
        }
    }
}
