//! Character classes: `[a-z&&[^bc]]`.

use super::escape::{self, Escape};
use super::flags::Flags;
use super::literal;
use super::source::{Fault, Source};

/// Classes nest no deeper; each level takes some of the stack.
const DEPTH_MAX: usize = 32;

/// Reads a class whose opening bracket is read already, and writes it in the engines' syntax.
pub(super) fn read(source: &mut Source<'_>, flags: Flags, out: &mut String) -> Result<(), Fault> {
    nested(source, flags, out, DEPTH_MAX)
}

fn nested(
    source: &mut Source<'_>,
    flags: Flags,
    out: &mut String,
    depth: usize,
) -> Result<(), Fault> {
    let Some(depth) = depth.checked_sub(1) else {
        return source.fail("class is nested too deep");
    };
    out.push('[');
    if source.eat("^") {
        out.push('^');
    }
    let mut empty = true;
    loop {
        if flags.comments {
            source.skip_comments();
        }
        if source.eat("&&") {
            intersection(source, flags, out, depth, empty)?;
            empty = false;
            continue;
        }
        match source.next() {
            None => return source.fail("class is not closed"),
            Some(']') if !empty => break,
            Some('[') => nested(source, flags, out, depth)?,
            Some(character) => element(source, flags, out, character)?,
        }
        empty = false;
    }
    out.push(']');
    Ok(())
}

/// Java takes nothing on one side of `&&` for everything.
fn intersection(
    source: &mut Source<'_>,
    flags: Flags,
    out: &mut String,
    depth: usize,
    empty: bool,
) -> Result<(), Fault> {
    while source.eat("&&") {}
    if empty || source.peek() == Some(']') {
        return Ok(());
    }
    out.push_str("&&");
    if source.eat("[") {
        nested(source, flags, out, depth)
    } else {
        Ok(())
    }
}

/// A character, a set, or a range.
fn element(
    source: &mut Source<'_>,
    flags: Flags,
    out: &mut String,
    first: char,
) -> Result<(), Fault> {
    if first == '\\' && source.eat("Q") {
        quoted(source, flags, out);
        return Ok(());
    }
    let low = match member(source, flags, first)? {
        Escape::Set(set) => {
            out.push_str(&set);
            return Ok(());
        }
        Escape::Character(character) => character,
    };
    let before = source.at();
    if source.eat("-")
        && !matches!(source.peek(), None | Some(']' | '['))
        && !source.rest().starts_with("&&")
    {
        let Some(character) = source.next() else {
            return source.fail("class is not closed");
        };
        return match member(source, flags, character)? {
            Escape::Character(high) if low <= high => {
                range(low, high, flags, out);
                Ok(())
            }
            Escape::Character(_) => source.fail("range runs backwards"),
            Escape::Set(_) => source.fail("a set cannot end a range"),
        };
    }
    source.move_to(before);
    range(low, low, flags, out);
    Ok(())
}

fn member(source: &mut Source<'_>, flags: Flags, character: char) -> Result<Escape, Fault> {
    if character != '\\' {
        return Ok(Escape::Character(character));
    }
    match escape::read(source, flags)? {
        Some(escape) => Ok(escape),
        None => source.fail("unknown escape in a class"),
    }
}

fn quoted(source: &mut Source<'_>, flags: Flags, out: &mut String) {
    for character in source.quoted().chars() {
        range(character, character, flags, out);
    }
}

/// Writes a range, with the other case of its letters where that does not count.
fn range(low: char, high: char, flags: Flags, out: &mut String) {
    write_range(low, high, out);
    if flags.folds_unicode() {
        // The engines fold the class themselves: see `translate::fold`.
        return;
    }
    if flags.ignore_case {
        let shared = |first: char, last: char| (low.max(first), high.min(last));
        let (from, to) = shared('a', 'z');
        if from <= to {
            write_range(from.to_ascii_uppercase(), to.to_ascii_uppercase(), out);
        }
        let (from, to) = shared('A', 'Z');
        if from <= to {
            write_range(from.to_ascii_lowercase(), to.to_ascii_lowercase(), out);
        }
    }
}

fn write_range(low: char, high: char, out: &mut String) {
    literal(low, out);
    if low < high {
        out.push('-');
        literal(high, out);
    }
}
