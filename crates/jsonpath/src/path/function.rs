//! Functions at the end of paths: `$.list.length()`, `$.sum($..price)`.
//!
//! <https://github.com/json-path/JsonPath#functions>

use super::Path;
use super::literal::Literal;
use super::read::{Halt, Reader};
use crate::{List, ListKind, Number, Value};

/// A function with its arguments.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) function: Function,
    pub(super) parameters: Vec<Parameter>,
}

#[derive(Debug)]
pub(super) enum Parameter {
    Literal(Literal),
    Path(Path),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Length,
    Min,
    Max,
    Avg,
    Sum,
    StdDev,
    Keys,
    Concat,
    Append,
    First,
    Last,
    Index,
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            // Both words are known to Jayway's library.
            "length" | "size" => Self::Length,
            "min" => Self::Min,
            "max" => Self::Max,
            "avg" => Self::Avg,
            "sum" => Self::Sum,
            "stddev" => Self::StdDev,
            "keys" => Self::Keys,
            "concat" => Self::Concat,
            "append" => Self::Append,
            "first" => Self::First,
            "last" => Self::Last,
            "index" => Self::Index,
            _ => return None,
        })
    }
}

impl Call {
    /// The value of the function on `input`; missing where Jayway's library throws.
    pub(super) fn value(&self, input: &Value, reader: &mut Reader<'_>) -> Result<Value, Halt> {
        let arguments = self.arguments(reader)?;
        match self.function {
            Function::Length => self.length(input, reader),
            Function::Min | Function::Max | Function::Avg | Function::Sum | Function::StdDev => {
                let numbers = numbers(input, &arguments, reader)?;
                aggregate(self.function, &numbers)
                    .map(|double| Value::Number(Number::Double(double)))
                    .ok_or(Halt::Refused)
            }
            Function::Keys => keys(input, reader),
            Function::Concat => concat(input, &arguments, reader),
            Function::Append => append(input, arguments, reader),
            Function::First => pick(input, 0),
            Function::Last => pick(input, -1),
            Function::Index => {
                let index = arguments.iter().find_map(number).ok_or(Halt::Refused)?;
                pick(input, index.as_f64() as i64)
            }
        }
    }

