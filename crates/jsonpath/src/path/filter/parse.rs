//! The text of a filter becomes its expression: `||` binds loosest, then `&&`, then `!`.

use super::super::cursor::{Cursor, Fault, fail};
use super::super::literal::{Literal, quoted};
use super::super::parse::inner;
use super::{Expression, Operand, Operator, Path};
use crate::{Number, Pattern};

/// Reads up to the bracket that closes the filter.
pub(in super::super) fn parse(cursor: &mut Cursor<'_>) -> Result<Expression, Fault> {
    let mut inside = cursor.deeper()?;
    let expression = any(&mut inside)?;
    inside.blanks();
    if inside.peek() != Some(b')') {
        return inside.fail("expected an operator or `)`");
    }
    cursor.move_to(inside.at());
    Ok(expression)
}

fn any(cursor: &mut Cursor<'_>) -> Result<Expression, Fault> {
    let parts = joined(cursor, "||", all)?;
    Ok(parts.unwrap_or_else(|parts| Expression::Any(parts.into())))
}

fn all(cursor: &mut Cursor<'_>) -> Result<Expression, Fault> {
    let parts = joined(cursor, "&&", single)?;
    Ok(parts.unwrap_or_else(|parts| Expression::All(parts.into())))
}

/// One expression, or several with `word` between them.
fn joined(
    cursor: &mut Cursor<'_>,
    word: &str,
    part: fn(&mut Cursor<'_>) -> Result<Expression, Fault>,
) -> Result<Result<Expression, Vec<Expression>>, Fault> {
    let first = part(cursor)?;
    cursor.blanks();
    if !cursor.rest().starts_with(word) {
        return Ok(Ok(first));
    }
    let mut parts = vec![first];
    while cursor.eat(word) {
        parts.push(part(cursor)?);
        cursor.blanks();
    }
    Ok(Err(parts))
}

fn single(cursor: &mut Cursor<'_>) -> Result<Expression, Fault> {
    cursor.blanks();
    match cursor.peek() {
        Some(b'!') => negated(cursor),
        Some(b'(') => {
            cursor.step();
            let expression = parse(cursor)?;
            cursor.expect(")")?;
            Ok(expression)
        }
        _ => comparison(cursor),
    }
}

fn negated(cursor: &mut Cursor<'_>) -> Result<Expression, Fault> {
    cursor.step();
    cursor.blanks();
    match cursor.peek() {
        Some(b'$' | b'@') => Ok(match comparison(cursor)? {
            Expression::Exists(path, expected) => Expression::Exists(path, !expected),
            // Jayway's library passes over the `!` of `!@.a == 1`.
            other => other,
        }),
        Some(b'!' | b'(') => {
            let mut inside = cursor.deeper()?;
            let part = single(&mut inside)?;
            cursor.move_to(inside.at());
            Ok(Expression::Not(Box::new(part)))
        }
        _ => cursor.fail("expected a path or `(` behind `!`"),
    }
}

fn comparison(cursor: &mut Cursor<'_>) -> Result<Expression, Fault> {
    let start = cursor.at();
    let left = operand(cursor)?;
    cursor.blanks();
    if let Some(b'&' | b'|' | b')') = cursor.peek() {
        return match left {
            Operand::Path(path) => Ok(Expression::Exists(Box::new(path), true)),
            Operand::Literal(_) | Operand::Pattern(_) => {
                fail(start, "a literal alone is no condition")
            }
        };
    }
    let operator = operator(cursor)?;
    let right = operand(cursor)?;
    Ok(Expression::Compare(
        Box::new(left),
        operator,
        Box::new(right),
    ))
}

fn operator(cursor: &mut Cursor<'_>) -> Result<Operator, Fault> {
    let start = cursor.at();
    let rest = cursor.rest();
    let length = match rest.find(|character: char| !"<>=~!".contains(character)) {
        Some(0) => rest
            .find(|character: char| character.is_ascii_whitespace())
            .unwrap_or(rest.len()),
        Some(length) => length,
        None => rest.len(),
    };
    cursor.move_to(start + length);
    let text = &rest[..length];
    match Operator::named(text) {
        Some(operator) => Ok(operator),
        None if text.is_empty() => fail(start, "expected an operator or `)`"),
        None => fail(start, format!("`{text}` is not an operator")),
    }
}

fn operand(cursor: &mut Cursor<'_>) -> Result<Operand, Fault> {
    cursor.blanks();
    match cursor.peek() {
        Some(b'$' | b'@') => path(cursor).map(Operand::Path),
        Some(b'\'' | b'"') => {
            quoted(cursor).map(|text| Operand::Literal(Literal::Text(text.into())))
        }
        Some(b'[' | b'{') => json(cursor).map(Operand::Literal),
        Some(b'/') => pattern(cursor).map(|pattern| Operand::Pattern(Box::new(pattern))),
        _ => word(cursor).map(Operand::Literal),
    }
}

fn word(cursor: &mut Cursor<'_>) -> Result<Literal, Fault> {
    let words = [
        ("true", Literal::Bool(true)),
        ("false", Literal::Bool(false)),
        ("null", Literal::Null),
    ];
    for (word, literal) in words {
        if cursor.eat(word) {
            return Ok(literal);
        }
    }
    number(cursor)
}

fn number(cursor: &mut Cursor<'_>) -> Result<Literal, Fault> {
    let start = cursor.at();
    let rest = cursor.rest();
    let length = rest
        .find(|character: char| !character.is_ascii_digit() && !"+-.eE".contains(character))
        .unwrap_or(rest.len());
    match Number::parse_exact(&rest[..length]) {
        Some(number) => {
            cursor.move_to(start + length);
            Ok(Literal::Number(number))
        }
        None => cursor.fail(
            "expected a path, a string, a number, `true`, `false`, `null`, a list or a pattern",
        ),
    }
}

fn json(cursor: &mut Cursor<'_>) -> Result<Literal, Fault> {
    let start = cursor.at();
    let Some(close) = cursor.closing(start) else {
        return cursor.fail("bracket is not closed");
    };
    let Some(literal) = Literal::of_json(cursor.slice(start, close + 1)) else {
        return cursor.fail("malformed literal");
    };
    cursor.move_to(close + 1);
    Ok(literal)
}

/// `/…/i`; the flags are those of Java's inline groups.
fn pattern(cursor: &mut Cursor<'_>) -> Result<Pattern, Fault> {
    let start = cursor.at();
    let Some(close) = cursor.unescaped(start + 1, b'/') else {
        return cursor.fail("pattern is not closed");
    };
    cursor.move_to(close + 1);
    let rest = cursor.rest();
    let flags = &rest[..rest
        .find(|character| !"dixmsuU".contains(character))
        .unwrap_or(rest.len())];
    cursor.move_to(close + 1 + flags.len());
    let text = cursor.slice(start + 1, close);
    let parsed = if flags.is_empty() {
        Pattern::parse(text)
    } else {
        Pattern::parse(&format!("(?{flags}){text}"))
    };
    parsed.or_else(|error| fail(start, error.to_string()))
}

/// The path at the cursor. Where it ends is found as Jayway's library finds it: at a blank, a sign of an operator, or a `)` that does
/// not close a call without arguments, all of which may stand within brackets, but not within the second of two in a row.
fn path(cursor: &mut Cursor<'_>) -> Result<Path, Fault> {
    let start = cursor.at();
    let mut at = start + 1;
    while let Some(byte) = cursor.byte(at) {
        if byte == b'[' {
            let Some(close) = cursor.closing(at) else {
                return fail(at, "`[` is not closed");
            };
            at = close + 1;
        }
        match cursor.byte(at) {
            None | Some(b' ' | b'<' | b'>' | b'=' | b'~' | b'!') => break,
            Some(b')') if !closes_call(cursor.slice(start, at)) => break,
            Some(_) => at += 1,
        }
    }
    cursor.move_to(at);
    inner(cursor.part(start, at))
}

/// Whether a `)` behind this text closes a call: it has a name and no arguments.
fn closes_call(text: &str) -> bool {
    let before = text.trim_end_matches(' ').strip_suffix('(');
    before.is_some_and(|before| before.bytes().skip(1).any(|byte| byte == b'.'))
}
