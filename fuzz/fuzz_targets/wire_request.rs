//! A request of any operation, as JSON or as a form, is decoded or refused; what was decoded survives being written and read
//! again.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use tollgate_wire::query::{self, Form};
use tollgate_wire::rest::{self, Incoming, Matched};
use tollgate_wire::{Operation, OperationVisitor, apigateway, iam, json, sts};

struct Decode<'a> {
    matched: Matched,
    query: &'a str,
    body: &'a Bytes,
}

impl OperationVisitor for Decode<'_> {
    fn visit<O: Operation>(&mut self) {
        if O::SCHEMA.name != self.matched.operation.name {
            return;
        }
        let incoming = Incoming {
            labels: self.matched.labels.clone(),
            query: self.query,
            headers: &[],
            body: self.body,
        };
        if let Ok(input) = rest::decode::<O>(&incoming) {
            let written = json::to_vec(&input);
            assert_eq!(json::from_slice::<O::Input>(&written), Ok(input));
        }
    }
}

/// The form of an action of a service with XML.
struct Action<'a>(&'a Form);

impl OperationVisitor for Action<'_> {
    fn visit<O: Operation>(&mut self) {
        if self.0.text("Action") != Some(O::SCHEMA.name) {
            return;
        }
        if let Ok(input) = query::decode::<O>(self.0) {
            let written = json::to_vec(&input);
            assert_eq!(json::from_slice::<O::Input>(&written), Ok(input));
        }
    }
}

// Lines: the method, the target; the rest is the body.
fuzz_target!(|input: &[u8]| {
    let mut lines = input.splitn(3, |byte| *byte == b'\n');
    let mut next = || lines.next().unwrap_or_default();
    let (method, target, body) = (next(), next(), Bytes::copy_from_slice(next()));
    let (method, target) = (String::from_utf8_lossy(method), String::from_utf8_lossy(target));
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    if let Ok(form) = Form::read(&body) {
        iam::visit_operations(&mut Action(&form));
        sts::visit_operations(&mut Action(&form));
    }
    if let Ok(matched) = apigateway::route(&method, path, query) {
        let body = &body;
        apigateway::visit_operations(&mut Decode { matched, query, body });
    }
});
