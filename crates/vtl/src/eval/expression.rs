//! Expressions: their values, and whether they hold as conditions.

use tollgate_jsonpath::{List, Members, Number, Text, Value as Data};

use super::arithmetic::{self, Trouble};
use super::value::Value;
use super::{Halt, Outcome, Rendering};
use crate::ast::{Binary, Constant, Expression, Interpolated, Operator};

impl<'r> Rendering<'r> {
    /// The value of an expression; null for what cannot be computed.
    pub(super) fn value(&mut self, expression: &'r Expression) -> Outcome<Value<'r>> {
        self.budget.steps(1)?;
        match expression {
            Expression::Text(literal) => self.text(&*literal.text),
            Expression::Interpolated(inner) => self.interpolated(inner),
            Expression::Number(constant) => Ok(Value::from(number(constant))),
            Expression::Bool(truth) => Ok(Value::from(*truth)),
            Expression::Reference(reference) => self.reference(reference),
            Expression::List(items) => self.list(items),
            Expression::Map(entries) => self.map(entries),
            Expression::Range(bounds) => self.range(&bounds.0, &bounds.1),
            Expression::Not(_) => Ok(Value::from(self.holds(expression)?)),
            Expression::Binary(binary) => self.binary(binary),
        }
    }

    /// Whether a condition holds. Only comparisons, `true`, and references to anything but `false` do.
    pub(super) fn holds(&mut self, condition: &'r Expression) -> Outcome<bool> {
        self.budget.steps(1)?;
        match condition {
            Expression::Bool(truth) => Ok(*truth),
            Expression::Reference(reference) => Ok(match self.reference(reference)? {
                Value::Data(Data::Bool(truth)) => truth,
                // Velocity asks a value for its text, and a block renders to answer.
                block @ Value::Block(_) => self.printed(&block)?.is_some(),
                value => !value.is_null(),
            }),
            Expression::Not(inner) => Ok(!self.holds(inner)?),
            Expression::Binary(binary) => self.binary_holds(binary),
            Expression::Text(_)
            | Expression::Interpolated(_)
            | Expression::Number(_)
            | Expression::List(_)
            | Expression::Map(_)
            | Expression::Range(_) => Ok(false),
        }
    }

    fn binary(&mut self, binary: &'r Binary) -> Outcome<Value<'r>> {
        match binary.operator {
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Modulo => {
                let left = self.value(&binary.left)?;
                let right = self.value(&binary.right)?;
                self.at = binary.at;
                self.compute(binary.operator, &left, &right)
            }
            _ => Ok(Value::from(self.binary_holds(binary)?)),
        }
    }

    fn binary_holds(&mut self, binary: &'r Binary) -> Outcome<bool> {
        match binary.operator {
            Operator::Or => Ok(self.holds(&binary.left)? || self.holds(&binary.right)?),
            Operator::And => Ok(self.holds(&binary.left)? && self.holds(&binary.right)?),
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Modulo => Ok(false),
            Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => {
                let left = self.value(&binary.left)?;
                let right = self.value(&binary.right)?;
                self.at = binary.at;
                match binary.operator {
                    Operator::Equal => self.equal(&left, &right),
                    Operator::NotEqual => Ok(!self.equal(&left, &right)?),
                    operator => Ok(ordered(operator, &left, &right)),
                }
            }
        }
    }

    /// Arithmetic; null where it makes no sense, as Velocity has it.
    fn compute(
        &mut self,
        operator: Operator,
        left: &Value<'r>,
        right: &Value<'r>,
    ) -> Outcome<Value<'r>> {
        let texts = left.as_text().is_some() || right.as_text().is_some();
        match (left, right) {
            (Value::Data(Data::Number(left), ..), Value::Data(Data::Number(right))) => {
                match arithmetic::compute(operator, left, right) {
                    Ok(number) => Ok(Value::from(number)),
                    Err(Trouble::Undefined) => Ok(Value::NULL),
                    Err(Trouble::Fails(reason)) => Err(Halt::fault(reason)),
                }
            }
            _ if operator == Operator::Add && texts => self.concatenated(left, right),
            _ => Ok(Value::NULL),
        }
    }

    fn concatenated(&mut self, left: &Value<'r>, right: &Value<'r>) -> Outcome<Value<'r>> {
        let (left, right) = (self.printed_or_null(left)?, self.printed_or_null(right)?);
        self.pay_for_text(left.len() + right.len())?;
        Ok(Value::from([&*left, &*right].concat()))
    }

