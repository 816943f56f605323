//! The text of a path becomes its steps.

use std::cell::Cell;

use super::cursor::{Cursor, Fault, STEPS_MAX, fail};
use super::function::{Call, Function, Parameter};
use super::literal::{self, Literal};
use super::{Kind, Path, PathError, filter};

pub(super) fn path(text: &str) -> Result<Path, PathError> {
    let trimmed = text.trim_end_matches(' ');
    let (whole, shift) = match trimmed.bytes().next() {
        Some(b'$' | b'@') => (trimmed.to_owned(), 0),
        _ => (format!("$.{trimmed}"), 2),
    };
    let steps_left = Cell::new(STEPS_MAX);
    inner(Cursor::new(&whole, &steps_left)).map_err(|fault| {
        let before = &whole.as_bytes()[..fault.offset.min(whole.len())];
        let characters = before.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        PathError {
            problem: fault.problem,
            column: 1 + characters.saturating_sub(shift),
        }
    })
}

/// Reads a path that takes all of the cursor's text.
pub(super) fn inner(cursor: Cursor<'_>) -> Result<Path, Fault> {
    let mut cursor = cursor.deeper()?;
    let rooted = match cursor.peek() {
        Some(b'$') => true,
        Some(b'@') => false,
        _ => return cursor.fail("a path starts with `$` or `@`"),
    };
    cursor.step();
    if !matches!(cursor.peek(), None | Some(b'.' | b'[')) {
        return cursor.fail("expected `.` or `[`");
    }
    let mut kinds = Vec::new();
    while !cursor.is_done() {
        cursor.count()?;
        step(&mut cursor, &mut kinds)?;
    }
    Ok(Path::new(turned(kinds, rooted), rooted))
}

/// A function behind a scan works on all that the scan finds: `$..price.sum()` reads as `$.sum($..price)`.
fn turned(mut kinds: Vec<Kind>, rooted: bool) -> Vec<Kind> {
    let ends_in_call = matches!(kinds.last(), Some(Kind::Function(_)));
    if !ends_in_call || !matches!(kinds.first(), Some(Kind::Scan)) {
        return kinds;
    }
    let Some(place) = kinds
        .iter()
        .position(|kind| matches!(kind, Kind::Function(_)))
    else {
        return kinds;
    };
    // A call right behind the scan has nothing to work on, and the library fails.
    if place == 1 {
        return vec![Kind::Scan];
    }
    let calls = kinds.split_off(place);
    let scanned = Path::new(kinds, rooted);
    let mut turned: Vec<Kind> = Vec::with_capacity(calls.len());
    turned.extend(calls);
    if let Some(Kind::Function(call)) = turned.first_mut() {
        call.parameters = vec![Parameter::Path(scanned)];
    }
    turned
}

fn step(cursor: &mut Cursor<'_>, kinds: &mut Vec<Kind>) -> Result<(), Fault> {
    let kind = match cursor.peek() {
        Some(b'.') => return dot(cursor, kinds),
        Some(b'[') => bracket(cursor)?,
        Some(b'*') => {
            cursor.step();
            Kind::Wildcard
        }
        _ => name(cursor)?,
    };
    kinds.push(kind);
    pass_over_last(cursor);
    Ok(())
}

/// Jayway's library takes its place for the end of the path when one character is left behind a step.
fn pass_over_last(cursor: &mut Cursor<'_>) {
    let mut rest = cursor.rest().chars();
    if let (Some(last), None) = (rest.next(), rest.next())
        && last != '.'
    {
        cursor.move_to(cursor.end());
    }
}

fn dot(cursor: &mut Cursor<'_>, kinds: &mut Vec<Kind>) -> Result<(), Fault> {
    if cursor.eat("..") {
        kinds.push(Kind::Scan);
    } else {
        cursor.step();
    }
    match cursor.peek() {
        None => cursor.fail("a path must not end with `.`"),
        Some(b'.') => cursor.fail("unexpected `.`"),
        Some(_) => step(cursor, kinds),
    }
}

/// `a` or `a(…)`
fn name(cursor: &mut Cursor<'_>) -> Result<Kind, Fault> {
    let start = cursor.at();
    let length = cursor
        .rest()
        .find(['.', '[', '(', ' '])
        .unwrap_or(cursor.rest().len());
    cursor.move_to(start + length);
    let name = cursor.slice(start, cursor.at());
    match cursor.peek() {
        Some(b' ') => cursor.fail("a name with blanks belongs in brackets: `['my name']`"),
        Some(b'(') => call(cursor, start, name),
        _ => Ok(Kind::Member(name.into())),
    }
}

fn call(cursor: &mut Cursor<'_>, start: usize, name: &str) -> Result<Kind, Fault> {
    let Some(function) = Function::named(name) else {
        return fail(start, format!("there is no function `{name}`"));
    };
    let open = cursor.at();
    let Some(close) = cursor.closing(open) else {
        return cursor.fail(format!("arguments of `{name}` are not closed"));
    };
    let parameters = parameters(cursor.part(open + 1, close).deeper()?)?;
    cursor.move_to(close + 1);
    Ok(Kind::Function(Box::new(Call {
        function,
        parameters,
    })))
}

