//! What the operators of filters mean.

use super::super::literal::Literal;
use super::super::read::{Halt, Reader};
use super::{Operand, Operator, Unanswered};
use crate::{Number, Pattern, Value};

/// A side of a comparison, looked up.
enum Side<'p> {
    Missing,
    Found(Value),
    Literal(&'p Literal),
    Pattern(&'p Pattern),
}

/// What a side is, as far as operators tell.
enum Kind<'s> {
    Missing,
    Null,
    Bool(bool),
    Number(&'s Number),
    Text(&'s str),
    List,
    Map,
    Pattern,
}

pub(super) fn holds(
    left: &Operand,
    operator: Operator,
    right: &Operand,
    item: &Value,
    reader: &mut Reader<'_>,
) -> Result<bool, Unanswered> {
    reader.spend(1)?;
    let left = look_up(left, item, reader)?;
    let right = look_up(right, item, reader)?;
    let question = Question {
        left: &left,
        right: &right,
    };
    question.answer(operator, reader)
}

fn look_up<'p>(
    operand: &'p Operand,
    item: &Value,
    reader: &mut Reader<'_>,
) -> Result<Side<'p>, Halt> {
    match operand {
        Operand::Literal(literal) => Ok(Side::Literal(literal)),
        Operand::Pattern(pattern) => Ok(Side::Pattern(pattern)),
        Operand::Path(path) => match reader.of_item(path, item) {
            Ok(Some(Value::List(_))) if path.definite && path.gives_keys() => Err(Halt::Refused),
            Ok(Some(value)) => Ok(Side::Found(value)),
            Ok(None) | Err(Halt::Missing) => Ok(Side::Missing),
            Err(halt @ (Halt::Outside | Halt::Refused | Halt::Steps)) => Err(halt),
        },
    }
}

struct Question<'s, 'p> {
    left: &'s Side<'p>,
    right: &'s Side<'p>,
}

impl Question<'_, '_> {
    fn answer(&self, operator: Operator, reader: &mut Reader<'_>) -> Result<bool, Unanswered> {
        match operator {
            Operator::Equal => self.equal(reader),
            Operator::NotEqual => Ok(!self.equal(reader)?),
            Operator::SameKindEqual => Ok(self.same_kind() && self.equal(reader)?),
            Operator::NotSameKindEqual => Ok(!(self.same_kind() && self.equal(reader)?)),
            Operator::Less => Ok(self.ordered(|order| order.is_lt())),
            Operator::LessOrEqual => Ok(self.ordered(|order| order.is_le())),
            Operator::Greater => Ok(self.ordered(|order| order.is_gt())),
            Operator::GreaterOrEqual => Ok(self.ordered(|order| order.is_ge())),
            Operator::Matches => self.matches(reader),
            Operator::In => self.is_in(reader),
            Operator::NotIn => Ok(!self.is_in(reader)?),
            Operator::Contains => self.contains(reader),
            // The library asks for a list as only its callers in Java can make it.
            Operator::All => Err(Unanswered::Unfit),
            Operator::Size => Ok(self.has_size()),
            Operator::Empty => self.is_empty(),
            Operator::SubsetOf => self.is_subset(reader),
            Operator::AnyOf => Ok(self.shares(reader)?.unwrap_or(false)),
            Operator::NoneOf => Ok(self.shares(reader)?.is_some_and(|shares| !shares)),
        }
    }

    fn equal(&self, reader: &mut Reader<'_>) -> Result<bool, Unanswered> {
        Ok(equal(self.left, self.right, reader)?)
    }

    fn same_kind(&self) -> bool {
        let container = |kind: &Kind<'_>| matches!(kind, Kind::List | Kind::Map);
        let (left, right) = (self.left.kind(), self.right.kind());
        std::mem::discriminant(&left) == std::mem::discriminant(&right)
            || (container(&left) && container(&right))
    }

    fn ordered(&self, wanted: fn(std::cmp::Ordering) -> bool) -> bool {
        let order = match (self.left.kind(), self.right.kind()) {
            (Kind::Number(left), Kind::Number(right)) => left.compare(right),
            (Kind::Text(left), Kind::Text(right)) => Some(utf16_order(left, right)),
            _ => None,
        };
        order.is_some_and(wanted)
    }

