//! The methods of Java's numbers and of `java.lang.Boolean`, static ones included: `#set($Integer = 0)` and then
//! `$Integer.parseInt(…)` is how templates reach them.

use std::cmp::Ordering;

use tollgate_jsonpath::{Number, Text, Value as Data};

use super::super::arithmetic::{to_int, to_long};
use super::super::reference::Arguments;
use super::super::value::Value;
use super::super::{Halt, Outcome, Rendering};

impl<'r> Rendering<'r> {
    pub(super) fn number_method(
        &mut self,
        number: &Number,
        name: &str,
        arguments: &Arguments<'r>,
    ) -> Outcome<Value<'r>> {
        match &arguments[..] {
            [] => Ok(converted(number, name)),
            [first] if first.is_null() && is_parse(name) => {
                Err(Halt::fault(format!("{name} wants a text, not null")))
            }
            [first] => match (first.as_text(), first) {
                (Some(text), _) => self.read_number(number, name, text, 10),
                (None, Value::Data(Data::Number(other))) => self.number_with(number, name, other),
                _ => Ok(Value::NULL),
            },
            [first, second] => match (first, second) {
                (Value::Data(Data::Text(text)), Value::Data(Data::Number(Number::Int(radix)))) => {
                    self.read_number(number, name, text, *radix)
                }
                (Value::Data(Data::Number(first)), Value::Data(Data::Number(second))) => {
                    self.number_with_two(number, name, first, second)
                }
                _ => Ok(Value::NULL),
            },
            _ => Ok(Value::NULL),
        }
    }

    /// Methods with one number. Static ones take it in the kind of their class.
    fn number_with(&mut self, number: &Number, name: &str, other: &Number) -> Outcome<Value<'r>> {
        if name == "compareTo" {
            return Ok(Value::from(Number::Int(sign(number, other))));
        }
        let Some(other) = as_kind_of(number, other) else {
            return Ok(Value::NULL);
        };
        let whole = other.is_whole();
        match name {
            "valueOf" => Ok(Value::from(other)),
            "toString" => self.text(other.to_string()),
            "hashCode" => Ok(Value::from(Number::Int(hash(&other)))),
            "toHexString" if whole => self.radix(&other, 16),
            "toBinaryString" if whole => self.radix(&other, 2),
            "toOctalString" if whole => self.radix(&other, 8),
            "signum" if whole => Ok(Value::from(Number::Int(sign(&other, &Number::Int(0))))),
            "isNaN" if !whole => Ok(Value::from(other.as_f64().is_nan())),
            "isInfinite" if !whole => Ok(Value::from(other.as_f64().is_infinite())),
            _ => Ok(Value::NULL),
        }
    }

    fn number_with_two(
        &mut self,
        number: &Number,
        name: &str,
        first: &Number,
        second: &Number,
    ) -> Outcome<Value<'r>> {
        let (Some(left), Some(right)) = (as_kind_of(number, first), as_kind_of(number, second))
        else {
            return Ok(Value::NULL);
        };
        Ok(match (name, &left, &right) {
            ("max", ..) => Value::from(if sign(&left, &right) < 0 { right } else { left }),
            ("min", ..) => Value::from(if sign(&left, &right) > 0 { right } else { left }),
            ("compare", ..) => Value::from(Number::Int(sign(&left, &right))),
            ("sum", Number::Int(left), Number::Int(right)) => {
                Value::from(Number::Int(left.wrapping_add(*right)))
            }
            ("sum", Number::Long(left), Number::Long(right)) => {
                Value::from(Number::Long(left.wrapping_add(*right)))
            }
            ("sum", ..) => Value::from(Number::Double(left.as_f64() + right.as_f64())),
            _ => Value::NULL,
        })
    }

    /// Java shows negative numbers by their bits.
    fn radix(&mut self, number: &Number, radix: u32) -> Outcome<Value<'r>> {
        let bits = match number {
            Number::Int(int) => u64::from(*int as u32),
            other => to_long(other) as u64,
        };
        self.text(match radix {
            16 => format!("{bits:x}"),
            8 => format!("{bits:o}"),
            _ => format!("{bits:b}"),
        })
    }

    /// `parseInt` and its kin, of the class that the number is of.
    fn read_number(
        &mut self,
        number: &Number,
        name: &str,
        text: &Text,
        radix: i32,
    ) -> Outcome<Value<'r>> {
        self.budget.look(text.len())?;
        match (number, name) {
            (Number::Int(_), "parseInt" | "valueOf") => {
                let digits = unsigned(text);
                found(
                    name,
                    text,
                    i32::from_str_radix(digits, checked(radix)?)
                        .ok()
                        .map(Number::Int),
                )
            }
            (Number::Long(_), "parseLong" | "valueOf") => {
                let digits = unsigned(text);
                found(
                    name,
                    text,
                    i64::from_str_radix(digits, checked(radix)?)
                        .ok()
                        .map(Number::Long),
                )
            }
            (Number::Int(_), "decode") if radix == 10 => found(
                name,
                text,
                decoded(text)
                    .and_then(|long| i32::try_from(long).ok())
                    .map(Number::Int),
            ),
            (Number::Long(_), "decode") if radix == 10 => {
                found(name, text, decoded(text).map(Number::Long))
            }
            (Number::Double(_), "parseDouble" | "valueOf") if radix == 10 => {
                found(name, text, double(text).map(Number::Double))
            }
            _ => Ok(Value::NULL),
        }
    }

    pub(super) fn bool_method(
        &mut self,
        truth: bool,
        name: &str,
        arguments: &Arguments<'r>,
    ) -> Outcome<Value<'r>> {
        match (name, &arguments[..]) {
            ("booleanValue", []) => Ok(Value::from(truth)),
            ("parseBoolean" | "valueOf", [Value::Data(Data::Text(text))]) => {
                Ok(Value::from(text.eq_ignore_ascii_case("true")))
            }
            ("parseBoolean" | "valueOf", [null]) if null.is_null() => Ok(Value::from(false)),
            ("valueOf", [Value::Data(Data::Bool(other))]) => Ok(Value::from(*other)),
            ("toString", [Value::Data(Data::Bool(other))]) => self.text(other.to_string()),
            ("compareTo", [Value::Data(Data::Bool(other))]) => {
                Ok(Value::from(Number::Int(truth as i32 - *other as i32)))
            }
            _ => Ok(Value::NULL),
        }
    }
}

