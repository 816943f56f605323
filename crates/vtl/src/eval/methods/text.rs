//! The methods of `java.lang.String`. Places and lengths count UTF-16 units, as Java's.

use std::borrow::Cow;

use tollgate_jsonpath::{MatchError, Number, Pattern, Text, Value as Data};

use super::super::reference::Arguments;
use super::super::value::Value;
use super::super::{Halt, Outcome, Rendering, too_long};
use super::int;
use crate::ast::Literal;

/// `$text.indexOf(wanted, from)` and its kin: what is sought.
enum Wanted {
    Text(Text),
    Character(char),
}

impl<'r> Rendering<'r> {
    pub(super) fn text_method(
        &mut self,
        text: &Text,
        name: &str,
        arguments: &Arguments<'r>,
        literal: Option<&'r Literal>,
    ) -> Outcome<Value<'r>> {
        self.budget.look(text.len())?;
        match &arguments[..] {
            [] => self.text_without(text, name),
            [first] => match (first.as_text(), int(first)) {
                (Some(other), _) => self.text_with_text(text, name, other, literal),
                (_, Some(number)) => self.text_with_int(text, name, number),
                _ => self.text_with_any(name, arguments),
            },
            [first, second] => match (first.as_text(), second.as_text(), int(first), int(second)) {
                (Some(first), Some(second), ..) => {
                    self.text_with_texts(text, name, first, second, literal)
                }
                (Some(first), _, _, Some(second)) => {
                    self.text_with_text_and_int(text, name, first, second, literal)
                }
                (_, _, Some(from), Some(to)) => self.text_with_ints(text, name, from, to),
                _ => self.text_with_any(name, arguments),
            },
            _ => self.text_with_any(name, arguments),
        }
    }

    fn text_without(&mut self, text: &Text, name: &str) -> Outcome<Value<'r>> {
        match name {
            "length" => Ok(Value::from(Number::Int(units(text)))),
            "isEmpty" => Ok(Value::from(text.is_empty())),
            "isBlank" => Ok(Value::from(text.trim().is_empty())),
            "trim" => self.text(text.trim_matches(|found| found <= ' ')),
            "strip" => self.text(text.trim()),
            "stripLeading" => self.text(text.trim_start()),
            "stripTrailing" => self.text(text.trim_end()),
            "toLowerCase" => self.text(text.to_lowercase()),
            "toUpperCase" => self.text(text.to_uppercase()),
            "intern" => Ok(Value::from_text(text.clone())),
            "toCharArray" => self.texts(text.chars().map(String::from)),
            "lines" => self.texts(text.lines()),
            _ => Ok(Value::NULL),
        }
    }

    fn text_with_text(
        &mut self,
        text: &Text,
        name: &str,
        other: &Text,
        literal: Option<&'r Literal>,
    ) -> Outcome<Value<'r>> {
        self.budget.look(other.len())?;
        match name {
            "contains" => Ok(Value::from(text.contains(&**other))),
            "startsWith" => Ok(Value::from(text.starts_with(&**other))),
            "endsWith" => Ok(Value::from(text.ends_with(&**other))),
            "equalsIgnoreCase" => Ok(Value::from(same_but_case(text, other))),
            "contentEquals" => Ok(Value::from(text == other)),
            "compareTo" => Ok(Value::from(Number::Int(compare(text, other)))),
            "compareToIgnoreCase" => Ok(Value::from(Number::Int(compare(
                &text.to_lowercase(),
                &other.to_lowercase(),
            )))),
            "concat" => {
                self.pay_for_text(text.len() + other.len())?;
                Ok(Value::from([&**text, &**other].concat()))
            }
            "indexOf" => Ok(index(text, text.find(&**other))),
            "lastIndexOf" => Ok(index(text, text.rfind(&**other))),
            "matches" => {
                let pattern = self.pattern(other, literal)?;
                Ok(Value::from(pattern.get().matches(text).map_err(unmatched)?))
            }
            "split" => self.split(text, other, 0, literal),
            "format" => self.formatted(other, &[]),
            "valueOf" => Ok(Value::from_text(other.clone())),
            _ => Ok(Value::NULL),
        }
    }

    fn text_with_int(&mut self, text: &Text, name: &str, number: i32) -> Outcome<Value<'r>> {
        match name {
            "charAt" => self.substring(text, number, number.saturating_add(1)),
            "codePointAt" => match offset(text, number).and_then(|at| text[at..].chars().next()) {
                Some(found) => Ok(Value::from(Number::Int(found as i32))),
                None => Err(out_of_range(number, text)),
            },
            "substring" => self.substring(text, number, units(text)),
            "indexOf" => Ok(index(
                text,
                char_of(number).and_then(|wanted| text.find(wanted)),
            )),
            "lastIndexOf" => Ok(index(
                text,
                char_of(number).and_then(|wanted| text.rfind(wanted)),
            )),
            "repeat" => {
                let count = usize::try_from(number)
                    .map_err(|_| Halt::fault("a text cannot be repeated less than 0 times"))?;
                self.pay_for_text(text.len().saturating_mul(count))?;
                Ok(Value::from(text.repeat(count)))
            }
            "valueOf" | "copyValueOf" => self.text(number.to_string()),
            _ => Ok(Value::NULL),
        }
    }

    fn text_with_ints(
        &mut self,
        text: &Text,
        name: &str,
        from: i32,
        to: i32,
    ) -> Outcome<Value<'r>> {
        match name {
            "substring" | "subSequence" => self.substring(text, from, to),
            "indexOf" => Ok(match char_of(from) {
                Some(wanted) => index_from(text, &Wanted::Character(wanted), to),
                None => index(text, None),
            }),
            "lastIndexOf" => Ok(match char_of(from) {
                Some(wanted) => last_index_from(text, &Wanted::Character(wanted), to),
                None => index(text, None),
            }),
            _ => Ok(Value::NULL),
        }
    }

    fn text_with_texts(
        &mut self,
        text: &Text,
        name: &str,
        first: &Text,
        second: &Text,
        literal: Option<&'r Literal>,
    ) -> Outcome<Value<'r>> {
        let max = self.budget.limits().output_bytes_max;
        match name {
            "replace" => {
                let replaced = replace(text, first, second, max)?;
                self.text(replaced)
            }
            "replaceAll" => {
                let pattern = self.pattern(first, literal)?;
                let replaced = pattern
                    .get()
                    .replace_all(text, second, max)
                    .map_err(unmatched)?;
                self.text(replaced)
            }
            "replaceFirst" => {
                let pattern = self.pattern(first, literal)?;
                let replaced = pattern
                    .get()
                    .replace_first(text, second, max)
                    .map_err(unmatched)?;
                self.text(replaced)
            }
            "format" => self.formatted(first, &[Value::from_text(second.clone())]),
            "join" => self.text(&**second),
            _ => Ok(Value::NULL),
        }
    }

    fn text_with_text_and_int(
        &mut self,
        text: &Text,
        name: &str,
        other: &Text,
        number: i32,
        literal: Option<&'r Literal>,
    ) -> Outcome<Value<'r>> {
        match name {
            "indexOf" => Ok(index_from(text, &Wanted::Text(other.clone()), number)),
            "lastIndexOf" => Ok(last_index_from(text, &Wanted::Text(other.clone()), number)),
            "startsWith" => Ok(Value::from(
                offset(text, number).is_some_and(|at| text[at..].starts_with(&**other)),
            )),
            "split" => self.split(text, other, number, literal),
            "format" => self.formatted(other, &[Value::from(Number::Int(number))]),
            _ => Ok(Value::NULL),
        }
    }

    /// Java's static methods, which templates reach by way of any text.
    fn text_with_any(&mut self, name: &str, arguments: &Arguments<'r>) -> Outcome<Value<'r>> {
        match (name, &arguments[..]) {
            ("valueOf", [value]) => Ok(self
                .printed(value)?
                .map_or_else(|| Value::from("null"), Value::from_text)),
            ("format", [format, values @ ..]) => match format.as_text() {
                Some(format) => self.formatted(format, values),
                None => Ok(Value::NULL),
            },
            ("join", [separator, Value::Data(Data::List(list))]) => match separator.as_text() {
                Some(separator) => self.joined(separator, &list.borrow()),
                None => Ok(Value::NULL),
            },
            ("join", [separator, texts @ ..]) => {
                let all = texts.iter().map(Value::as_text).collect::<Option<Vec<_>>>();
                match (separator.as_text(), all) {
                    (Some(separator), Some(all)) => {
                        let all: Vec<Data> = all.into_iter().cloned().map(Data::Text).collect();
                        self.joined(separator, &all)
                    }
                    _ => Ok(Value::NULL),
                }
            }
            ("equalsIgnoreCase", [value]) if value.is_null() => Ok(Value::from(false)),
            // Java takes null for the text's argument and throws.
            (_, [value]) if value.is_null() && wants_text(name) => Err(Halt::fault(format!(
                "{name} of a text wants a text, not null"
            ))),
            ("replace" | "replaceAll" | "replaceFirst", [first, second])
                if null_or_text(first) && null_or_text(second) =>
            {
                Err(Halt::fault(format!(
                    "{name} of a text wants texts, not null"
                )))
            }
            _ => Ok(Value::NULL),
        }
    }

    fn joined(&mut self, separator: &Text, items: &[Data]) -> Outcome<Value<'r>> {
        let (text, ()) = self.apart(|rendering| {
            for (index, item) in items.iter().enumerate() {
                rendering.budget.steps(1)?;
                if index > 0 {
                    rendering.out.put(separator)?;
                }
                rendering.put_value(&Value::Data(item.clone()))?;
            }
            Ok(())
        })?;
        self.text(text)
    }

    fn substring(&mut self, text: &Text, from: i32, to: i32) -> Outcome<Value<'r>> {
        if from > to || from < 0 {
            return Err(out_of_range(from.max(to), text));
        }
        match (cut(text, from), cut(text, to)) {
            (Some(start), Some(end)) if start.at <= end.at => {
                let piece = &text[start.at..end.at];
                // Half of a pair prints as Java prints it.
                let piece = match (start.halves, end.halves) {
                    (false, false) => Cow::Borrowed(piece),
                    (front, back) => Cow::Owned(halved(text, &start, &end, front, back)),
                };
                self.text(&*piece)
            }
            (Some(_), Some(_)) => self.text("?"),
            _ => Err(out_of_range(to, text)),
        }
    }

    fn split(
        &mut self,
        text: &Text,
        pattern: &Text,
        limit: i32,
        literal: Option<&'r Literal>,
    ) -> Outcome<Value<'r>> {
        let pattern = self.pattern(pattern, literal)?;
        let pieces = pattern.get().split(text, limit).map_err(unmatched)?;
        self.texts(pieces)
    }

    /// A pattern: that of a literal is kept with it.
    fn pattern(&mut self, text: &Text, literal: Option<&'r Literal>) -> Outcome<Kept<'r>> {
        match literal {
            Some(literal) => match literal
                .pattern
                .get_or_init(|| Pattern::parse(&literal.text))
            {
                Ok(pattern) => Ok(Kept::Literal(pattern)),
                Err(error) => Err(Halt::fault(format!("the pattern does not parse: {error}"))),
            },
            None => {
                /// Making a pattern takes far longer than looking at its text.
                const COST: usize = 200;
                self.budget.look((64 + text.len()) * COST)?;
                let pattern = Pattern::parse(text)
                    .map_err(|error| Halt::fault(format!("the pattern does not parse: {error}")))?;
                Ok(Kept::Made(Box::new(pattern)))
            }
        }
    }
}

