//! `String.format`: the conversions that templates use.
//!
//! <https://docs.oracle.com/javase/8/docs/api/java/util/Formatter.html>

use tollgate_jsonpath::{Number, Value as Data};

use super::super::value::Value;
use super::super::{Halt, Outcome, Rendering};
use super::text::units;

/// Longest field; nobody pads further.
const WIDTH_MAX: usize = 10_000;

/// `%[place$][flags][width][.precision]conversion`
#[derive(Debug, Default)]
struct Specifier {
    place: Option<usize>,
    left: bool,
    zeros: bool,
    plus: bool,
    space: bool,
    grouped: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
    conversion: char,
}

impl<'r> Rendering<'r> {
    pub(super) fn formatted(&mut self, format: &str, values: &[Value<'r>]) -> Outcome<Value<'r>> {
        self.budget.look(format.len() * 4)?;
        let (text, ()) = self.apart(|rendering| rendering.put_formatted(format, values))?;
        self.text(text)
    }

    fn put_formatted(&mut self, format: &str, values: &[Value<'r>]) -> Outcome<()> {
        let mut rest = format;
        let mut next = 0;
        while let Some(at) = rest.find('%') {
            self.out.put(&rest[..at])?;
            let (specifier, after) = Specifier::read(&rest[at + 1..])?;
            rest = after;
            match specifier.conversion {
                '%' => self.out.put(&specifier.padded("%".to_owned(), false))?,
                'n' => self.out.put("\n")?,
                _ => {
                    let place = specifier.place.unwrap_or(next);
                    next += usize::from(specifier.place.is_none());
                    let value = values.get(place).ok_or_else(|| {
                        Halt::fault("format has fewer values than its text asks for")
                    })?;
                    let field = self.field(&specifier, value)?;
                    self.budget.look(field.len())?;
                    self.out.put(&field)?;
                }
            }
        }
        self.out.put(rest)
    }

    fn field(&mut self, specifier: &Specifier, value: &Value<'r>) -> Outcome<String> {
        match specifier.conversion {
            's' | 'S' => {
                let text = self.printed(value)?;
                let text = text.as_deref().unwrap_or("null");
                let text: String = text
                    .chars()
                    .take(specifier.precision.unwrap_or(usize::MAX))
                    .collect();
                let text = if specifier.conversion == 'S' {
                    text.to_uppercase()
                } else {
                    text
                };
                Ok(specifier.padded(text, false))
            }
            'b' | 'B' => {
                let truth = !matches!(value, Value::Data(Data::Null | Data::Bool(false)));
                Ok(specifier.padded(truth.to_string(), false))
            }
            'd' => Ok(specifier.numeric(specifier.whole(value)?.to_string())),
            'x' | 'X' | 'o' => Ok(specifier.padded(specifier.radix(value)?, true)),
            'f' | 'e' => {
                let Value::Data(Data::Number(number @ (Number::Double(_) | Number::Decimal(_)))) =
                    value
                else {
                    return Err(specifier.mismatch());
                };
                Ok(specifier.fraction(number.as_f64()))
            }
            'c' => match value {
                Value::Data(Data::Text(text)) if units(text) == 1 => {
                    Ok(specifier.padded(text.to_string(), false))
                }
                Value::Data(Data::Number(Number::Int(code))) => {
                    let found = u32::try_from(*code).ok().and_then(char::from_u32);
                    found
                        .map(|found| specifier.padded(found.to_string(), false))
                        .ok_or_else(|| specifier.mismatch())
                }
                _ => Err(specifier.mismatch()),
            },
            other => Err(Halt::fault(format!(
                "format knows no conversion `%{other}`"
            ))),
        }
    }
}

impl Specifier {
    /// Reads what follows a `%`, and gives the rest.
    fn read(text: &str) -> Outcome<(Self, &str)> {
        let mut specifier = Self::default();
        let mut rest = text;
        if let Some((digits, after)) =
            digits(rest).and_then(|(digits, after)| Some((digits, after.strip_prefix('$')?)))
        {
            specifier.place = digits.checked_sub(1);
            rest = after;
        }
        while let Some(flag) = rest.chars().next().filter(|flag| "-0+ ,#(".contains(*flag)) {
            specifier.flag(flag);
            rest = &rest[1..];
        }
        if let Some((width, after)) = digits(rest) {
            specifier.width = width;
            rest = after;
        }
        if let Some((precision, after)) = rest.strip_prefix('.').and_then(digits) {
            specifier.precision = Some(precision);
            rest = after;
        }
        if specifier.width > WIDTH_MAX
            || specifier
                .precision
                .is_some_and(|precision| precision > WIDTH_MAX)
        {
            return Err(Halt::fault(format!(
                "format pads to {WIDTH_MAX} characters at most"
            )));
        }
        let mut characters = rest.chars();
        specifier.conversion = characters
            .next()
            .ok_or_else(|| Halt::fault("format ends within a `%`"))?;
        Ok((specifier, characters.as_str()))
    }

    fn flag(&mut self, flag: char) {
        match flag {
            '-' => self.left = true,
            '0' => self.zeros = true,
            '+' => self.plus = true,
            ' ' => self.space = true,
            ',' => self.grouped = true,
            _ => self.alternate = true,
        }
    }

    fn mismatch(&self) -> Halt {
        Halt::fault(format!(
            "format cannot print this value by `%{}`",
            self.conversion
        ))
    }

    fn whole(&self, value: &Value<'_>) -> Outcome<Number> {
        match value {
            Value::Data(Data::Number(number)) if number.is_whole() => Ok(number.clone()),
            _ => Err(self.mismatch()),
        }
    }

    fn fraction(&self, number: f64) -> String {
        let precision = self.precision.unwrap_or(6);
        if !number.is_finite() {
            return self.padded(Number::Double(number).to_string(), false);
        }
        if self.conversion == 'f' {
            return self.numeric(rounded(number, precision));
        }
        let shown = format!("{number:.precision$e}");
        let (mantissa, exponent) = shown.split_once('e').unwrap_or((&shown, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let sign = if exponent < 0 { '-' } else { '+' };
        self.numeric(format!("{mantissa}e{sign}{:02}", exponent.abs()))
    }

    fn radix(&self, value: &Value<'_>) -> Outcome<String> {
        let digits = match (self.conversion, self.whole(value)?) {
            ('o', Number::Int(int)) => format!("{int:o}"),
            ('o', Number::Long(long)) => format!("{long:o}"),
            ('x', Number::Int(int)) => format!("{int:x}"),
            ('x', Number::Long(long)) => format!("{long:x}"),
            (_, Number::Int(int)) => format!("{int:X}"),
            (_, Number::Long(long)) => format!("{long:X}"),
            _ => return Err(self.mismatch()),
        };
        Ok(match (self.alternate, self.conversion) {
            (false, _) => digits,
            (true, 'o') => format!("0{digits}"),
            (true, 'x') => format!("0x{digits}"),
            (true, _) => format!("0X{digits}"),
        })
    }

    /// Signs, groups and pads a decimal number.
    fn numeric(&self, number: String) -> String {
        let (sign, digits) = match number.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None if self.plus => ("+", &*number),
            None if self.space => (" ", &*number),
            None => ("", &*number),
        };
        let digits = if self.grouped {
            grouped(digits)
        } else {
            digits.to_owned()
        };
        let length = sign.len() + digits.len();
        if self.zeros && !self.left && length < self.width {
            return format!("{sign}{}{digits}", "0".repeat(self.width - length));
        }
        self.padded(format!("{sign}{digits}"), false)
    }

    fn padded(&self, text: String, zeros: bool) -> String {
        let length = text.chars().count();
        let Some(missing) = self.width.checked_sub(length) else {
            return text;
        };
        match (self.left, zeros && self.zeros) {
            (true, _) => text + &" ".repeat(missing),
            (false, true) => "0".repeat(missing) + &text,
            (false, false) => " ".repeat(missing) + &text,
        }
    }
}

fn digits(text: &str) -> Option<(usize, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    // A leading zero is a flag.
    if length == 0 || text.starts_with('0') && length > 1 {
        return None;
    }
    let number = text[..length].parse().unwrap_or(usize::MAX);
    Some((number, &text[length..]))
}

fn grouped(digits: &str) -> String {
    let (whole, fraction) = digits
        .find('.')
        .map_or((digits, ""), |dot| digits.split_at(dot));
    let mut out = String::with_capacity(digits.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}

/// Rounds halves up, by the decimal digits that Java shows of the number.
fn rounded(number: f64, precision: usize) -> String {
    let shown = format!("{:.*}", precision, number.abs());
    let exact = Decimals::of(number.abs());
    let text = exact.rounded(precision).unwrap_or(shown);
    if number.is_sign_negative() {
        format!("-{text}")
    } else {
        text
    }
}

/// The shortest decimal digits of a number, and how many stand before the point.
struct Decimals {
    digits: Vec<u8>,
    point: i32,
}

impl Decimals {
    fn of(number: f64) -> Self {
        let shown = format!("{number:e}");
        let (mantissa, exponent) = shown.split_once('e').unwrap_or((&shown, "0"));
        Self {
            digits: mantissa
                .bytes()
                .filter(u8::is_ascii_digit)
                .map(|digit| digit - b'0')
                .collect(),
            point: exponent.parse::<i32>().unwrap_or(0) + 1,
        }
    }

    /// With so many digits behind the point; nothing for numbers too long to write out so.
    fn rounded(&self, precision: usize) -> Option<String> {
        let keep = usize::try_from(self.point + i32::try_from(precision).ok()?).ok();
        let Some(keep) = keep else {
            return Some(with_point("0".repeat(precision + 1), precision));
        };
        let mut digits = vec![0];
        digits.extend(
            self.digits
                .iter()
                .copied()
                .chain(std::iter::repeat(0))
                .take(keep),
        );
        if self.digits.get(keep).is_some_and(|next| *next >= 5) {
            increment(&mut digits);
        }
        let text: String = digits
            .iter()
            .map(|digit| char::from(b'0' + digit))
            .collect();
        let text = format!(
            "{}{text}",
            "0".repeat((precision + 1).saturating_sub(text.len()))
        );
        Some(with_point(text, precision))
    }
}

fn increment(digits: &mut [u8]) {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return;
        }
        *digit = 0;
    }
}

fn with_point(digits: String, precision: usize) -> String {
    let (whole, fraction) = digits.split_at(digits.len() - precision);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    if precision == 0 {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_round_halves_up() {
        for (number, precision, expected) in [
            (0.125, 2, "0.13"),
            (2.5, 0, "3"),
            (1.005, 2, "1.01"),
            (9.999, 2, "10.00"),
            (0.0004, 2, "0.00"),
            (0.005, 2, "0.01"),
            (1234.5, 1, "1234.5"),
            (-1.5, 0, "-2"),
            (1e21, 0, "1000000000000000000000"),
            (0.0, 3, "0.000"),
        ] {
            assert_eq!(rounded(number, precision), expected, "{number} {precision}");
        }
    }
}