    fn length(&self, input: &Value, reader: &mut Reader<'_>) -> Result<Value, Halt> {
        match self.parameters.first() {
            // The library takes every argument for a path.
            Some(Parameter::Literal(_)) => return Err(Halt::Refused),
            Some(Parameter::Path(path)) => {
                if let Some(length) = length_of(path, input, reader)? {
                    return Ok(count(length));
                }
            }
            None => {}
        }
        Ok(match input {
            Value::List(list) => count(list.borrow().len()),
            Value::Map(map) => count(map.borrow().len()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => Value::Null,
        })
    }

    /// Each argument's value; paths are read from the document, whether the function looks at them or not.
    fn arguments(&self, reader: &mut Reader<'_>) -> Result<Vec<Value>, Halt> {
        let mut values = Vec::with_capacity(self.parameters.len());
        for parameter in &self.parameters {
            values.push(match parameter {
                Parameter::Literal(literal) => literal.to_value(),
                Parameter::Path(path) => reader.of_document(path)?.ok_or(Halt::Missing)?,
            });
        }
        Ok(values)
    }
}

/// The numbers in a list and in the arguments. All else is passed over.
fn numbers(input: &Value, arguments: &[Value], reader: &mut Reader<'_>) -> Result<Vec<f64>, Halt> {
    let mut numbers = Vec::new();
    if let Value::List(_) = input {
        add_numbers(input, &mut numbers, reader)?;
    }
    for argument in arguments {
        add_numbers(argument, &mut numbers, reader)?;
    }
    Ok(numbers)
}

/// The strings of a list, one behind the other, and then the arguments as Java prints them.
fn concat(input: &Value, arguments: &[Value], reader: &mut Reader<'_>) -> Result<Value, Halt> {
    let mut out = String::new();
    if let Value::List(list) = input {
        for text in list.borrow().iter().filter_map(Value::as_str) {
            reader.spend(1 + text.len() as u64 / 64)?;
            out.push_str(text);
        }
    }
    for argument in arguments {
        match argument {
            Value::List(list) => {
                for item in list.borrow().iter() {
                    print(item, &mut out, reader)?;
                }
            }
            single => print(single, &mut out, reader)?,
        }
    }
    Ok(Value::from(out))
}

/// The list with the arguments behind it. Jayway's library changes the document; here it stays as it is.
fn append(input: &Value, arguments: Vec<Value>, reader: &mut Reader<'_>) -> Result<Value, Halt> {
    let Value::List(list) = input else {
        return Ok(input.clone());
    };
    reader.spend(list.borrow().len() as u64)?;
    let mut items = list.borrow().clone();
    items.extend(arguments);
    Ok(Value::List(List::new(ListKind::Json, items)))
}

/// What Jayway's library counts for a path as argument: the children of all that an indefinite one finds; of what a definite one leads
/// to only the last child, if that is a list; a list where the path is `$` or ends in a function. Nothing where the input counts.
fn length_of(path: &Path, input: &Value, reader: &mut Reader<'_>) -> Result<Option<usize>, Halt> {
    let found = reader.path(path, input)?;
    if path.steps.is_empty() || path.is_function() {
        return Ok(found.as_ref().and_then(length_of_list));
    }
    match found {
        Some(Value::List(list)) if !path.definite => {
            reader.spend(list.borrow().len() as u64)?;
            Ok(Some(list.borrow().iter().map(children).sum()))
        }
        Some(value) => match last_child(&value) {
            Some(last) => Ok(length_of_list(&last)),
            None => Err(Halt::Missing),
        },
        None => Err(Halt::Missing),
    }
}

fn length_of_list(value: &Value) -> Option<usize> {
    match value {
        Value::List(list) => Some(list.borrow().len()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) => None,
    }
}

fn last_child(value: &Value) -> Option<Value> {
    match value {
        Value::List(list) => list.borrow().last().cloned(),
        Value::Map(map) => map.borrow().values().last().cloned(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => None,
    }
}

fn children(value: &Value) -> usize {
    match value {
        Value::List(list) => list.borrow().len(),
        Value::Map(map) => map.borrow().len(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => 0,
    }
}

fn count(length: usize) -> Value {
    Value::from(i64::try_from(length).unwrap_or(i64::MAX))
}

fn number(value: &Value) -> Option<&Number> {
    match value {
        Value::Number(number) => Some(number),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => None,
    }
}

fn add_numbers(value: &Value, numbers: &mut Vec<f64>, reader: &mut Reader<'_>) -> Result<(), Halt> {
    match value {
        Value::List(list) => {
            reader.spend(list.borrow().len() as u64)?;
            numbers.extend(list.borrow().iter().filter_map(number).map(Number::as_f64));
        }
        single => numbers.extend(number(single).map(Number::as_f64)),
    }
    Ok(())
}

fn aggregate(function: Function, numbers: &[f64]) -> Option<f64> {
    if numbers.is_empty() {
        return None;
    }
    let count = numbers.len() as f64;
    let sum: f64 = numbers.iter().sum();
    Some(match function {
        Function::Min => numbers.iter().copied().fold(f64::MAX, f64::min),
        // Java's Double.MIN_VALUE, where Jayway's library starts, is the smallest number above zero.
        Function::Max => numbers.iter().copied().fold(f64::from_bits(1), f64::max),
        Function::Sum => sum,
        Function::Avg => sum / count,
        Function::StdDev => {
            let squares: f64 = numbers.iter().map(|number| number * number).sum();
            (squares / count - sum * sum / count / count).sqrt()
        }
        Function::Length
        | Function::Keys
        | Function::Concat
        | Function::Append
        | Function::First
        | Function::Last
        | Function::Index => return None,
    })
}

fn keys(input: &Value, reader: &mut Reader<'_>) -> Result<Value, Halt> {
    let Value::Map(map) = input else {
        return Ok(Value::Null);
    };
    reader.spend(map.borrow().len() as u64)?;
    // Java gives a set, which prints as a list of its own does.
    Ok(Value::List(
        map.borrow().keys().cloned().map(Value::Text).collect(),
    ))
}

/// Jayway's library counts a place from the end, but does not reach the first item that way.
fn pick(input: &Value, index: i64) -> Result<Value, Halt> {
    let Value::List(list) = input else {
        return Err(Halt::Refused);
    };
    let items = list.borrow();
    if index >= 0 {
        let item = usize::try_from(index)
            .ok()
            .and_then(|place| items.get(place));
        return item.cloned().ok_or(Halt::Outside);
    }
    let place = items.len() as i64 + index;
    let place = usize::try_from(place).ok().filter(|place| *place > 0);
    place
        .and_then(|place| items.get(place).cloned())
        .ok_or(Halt::Refused)
}

/// Nulls are passed over.
fn print(value: &Value, out: &mut String, reader: &mut Reader<'_>) -> Result<(), Halt> {
    if value.is_null() {
        return Ok(());
    }
    let before = out.len();
    value
        .write_java(out, TEXT_BYTES_MAX)
        .map_err(|_| Halt::Steps)?;
    reader.spend(1 + (out.len() - before) as u64 / 64)
}

/// No text that a path makes is longer: the largest body has 10 MB.
const TEXT_BYTES_MAX: usize = 32 << 20;
