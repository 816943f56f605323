//! The answer of an operation from its output.

use crate::json::JsonWriter;
use crate::schema::{Location, Member};
use crate::shape::{Operation, Shape};
use crate::timestamp::Timestamp;
use crate::value::Value;
use crate::writer::{Entries, Items, Members, Writer};

/// An answer, without what every answer has (request id, length).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The answer that carries `output`.
pub fn encode<O: Operation>(output: &O::Output) -> Encoded {
    let mut encoded = Encoded {
        status: O::SCHEMA.status,
        ..Encoded::default()
    };
    if O::SCHEMA.output.is_none() {
        return encoded;
    }
    let payload = O::Output::SCHEMA.payload;
    output.write_members(&mut |index, value| {
        let member = &O::Output::SCHEMA.members[index];
        match member.location {
            Location::Header => encoded.headers.extend(header(member, value)),
            Location::Body | Location::Label | Location::Query if payload == Some(index) => {
                encoded.body = whole_body(value);
            }
            Location::Body | Location::Label | Location::Query => {}
        }
    });
    if payload.is_none() {
        encoded.body = body(output);
    }
    encoded
}

fn header(member: &Member, value: &dyn Value) -> Option<(String, String)> {
    let mut scalar = Scalar::default();
    value.write(&mut scalar);
    let text = String::from_utf8_lossy(&scalar.0?).into_owned();
    Some((member.wire_name.to_owned(), text))
}

fn whole_body(value: &dyn Value) -> Vec<u8> {
    let mut scalar = Scalar::default();
    value.write(&mut scalar);
    scalar.0.unwrap_or_default()
}

fn body<T: Shape>(output: &T) -> Vec<u8> {
    let mut writer = JsonWriter::in_whole_seconds();
    writer.structure(&BodyOf(output));
    writer.into_bytes()
}

/// The members of an output that travel in its body.
struct BodyOf<'a, T>(&'a T);

impl<T: Shape> Members for BodyOf<'_, T> {
    fn schema(&self) -> &'static crate::schema::Structure {
        T::SCHEMA
    }

    fn each(&self, visit: &mut dyn FnMut(&'static Member, &dyn Value)) {
        Members::each(self.0, &mut |member, value| {
            if member.location == Location::Body {
                visit(member, value);
            }
        });
    }
}

/// A value as a header or a raw body has it.
#[derive(Default)]
struct Scalar(Option<Vec<u8>>);

impl Scalar {
    fn display(&mut self, value: impl std::fmt::Display) {
        self.0 = Some(value.to_string().into_bytes());
    }
}

impl Writer for Scalar {
    fn null(&mut self) {}

    fn boolean(&mut self, value: bool) {
        self.display(value);
    }

    fn integer(&mut self, value: i64) {
        self.display(value);
    }

    fn double(&mut self, value: f64) {
        self.display(value);
    }

    fn text(&mut self, value: &str) {
        self.display(value);
    }

    fn timestamp(&mut self, value: Timestamp) {
        self.integer(value.whole_seconds().ms() / 1000);
    }

    fn blob(&mut self, value: &[u8]) {
        self.0 = Some(value.to_vec());
    }

    fn list(&mut self, items: &dyn Items) {
        let mut writer = JsonWriter::in_whole_seconds();
        writer.list(items);
        self.0 = Some(writer.into_bytes());
    }

    fn map(&mut self, entries: &dyn Entries) {
        let mut writer = JsonWriter::in_whole_seconds();
        writer.map(entries);
        self.0 = Some(writer.into_bytes());
    }

    fn structure(&mut self, members: &dyn Members) {
        let mut writer = JsonWriter::in_whole_seconds();
        writer.structure(members);
        self.0 = Some(writer.into_bytes());
    }
}