fn converted<'r>(number: &Number, name: &str) -> Value<'r> {
    let double = matches!(number, Number::Double(_));
    match name {
        "intValue" => Value::from(Number::Int(to_int(number))),
        "longValue" => Value::from(Number::Long(to_long(number))),
        "doubleValue" => Value::from(Number::Double(number.as_f64())),
        "floatValue" => Value::from(Number::Double(to_float(number))),
        "shortValue" => Value::from(Number::Int(i32::from(to_int(number) as i16))),
        "byteValue" => Value::from(Number::Int(i32::from(to_int(number) as i8))),
        "isNaN" if double => Value::from(number.as_f64().is_nan()),
        "isInfinite" if double => Value::from(number.as_f64().is_infinite()),
        _ => Value::NULL,
    }
}

/// Whether a method of numbers has no form that takes arguments.
pub(super) fn takes_nothing(name: &str) -> bool {
    matches!(
        name,
        "intValue" | "longValue" | "doubleValue" | "floatValue" | "shortValue" | "byteValue"
    )
}

/// The nearest float, with no more digits than Java shows of it.
fn to_float(number: &Number) -> f64 {
    (number.as_f64() as f32)
        .to_string()
        .parse()
        .unwrap_or(f64::NAN)
}

/// The number as Java would pass it to a static method of the other's class.
fn as_kind_of(number: &Number, other: &Number) -> Option<Number> {
    match (number, other) {
        (Number::Int(_), Number::Int(_)) => Some(other.clone()),
        (Number::Long(_), Number::Int(_) | Number::Long(_)) => Some(Number::Long(to_long(other))),
        (Number::Double(_), Number::Int(_) | Number::Long(_) | Number::Double(_)) => {
            Some(Number::Double(other.as_f64()))
        }
        _ => None,
    }
}

fn sign(left: &Number, right: &Number) -> i32 {
    match left.compare(right) {
        Some(Ordering::Less) => -1,
        Some(Ordering::Equal) => 0,
        Some(Ordering::Greater) | None => 1,
    }
}

fn is_parse(name: &str) -> bool {
    matches!(name, "parseInt" | "parseLong" | "parseDouble" | "decode")
}

fn checked(radix: i32) -> Outcome<u32> {
    let radix = u32::try_from(radix)
        .ok()
        .filter(|radix| (2..=36).contains(radix));
    radix.ok_or_else(|| Halt::fault("the radix must be from 2 to 36"))
}

/// Without the plus sign that Java allows.
fn unsigned(text: &str) -> &str {
    text.strip_prefix('+')
        .filter(|rest| !rest.starts_with(['+', '-']))
        .unwrap_or(text)
}

fn found<'r>(name: &str, text: &str, number: Option<Number>) -> Outcome<Value<'r>> {
    number.map(Value::from).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        Halt::fault(format!("{name} got {shown:?}, which is no such number"))
    })
}

/// Decimal, `0x…`, `#…` or octal.
fn decoded(text: &str) -> Option<i64> {
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or((1, text), |digits| (-1, digits));
    let hexadecimal = ["0x", "0X", "#"]
        .iter()
        .find_map(|prefix| digits.strip_prefix(prefix));
    let number = match (hexadecimal, digits.strip_prefix('0')) {
        (Some(digits), _) => i64::from_str_radix(digits, 16),
        (None, Some(digits)) if !digits.is_empty() => i64::from_str_radix(digits, 8),
        _ => digits.parse(),
    };
    number.ok().map(|number| sign * number)
}

fn double(text: &str) -> Option<f64> {
    let text = text.trim();
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" | "+Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        // Rust knows more words than Java.
        _ if text.contains(['n', 'N', 'i', 'I']) => None,
        _ => text.trim_end_matches(['d', 'D', 'f', 'F']).parse().ok(),
    }
}

/// Java's `hashCode`.
pub(super) fn hash(number: &Number) -> i32 {
    let folded = |bits: u64| (bits ^ (bits >> 32)) as i32;
    match number {
        Number::Int(int) => *int,
        Number::Long(long) => folded(*long as u64),
        Number::Double(double) => folded(double.to_bits()),
        Number::Big(text) | Number::Decimal(text) => super::text::hash(text),
    }
}
