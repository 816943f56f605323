//! How values leave: a protocol's encoder implements [`Writer`], and so does the check of constraints.

use crate::schema::{Member, Structure};
use crate::shape::Shape;
use crate::timestamp::Timestamp;
use crate::value::{Map, Value};

/// Takes one value, whatever it is. What holds other values is walked by the writer, which thereby decides what of it
/// is written and where.
pub trait Writer {
    /// Nothing: a member that is absent, or an entry whose value is null.
    fn null(&mut self);
    /// A truth.
    fn boolean(&mut self, value: bool);
    /// A whole number.
    fn integer(&mut self, value: i64);
    /// A number.
    fn double(&mut self, value: f64);
    /// A text.
    fn text(&mut self, value: &str);
    /// A time.
    fn timestamp(&mut self, value: Timestamp);
    /// Bytes.
    fn blob(&mut self, value: &[u8]);
    /// A list.
    fn list(&mut self, items: &dyn Items);
    /// A map.
    fn map(&mut self, entries: &dyn Entries);
    /// A structure.
    fn structure(&mut self, members: &dyn Members);
}

/// The items of a list.
pub trait Items {
    /// Hands out each in order.
    fn each(&self, visit: &mut dyn FnMut(&dyn Value));
}

/// The entries of a map.
pub trait Entries {
    /// Hands out each in order.
    fn each(&self, visit: &mut dyn FnMut(&str, &dyn Value));
}

/// The members of a structure.
pub trait Members {
    /// What the model says of the structure.
    fn schema(&self) -> &'static Structure;
    /// Hands out each in the model's order, absent ones too.
    fn each(&self, visit: &mut dyn FnMut(&'static Member, &dyn Value));
}

impl<T: Value> Items for Vec<T> {
    fn each(&self, visit: &mut dyn FnMut(&dyn Value)) {
        for item in self {
            visit(item);
        }
    }
}

impl<T: Value> Entries for Map<T> {
    fn each(&self, visit: &mut dyn FnMut(&str, &dyn Value)) {
        for (name, value) in self {
            visit(name, value);
        }
    }
}

impl<T: Shape> Members for T {
    fn schema(&self) -> &'static Structure {
        T::SCHEMA
    }

    fn each(&self, visit: &mut dyn FnMut(&'static Member, &dyn Value)) {
        self.write_members(&mut |index, value| {
            if let Some(member) = T::SCHEMA.members.get(index) {
                visit(member, value);
            }
        });
    }
}
