//! Arithmetic on Java's kinds of numbers, as Velocity 1.7 chooses among them.

use tollgate_jsonpath::Number;

use crate::ast::Operator;

/// Why there is no result.
#[derive(Debug, PartialEq)]
pub(super) enum Trouble {
    /// The result is null.
    Undefined,
    /// Java throws, or the number is beyond what this engine computes.
    Fails(&'static str),
}

const TOO_LARGE: Trouble =
    Trouble::Fails("whole numbers of more than 38 digits cannot be computed with");

/// `left operator right`. Whole numbers grow from Integer over Long to BigInteger as they need; all others are computed as Double.
pub(super) fn compute(
    operator: Operator,
    left: &Number,
    right: &Number,
) -> Result<Number, Trouble> {
    if matches!(operator, Operator::Divide | Operator::Modulo) && right.as_f64() == 0.0 {
        return Err(Trouble::Undefined);
    }
    if left.is_whole() && right.is_whole() {
        return compute_whole(operator, left, right);
    }
    let (left, right) = (left.as_f64(), right.as_f64());
    Ok(Number::Double(match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Modulo => left % right,
        _ => return Err(Trouble::Undefined),
    }))
}

fn compute_whole(operator: Operator, left: &Number, right: &Number) -> Result<Number, Trouble> {
    let big = matches!(left, Number::Big(_)) || matches!(right, Number::Big(_));
    let int = matches!((left, right), (Number::Int(_), Number::Int(_)));
    let (left, right) = (wide(left)?, wide(right)?);
    let result = match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide => left.checked_div(right),
        Operator::Modulo if big && right < 0 => {
            return Err(Trouble::Fails(
                "a BigInteger has no remainder by a negative number",
            ));
        }
        Operator::Modulo if big => left.checked_rem_euclid(right),
        Operator::Modulo => left.checked_rem(right),
        _ => return Err(Trouble::Undefined),
    };
    let result = result.ok_or(TOO_LARGE)?;
    match i64::try_from(result) {
        Ok(long) if int => Ok(Number::from_i64(long)),
        Ok(long) if !big => Ok(Number::Long(long)),
        _ => Ok(Number::Big(result.to_string().into())),
    }
}

fn wide(number: &Number) -> Result<i128, Trouble> {
    match number {
        Number::Int(int) => Ok(i128::from(*int)),
        Number::Long(long) => Ok(i128::from(*long)),
        Number::Big(digits) => digits.parse().map_err(|_| TOO_LARGE),
        Number::Double(_) | Number::Decimal(_) => Err(TOO_LARGE),
    }
}

/// As Java's `intValue`: whole numbers lose their upper bits, others their fraction.
pub(super) fn to_int(number: &Number) -> i32 {
    match number {
        Number::Double(double) => *double as i32,
        other => to_long(other) as i32,
    }
}

/// As Java's `longValue`.
pub(super) fn to_long(number: &Number) -> i64 {
    match number {
        Number::Int(int) => i64::from(*int),
        Number::Long(long) => *long,
        Number::Big(digits) => digits.parse::<i128>().map_or(0, |wide| wide as i64),
        Number::Double(_) | Number::Decimal(_) => number.as_f64() as i64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: Number, operator: Operator, right: Number, expected: &str) {
        let shown = match compute(operator, &left, &right) {
            Ok(number) => format!("{} {number}", kind(&number)),
            Err(Trouble::Undefined) => "null".to_owned(),
            Err(Trouble::Fails(_)) => "fails".to_owned(),
        };
        assert_eq!(shown, expected, "{left} {operator:?} {right}");
    }

    fn kind(number: &Number) -> &'static str {
        match number {
            Number::Int(_) => "int",
            Number::Long(_) => "long",
            Number::Big(_) => "big",
            Number::Double(_) => "double",
            Number::Decimal(_) => "decimal",
        }
    }

    #[test]
    fn kinds_grow_as_they_need() {
        use Operator::{Add, Divide, Modulo, Multiply, Subtract};
        let int = Number::Int;
        check(int(7), Divide, int(2), "int 3");
        check(int(-7), Modulo, int(2), "int -1");
        check(int(i32::MAX), Add, int(1), "long 2147483648");
        check(Number::Long(3), Subtract, int(1), "long 2");
        check(
            Number::Long(i64::MAX),
            Add,
            int(1),
            "big 9223372036854775808",
        );
        check(
            Number::Big("9223372036854775808".into()),
            Subtract,
            int(1),
            "big 9223372036854775807",
        );
        check(
            Number::Long(i64::MAX),
            Multiply,
            Number::Long(i64::MAX),
            "big 85070591730234615847396907784232501249",
        );
        check(Number::Big("9".repeat(40).into()), Add, int(1), "fails");
        check(
            Number::Big("-7000000000000000000000".into()),
            Modulo,
            int(3),
            "big 2",
        );
        check(int(1), Divide, Number::Double(4.0), "double 0.25");
        check(
            Number::Double(0.1),
            Add,
            Number::Double(0.2),
            "double 0.30000000000000004",
        );
        check(int(1), Divide, int(0), "null");
        check(int(1), Modulo, Number::Double(0.0), "null");
    }
}
