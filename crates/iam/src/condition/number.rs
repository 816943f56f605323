//! Numbers of conditions: whole or decimal, compared digit by digit, so that none is rounded.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Numeric>

use std::cmp::Ordering;

/// A decimal number, borrowed from its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number<'t> {
    negative: bool,
    /// Without leading zeros.
    whole: &'t str,
    /// Without zeros at its end.
    fraction: &'t str,
}

impl<'t> Number<'t> {
    /// Reads `12`, `-1.50`. Guess: an exponent is no part of it, because the guide speaks of integers and decimals.
    pub(crate) fn read(text: &'t str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let digits = digits.strip_prefix('+').unwrap_or(digits);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !are_digits(whole) || !are_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let is_zero = whole.is_empty() && fraction.is_empty();
        Some(Self {
            negative: text.starts_with('-') && !is_zero,
            whole,
            fraction,
        })
    }

    pub(crate) fn compare(self, other: Number<'_>) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.size(other),
            (true, true) => self.size(other).reverse(),
        }
    }

    fn size(self, other: Number<'_>) -> Ordering {
        let lengths = self.whole.len().cmp(&other.whole.len());
        lengths
            .then_with(|| self.whole.cmp(other.whole))
            .then_with(|| self.fraction.cmp(other.fraction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_their_order() {
        let texts = [
            "-10",
            "-9.5",
            "-0.1",
            "0",
            "0.09",
            "0.1",
            "1",
            "9",
            "10",
            "10.01",
            "9007199254740992",
            "9007199254740993",
        ];
        let read = |text| Number::read(text).expect(text);
        for (at, text) in texts.iter().enumerate() {
            for (other_at, other) in texts.iter().enumerate() {
                assert_eq!(
                    read(text).compare(read(other)),
                    at.cmp(&other_at),
                    "{text} {other}"
                );
            }
        }
        assert_eq!(read("-0.0").compare(read("000")), Ordering::Equal);
        assert_eq!(read("1.50").compare(read("+1.5")), Ordering::Equal);
        for text in ["", "-", ".", "1.", ".5", "1e3", "0x1", "1,0", "--1", "٣"] {
            assert_eq!(Number::read(text), None, "{text}");
        }
    }
}