    /// The whole text has to match; of a list one item is enough. Anything that is no text counts as an empty one.
    fn matches(&self, reader: &mut Reader<'_>) -> Result<bool, Unanswered> {
        let (pattern, input) = match (self.left, self.right) {
            (Side::Pattern(_), Side::Pattern(_)) => return Ok(false),
            (Side::Pattern(pattern), input) | (input, Side::Pattern(pattern)) => (pattern, input),
            _ => return Ok(false),
        };
        let Some(items) = input.items(reader)? else {
            return Ok(matches(pattern, input, reader)?);
        };
        for item in &items {
            if matches(pattern, item, reader)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_in(&self, reader: &mut Reader<'_>) -> Result<bool, Unanswered> {
        match self.right.listed(reader)? {
            Some(items) => Ok(holds_equal(&items, self.left, reader)?),
            None => Ok(false),
        }
    }

    fn contains(&self, reader: &mut Reader<'_>) -> Result<bool, Unanswered> {
        if let (Kind::Text(left), Kind::Text(right)) = (self.left.kind(), self.right.kind()) {
            reader.spend(left.len() as u64 / 64)?;
            return Ok(left.contains(right));
        }
        match self.left.items(reader)? {
            Some(items) => Ok(holds_equal(&items, self.right, reader)?),
            None => Ok(false),
        }
    }

    fn is_subset(&self, reader: &mut Reader<'_>) -> Result<bool, Unanswered> {
        let Some(whole) = self.right.listed(reader)? else {
            return Ok(false);
        };
        let Some(part) = self.left.listed(reader)? else {
            return Ok(false);
        };
        all_in(&part, &whole, reader)
    }

    /// Whether an item is in both lists; nothing where a side is a map.
    fn shares(&self, reader: &mut Reader<'_>) -> Result<Option<bool>, Unanswered> {
        let Some(right) = self.right.listed(reader)? else {
            return Ok(None);
        };
        let Some(left) = self.left.listed(reader)? else {
            return Ok(None);
        };
        for item in &left {
            if holds_equal(&right, item, reader)? {
                return Ok(Some(true));
            }
        }
        Ok(Some(false))
    }

    fn has_size(&self) -> bool {
        let Kind::Number(size) = self.right.kind() else {
            return false;
        };
        let length = match self.left.kind() {
            Kind::Text(text) => text.encode_utf16().count(),
            Kind::List => self.left.length(),
            Kind::Missing
            | Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Map
            | Kind::Pattern => return false,
        };
        size.as_f64().trunc() == length as f64
    }

    fn is_empty(&self) -> Result<bool, Unanswered> {
        let empty = match self.left.kind() {
            Kind::Text(text) => text.is_empty(),
            Kind::List => self.left.length() == 0,
            Kind::Map => return Err(Halt::Refused.into()),
            Kind::Missing | Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Pattern => {
                return Ok(false);
            }
        };
        match self.right.kind() {
            Kind::Bool(expected) => Ok(empty == expected),
            _ => Err(Unanswered::Unfit),
        }
    }
}

fn all_in(
    part: &[Side<'_>],
    whole: &[Side<'_>],
    reader: &mut Reader<'_>,
) -> Result<bool, Unanswered> {
    for item in part {
        if !holds_equal(whole, item, reader)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn holds_equal(
    items: &[Side<'_>],
    wanted: &Side<'_>,
    reader: &mut Reader<'_>,
) -> Result<bool, Halt> {
    for item in items {
        if equal(wanted, item, reader)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A number equals a string that reads as the same number, as Jayway's own tests have it (its guide says otherwise).
fn equal(left: &Side<'_>, right: &Side<'_>, reader: &mut Reader<'_>) -> Result<bool, Halt> {
    reader.spend(1)?;
    Ok(match (left.kind(), right.kind()) {
        (Kind::Null, Kind::Null) => true,
        (Kind::Bool(left), Kind::Bool(right)) => left == right,
        (Kind::Number(left), Kind::Number(right)) => {
            left.compare(right).is_some_and(|order| order.is_eq())
        }
        (Kind::Text(left), Kind::Text(right)) => left == right,
        (Kind::Number(number), Kind::Text(text)) => Number::parse_exact(text)
            .and_then(|other| number.compare(&other))
            .is_some_and(|order| order.is_eq()),
        (Kind::Text(text), Kind::Number(number)) => text == number.to_decimal_text(),
        // Jayway's library holds the text of a list or map on the left against the value on the right.
        (Kind::List | Kind::Map, _) if matches!(left, Side::Literal(_)) => false,
        (Kind::List, Kind::List) | (Kind::Map, Kind::Map) => {
            let (left, right) = (left.to_value(), right.to_value());
            left.same_within(&right, reader.steps_left())
                .ok_or(Halt::Steps)?
        }
        _ => false,
    })
}

fn matches(pattern: &Pattern, input: &Side<'_>, reader: &mut Reader<'_>) -> Result<bool, Halt> {
    let number;
    let text = match input.kind() {
        Kind::Text(text) => text,
        Kind::Number(found) => {
            number = found.to_decimal_text();
            &number
        }
        Kind::Bool(true) => "true",
        Kind::Bool(false) => "false",
        Kind::Missing | Kind::Null | Kind::List | Kind::Map | Kind::Pattern => "",
    };
    reader.spend(pattern.cost(text))?;
    pattern.matches(text).map_err(|_| Halt::Steps)
}

/// Java compares the 16-bit units of texts.
fn utf16_order(left: &str, right: &str) -> std::cmp::Ordering {
    left.encode_utf16().cmp(right.encode_utf16())
}

impl<'p> Side<'p> {
    fn kind(&self) -> Kind<'_> {
        match self {
            Self::Missing => Kind::Missing,
            Self::Pattern(_) => Kind::Pattern,
            Self::Found(Value::Null) | Self::Literal(Literal::Null) => Kind::Null,
            Self::Found(Value::Bool(truth)) | Self::Literal(Literal::Bool(truth)) => {
                Kind::Bool(*truth)
            }
            Self::Found(Value::Number(number)) | Self::Literal(Literal::Number(number)) => {
                Kind::Number(number)
            }
            Self::Found(Value::Text(text)) => Kind::Text(text),
            Self::Literal(Literal::Text(text)) => Kind::Text(text),
            Self::Found(Value::List(_)) | Self::Literal(Literal::List(_)) => Kind::List,
            Self::Found(Value::Map(_)) | Self::Literal(Literal::Map(_)) => Kind::Map,
        }
    }

    /// The items of a list; nothing for all else. Jayway's library refuses lists that have lists or maps in them.
    fn items(&self, reader: &mut Reader<'_>) -> Result<Option<Vec<Side<'p>>>, Halt> {
        let Kind::List = self.kind() else {
            return Ok(None);
        };
        reader.spend(self.length() as u64)?;
        let items: Vec<Side<'p>> = match self {
            Self::Found(Value::List(list)) => {
                list.borrow().iter().cloned().map(Side::Found).collect()
            }
            Self::Literal(Literal::List(items)) => items.iter().map(Side::Literal).collect(),
            _ => return Ok(None),
        };
        let is_container = |item: &Side<'_>| matches!(item.kind(), Kind::List | Kind::Map);
        if items.iter().any(is_container) {
            return Err(Halt::Refused);
        }
        Ok(Some(items))
    }

    /// The items of a list; nothing for a map. Operators on lists cannot take anything else.
    fn listed(&self, reader: &mut Reader<'_>) -> Result<Option<Vec<Side<'p>>>, Unanswered> {
        match self.kind() {
            Kind::List => Ok(self.items(reader)?),
            Kind::Map => Ok(None),
            Kind::Missing
            | Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::Pattern => Err(Unanswered::Unfit),
        }
    }

    fn length(&self) -> usize {
        match self {
            Self::Found(Value::List(list)) => list.borrow().len(),
            Self::Found(Value::Map(map)) => map.borrow().len(),
            Self::Literal(Literal::List(items)) => items.len(),
            Self::Literal(Literal::Map(members)) => members.len(),
            _ => 0,
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Found(value) => value.clone(),
            Self::Literal(literal) => literal.to_value(),
            Self::Missing | Self::Pattern(_) => Value::Null,
        }
    }
}
