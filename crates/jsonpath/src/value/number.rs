//! Numbers of Java's kinds and the texts that Java prints for them.

use std::cmp::Ordering;
use std::fmt;

/// A number, in the kind that a JSON reader in Java chooses.
#[derive(Clone, Debug)]
pub enum Number {
    /// `java.lang.Integer`
    Int(i32),
    /// `java.lang.Long`
    Long(i64),
    /// `java.math.BigInteger`, as its decimal text: a sign only if negative, no leading zeros.
    Big(Box<str>),
    /// `java.lang.Double`
    Double(f64),
    /// `java.math.BigDecimal`, as the text its `toString` gives.
    Decimal(Box<str>),
}

impl Number {
    /// An Integer where it fits one, else a Long.
    pub fn from_i64(number: i64) -> Self {
        i32::try_from(number).map_or(Self::Long(number), Self::Int)
    }

    /// Reads a number as JSON writes it; nothing where the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let form = Form::of(text)?;
        if !form.floating {
            return Some(whole(text));
        }
        // The JSON reader behind API Gateway's paths keeps long fractions exact and makes doubles of all others.
        if text.len() > DOUBLE_TEXT_MAX {
            decimal(text)
        } else {
            text.parse().ok().map(Self::Double)
        }
    }

    /// Reads a number as Java's BigDecimal does, which allows a leading `+`, leading zeros and nothing on one side of the point.
    pub fn parse_decimal(text: &str) -> Option<Self> {
        let looks_right = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        Self::parse(text).or_else(|| text.parse().ok().filter(|_| looks_right).map(Self::Double))
    }

    /// The same as a BigDecimal, which keeps the zeros at the end of a fraction; whole numbers stay of their kind.
    pub fn parse_exact(text: &str) -> Option<Self> {
        let number = Self::parse_decimal(text)?;
        if number.is_whole() {
            return Some(number);
        }
        decimal(text.strip_prefix('+').unwrap_or(text))
    }

    /// The text of the BigDecimal that Java reads from this number's text.
    pub fn to_decimal_text(&self) -> String {
        let text = self.to_string();
        match (self, decimal(&text)) {
            (Self::Double(_), Some(number)) => number.to_string(),
            _ => text,
        }
    }

    /// As a whole number, where it is one of the whole kinds and fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(i64::from(*number)),
            Self::Long(number) => Some(*number),
            Self::Big(_) | Self::Double(_) | Self::Decimal(_) => None,
        }
    }

    /// The nearest double, as Java's `doubleValue`.
    pub fn as_f64(&self) -> f64 {
        match self {
            Self::Int(number) => f64::from(*number),
            Self::Long(number) => *number as f64,
            Self::Double(number) => *number,
            // The texts are well formed; one out of range reads as infinite, as in Java.
            Self::Big(text) | Self::Decimal(text) => text.parse().unwrap_or(f64::NAN),
        }
    }

    /// Whether it is one of the whole kinds.
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Int(_) | Self::Long(_) | Self::Big(_) => true,
            Self::Double(_) | Self::Decimal(_) => false,
        }
    }

    /// Compares by value across the kinds; nothing where a NaN is involved.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self.as_i64(), other.as_i64()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => self.compare_large(other),
        }
    }

    fn compare_large(&self, other: &Self) -> Option<Ordering> {
        match (self.whole_text(), other.whole_text()) {
            (Some(left), Some(right)) => Some(compare_whole(&left, &right)),
            _ => self.as_f64().partial_cmp(&other.as_f64()),
        }
    }

    fn whole_text(&self) -> Option<String> {
        self.is_whole().then(|| self.to_string())
    }
}

/// As Java's `equals`: kind and value count.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(left), Self::Int(right)) => left == right,
            (Self::Long(left), Self::Long(right)) => left == right,
            (Self::Double(left), Self::Double(right)) => left == right,
            (Self::Big(left), Self::Big(right)) | (Self::Decimal(left), Self::Decimal(right)) => {
                left == right
            }
            (
                Self::Int(_) | Self::Long(_) | Self::Double(_) | Self::Big(_) | Self::Decimal(_),
                _,
            ) => false,
        }
    }
}

