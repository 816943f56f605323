//! The input of an operation from a form.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::form::{Form, Node};
use crate::constraints;
use crate::error::{DecodeError, class};
use crate::reader::Reader;
use crate::schema::Structure;
use crate::shape::Operation;
use crate::timestamp::Timestamp;
use crate::value::Value;

type Read<T = ()> = Result<T, DecodeError>;

/// The input of `O`. Parameters that the operation does not have are passed over.
///
/// # Errors
/// When a value is of the wrong type, or members violate the model.
pub fn decode<O: Operation>(form: &Form) -> Result<O::Input, DecodeError> {
    let mut input = O::Input::default();
    input.read(&mut NodeReader(form.root()))?;
    constraints::check_query(&input)?;
    Ok(input)
}

/// Reads a value from what stands under its name.
struct NodeReader<'a>(&'a Node);

impl<'a> NodeReader<'a> {
    fn text_of(&self) -> &'a str {
        self.0.text.as_deref().unwrap_or_default()
    }

    /// Guess: the texts are those of JSON's refusals.
    fn parse<T: std::str::FromStr>(&self, wanted: &str) -> Read<T> {
        let parsed = self.text_of().parse();
        parsed.map_err(|_| DecodeError::unconvertible(class::STRING, wanted))
    }

    /// What stands under `member.1`, `entry.2` and so on, in the order of the numbers.
    fn numbered(&self, name: &str) -> Read<Vec<&'a Node>> {
        let Some(items) = self.0.below.get(name) else {
            return Ok(Vec::new());
        };
        let mut numbered = Vec::with_capacity(items.below.len());
        for (number, node) in &items.below {
            let number: u32 = number.parse().map_err(|_| {
                DecodeError::serialization(format!("{number} is no place in a list"))
            })?;
            numbered.push((number, node));
        }
        numbered.sort_by_key(|(number, _)| *number);
        Ok(numbered.into_iter().map(|(_, node)| node).collect())
    }
}

impl Reader for NodeReader<'_> {
    fn null(&mut self) -> Read<bool> {
        Ok(false)
    }

    fn boolean(&mut self) -> Read<bool> {
        match self.text_of() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(DecodeError::unconvertible(class::STRING, "Boolean")),
        }
    }

    fn integer(&mut self) -> Read<i32> {
        self.parse("Integer")
    }

    fn long(&mut self) -> Read<i64> {
        self.parse("Long")
    }

    fn double(&mut self) -> Read<f64> {
        let number: f64 = self.parse("Double")?;
        match number.is_finite() {
            true => Ok(number),
            false => Err(DecodeError::unconvertible(class::STRING, "Double")),
        }
    }

    fn text(&mut self) -> Read<String> {
        Ok(self.text_of().to_owned())
    }

    fn timestamp(&mut self) -> Read<Timestamp> {
        let time = OffsetDateTime::parse(self.text_of(), &Rfc3339)
            .map_err(|_| DecodeError::unconvertible(class::STRING, "Date"))?;
        Ok(Timestamp::from_seconds(
            time.unix_timestamp_nanos() as f64 / 1e9,
        ))
    }

    fn blob(&mut self) -> Read<Bytes> {
        let blob = STANDARD.decode(self.text_of());
        blob.map(Bytes::from)
            .map_err(|_| DecodeError::serialization("Invalid base64"))
    }

    fn list(&mut self, item: &mut dyn FnMut(&mut dyn Reader) -> Read) -> Read {
        let mut items = self.numbered("member")?.into_iter();
        items.try_for_each(|node| item(&mut NodeReader(node)))
    }

    fn map(&mut self, entry: &mut dyn FnMut(String, &mut dyn Reader) -> Read) -> Read {
        let mut entries = self.numbered("entry")?.into_iter();
        entries.try_for_each(|node| {
            let name = node.below.get("key").and_then(|key| key.text.clone());
            match node.below.get("value") {
                Some(value) => entry(name.unwrap_or_default(), &mut NodeReader(value)),
                None => entry(name.unwrap_or_default(), &mut NodeReader(&Node::default())),
            }
        })
    }

    fn structure(
        &mut self,
        schema: &'static Structure,
        member: &mut dyn FnMut(usize, &mut dyn Reader) -> Read,
    ) -> Read {
        let mut known = self
            .0
            .below
            .iter()
            .filter_map(|(name, node)| Some((schema.index_of(name)?, node)));
        known.try_for_each(|(index, node)| member(index, &mut NodeReader(node)))
    }

    fn skip(&mut self) -> Read {
        Ok(())
    }
}