fn parameters(mut cursor: Cursor<'_>) -> Result<Vec<Parameter>, Fault> {
    let mut parameters = Vec::new();
    loop {
        cursor.blanks();
        if cursor.is_done() {
            return Ok(parameters);
        }
        let end = parameter_end(&cursor)?;
        parameters.extend(parameter(cursor.part(cursor.at(), end))?);
        cursor.move_to(end + 1);
    }
}

fn parameter_end(cursor: &Cursor<'_>) -> Result<usize, Fault> {
    let mut at = cursor.at();
    while let Some(byte) = cursor.byte(at) {
        let close = match byte {
            b',' => return Ok(at),
            b'(' | b'[' | b'{' => cursor.closing(at),
            b'"' | b'\'' => cursor.unescaped(at + 1, byte),
            b']' | b'}' => return fail(at, format!("unexpected `{}`", char::from(byte))),
            _ => Some(at),
        };
        match close {
            Some(close) => at = close + 1,
            None => return fail(at, format!("`{}` is not closed", char::from(byte))),
        }
    }
    Ok(cursor.end())
}

/// Jayway's library takes paths, numbers, double-quoted strings and objects, and passes over all else.
fn parameter(cursor: Cursor<'_>) -> Result<Option<Parameter>, Fault> {
    let text = cursor.rest().trim_end();
    match cursor.peek() {
        Some(b'$' | b'@') => inner(cursor.part(cursor.at(), cursor.at() + text.len()))
            .map(|path| Some(Parameter::Path(path))),
        Some(b'{' | b'"' | b'-' | b'0'..=b'9') => match Literal::of_json(text) {
            Some(literal) => Ok(Some(Parameter::Literal(literal))),
            None => cursor.fail("malformed argument"),
        },
        _ => Ok(None),
    }
}

fn bracket(cursor: &mut Cursor<'_>) -> Result<Kind, Fault> {
    let open = cursor.at();
    cursor.step();
    cursor.blanks();
    match cursor.peek() {
        Some(quote @ (b'\'' | b'"')) => members(cursor, quote),
        Some(b'0'..=b'9' | b'-' | b':') => indexes(cursor),
        Some(b'*') => {
            cursor.step();
            cursor.expect("]")?;
            Ok(Kind::Wildcard)
        }
        Some(b'?') => filtered(cursor),
        _ => fail(open, "expected `?`, a quote, a digit or `*` behind `[`"),
    }
}

/// `['a', 'b']`
fn members(cursor: &mut Cursor<'_>, quote: u8) -> Result<Kind, Fault> {
    let mut names = Vec::new();
    loop {
        cursor.blanks();
        if cursor.peek() != Some(quote) {
            return cursor.fail(format!("expected a name in {}", char::from(quote)));
        }
        names.push(Box::from(literal::quoted(cursor)?));
        cursor.blanks();
        if !cursor.eat(",") {
            break;
        }
    }
    cursor.expect("]")?;
    Ok(match names.len() {
        1 => Kind::Member(names.swap_remove(0)),
        _ => Kind::Members(names.into()),
    })
}

/// `[0]`, `[0, 1]`, `[1:3]`
fn indexes(cursor: &mut Cursor<'_>) -> Result<Kind, Fault> {
    let start = cursor.at();
    let Some(length) = cursor.rest().find(']') else {
        return cursor.fail("`[` is not closed");
    };
    let text = cursor.slice(start, start + length);
    let kind = if text.contains(':') {
        slice(text)
    } else {
        list(text)
    };
    let Some(kind) = kind else {
        return fail(start, "malformed index");
    };
    cursor.move_to(start + length + 1);
    Ok(kind)
}

fn list(text: &str) -> Option<Kind> {
    if text.contains('+') {
        return None;
    }
    let indexes: Option<Vec<i32>> = text
        .split(',')
        .map(|index| index.trim().parse().ok())
        .collect();
    let indexes = indexes?;
    Some(match indexes[..] {
        [index] => Kind::Index(index),
        _ => Kind::Indexes(indexes.into()),
    })
}

/// Jayway's library has no step width: of `[1:5:2]` it reads the first two numbers.
fn slice(text: &str) -> Option<Kind> {
    let bound = |text: Option<&str>| match text {
        None | Some("") => Some(None),
        Some(text) => text.parse().ok().map(Some),
    };
    let text = text.trim();
    if !text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b':'))
    {
        return None;
    }
    let mut bounds = text.split(':');
    let (from, to) = (bound(bounds.next())?, bound(bounds.next())?);
    (from.is_some() || to.is_some()).then_some(Kind::Slice(from, to))
}

/// `[?(…)]`; the cursor stands at the question mark.
fn filtered(cursor: &mut Cursor<'_>) -> Result<Kind, Fault> {
    cursor.step();
    cursor.expect("(")?;
    let expression = filter::parse(cursor)?;
    cursor.expect(")")?;
    cursor.expect("]")?;
    Ok(Kind::Filter(Box::new(expression)))
}
