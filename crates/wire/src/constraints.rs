//! What a model demands of the members of a request, checked with the texts of AWS's framework. It sees all members
//! before it refuses and names every violation, as recorded from API Gateway.

use crate::error::DecodeError;
use crate::schema::{Bounds, Location, Member, Operation, Shape, Text};
use crate::timestamp::Timestamp;
use crate::value::Value;
use crate::writer::{Entries, Items, Members, Writer};

/// Checks the input of an operation.
///
/// # Errors
/// When members violate the model; the text names each.
pub fn check(operation: &Operation, input: &dyn Members) -> Result<(), DecodeError> {
    let mut violations = Violations::default();
    // Recorded: what the body holds is named before what the path holds, whatever the model's order.
    let body = format!("{}Input.", lower_first(operation.name));
    input.each(&mut |member, value| match member.location {
        Location::Body => violations.member(&body, member, value),
        Location::Label | Location::Query | Location::Header => {}
    });
    input.each(&mut |member, value| match member.location {
        Location::Body => {}
        Location::Label | Location::Query | Location::Header => {
            violations.member("", member, value)
        }
    });
    violations.refuse()
}

/// Checks the input of an operation of awsQuery, whose texts name members in lower case.
///
/// # Errors
/// When members violate the model; the text names each.
pub fn check_query(input: &dyn Members) -> Result<(), DecodeError> {
    let mut violations = Violations {
        is_lower: true,
        ..Violations::default()
    };
    input.each(&mut |member, value| violations.member("", member, value));
    violations.refuse()
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

/// `Value … at … failed to satisfy constraint: …`, one each.
#[derive(Default)]
struct Violations {
    texts: Vec<String>,
    /// Whether the names of members are told with a small first letter.
    is_lower: bool,
}

impl Violations {
    fn member(&mut self, prefix: &str, member: &'static Member, value: &dyn Value) {
        let path = match self.is_lower {
            true => format!("{prefix}{}", lower_first(member.name)),
            false => format!("{prefix}{}", member.name),
        };
        value.write(&mut Check {
            violations: self,
            shape: member.shape,
            is_required: member.is_required,
            path,
        });
    }

    fn refuse(self) -> Result<(), DecodeError> {
        let count = match self.texts.len() {
            0 => return Ok(()),
            1 => "1 validation error".to_owned(),
            count => format!("{count} validation errors"),
        };
        Err(DecodeError::validation(format!(
            "{count} detected: {}",
            self.texts.join("; ")
        )))
    }
}

/// The check of one value against its shape.
struct Check<'a> {
    violations: &'a mut Violations,
    shape: &'static Shape,
    is_required: bool,
    path: String,
}

impl Check<'_> {
    /// Reports what `shown` breaks.
    fn report(&mut self, shown: &str, broken: Vec<String>) {
        for constraint in broken {
            self.add(&format!("'{shown}'"), &constraint);
        }
    }

    fn add(&mut self, shown: &str, constraint: &str) {
        let path = &self.path;
        let text = format!("Value {shown} at '{path}' failed to satisfy constraint: {constraint}");
        self.violations.texts.push(text);
    }

    /// Checks what stands at `step` below.
    fn below(&mut self, step: &str, shape: &'static Shape, value: &dyn Value) {
        let path = format!("{}.{step}", self.path);
        value.write(&mut Check {
            violations: self.violations,
            shape,
            is_required: false,
            path,
        });
    }

    fn length(&mut self, shown: &str, length: usize, bounds: Bounds) {
        self.report(
            shown,
            outside(i64::try_from(length).unwrap_or(i64::MAX), bounds, "length"),
        );
    }

    fn number(&mut self, shown: &str, number: i64) {
        match self.shape {
            Shape::Integer(bounds) | Shape::Long(bounds) | Shape::Double(bounds) => {
                self.report(shown, outside(number, *bounds, "value"));
            }
            _ => {}
        }
    }
}

/// How `value` lies outside of `bounds`. Texts of AWS's framework, as its other services show them.
fn outside(value: i64, bounds: Bounds, what: &str) -> Vec<String> {
    let below = bounds.min.filter(|min| value < *min);
    let above = bounds.max.filter(|max| value > *max);
    let below = below.map(|min| format!("Member must have {what} greater than or equal to {min}"));
    let above = above.map(|max| format!("Member must have {what} less than or equal to {max}"));
    above.into_iter().chain(below).collect()
}