    fn printed_or_null(&mut self, value: &Value<'r>) -> Outcome<Text> {
        Ok(self.printed(value)?.unwrap_or_else(|| Text::from("null")))
    }

    fn interpolated(&mut self, inner: &'r Interpolated) -> Outcome<Value<'r>> {
        self.budget.enter()?;
        let rendered = self.apart(|rendering| rendering.block(&inner.body));
        self.budget.leave();
        let (mut text, ()) = rendered?;
        self.at = inner.at;
        if inner.padded {
            text.pop();
        }
        self.text(text)
    }

    fn list(&mut self, items: &'r [Expression]) -> Outcome<Value<'r>> {
        self.budget.make((items.len() + 2) * size_of::<Data>())?;
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            let value = self.value(item)?;
            list.push(self.data(&value)?);
        }
        Ok(Value::from(list.into_iter().collect::<List>()))
    }

    fn map(&mut self, entries: &'r [(Expression, Expression)]) -> Outcome<Value<'r>> {
        self.budget
            .make((entries.len() + 2) * 2 * size_of::<Data>())?;
        let mut members = Members::default();
        for (key, value) in entries {
            let key = self.value(key)?;
            let key = self.printed_or_null(&key)?;
            let value = self.value(value)?;
            members.insert(key, self.data(&value)?);
        }
        Ok(Value::from(tollgate_jsonpath::Map::new(members)))
    }

    /// Counts up or down; null where a bound is no number.
    fn range(&mut self, first: &'r Expression, last: &'r Expression) -> Outcome<Value<'r>> {
        let (first, last) = (self.value(first)?, self.value(last)?);
        let (Some(first), Some(last)) = (int_value(&first), int_value(&last)) else {
            return Ok(Value::NULL);
        };
        let count = first.abs_diff(last) as usize + 1;
        self.budget.make(count.saturating_mul(size_of::<Data>()))?;
        self.budget.steps(count as u64 / 16)?;
        let list: List = match first < last {
            true => (first..=last).map(Data::from).collect(),
            false => (last..=first).rev().map(Data::from).collect(),
        };
        Ok(Value::from(list))
    }
}

/// As Java's `intValue`.
fn int_value(value: &Value<'_>) -> Option<i32> {
    match value {
        Value::Data(Data::Number(number)) => Some(arithmetic::to_int(number)),
        _ => None,
    }
}

/// `<` and its kin: false for what is no number.
fn ordered(operator: Operator, left: &Value<'_>, right: &Value<'_>) -> bool {
    let (Value::Data(Data::Number(left)), Value::Data(Data::Number(right))) = (left, right) else {
        return false;
    };
    // Velocity takes a number that is none for equal to all.
    let ordering = left.compare(right).unwrap_or(std::cmp::Ordering::Equal);
    match operator {
        Operator::Less => ordering.is_lt(),
        Operator::LessOrEqual => ordering.is_le(),
        Operator::Greater => ordering.is_gt(),
        _ => ordering.is_ge(),
    }
}

fn number(constant: &Constant) -> Number {
    match constant {
        Constant::Int(int) => Number::Int(*int),
        Constant::Long(long) => Number::Long(*long),
        Constant::Big(digits) => Number::Big(digits.clone()),
        Constant::Double(double) => Number::Double(*double),
    }
}