/// The text that Java's `toString` gives.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => number.fmt(f),
            Self::Long(number) => number.fmt(f),
            Self::Big(text) | Self::Decimal(text) => f.write_str(text),
            Self::Double(number) => write_double(*number, f),
        }
    }
}

/// Longer texts of fractions become a BigDecimal.
const DOUBLE_TEXT_MAX: usize = 18;

/// What a text that is a JSON number has.
struct Form {
    floating: bool,
}

impl Form {
    fn of(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let whole_end = digits(unsigned);
        if whole_end == 0 || (whole_end > 1 && unsigned.starts_with('0')) {
            return None;
        }
        let mut rest = &unsigned[whole_end..];
        let floating = !rest.is_empty();
        if let Some(fraction) = rest.strip_prefix('.') {
            rest = &fraction[some_digits(fraction)?..];
        }
        if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            rest = &exponent[some_digits(exponent)?..];
        }
        rest.is_empty().then_some(Self { floating })
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn some_digits(text: &str) -> Option<usize> {
    Some(digits(text)).filter(|count| *count > 0)
}

fn whole(text: &str) -> Number {
    match text.parse() {
        Ok(number) => Number::from_i64(number),
        Err(_) => Number::Big(Box::from(text)),
    }
}

/// The text of a BigDecimal: Java keeps every digit written, and writes an exponent only for scales below zero or many leading zeros.
fn decimal(text: &str) -> Option<Number> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (sign, mantissa) = mantissa
        .strip_prefix('-')
        .map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let scale = i64::try_from(fraction.len()).ok()? - exponent.parse::<i64>().ok()?;
    i32::try_from(scale).ok()?;
    let digits = [whole, fraction].concat();
    let digits = digits.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    let sign = if digits == "0" { "" } else { sign };
    Some(Number::Decimal(
        [sign, &lay_out(digits, scale)].concat().into(),
    ))
}

fn lay_out(digits: &str, scale: i64) -> String {
    let adjusted = digits.len() as i64 - 1 - scale;
    if scale == 0 {
        return digits.to_owned();
    }
    if scale < 0 || adjusted < -6 {
        return with_exponent(digits, adjusted);
    }
    let scale = scale as usize;
    match digits.len().checked_sub(scale) {
        Some(point) if point > 0 => [&digits[..point], ".", &digits[point..]].concat(),
        _ => ["0.", &"0".repeat(scale - digits.len()), digits].concat(),
    }
}

fn with_exponent(digits: &str, adjusted: i64) -> String {
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if adjusted > 0 { "+" } else { "" };
    if adjusted == 0 {
        [first, point, rest].concat()
    } else {
        format!("{first}{point}{rest}E{sign}{adjusted}")
    }
}

fn compare_whole(left: &str, right: &str) -> Ordering {
    match (left.strip_prefix('-'), right.strip_prefix('-')) {
        (None, None) => (left.len(), left).cmp(&(right.len(), right)),
        (Some(left), Some(right)) => (right.len(), right).cmp(&(left.len(), left)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
    }
}

/// Java writes doubles plainly from a thousandth up to ten million, and with an exponent elsewhere; a digit follows the point always.
fn write_double(number: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let size = number.abs();
    if number.is_nan() {
        f.write_str("NaN")
    } else if number.is_infinite() {
        f.write_str(if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        })
    } else if size == 0.0 || (1e-3..1e7).contains(&size) {
        f.write_str(ryu::Buffer::new().format_finite(number))
    } else {
        write_scientific(number, f)
    }
}

/// Java gives at least two digits, the two nearest to the number where one would tell it apart already.
fn write_scientific(number: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = format!("{number:E}");
    if text.contains('.') {
        f.write_str(&text)
    } else {
        write!(f, "{number:.1E}")
    }
}