/// What a text breaks. The texts on sets and patterns are recorded.
fn broken_by(value: &str, text: &Text) -> Vec<String> {
    let mut broken = Vec::new();
    if !text.one_of.is_empty() && !text.one_of.contains(&value) {
        broken.push(format!(
            "Member must satisfy enum value set: [{}]",
            text.one_of.join(", ")
        ));
    }
    broken.extend(outside(value.chars().count() as i64, text.length, "length"));
    if let Some(pattern) = text.pattern.filter(|pattern| !pattern.is_match(value)) {
        broken.push(format!(
            "Member must satisfy regular expression pattern: {}",
            pattern.text
        ));
    }
    broken
}

/// The texts that a list or a map holds, and what they break, each once.
#[derive(Default)]
struct Texts {
    shown: Vec<String>,
    broken: Vec<String>,
}

impl Texts {
    fn add(&mut self, shown: String, value: &dyn Value, text: &Text) {
        let mut value_text = TextOf::default();
        value.write(&mut value_text);
        let value = value_text.0.as_deref();
        self.shown.push(shown + value.unwrap_or("null"));
        for constraint in value
            .map(|value| broken_by(value, text))
            .unwrap_or_default()
        {
            if !self.broken.contains(&constraint) {
                self.broken.push(constraint);
            }
        }
    }

    fn constraint(&self, of: &str) -> String {
        format!("{of} must satisfy constraint: [{}]", self.broken.join(", "))
    }
}

impl Writer for Check<'_> {
    fn null(&mut self) {
        if self.is_required {
            self.add("null", "Member must not be null");
        }
    }

    fn boolean(&mut self, _value: bool) {}

    fn integer(&mut self, value: i64) {
        self.number(&value.to_string(), value);
    }

    fn double(&mut self, value: f64) {
        self.number(&value.to_string(), value as i64);
    }

    fn text(&mut self, value: &str) {
        if let Shape::Text(text) = self.shape {
            self.report(value, broken_by(value, text));
        }
    }

    fn timestamp(&mut self, _value: Timestamp) {}

    /// Java shows the buffer and not what is in it; nobody has recorded how here.
    fn blob(&mut self, value: &[u8]) {
        if let Shape::Blob(bounds) = self.shape {
            self.length("java.nio.HeapByteBuffer", value.len(), *bounds);
        }
    }

    /// Recorded: texts are shown and refused as one list, structures each at its place, which counts from one.
    fn list(&mut self, items: &dyn Items) {
        let Shape::List(shape, bounds) = self.shape else {
            return;
        };
        let (mut texts, mut count) = (Texts::default(), 0);
        items.each(&mut |item| {
            count += 1;
            match shape {
                Shape::Text(text) => texts.add(String::new(), item, text),
                _ => self.below(&format!("{count}.member"), shape, item),
            }
        });
        let shown = format!("[{}]", texts.shown.join(", "));
        self.length(&shown, count, *bounds);
        if !texts.broken.is_empty() {
            self.report(&shown, vec![texts.constraint("Member")]);
        }
    }

    /// Guess after AWS's other services: as lists, with the entry's name in the place of the number.
    fn map(&mut self, entries: &dyn Entries) {
        let Shape::Map(shape, bounds) = self.shape else {
            return;
        };
        let (mut texts, mut count) = (Texts::default(), 0);
        entries.each(&mut |name, value| {
            count += 1;
            match shape {
                Shape::Text(text) => texts.add(format!("{name}="), value, text),
                _ => self.below(&format!("{name}.member"), shape, value),
            }
        });
        let shown = format!("{{{}}}", texts.shown.join(", "));
        self.length(&shown, count, *bounds);
        if !texts.broken.is_empty() {
            self.report(&shown, vec![texts.constraint("Map value")]);
        }
    }

    fn structure(&mut self, members: &dyn Members) {
        let prefix = format!("{}.", self.path);
        members.each(&mut |member, value| self.violations.member(&prefix, member, value));
    }
}

/// The text that a value is, if it is one.
#[derive(Default)]
struct TextOf(Option<String>);

impl Writer for TextOf {
    fn null(&mut self) {}
    fn boolean(&mut self, _value: bool) {}
    fn integer(&mut self, _value: i64) {}
    fn double(&mut self, _value: f64) {}
    fn text(&mut self, value: &str) {
        self.0 = Some(value.to_owned());
    }
    fn timestamp(&mut self, _value: Timestamp) {}
    fn blob(&mut self, _value: &[u8]) {}
    fn list(&mut self, _items: &dyn Items) {}
    fn map(&mut self, _entries: &dyn Entries) {}
    fn structure(&mut self, _members: &dyn Members) {}
}
