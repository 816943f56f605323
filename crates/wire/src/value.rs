//! The values that members hold.

use bytes::Bytes;
use indexmap::IndexMap;

use crate::error::DecodeError;
use crate::reader::Reader;
use crate::shape::Shape;
use crate::timestamp::Timestamp;
use crate::writer::Writer;

/// A map on the wire. It keeps the order in which its entries came.
pub type Map<V> = IndexMap<String, V>;

/// Something a member, an item or an entry may hold.
pub trait Value {
    /// Hands itself to a writer.
    fn write(&self, to: &mut dyn Writer);

    /// Takes itself from a reader.
    ///
    /// # Errors
    /// When what the reader has is something else.
    fn read(&mut self, from: &mut dyn Reader) -> Result<(), DecodeError>;
}

/// A plain value is written as it is and read by one method of the reader.
macro_rules! plain {
    ($($type:ty: $read:ident, |$value:ident, $to:ident| $write:expr;)*) => {
        $(impl Value for $type {
            fn write(&self, $to: &mut dyn Writer) {
                let $value = self;
                $write;
            }

            fn read(&mut self, from: &mut dyn Reader) -> Result<(), DecodeError> {
                *self = from.$read()?;
                Ok(())
            }
        })*
    };
}

plain! {
    bool: boolean, |value, to| to.boolean(*value);
    i32: integer, |value, to| to.integer(i64::from(*value));
    i64: long, |value, to| to.integer(*value);
    f64: double, |value, to| to.double(*value);
    String: text, |value, to| to.text(value);
    Timestamp: timestamp, |value, to| to.timestamp(*value);
    Bytes: blob, |value, to| to.blob(value);
}

impl<T: Value + Default> Value for Option<T> {
    fn write(&self, to: &mut dyn Writer) {
        match self {
            Some(value) => value.write(to),
            None => to.null(),
        }
    }

    fn read(&mut self, from: &mut dyn Reader) -> Result<(), DecodeError> {
        *self = None;
        match from.null()? {
            true => Ok(()),
            false => self.insert(T::default()).read(from),
        }
    }
}

impl<T: Value + Default> Value for Vec<T> {
    fn write(&self, to: &mut dyn Writer) {
        to.list(self);
    }

    fn read(&mut self, from: &mut dyn Reader) -> Result<(), DecodeError> {
        self.clear();
        from.list(&mut |from| {
            if from.null()? {
                return Err(null_in_list());
            }
            let mut item = T::default();
            item.read(from)?;
            self.push(item);
            Ok(())
        })
    }
}

/// Guess: what AWS does with such a list is not recorded; to drop the null would hide it.
fn null_in_list() -> DecodeError {
    DecodeError::serialization("null can not be an item of a list")
}

impl<T: Value + Default> Value for Map<T> {
    fn write(&self, to: &mut dyn Writer) {
        to.map(self);
    }

    fn read(&mut self, from: &mut dyn Reader) -> Result<(), DecodeError> {
        self.clear();
        from.map(&mut |name, from| {
            let mut value = T::default();
            // Null is kept where the type has it (`Option`), and is the type's own nothing elsewhere. Guess for truths.
            if !from.null()? {
                value.read(from)?;
            }
            self.insert(name, value);
            Ok(())
        })
    }
}

impl<T: Shape> Value for T {
    fn write(&self, to: &mut dyn Writer) {
        to.structure(self);
    }

    fn read(&mut self, from: &mut dyn Reader) -> Result<(), DecodeError> {
        from.structure(T::SCHEMA, &mut |index, from| self.read_member(index, from))
    }
}
