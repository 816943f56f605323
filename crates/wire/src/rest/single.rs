//! Values from texts without a form of their own: labels, parameters of the query, headers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::error::{DecodeError, class};
use crate::reader::Reader;
use crate::schema::Structure;
use crate::timestamp::Timestamp;

type Read<T = ()> = Result<T, DecodeError>;

/// Texts under names: all that a member has, or every entry of a map.
#[derive(Default)]
pub(crate) struct Texts {
    pairs: Vec<(String, String)>,
    /// The body, for a member that is all of it.
    raw: Option<Bytes>,
}

impl Texts {
    /// Texts under their names.
    pub(crate) fn named(pairs: Vec<(String, String)>) -> Self {
        Self { pairs, raw: None }
    }

    /// The texts of one name.
    pub(crate) fn of(texts: impl IntoIterator<Item = String>) -> Self {
        Self::named(
            texts
                .into_iter()
                .map(|text| (String::new(), text))
                .collect(),
        )
    }

    /// Bytes as they are.
    pub(crate) fn raw(bytes: Bytes) -> Self {
        Self {
            raw: Some(bytes),
            ..Self::default()
        }
    }

    /// This, unless there is nothing.
    pub(crate) fn if_any(self) -> Option<Self> {
        (!self.pairs.is_empty()).then_some(self)
    }

    fn first(&self) -> &str {
        self.pairs.first().map_or("", |(_, text)| text)
    }

    fn parse<T: std::str::FromStr>(&self, wanted: &str) -> Read<T> {
        self.first()
            .parse()
            .map_err(|_| DecodeError::unconvertible(class::STRING, wanted))
    }
}

impl Reader for Texts {
    fn null(&mut self) -> Read<bool> {
        Ok(false)
    }

    fn boolean(&mut self) -> Read<bool> {
        match self.first() {
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
        self.parse("Double")
    }

    fn text(&mut self) -> Read<String> {
        Ok(self.first().to_owned())
    }

    /// No operation of API Gateway has such a time yet; seconds are what its bodies have.
    fn timestamp(&mut self) -> Read<Timestamp> {
        self.parse("Date").map(Timestamp::from_seconds)
    }

    fn blob(&mut self) -> Read<Bytes> {
        if let Some(bytes) = self.raw.take() {
            return Ok(bytes);
        }
        let blob = STANDARD.decode(self.first());
        blob.map(Bytes::from)
            .map_err(|_| DecodeError::serialization("Invalid base64"))
    }

    fn list(&mut self, item: &mut dyn FnMut(&mut dyn Reader) -> Read) -> Read {
        let pairs = std::mem::take(&mut self.pairs);
        pairs
            .into_iter()
            .try_for_each(|(_, text)| item(&mut Self::of([text])))
    }

    fn map(&mut self, entry: &mut dyn FnMut(String, &mut dyn Reader) -> Read) -> Read {
        let pairs = std::mem::take(&mut self.pairs);
        pairs
            .into_iter()
            .try_for_each(|(name, text)| entry(name, &mut Self::of([text])))
    }

    /// No model has a structure here.
    fn structure(
        &mut self,
        schema: &'static Structure,
        _member: &mut dyn FnMut(usize, &mut dyn Reader) -> Read,
    ) -> Read {
        Err(DecodeError::unconvertible(class::STRING, schema.name))
    }

    fn skip(&mut self) -> Read {
        Ok(())
    }
}
