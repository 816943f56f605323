//! Java's syntax becomes that of the engines. Flags are resolved here, so that what the engines read needs none.

use super::escape::{self, Escape};
use super::flags::Flags;
use super::source::{Fault, Source};
use super::translation::{Anchor, Piece, Translation};
use super::{PatternError, class, literal};

/// Groups nest no deeper; each level takes some of the stack, here and in the engines.
const DEPTH_MAX: usize = 100;

pub(super) fn translate(text: &str) -> Result<Translation, PatternError> {
    let mut translator = Translator::new(text);
    translator.everything().map_err(|fault| {
        let before = &text.as_bytes()[..fault.offset.min(text.len())];
        PatternError {
            problem: fault.problem,
            column: 1 + before.iter().filter(|byte| **byte & 0xc0 != 0x80).count(),
        }
    })?;
    Ok(translator.finish())
}

struct Translator<'t> {
    source: Source<'t>,
    flags: Flags,
    out: String,
    pieces: Vec<Piece>,
    backtracks: bool,
    bounded: bool,
    groups: usize,
    names: Vec<(Box<str>, usize)>,
    depth: usize,
    /// The text so far, while it is nothing but characters.
    literal: Option<String>,
    /// Something stands before this place that a quantifier may repeat.
    repeatable: bool,
}

