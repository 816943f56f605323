//! Values from JSON. What is read is bounded in depth and in values, so that no body makes more of itself than it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::text::{Start, Text};
use crate::error::{DecodeError, class};
use crate::reader::Reader;
use crate::schema::Structure;
use crate::timestamp::Timestamp;

type Read<T = ()> = Result<T, DecodeError>;

/// How much JSON is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How deep values may stand within each other.
    pub depth: usize,
    /// How many values there may be.
    pub values: usize,
}

impl Limits {
    /// For what strangers send: far over what any operation needs, and some megabytes once it is read.
    pub const RECEIVED: Self = Self {
        depth: 64,
        values: 100_000,
    };
    /// For what Tollgate itself has written.
    pub const STORED: Self = Self {
        depth: 64,
        values: usize::MAX,
    };
}

/// Reads values from JSON.
#[derive(Debug)]
pub struct JsonReader<'a> {
    text: Text<'a>,
    left: Limits,
}

impl<'a> JsonReader<'a> {
    /// A reader of all of `json`.
    pub fn new(json: &'a [u8], limits: Limits) -> Self {
        Self {
            text: Text::new(json),
            left: limits,
        }
    }

    /// Nothing may follow what was read.
    ///
    /// # Errors
    /// When something does.
    pub fn finish(&mut self) -> Read {
        self.text.finish()
    }

    /// The next value as one that begins like `wanted`.
    fn expect(&mut self, wanted: Start, name: &str) -> Read {
        match self.text.start()? {
            found if found == wanted => Ok(()),
            found => Err(mismatch(found, wanted, name)),
        }
    }

    fn deeper(&mut self, read: &mut dyn FnMut(&mut Self) -> Read) -> Read {
        let left = self.left.depth.checked_sub(1);
        self.left.depth =
            left.ok_or_else(|| DecodeError::serialization("The JSON is nested too deeply"))?;
        read(self)?;
        self.left.depth += 1;
        Ok(())
    }

    fn count(&mut self) -> Read {
        let left = self.left.values.checked_sub(1);
        self.left.values =
            left.ok_or_else(|| DecodeError::serialization("The JSON has too many values"))?;
        Ok(())
    }

    /// What stands between brackets, with commas between.
    fn sequence(
        &mut self,
        open: u8,
        close: u8,
        element: &mut dyn FnMut(&mut Self) -> Read,
    ) -> Read {
        self.text.take(open)?;
        if self.text.takes(close) {
            return Ok(());
        }
        self.deeper(&mut |reader| {
            loop {
                reader.count()?;
                element(reader)?;
                if !reader.text.takes(b',') {
                    return reader.text.take(close);
                }
            }
        })
    }

    fn entries(&mut self, entry: &mut dyn FnMut(String, &mut Self) -> Read) -> Read {
        self.sequence(b'{', b'}', &mut |reader| {
            let name = reader.text.string()?;
            reader.text.take(b':')?;
            entry(name, reader)
        })
    }

    fn number(&mut self, name: &str) -> Read<&'a str> {
        self.expect(Start::Number, name)?;
        self.text.number()
    }

    fn double_as(&mut self, name: &str) -> Read<f64> {
        let number = self
            .number(name)?
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| DecodeError::unconvertible(class::NUMBER, name))
    }

    fn string(&mut self, name: &str) -> Read<String> {
        self.expect(Start::String, name)?;
        self.text.string()
    }

    fn whole(&mut self, name: &str, range: std::ops::RangeInclusive<i64>) -> Read<i64> {
        let number = truncated(self.number(name)?).filter(|number| range.contains(number));
        number.ok_or_else(|| DecodeError::unconvertible(class::NUMBER, name))
    }
}

/// The number without its fraction, which AWS's class for it is named after. Guess that it is so read.
fn truncated(number: &str) -> Option<i64> {
    if let Ok(whole) = number.parse() {
        return Some(whole);
    }
    let number: f64 = number.parse().ok()?;
    (number.abs() < 9.0e15).then_some(number as i64)
}

/// Recorded for truths and numbers in the place of text; the rest are guesses after texts of AWS's other services.
fn mismatch(found: Start, wanted: Start, name: &str) -> DecodeError {
    let is_nested = matches!(wanted, Start::List | Start::Object);
    let class = match found {
        Start::Object => {
            return DecodeError::serialization(
                "Start of structure or map found where not expected.",
            );
        }
        Start::List => return DecodeError::serialization("Start of list found where not expected"),
        Start::Null => {
            return DecodeError::serialization(format!("null can not be converted to an {name}"));
        }
        Start::Boolean => class::BOOLEAN,
        Start::Number => class::NUMBER,
        Start::String => class::STRING,
    };
    match is_nested {
        true => DecodeError::serialization(format!("Unrecognized collection type class {class}")),
        false => DecodeError::unconvertible(class, name),
    }
}

impl Reader for JsonReader<'_> {
    fn null(&mut self) -> Read<bool> {
        match self.text.start()? {
            Start::Null => self.text.word("null").map(|()| true),
            _ => Ok(false),
        }
    }

    fn boolean(&mut self) -> Read<bool> {
        self.expect(Start::Boolean, "Boolean")?;
        self.text.boolean()
    }

    fn integer(&mut self) -> Read<i32> {
        let whole = self.whole("Integer", i64::from(i32::MIN)..=i64::from(i32::MAX))?;
        Ok(whole as i32)
    }

    fn long(&mut self) -> Read<i64> {
        self.whole("Long", i64::MIN..=i64::MAX)
    }

    fn double(&mut self) -> Read<f64> {
        self.double_as("Double")
    }

    fn text(&mut self) -> Read<String> {
        self.string("String")
    }

    fn timestamp(&mut self) -> Read<Timestamp> {
        self.double_as("Date").map(Timestamp::from_seconds)
    }

    fn blob(&mut self) -> Read<Bytes> {
        let text = self.string("Blob")?;
        let blob = STANDARD
            .decode(text)
            .map_err(|_| DecodeError::serialization("Invalid base64"))?;
        Ok(blob.into())
    }

    fn list(&mut self, item: &mut dyn FnMut(&mut dyn Reader) -> Read) -> Read {
        self.expect(Start::List, "List")?;
        self.sequence(b'[', b']', &mut |reader| item(reader))
    }

    fn map(&mut self, entry: &mut dyn FnMut(String, &mut dyn Reader) -> Read) -> Read {
        self.expect(Start::Object, "Map")?;
        self.entries(&mut |name, reader| entry(name, reader))
    }

    fn structure(
        &mut self,
        schema: &'static Structure,
        member: &mut dyn FnMut(usize, &mut dyn Reader) -> Read,
    ) -> Read {
        self.expect(Start::Object, schema.name)?;
        self.entries(&mut |name, reader| match schema.index_of(&name) {
            Some(index) => member(index, reader),
            None => reader.skip(),
        })
    }

    fn skip(&mut self) -> Read {
        match self.text.start()? {
            Start::Null => self.text.word("null"),
            Start::Boolean => self.text.boolean().map(drop),
            Start::Number => self.text.number().map(drop),
            Start::String => self.text.skip_string(),
            Start::List => self.sequence(b'[', b']', &mut Self::skip),
            Start::Object => self.sequence(b'{', b'}', &mut |reader| {
                reader.text.skip_string()?;
                reader.text.take(b':')?;
                reader.skip()
            }),
        }
    }
}
