//! Lets go of nested lists and maps one after another: a template can nest them deeper than the stack would bear.

use super::{Members, Value};

/// Empties the items of a list that is going away.
pub(super) fn items(items: &mut Vec<Value>) {
    if items.iter().any(nests) {
        dismantle(std::mem::take(items));
    }
}

/// Empties the members of a map that is going away.
pub(super) fn members(members: &mut Members) {
    if members.values().any(nests) {
        let mut waiting = Vec::new();
        take(members, &mut waiting);
        dismantle(waiting);
    }
}

fn nests(value: &Value) -> bool {
    match value {
        Value::List(_) | Value::Map(_) => true,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => false,
    }
}

fn take(members: &mut Members, waiting: &mut Vec<Value>) {
    waiting.extend(
        members
            .values_mut()
            .filter(|value| nests(value))
            .map(std::mem::take),
    );
}

/// Each container that nobody else holds gives its own containers to the queue before it goes, so that no drop nests in another.
fn dismantle(mut waiting: Vec<Value>) {
    while let Some(value) = waiting.pop() {
        match value {
            Value::List(list) => {
                waiting.extend(list.into_items().into_iter().flatten().filter(nests))
            }
            Value::Map(map) => {
                if let Some(mut members) = map.into_members() {
                    take(&mut members, &mut waiting);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
        }
    }
}
