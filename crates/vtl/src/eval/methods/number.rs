//! The methods of Java's numbers and of `java.lang.Boolean`, static ones included: `#set($Integer = 0)` and then
//! `$Integer.parseInt(…)` is how templates reach them.

use std::cmp::Ordering;

use tollgate_jsonpath::{Number, Text, Value as Data};

use super::super::arithmetic::{to_int, to_long};
use super::super::reference::Arguments;
use super::super::value::Value;
use super::super::{Halt, Outcome, Rendering};
use super::int;

impl<'r> Rendering<'r> {
    pub(super) fn number_method(
        &mut self,
        number: &Number,
        name: &str,
        arguments: &Arguments<'r>,
    ) -> Outcome<Value<'r>> {
        match &arguments[..] {
            [] => Ok(converted(number, name)),
            [first] => match first.as_text() {
                Some(text) => {
                    self.budget.look(text.len())?;
                    parsed(number, name, text, 10)
                }
                None => self.number_with(number, name, first),
            },
            [first, second] => match (first.as_text(), int(second)) {
                (Some(text), Some(radix)) => {
                    self.budget.look(text.len())?;
                    parsed(number, name, text, radix)
                }
                _ => self.number_with_two(number, name, first, second),
            },
            _ => Ok(Value::NULL),
        }
    }

    fn number_with(
        &mut self,
        number: &Number,
        name: &str,
        argument: &Value<'r>,
    ) -> Outcome<Value<'r>> {
        let Value::Data(Data::Number(other)) = argument else {
            return Ok(Value::NULL);
        };
        match name {
            "compareTo" | "compare"
                if std::mem::discriminant(number) == std::mem::discriminant(other) =>
            {
                Ok(Value::from(Number::Int(sign(number, other))))
            }
            "toString" | "valueOf" if name == "valueOf" => Ok(Value::from(other.clone())),
            "toString" => self.text(other.to_string()),
            "toHexString" => self.radix(other, 16),
            "toBinaryString" => self.radix(other, 2),
            "toOctalString" => self.radix(other, 8),
            "isNaN" => Ok(Value::from(other.as_f64().is_nan())),
            "isInfinite" => Ok(Value::from(other.as_f64().is_infinite())),
            "signum" => Ok(Value::from(Number::Int(sign(other, &Number::Int(0))))),
            _ => Ok(Value::NULL),
        }
    }

    fn number_with_two(
        &mut self,
        number: &Number,
        name: &str,
        first: &Value<'r>,
        second: &Value<'r>,
    ) -> Outcome<Value<'r>> {
        let (Value::Data(Data::Number(first)), Value::Data(Data::Number(second))) = (first, second)
        else {
            return Ok(Value::NULL);
        };
        match name {
            "max" => Ok(Value::from(
                if sign(first, second) < 0 {
                    second
                } else {
                    first
                }
                .clone(),
            )),
            "min" => Ok(Value::from(
                if sign(first, second) > 0 {
                    second
                } else {
                    first
                }
                .clone(),
            )),
            "compare" => Ok(Value::from(Number::Int(sign(first, second)))),
            "sum" => Ok(Value::from(match number {
                Number::Double(_) => Number::Double(first.as_f64() + second.as_f64()),
                Number::Long(_) => Number::Long(to_long(first).wrapping_add(to_long(second))),
                _ => Number::Int(to_int(first).wrapping_add(to_int(second))),
            })),
            _ => Ok(Value::NULL),
        }
    }

    /// Java shows negative numbers by their bits.
    fn radix(&mut self, number: &Number, radix: u32) -> Outcome<Value<'r>> {
        let (int, long) = match number {
            Number::Int(int) => (*int as u32, u64::from(*int as u32)),
            Number::Long(long) => (0, *long as u64),
            Number::Big(_) | Number::Double(_) | Number::Decimal(_) => return Ok(Value::NULL),
        };
        let bits = long.max(u64::from(int));
        self.text(match radix {
            16 => format!("{bits:x}"),
            8 => format!("{bits:o}"),
            _ => format!("{bits:b}"),
        })
    }

    pub(super) fn bool_method(
        &mut self,
        truth: bool,
        name: &str,
        arguments: &Arguments<'r>,
    ) -> Outcome<Value<'r>> {
        match (name, &arguments[..]) {
            ("booleanValue", []) => Ok(Value::from(truth)),
            ("parseBoolean" | "valueOf", [value]) => match value {
                Value::Data(Data::Bool(other)) => Ok(Value::from(*other)),
                _ => Ok(value.as_text().map_or(Value::NULL, |text| {
                    Value::from(text.eq_ignore_ascii_case("true"))
                })),
            },
            ("toString", [Value::Data(Data::Bool(other))]) => self.text(other.to_string()),
            ("compareTo", [Value::Data(Data::Bool(other))]) => {
                Ok(Value::from(Number::Int(truth as i32 - *other as i32)))
            }
            _ => Ok(Value::NULL),
        }
    }
}

fn converted<'r>(number: &Number, name: &str) -> Value<'r> {
    match name {
        "intValue" => Value::from(Number::Int(to_int(number))),
        "longValue" => Value::from(Number::Long(to_long(number))),
        "doubleValue" => Value::from(Number::Double(number.as_f64())),
        "floatValue" => Value::from(Number::Double(f64::from(number.as_f64() as f32))),
        "shortValue" => Value::from(Number::Int(i32::from(to_int(number) as i16))),
        "byteValue" => Value::from(Number::Int(i32::from(to_int(number) as i8))),
        "isNaN" => Value::from(number.as_f64().is_nan()),
        "isInfinite" => Value::from(number.as_f64().is_infinite()),
        _ => Value::NULL,
    }
}

fn sign(left: &Number, right: &Number) -> i32 {
    match left.compare(right) {
        Some(Ordering::Less) => -1,
        Some(Ordering::Equal) => 0,
        Some(Ordering::Greater) | None => 1,
    }
}

/// `parseInt` and its kin, of the class that the number is of.
fn parsed<'r>(number: &Number, name: &str, text: &Text, radix: i32) -> Outcome<Value<'r>> {
    if !matches!(
        name,
        "parseInt" | "parseLong" | "parseDouble" | "valueOf" | "decode"
    ) {
        return Ok(Value::NULL);
    }
    let radix = u32::try_from(radix)
        .ok()
        .filter(|radix| (2..=36).contains(radix));
    let radix = radix.ok_or_else(|| Halt::fault("the radix must be from 2 to 36"))?;
    let digits = text
        .strip_prefix('+')
        .filter(|rest| !rest.starts_with(['+', '-']))
        .unwrap_or(text);
    let number = match (number, name) {
        (Number::Int(_), "parseInt" | "valueOf") => {
            i32::from_str_radix(digits, radix).ok().map(Number::Int)
        }
        (Number::Long(_), "parseLong" | "valueOf") => {
            i64::from_str_radix(digits, radix).ok().map(Number::Long)
        }
        (Number::Int(_), "decode") => decoded(text)
            .and_then(|long| i32::try_from(long).ok())
            .map(Number::Int),
        (Number::Long(_), "decode") => decoded(text).map(Number::Long),
        (Number::Double(_), "parseDouble" | "valueOf") => double(text).map(Number::Double),
        _ => return Ok(Value::NULL),
    };
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
