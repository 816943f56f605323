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
    for (index, member) in O::Input::SCHEMA.members.iter().enumerate() {
        if let Some(mut texts) = texts(incoming, O::SCHEMA, member) {
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

/// What path, query and headers say of a member, if they do.
fn texts(incoming: &Incoming<'_>, operation: &schema::Operation, member: &Member) -> Option<Texts> {
    let texts = match (member.location, member.shape) {
        (Location::Body, _) => return None,
        (Location::Label, _) => Texts::of(labels(incoming, member.wire_name)),
        (Location::Query, Kind::Map(..)) => Texts::named(rest_of_query(incoming, operation)),
        (Location::Query, _) => {
            Texts::of(query::values(incoming.query, member.wire_name).map(Into::into))
        }
        (Location::Header, _) => Texts::of(headers(incoming, member.wire_name)),
    };
    texts.if_any()
}

fn labels<'a>(incoming: &'a Incoming<'_>, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let labels = incoming
        .labels
        .iter()
        .filter(move |(known, _)| *known == name);
    labels.map(|(_, value)| value.clone())
}

fn headers<'a>(incoming: &'a Incoming<'_>, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let headers = incoming
        .headers
        .iter()
        .filter(move |(known, _)| known.eq_ignore_ascii_case(name));
    headers.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
}

/// What neither the operation's URI nor another member of it has taken.
fn rest_of_query(incoming: &Incoming<'_>, operation: &schema::Operation) -> Vec<(String, String)> {
    let literal = operation
        .uri
        .split_once('?')
        .map_or("", |(_, literal)| literal);
    let is_taken = |name: &str| {
        let mut members = operation.input.members.iter();
        query::values(literal, name).next().is_some()
            || members.any(|member| member.location == Location::Query && member.wire_name == name)
    };
    let rest = query::parameters(incoming.query).filter(|(name, _)| !is_taken(name));
    rest.map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}
