//! Equality: Velocity's `==`, and Java's `equals` underneath.

use std::cmp::Ordering;

use tollgate_jsonpath::{List, Map, Value as Data};

use super::value::Value;
use super::{Halt, Outcome, Rendering};

/// Values nested deeper than this are no one's data.
const DEPTH_MAX: usize = 200;

impl<'r> Rendering<'r> {
    /// `==`: numbers by value, things of one kind by Java's `equals`, all else by the texts they print.
    pub(super) fn equal(&mut self, left: &Value<'r>, right: &Value<'r>) -> Outcome<bool> {
        match (left, right) {
            (Value::Data(Data::Null), _) | (_, Value::Data(Data::Null)) => {
                Ok(left.is_null() && right.is_null())
            }
            (Value::Data(Data::Number(left)), Value::Data(Data::Number(right))) => Ok(left
                .compare(right)
                .is_none_or(|ordering| ordering == Ordering::Equal)),
            (Value::Data(left), Value::Data(right)) if of_one_kind(left, right) => {
                self.same(left, right)
            }
            _ => {
                let (left, right) = (self.printed(left)?, self.printed(right)?);
                self.budget
                    .look(left.as_ref().map_or(0, |left| left.len()))?;
                Ok(left == right)
            }
        }
    }

    /// Java's `equals`.
    pub(super) fn same(&mut self, left: &Data, right: &Data) -> Outcome<bool> {
        self.same_within(left, right, DEPTH_MAX)
    }

    fn same_within(&mut self, left: &Data, right: &Data, depth: usize) -> Outcome<bool> {
        self.budget.steps(1)?;
        if depth == 0 {
            return Err(Halt::fault(format!(
                "values nested deeper than {DEPTH_MAX} levels cannot be compared"
            )));
        }
        match (left, right) {
            (Data::List(left), Data::List(right)) => self.same_lists(left, right, depth - 1),
            (Data::Map(left), Data::Map(right)) => self.same_maps(left, right, depth - 1),
            (Data::Text(left), Data::Text(right)) => {
                self.budget.look(left.len().min(right.len()))?;
                Ok(left == right)
            }
            _ => Ok(left.same(right) == Some(true)),
        }
    }

    fn same_lists(&mut self, left: &List, right: &List, depth: usize) -> Outcome<bool> {
        let (left_items, right_items) = (left.borrow(), right.borrow());
        if left.is(right) || left_items.len() != right_items.len() {
            return Ok(left.is(right));
        }
        for (left, right) in left_items.iter().zip(right_items.iter()) {
            if !self.same_within(left, right, depth)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn same_maps(&mut self, left: &Map, right: &Map, depth: usize) -> Outcome<bool> {
        let (left_members, right_members) = (left.borrow(), right.borrow());
        if left.is(right) || left_members.len() != right_members.len() {
            return Ok(left.is(right));
        }
        for (key, value) in left_members.iter() {
            match right_members.get(key) {
                Some(other) if self.same_within(value, other, depth)? => {}
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}

fn of_one_kind(left: &Data, right: &Data) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}
