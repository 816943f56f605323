//! The header block that goes to a backend.

use std::borrow::Cow;

use tollgate_http::{Headers, InvalidHeader};

use crate::digits::{Short, push_ip};
use crate::exchange::visible_headers;
use crate::headers::{OfConnection, dropped_towards_proxy, ignored_in_mapping};
use crate::map::trace_id;
use crate::record::Record;

/// Mapped and overridden headers, by name in any case; the later wins.
#[derive(Debug, Default)]
pub(crate) struct Mapped<'p> {
    entries: Vec<(Cow<'p, str>, String)>,
}

impl<'p> Mapped<'p> {
    pub(crate) fn set(&mut self, name: Cow<'p, str>, value: String) {
        let mut entries = self.entries.iter_mut();
        match entries.find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            Some(entry) => entry.1 = value,
            None => self.entries.push((name, value)),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .entries
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| &**value)
    }
}

/// For a method behind mappings: only what was mapped, and AWS's defaults.
pub(crate) fn of_mapped(
    record: &Record,
    mapped: &Mapped<'_>,
    authority: &str,
    content_type: Option<&str>,
) -> Headers {
    let mut headers = Headers::with_capacity(768);
    put(
        &mut headers,
        "Host",
        mapped.get("Host").unwrap_or(authority),
    );
    put_mapped(&mut headers, mapped);
    if mapped.get("Accept").is_none() {
        put(&mut headers, "Accept", "application/json");
    }
    if mapped.get("User-Agent").is_none() {
        put(&mut headers, "User-Agent", &user_agent(record));
    }
    if let (None, Some(content_type)) = (mapped.get("Content-Type"), content_type) {
        put(&mut headers, "Content-Type", content_type);
    }
    put_ours(&mut headers, record);
    headers
}

/// For a proxy integration: what the client sent, less what AWS holds back.
pub(crate) fn of_client(record: &Record, mapped: &Mapped<'_>, authority: &str) -> Headers {
    let client = record.headers();
    let mut headers = Headers::with_capacity(client.wire_bytes() + 512);
    put(
        &mut headers,
        "Host",
        mapped.get("Host").unwrap_or(authority),
    );
    let ends_here = OfConnection::of(client);
    for (name, value) in visible_headers(record) {
        let goes_on = passes(name, value) && !ends_here.has(name);
        if goes_on && mapped.get(name).is_none() {
            // It came in a head that was valid.
            let _ = headers.push(name, value);
        }
    }
    put_mapped(&mut headers, mapped);
    if client.get("User-Agent").is_none() && mapped.get("User-Agent").is_none() {
        put(&mut headers, "User-Agent", &user_agent(record));
    }
    put_ours(&mut headers, record);
    headers
}

/// What the execution log shows as the headers of a method's request: those of the client, and those that tell where it came from.
pub(crate) fn of_method(record: &Record) -> Headers {
    let mut headers = Headers::with_capacity(record.headers().wire_bytes() + 256);
    let is_told_anew = |name: &str| {
        let told = [trace_id::NAME, "X-Forwarded-For", "X-Forwarded-Port"];
        let mut told = told.into_iter().chain(["X-Forwarded-Proto"]);
        told.any(|told| name.eq_ignore_ascii_case(told))
    };
    for (name, value) in record.headers().iter() {
        if !is_told_anew(name) {
            // It came in a head that was valid.
            let _ = headers.push(name, value);
        }
    }
    let root = format!("Root={}", trace_id::root(record));
    let given = record.headers().get(trace_id::NAME);
    let _ = headers.push(trace_id::NAME, given.unwrap_or(root.as_bytes()));
    put_forwarded(&mut headers, record);
    headers
}

/// A signature made for this gateway is worth nothing to a backend, and AWS keeps it to itself.
fn passes(name: &str, value: &[u8]) -> bool {
    let signature =
        name.eq_ignore_ascii_case("Authorization") && value.starts_with(b"AWS4-HMAC-SHA256");
    !signature && !dropped_towards_proxy(name)
}

fn put_mapped(headers: &mut Headers, mapped: &Mapped<'_>) {
    for (name, value) in &mapped.entries {
        if !name.eq_ignore_ascii_case("Host") && !ignored_in_mapping(name) {
            put(headers, name, value);
        }
    }
}

fn put_ours(headers: &mut Headers, record: &Record) {
    // Made of what came in valid headers, and of digits.
    let _ = headers.push(trace_id::NAME, &trace_id::header(record));
    put_forwarded(headers, record);
    if let Some(stage) = record.stage() {
        put(headers, "X-Amzn-Apigateway-Api-Id", &stage.api.id);
    }
}

fn put_forwarded(headers: &mut Headers, record: &Record) {
    let (port, scheme) = (
        record.local.port(),
        if record.secure { "https" } else { "http" },
    );
    let mut digits = itoa::Buffer::new();
    let _ = headers.push("X-Forwarded-For", &forwarded_for(record));
    put(headers, "X-Forwarded-Port", digits.format(port));
    put(headers, "X-Forwarded-Proto", scheme);
}

/// The addresses that earlier proxies named, then the client's.
fn forwarded_for(record: &Record) -> Short {
    let mut text = Short::new();
    for earlier in record.headers().get_all("X-Forwarded-For") {
        text.extend_from_slice(earlier);
        text.extend_from_slice(b", ");
    }
    push_ip(&mut text, record.peer.ip());
    text
}

fn user_agent(record: &Record) -> String {
    let api = record.stage().map_or("", |stage| &*stage.api.id);
    format!("AmazonAPIGateway_{api}")
}

/// Appends a header. Control characters of a value, which come out of bodies and templates, become spaces: they would end the
/// header. A name that is none is left out.
pub(crate) fn put(headers: &mut Headers, name: &str, value: &str) {
    if headers.push(name, value.as_bytes()) == Err(InvalidHeader::Value) {
        let clean: String = value
            .chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .collect();
        // Only the name could be wrong now.
        let _ = headers.push(name, clean.trim().as_bytes());
    }
}