impl<'t> Translator<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            source: Source::new(text),
            flags: Flags::default(),
            out: String::with_capacity(text.len() + 8),
            pieces: Vec::new(),
            backtracks: false,
            bounded: true,
            groups: 0,
            names: Vec::new(),
            depth: 0,
            literal: Some(String::new()),
            repeatable: false,
        }
    }

    fn finish(mut self) -> Translation {
        self.pieces.push(Piece::Text(self.out));
        Translation {
            backtracks: self.backtracks,
            bounded: self.bounded,
            literal: self.literal.map(Into::into),
            knows_lines: self.pieces.len() > 1,
            pieces: self.pieces,
            groups: self.groups,
            names: self.names,
        }
    }

    fn everything(&mut self) -> Result<(), Fault> {
        self.alternatives()?;
        match self.source.peek() {
            Some(_) => self.source.fail("`)` without `(`"),
            None => Ok(()),
        }
    }

    /// Reads up to the end, or to the bracket that closes the group.
    fn alternatives(&mut self) -> Result<(), Fault> {
        loop {
            if self.flags.comments {
                self.source.skip_comments();
            }
            match self.source.peek() {
                None | Some(')') => return Ok(()),
                Some(character) => {
                    let start = self.source.at();
                    self.source.next();
                    self.item(character, start)?;
                }
            }
        }
    }

    fn item(&mut self, character: char, start: usize) -> Result<(), Fault> {
        if "|([*+?{.^$".contains(character) {
            self.literal = None;
        }
        match character {
            '|' => {
                self.out.push('|');
                self.repeatable = false;
            }
            '(' => self.group()?,
            '[' => {
                self.fold(true);
                class::read(&mut self.source, self.flags, &mut self.out)?;
                self.fold(false);
                self.repeatable = true;
            }
            '*' | '+' | '?' | '{' => self.quantifier(character, start)?,
            '.' => {
                self.out.push_str(self.dot());
                self.repeatable = true;
            }
            '^' if self.flags.multi_line => self.anchor(Anchor::LineStart {
                unix: self.flags.unix_lines,
            }),
            '^' => self.assertion(r"\A"),
            '$' if self.flags.multi_line => self.anchor(Anchor::LineEnd {
                unix: self.flags.unix_lines,
            }),
            '$' => self.anchor(Anchor::End {
                unix: self.flags.unix_lines,
            }),
            '\\' => self.escape(start)?,
            other => self.character(other),
        }
        Ok(())
    }

    fn dot(&self) -> &'static str {
        if self.flags.dot_all {
            "(?s:.)"
        } else if self.flags.unix_lines {
            r"[^\n]"
        } else {
            r"[^\n\r\x{85}\x{2028}\x{2029}]"
        }
    }

    fn anchor(&mut self, anchor: Anchor) {
        self.pieces.push(Piece::Text(std::mem::take(&mut self.out)));
        self.pieces.push(Piece::Anchor(anchor));
        self.repeatable = true;
    }

    fn assertion(&mut self, syntax: &str) {
        self.out.push_str(syntax);
        self.repeatable = true;
    }

    fn character(&mut self, character: char) {
        self.repeatable = true;
        match &mut self.literal {
            Some(literal) if !self.flags.ignore_case => literal.push(character),
            _ => self.literal = None,
        }
        if self.flags.folds_ascii() && character.is_ascii_alphabetic() {
            let (lower, upper) = (
                character.to_ascii_lowercase(),
                character.to_ascii_uppercase(),
            );
            self.out.extend(['[', lower, upper, ']']);
            return;
        }
        self.fold(true);
        literal(character, &mut self.out);
        self.fold(false);
    }

    /// Where letter case does not count beyond ASCII either, the engines do the folding.
    fn fold(&mut self, open: bool) {
        if self.flags.folds_unicode() {
            self.out.push_str(if open { "(?i:" } else { ")" });
        }
    }

    fn quantifier(&mut self, character: char, start: usize) -> Result<(), Fault> {
        if !self.repeatable {
            self.source.move_to(start);
            return self
                .source
                .fail(format!("nothing to repeat before `{character}`"));
        }
        self.repeatable = false;
        match character {
            '{' => self.counts()?,
            simple => {
                self.bounded &= simple == '?';
                self.out.push(simple);
            }
        }
        if self.source.eat("?") {
            self.out.push('?');
        } else if self.source.eat("+") {
            self.out.push('+');
            self.backtracks = true;
        }
        Ok(())
    }

    /// `{2}`, `{2,}`, `{2,3}`
    fn counts(&mut self) -> Result<(), Fault> {
        let rest = self.source.rest();
        let inside = rest.find('}').map(|length| &rest[..length]);
        let number = |text: &str| {
            text.parse::<u32>()
                .ok()
                .filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let valid = inside.is_some_and(|inside| match inside.split_once(',') {
            None => number(inside).is_some(),
            Some((least, "")) => number(least).is_some(),
            Some((least, most)) => number(least)
                .zip(number(most))
                .is_some_and(|(least, most)| least <= most),
        });
        let Some(inside) = inside.filter(|_| valid) else {
            return self.source.fail("malformed repetition");
        };
        self.bounded &= !inside.ends_with(',');
        self.out.extend(["{", inside, "}"]);
        self.source.move_to(self.source.at() + inside.len() + 1);
        Ok(())
    }

    fn group(&mut self) -> Result<(), Fault> {
        let start = self.source.at();
        let flags = self.flags;
        let opening = self.opening()?;
        let Some(opening) = opening else {
            return Ok(());
        };
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return self.source.fail("groups are nested too deep");
        }
        self.out.push_str(opening);
        self.repeatable = false;
        self.alternatives()?;
        if !self.source.eat(")") {
            self.source.move_to(start);
            return self.source.fail("group is not closed");
        }
        self.out.push(')');
        self.depth -= 1;
        self.flags = flags;
        self.repeatable = true;
        Ok(())
    }

    /// What opens a group; nothing where flags were set for the rest of the group around.
    fn opening(&mut self) -> Result<Option<&'static str>, Fault> {
        let fancy = ["?=", "?!", "?<=", "?<!", "?>"];
        let written = ["(?=", "(?!", "(?<=", "(?<!", "(?>"];
        for (syntax, written) in fancy.into_iter().zip(written) {
            if self.source.eat(syntax) {
                self.backtracks = true;
                return Ok(Some(written));
            }
        }
        if self.source.eat("?<") {
            self.groups += 1;
            let name = self.name()?;
            self.names.push((name.into(), self.groups));
            return Ok(Some("("));
        }
        if self.source.eat("?") {
            return self.inline_flags();
        }
        self.groups += 1;
        Ok(Some("("))
    }

    /// `i)`, `i:`, `-x)`
    fn inline_flags(&mut self) -> Result<Option<&'static str>, Fault> {
        let mut on = true;
        loop {
            match self.source.next() {
                Some('-') if on => on = false,
                Some(')') => return Ok(None),
                Some(':') => return Ok(Some("(?:")),
                Some(flag) if self.flags.set(flag, on).is_some() => {}
                _ => return self.source.fail("unknown kind of group"),
            }
        }
    }

    /// The name of a group, up to `>`.
    fn name(&mut self) -> Result<&'t str, Fault> {
        let rest = self.source.rest();
        let length = rest.find('>').unwrap_or_default();
        let name = &rest[..length];
        let wordlike = name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !wordlike {
            return self.source.fail("malformed name of a group");
        }
        self.source.move_to(self.source.at() + length + 1);
        Ok(name)
    }

    fn escape(&mut self, start: usize) -> Result<(), Fault> {
        match escape::read(&mut self.source, self.flags)? {
            Some(Escape::Character(character)) => self.character(character),
            Some(Escape::Set(set)) => {
                self.literal = None;
                self.fold(true);
                self.out.push_str(&set);
                self.fold(false);
                self.repeatable = true;
            }
            None if self.source.eat("Q") => {
                for character in self.source.quoted().chars() {
                    self.character(character);
                }
            }
            None => self.meaning(start)?,
        }
        Ok(())
    }

    /// Escapes that stand for no character.
    fn meaning(&mut self, start: usize) -> Result<(), Fault> {
        self.literal = None;
        match self.source.next() {
            Some('A') => self.assertion(r"\A"),
            Some('z') => self.assertion(r"\z"),
            Some('Z') => self.anchor(Anchor::End {
                unix: self.flags.unix_lines,
            }),
            Some('b') => self.assertion(r"\b"),
            Some('B') => self.assertion(r"\B"),
            Some('G') => {
                self.backtracks = true;
                self.assertion(r"\G");
            }
            Some('R') => self.assertion(r"(?:\r\n|[\n\x0B\f\r\x85\x{2028}\x{2029}])"),
            Some('k') => self.named_reference()?,
            Some(digit @ '1'..='9') => self.reference(digit),
            other => {
                self.source.move_to(start);
                return self
                    .source
                    .fail(format!("unknown escape `\\{}`", other.unwrap_or_default()));
            }
        }
        Ok(())
    }

    fn named_reference(&mut self) -> Result<(), Fault> {
        if !self.source.eat("<") {
            return self.source.fail("expected `<` behind `\\k`");
        }
        let name = self.name()?;
        match self.names.iter().find(|(known, _)| **known == *name) {
            Some((_, group)) => {
                let group = *group;
                self.back_to(group);
                Ok(())
            }
            None => self.source.fail(format!("there is no group `{name}`")),
        }
    }

    /// Java takes as many digits as give a group that exists.
    fn reference(&mut self, first: char) {
        let mut group = first.to_digit(10).unwrap_or_default() as usize;
        while let Some(digit) = self
            .source
            .peek()
            .and_then(|character| character.to_digit(10))
        {
            let longer = group * 10 + digit as usize;
            if longer > self.groups {
                break;
            }
            group = longer;
            self.source.next();
        }
        self.back_to(group);
    }

    fn back_to(&mut self, group: usize) {
        self.backtracks = true;
        self.repeatable = true;
        if group > self.groups {
            // What no group has matched is never there.
            self.out.push_str("(?!)");
        } else if self.flags.ignore_case {
            self.out.push_str(&format!(r"(?i:\{group})"));
        } else {
            self.out.push_str(&format!(r"(?:\{group})"));
        }
    }
}
