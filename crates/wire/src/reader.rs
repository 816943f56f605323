//! How values arrive: a protocol's decoder implements [`Reader`].

use bytes::Bytes;

use crate::error::DecodeError;
use crate::schema::Structure;
use crate::timestamp::Timestamp;

type Read<T = ()> = Result<T, DecodeError>;

/// Gives one value as what it is asked for. Every method takes the value and fails when it is something else.
pub trait Reader {
    /// Takes the value if it is null.
    ///
    /// # Errors
    /// When there is no value at all.
    fn null(&mut self) -> Read<bool>;
    /// A truth.
    ///
    /// # Errors
    /// When it is something else.
    fn boolean(&mut self) -> Read<bool>;
    /// A whole number of at most 32 bits.
    ///
    /// # Errors
    /// When it is something else.
    fn integer(&mut self) -> Read<i32>;
    /// A whole number.
    ///
    /// # Errors
    /// When it is something else.
    fn long(&mut self) -> Read<i64>;
    /// A number.
    ///
    /// # Errors
    /// When it is something else.
    fn double(&mut self) -> Read<f64>;
    /// A text.
    ///
    /// # Errors
    /// When it is something else.
    fn text(&mut self) -> Read<String>;
    /// A time.
    ///
    /// # Errors
    /// When it is something else.
    fn timestamp(&mut self) -> Read<Timestamp>;
    /// Bytes.
    ///
    /// # Errors
    /// When it is something else.
    fn blob(&mut self) -> Read<Bytes>;
    /// A list, item by item.
    ///
    /// # Errors
    /// When it is something else, or an item fails.
    fn list(&mut self, item: &mut dyn FnMut(&mut dyn Reader) -> Read) -> Read;
    /// A map, entry by entry.
    ///
    /// # Errors
    /// When it is something else, or an entry fails.
    fn map(&mut self, entry: &mut dyn FnMut(String, &mut dyn Reader) -> Read) -> Read;
    /// A structure, member by member; what the schema does not know is passed over.
    ///
    /// # Errors
    /// When it is something else, or a member fails.
    fn structure(
        &mut self,
        schema: &'static Structure,
        member: &mut dyn FnMut(usize, &mut dyn Reader) -> Read,
    ) -> Read;
    /// Passes the value over, whatever it is.
    ///
    /// # Errors
    /// When there is no value at all.
    fn skip(&mut self) -> Read;
}