/// A pattern of the template or of this call.
enum Kept<'r> {
    Literal(&'r Pattern),
    Made(Box<Pattern>),
}

impl Kept<'_> {
    fn get(&self) -> &Pattern {
        match self {
            Self::Literal(pattern) => pattern,
            Self::Made(pattern) => pattern,
        }
    }
}

/// Whether a method takes one text.
fn wants_text(name: &str) -> bool {
    matches!(
        name,
        "contains"
            | "startsWith"
            | "endsWith"
            | "contentEquals"
            | "compareToIgnoreCase"
            | "indexOf"
            | "lastIndexOf"
            | "split"
            | "matches"
            | "concat"
    )
}

fn null_or_text(value: &Value<'_>) -> bool {
    value.is_null() || value.as_text().is_some()
}

/// Whether a method has no form that takes arguments.
pub(super) fn takes_nothing(name: &str) -> bool {
    matches!(
        name,
        "length"
            | "isEmpty"
            | "isBlank"
            | "trim"
            | "strip"
            | "stripLeading"
            | "stripTrailing"
            | "toLowerCase"
            | "toUpperCase"
            | "intern"
            | "toCharArray"
            | "lines"
            | "toString"
            | "hashCode"
    )
}

fn unmatched(error: MatchError) -> Halt {
    Halt::fault(error.to_string())
}

