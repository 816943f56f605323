//! Shapes as JSON, the way of restJson1: members by their names on the wire, times as seconds since 1970, bytes in
//! base64. Also the form in which shapes are stored.

mod read;
mod text;
mod write;

pub use read::{JsonReader, Limits};
pub use write::JsonWriter;

use crate::error::DecodeError;
use crate::shape::Shape;
use crate::value::Value;

/// A shape as JSON, absent members left out.
pub fn to_vec<T: Shape>(shape: &T) -> Vec<u8> {
    let mut out = JsonWriter::default();
    Value::write(shape, &mut out);
    out.into_bytes()
}

/// A shape from JSON, all of it. Members that the shape does not know are passed over.
///
/// # Errors
/// When it is no JSON, or a value is of the wrong type.
pub fn from_slice<T: Shape>(json: &[u8]) -> Result<T, DecodeError> {
    let mut shape = T::default();
    let mut reader = JsonReader::new(json, Limits::STORED);
    Value::read(&mut shape, &mut reader)?;
    reader.finish()?;
    Ok(shape)
}
