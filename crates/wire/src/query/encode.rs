//! The answer of an operation as XML, and a refusal.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::xml::Xml;
use crate::rest::Encoded;
use crate::shape::{Operation, Shape};
use crate::timestamp::Timestamp;
use crate::value::Value;
use crate::writer::{Entries, Items, Members, Writer};

/// A refusal as a service of this protocol tells it.
#[derive(Clone, Copy, Debug)]
pub struct Fault<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The code that clients go by.
    pub code: &'a str,
    /// The text.
    pub message: &'a str,
}

/// The answer that carries `output`: in an element named after the operation, beside the request's id.
pub fn encode<O: Operation>(output: &O::Output, namespace: &str, request_id: &str) -> Encoded {
    let name = O::SCHEMA.name;
    let body = Xml::document(&format!("{name}Response"), namespace, |xml| {
        if O::SCHEMA.output.is_some() {
            xml.element(&format!("{name}Result"), |xml| members(xml, output));
        }
        xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
    });
    encoded(O::SCHEMA.status, body)
}

/// A refusal.
pub fn encode_fault(fault: &Fault<'_>, namespace: &str, request_id: &str) -> Encoded {
    let of = if fault.status < 500 {
        "Sender"
    } else {
        "Receiver"
    };
    let body = Xml::document("ErrorResponse", namespace, |xml| {
        xml.element("Error", |xml| {
            xml.text("Type", of);
            xml.text("Code", fault.code);
            xml.text("Message", fault.message);
        });
        xml.text("RequestId", request_id);
    });
    encoded(fault.status, body)
}

fn encoded(status: u16, body: Vec<u8>) -> Encoded {
    Encoded {
        status,
        headers: vec![("Content-Type".to_owned(), "text/xml".to_owned())],
        body,
    }
}

fn members<T: Shape>(xml: &mut Xml, shape: &T) {
    ElementWriter { xml, name: "" }.members(shape);
}

/// Writes a value as the element `name`; what is absent is no element.
struct ElementWriter<'a> {
    xml: &'a mut Xml,
    name: &'a str,
}

impl ElementWriter<'_> {
    fn members(&mut self, of: &dyn Members) {
        of.each(&mut |member, value| within(self.xml, member.wire_name, value));
    }
}

fn within(xml: &mut Xml, name: &str, value: &dyn Value) {
    value.write(&mut ElementWriter { xml, name });
}

impl Writer for ElementWriter<'_> {
    fn null(&mut self) {}

    fn boolean(&mut self, value: bool) {
        self.xml.plain(self.name, value);
    }

    fn integer(&mut self, value: i64) {
        self.xml.plain(self.name, value);
    }

    fn double(&mut self, value: f64) {
        self.xml.plain(self.name, value);
    }

    fn text(&mut self, value: &str) {
        self.xml.text(self.name, value);
    }

    /// Whole seconds, as both services answer.
    fn timestamp(&mut self, value: Timestamp) {
        let time = OffsetDateTime::from_unix_timestamp(value.ms().div_euclid(1000));
        let text = time.ok().and_then(|time| time.format(&Rfc3339).ok());
        self.xml.plain(self.name, text.unwrap_or_default());
    }

    fn blob(&mut self, value: &[u8]) {
        self.xml.plain(self.name, STANDARD.encode(value));
    }

    fn list(&mut self, items: &dyn Items) {
        self.xml.element(self.name, |xml| {
            items.each(&mut |item| within(xml, "member", item));
        });
    }

    fn map(&mut self, entries: &dyn Entries) {
        self.xml.element(self.name, |xml| {
            entries.each(&mut |name, value| {
                xml.element("entry", |xml| {
                    xml.text("key", name);
                    within(xml, "value", value);
                });
            });
        });
    }

    fn structure(&mut self, members: &dyn Members) {
        self.xml.element(self.name, |xml| {
            ElementWriter { xml, name: "" }.members(members);
        });
    }
}
