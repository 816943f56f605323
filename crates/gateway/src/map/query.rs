//! The query string that goes to a backend: AWS decodes the client's and encodes it again.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::exchange::Incoming;
use crate::record::Record;

/// All but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A mapped value inside an address: slashes stay, so that a value may be several segments.
const ENCODED_IN_ADDRESS: &AsciiSet = &ENCODED.remove(b'/').remove(b':').remove(b',').remove(b'@');

/// Appends parameters to a target.
#[derive(Debug)]
pub(crate) struct Query {
    target: String,
    separator: char,
}

impl Query {
    /// After `target`, which may have a query of its own; `room` bytes are expected to follow.
    pub(crate) fn after(target: &str, room: usize) -> Self {
        let mut text = String::with_capacity(target.len() + room);
        text.push_str(target);
        Self {
            separator: if target.contains('?') { '&' } else { '?' },
            target: text,
        }
    }

    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.separate();
        self.target.extend(utf8_percent_encode(name, ENCODED));
        self.target.push('=');
        self.target.extend(utf8_percent_encode(value, ENCODED));
    }

    /// The client's parameters. One that would come out as it went in, as most do, is copied.
    pub(crate) fn push_client(&mut self, incoming: &Incoming, record: &Record) {
        match record.head().query() {
            None | Some("") => {}
            Some(query) if query.bytes().all(stays) => {
                self.separate();
                self.target.push_str(query);
            }
            Some(_) => {
                for (name, value) in incoming.query(record) {
                    self.push(name, value);
                }
            }
        }
    }

    fn separate(&mut self) {
        self.target
            .push(std::mem::replace(&mut self.separator, '&'));
    }

    pub(crate) fn finish(self) -> Box<str> {
        self.target.into_boxed_str()
    }
}

fn stays(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~=&:,/@!*'()".contains(&byte)
}

/// A value for a place in an address; what a client put into its own path is encoded already.
pub(crate) fn encode_for_address(value: &str) -> String {
    utf8_percent_encode(value, ENCODED_IN_ADDRESS).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_follow_the_targets_own() {
        let mut query = Query::after("/x?a=1", 0);
        query.push("b c", "d&e/ü");
        assert_eq!(&*query.finish(), "/x?a=1&b%20c=d%26e%2F%C3%BC");
        let mut query = Query::after("/x", 0);
        query.push("a", "");
        query.push("a", "%");
        assert_eq!(&*query.finish(), "/x?a=&a=%25");
    }

    #[test]
    fn values_cannot_leave_their_place_in_an_address() {
        assert_eq!(
            encode_for_address("a/b?c#d&e=f%41"),
            "a/b%3Fc%23d%26e%3Df%2541"
        );
    }
}