/// How many UTF-16 units a text has.
pub(super) fn units(text: &str) -> i32 {
    let count = if text.is_ascii() {
        text.len()
    } else {
        text.chars().map(char::len_utf16).sum()
    };
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A place between the units of a text.
struct Cut {
    /// The byte, before the character that the cut halves.
    at: usize,
    halves: bool,
}

/// The place behind so many units; nothing beyond the text.
fn cut(text: &str, place: i32) -> Option<Cut> {
    let place = usize::try_from(place).ok()?;
    if text.is_ascii() {
        return (place <= text.len()).then_some(Cut {
            at: place,
            halves: false,
        });
    }
    let mut passed = 0;
    for (at, character) in text.char_indices() {
        if passed >= place {
            return Some(Cut { at, halves: false });
        }
        passed += character.len_utf16();
        if passed > place {
            return Some(Cut { at, halves: true });
        }
    }
    (passed == place).then_some(Cut {
        at: text.len(),
        halves: false,
    })
}

/// The byte behind so many units, if no character is halved.
fn offset(text: &str, place: i32) -> Option<usize> {
    cut(text, place).filter(|cut| !cut.halves).map(|cut| cut.at)
}

fn halved(text: &str, start: &Cut, end: &Cut, front: bool, back: bool) -> String {
    let mut out = String::new();
    let mut from = start.at;
    if front {
        out.push('?');
        from += text[from..].chars().next().map_or(0, char::len_utf8);
    }
    out.push_str(text.get(from..end.at).unwrap_or_default());
    if back {
        out.push('?');
    }
    out
}

fn out_of_range(place: i32, text: &str) -> Halt {
    Halt::fault(format!(
        "index {place} is out of bounds for a text of length {}",
        units(text)
    ))
}

/// The place of a byte in units, or -1.
fn index<'r>(text: &str, found: Option<usize>) -> Value<'r> {
    Value::from(Number::Int(found.map_or(-1, |at| units(&text[..at]))))
}

fn index_from<'r>(text: &str, wanted: &Wanted, from: i32) -> Value<'r> {
    let Some(start) = cut(text, from.max(0)) else {
        let empty = matches!(wanted, Wanted::Text(wanted) if wanted.is_empty());
        return Value::from(Number::Int(if empty { units(text) } else { -1 }));
    };
    let start = start.at;
    let found = match wanted {
        Wanted::Text(wanted) => text[start..].find(&**wanted),
        Wanted::Character(wanted) => text[start..].find(*wanted),
    };
    index(text, found.map(|at| start + at))
}

fn last_index_from<'r>(text: &str, wanted: &Wanted, from: i32) -> Value<'r> {
    if from < 0 {
        return index(text, None);
    }
    let start = cut(text, from).map_or(text.len(), |cut| cut.at);
    let length = match wanted {
        Wanted::Text(wanted) => wanted.len(),
        Wanted::Character(wanted) => wanted.len_utf8(),
    };
    let mut end = start.saturating_add(length).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let found = match wanted {
        Wanted::Text(wanted) => text[..end].rfind(&**wanted),
        Wanted::Character(wanted) => text[..end].rfind(*wanted),
    };
    index(text, found.filter(|at| *at <= start))
}

fn char_of(code: i32) -> Option<char> {
    u32::try_from(code).ok().and_then(char::from_u32)
}

fn same_but_case(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right) || left.to_uppercase() == right.to_uppercase()
}

/// Java's `compareTo`: the difference of the first units that differ, else of the lengths.
fn compare(left: &str, right: &str) -> i32 {
    let differing = left
        .encode_utf16()
        .zip(right.encode_utf16())
        .find(|(left, right)| left != right);
    differing.map_or_else(
        || units(left).wrapping_sub(units(right)),
        |(left, right)| i32::from(left) - i32::from(right),
    )
}

/// Java's `hashCode`.
pub(super) fn hash(text: &str) -> i32 {
    text.encode_utf16().fold(0, |hash: i32, unit| {
        hash.wrapping_mul(31).wrapping_add(i32::from(unit))
    })
}

/// Each `from` becomes `to`, within a length.
fn replace(text: &str, from: &str, to: &str, bytes_max: usize) -> Outcome<String> {
    let count = text.matches(from).count();
    let length = text.len()
        + count
            .saturating_mul(to.len())
            .saturating_sub(count * from.len());
    if length > bytes_max {
        return Err(too_long(bytes_max));
    }
    Ok(text.replace(from, to))
}
