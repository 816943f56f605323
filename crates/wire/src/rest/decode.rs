//! The input of an operation from a request.

use bytes::Bytes;

use super::query;
use super::route::Labels;
use super::single::Texts;
use crate::constraints;
use crate::error::DecodeError;
use crate::json::{JsonReader, Limits};
use crate::reader::Reader;
use crate::schema::{self, Location, Member, Shape as Kind};
use crate::shape::{Operation, Shape};

/// A request whose operation is known.
#[derive(Clone, Debug)]
pub struct Incoming<'a> {
    /// The labels of its path.
    pub labels: Labels,
    /// Its query, undecoded.
    pub query: &'a str,
    /// Its headers.
    pub headers: &'a [(String, Vec<u8>)],
    /// Its body.
    pub body: &'a Bytes,
}

/// The input of `O`. AWS's order of checks, recorded: types first, then all constraints together.
///
/// # Errors
/// When a value is of the wrong type, the body is no JSON, or members violate the model.
pub fn decode<O: Operation>(incoming: &Incoming<'_>) -> Result<O::Input, DecodeError> {
    let mut input = O::Input::default();
    read_body(&mut input, incoming.body)?;
    let query = query::parameters(incoming.query)?;
    for (index, member) in O::Input::SCHEMA.members.iter().enumerate() {
        let texts = match (member.location, member.shape) {
            (Location::Body, _) => continue,
            (Location::Label, _) => Texts::of(label_of(incoming, member)?),
            (Location::Query, Kind::Map(..)) => Texts::named(rest_of_query(&query, O::SCHEMA)),
            (Location::Query, _) => Texts::of(values(&query, member)),
            (Location::Header, _) => Texts::of(headers(incoming, member)),
        };
        if let Some(mut texts) = texts.if_any() {
            input.read_member(index, &mut texts)?;
        }
    }
    constraints::check(O::SCHEMA, &input)?;
    Ok(input)
}

fn read_body<T: Shape>(input: &mut T, body: &Bytes) -> Result<(), DecodeError> {
    if let Some(payload) = T::SCHEMA.payload {
        return read_payload(input, payload, body);
    }
    let has_members = T::SCHEMA
        .members
        .iter()
        .any(|member| member.location == Location::Body);
    if !has_members || body.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let mut reader = JsonReader::new(body, Limits::RECEIVED);
    if !reader.null()? {
        reader.structure(
            T::SCHEMA,
            &mut |index, from| match T::SCHEMA.members[index].location {
                Location::Body => input.read_member(index, from),
                // What belongs elsewhere is no member of the body, whatever its name.
                Location::Label | Location::Query | Location::Header => from.skip(),
            },
        )?;
    }
    reader.finish()
}

/// The whole body as one member: its bytes as they are. An empty one is absent.
fn read_payload<T: Shape>(input: &mut T, payload: usize, body: &Bytes) -> Result<(), DecodeError> {
    match (body.is_empty(), T::SCHEMA.members[payload].shape) {
        (true, _) => Ok(()),
        (false, Kind::Blob(_)) => input.read_member(payload, &mut Texts::raw(body.clone())),
        (false, _) => {
            let mut reader = JsonReader::new(body, Limits::RECEIVED);
            input.read_member(payload, &mut reader)?;
            reader.finish()
        }
    }
}

fn label_of(incoming: &Incoming<'_>, member: &Member) -> Result<Option<String>, DecodeError> {
    let mut labels = incoming.labels.iter();
    let found = labels.find(|(name, _)| *name == member.wire_name);
    found.map(|(_, text)| label(text)).transpose()
}

/// The text of a label: percent-decoded, then JSON Pointer's escapes, by which a slash may stand in a label too.
///
/// # Errors
/// When it is no UTF-8 once it is decoded.
pub fn label(text: &str) -> Result<String, DecodeError> {
    let text = query::decoded(text)?;
    Ok(text.replace("~1", "/").replace("~0", "~"))
}

/// The values of a parameter of a query, decoded.
///
/// # Errors
/// When a parameter is no UTF-8 once it is decoded.
pub fn query_values(query: &str, name: &str) -> Result<Vec<String>, DecodeError> {
    let parameters = query::parameters(query)?.into_iter();
    let named = parameters.filter(|(known, _)| known == name);
    Ok(named.map(|(_, value)| value).collect())
}

fn values(query: &[(String, String)], member: &Member) -> impl Iterator<Item = String> {
    let values = query.iter().filter(|(name, _)| name == member.wire_name);
    values.map(|(_, value)| value.clone())
}

/// A header is text of single bytes, whatever its client meant.
fn headers(incoming: &Incoming<'_>, member: &Member) -> impl Iterator<Item = String> {
    let headers = incoming
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(member.wire_name));
    headers.map(|(_, value)| value.iter().copied().map(char::from).collect())
}

/// What neither the operation's URI nor another member of it has taken.
fn rest_of_query(
    query: &[(String, String)],
    operation: &schema::Operation,
) -> Vec<(String, String)> {
    let literal = operation
        .uri
        .split_once('?')
        .map_or("", |(_, literal)| literal);
    let is_taken = |name: &str, value: &str| {
        let mut members = operation.input.members.iter();
        query::has(literal, name, value)
            || members.any(|member| member.location == Location::Query && member.wire_name == name)
    };
    let rest = query.iter().filter(|(name, value)| !is_taken(name, value));
    rest.cloned().collect()
}
