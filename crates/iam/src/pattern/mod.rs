//! Texts of policies with wildcards and variables, compiled once, matched without backtracking.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards>

use std::borrow::Cow;

use crate::context::Context;
use crate::steps::Steps;
use crate::variable::{self, Variable};

/// A text of a policy, ready to be matched.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    parts: Box<[Part]>,
    variables: Box<[Variable]>,
    fold: bool,
    source: Box<str>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Text(Box<str>),
    /// `?`: one character.
    One,
    /// `*`: any text.
    Many,
    /// `*` amid one of the first five segments of a resource: any text without a colon.
    Within,
    /// The variable of this number.
    Variable(usize),
}

/// What of a text is more than a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) wildcards: bool,
    pub(crate) variables: bool,
    /// Whether case does not matter.
    pub(crate) fold: bool,
}

/// What variables came to, in their order.
type Values<'v> = Vec<Cow<'v, str>>;

impl Pattern {
    /// Compiles `text`; the error says which variable is none.
    pub(crate) fn read(text: &str, reading: Reading) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut variables = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let taken = match first {
                '*' if reading.wildcards => push(&mut parts, Part::Many, 1),
                '?' if reading.wildcards => push(&mut parts, Part::One, 1),
                '$' if reading.variables && rest.starts_with("${") => {
                    let (found, taken) = variable::read(rest)?;
                    push_variable(&mut parts, &mut variables, found);
                    taken
                }
                _ => push_text(&mut parts, &rest[..first.len_utf8()]),
            };
            rest = &rest[taken..];
        }
        Ok(Self {
            parts: parts.into(),
            variables: variables.into(),
            fold: reading.fold,
            source: text.into(),
        })
    }

    /// The same with the wildcards of a resource: `*` amid a segment of an ARN ends at the segment's colon, at the end of one it does not.
    pub(crate) fn into_resource(mut self) -> Self {
        let mut colons = 0;
        for index in 0..self.parts.len() {
            if let Part::Text(text) = &self.parts[index] {
                colons += text.matches(':').count();
            }
            let next = self.parts.get(index + 1);
            let ends_segment = match next {
                None | Some(Part::Many) => true,
                Some(Part::Text(text)) => text.starts_with(':'),
                Some(Part::One | Part::Within | Part::Variable(_)) => false,
            };
            if self.parts[index] == Part::Many && colons < 5 && !ends_segment {
                self.parts[index] = Part::Within;
            }
        }
        self
    }

    /// As the policy has it.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// How many colons stand before the first variable; none where there is no variable.
    pub(crate) fn colons_before_variables(&self) -> Option<usize> {
        let at = self
            .parts
            .iter()
            .position(|part| matches!(part, Part::Variable(_)))?;
        let texts = self.parts[..at].iter().map(|part| match part {
            Part::Text(text) => text.matches(':').count(),
            Part::One | Part::Many | Part::Within | Part::Variable(_) => 0,
        });
        Some(texts.sum())
    }

    /// Whether `text` is what this describes; none where a variable has no value and no default.
    pub(crate) fn matches(&self, text: &str, context: &Context<'_>, steps: &Steps) -> Option<bool> {
        let values = self.resolve(context)?;
        let run = Run {
            values: &values,
            fold: self.fold,
            steps,
        };
        Some(match self.parts.contains(&Part::Within) {
            true => run.glob_within(&self.parts, text),
            false => run.glob(&self.parts, text),
        })
    }

    /// The text with its variables replaced and its wildcards as they stand, for operators that know no wildcards and for people.
    pub(crate) fn text(&self, context: &Context<'_>) -> Option<Cow<'_, str>> {
        if let [Part::Text(text)] = &*self.parts {
            return Some(Cow::Borrowed(text));
        }
        let values = self.resolve(context)?;
        let texts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text,
            Part::One => "?",
            Part::Many | Part::Within => "*",
            Part::Variable(number) => values[*number].as_ref(),
        });
        Some(Cow::Owned(texts.collect()))
    }

    /// The condition keys of its variables.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(Variable::key)
    }

    /// Whether a variable of it has neither a value nor a default.
    pub(crate) fn lacks_value(&self, context: &Context<'_>) -> bool {
        let mut variables = self.variables.iter();
        variables.any(|variable| variable.value(context).is_none())
    }

    /// Whether it has neither wildcards nor variables.
    pub(crate) fn is_text(&self) -> bool {
        let mut parts = self.parts.iter();
        parts.all(|part| matches!(part, Part::Text(_)))
    }

    /// A text that it describes, with `fill` for its stars; none where a variable has no value.
    pub(crate) fn filled(&self, fill: &str, context: &Context<'_>) -> Option<String> {
        let values = self.resolve(context)?;
        let texts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text,
            Part::One => "x",
            Part::Many | Part::Within => fill,
            Part::Variable(number) => values[*number].as_ref(),
        });
        Some(texts.collect())
    }

    /// Whether all that is no text in it are stars that take any text.
    pub(crate) fn has_only_full_stars(&self) -> bool {
        let mut parts = self.parts.iter();
        parts.all(|part| matches!(part, Part::Text(_) | Part::Many))
    }

    /// What it is made of, where a variable may be any text.
    pub(crate) fn symbols_with_open_variables(&self) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => symbols.extend(text.chars().map(Symbol::Character)),
                Part::One => symbols.push(Symbol::One),
                Part::Many | Part::Variable(_) => symbols.push(Symbol::Many),
                Part::Within => symbols.push(Symbol::Within),
            }
        }
        symbols
    }

    fn resolve<'v>(&'v self, context: &'v Context<'_>) -> Option<Values<'v>> {
        let values = self.variables.iter();
        values.map(|variable| variable.value(context)).collect()
    }
}

fn push(parts: &mut Vec<Part>, part: Part, bytes: usize) -> usize {
    // Two stars are one, and each costs.
    if part != Part::Many || parts.last() != Some(&Part::Many) {
        parts.push(part);
    }
    bytes
}

fn push_text(parts: &mut Vec<Part>, text: &str) -> usize {
    match parts.last_mut() {
        Some(Part::Text(before)) => {
            let mut joined = std::mem::take(before).into_string();
            joined.push_str(text);
            *before = joined.into();
        }
        Some(Part::One | Part::Many | Part::Within | Part::Variable(_)) | None => {
            parts.push(Part::Text(text.into()));
        }
    }
    text.len()
}

fn push_variable(parts: &mut Vec<Part>, variables: &mut Vec<Variable>, found: variable::Found) {
    match found {
        variable::Found::Character(text) => {
            push_text(parts, text);
        }
        variable::Found::Variable(variable) => {
            parts.push(Part::Variable(variables.len()));
            variables.push(variable);
        }
    }
}

/// One match.
struct Run<'r> {
    values: &'r Values<'r>,
    fold: bool,
    steps: &'r Steps,
}

impl<'r> Run<'r> {
    /// Between the stars lie groups. The first and the last stand fast; each of the others is taken where it comes first, which leaves
    /// the most to those behind it, so that nothing is ever tried again.
    fn glob(&self, parts: &'r [Part], text: &str) -> bool {
        let mut groups = parts.split(|part| *part == Part::Many);
        let first = groups.next().unwrap_or_default();
        let Some(taken) = self.starts(first, text) else {
            return false;
        };
        let Some(last) = groups.next_back() else {
            return taken == text.len();
        };
        let rest = &text[taken..];
        let Some(kept) = self.ends(last, rest) else {
            return false;
        };
        let mut rest = &rest[..kept];
        for group in groups {
            let Some(end) = self.find(group, rest) else {
                return false;
            };
            rest = &rest[end..];
        }
        true
    }

    /// How many bytes `group` takes at the start of `text`.
    fn starts(&self, group: &'r [Part], text: &str) -> Option<usize> {
        let mut rest = text;
        for part in group {
            let taken = match self.literal(part) {
                Some(literal) => self.prefix(literal, rest)?,
                None => rest.chars().next()?.len_utf8(),
            };
            rest = &rest[taken..];
        }
        Some(text.len() - rest.len())
    }

    /// How many bytes `group` leaves at the end of `text`.
    fn ends(&self, group: &'r [Part], text: &str) -> Option<usize> {
        let mut rest = text;
        for part in group.iter().rev() {
            let kept = match self.literal(part) {
                Some(literal) => self.suffix(literal, rest)?,
                None => rest.len() - rest.chars().next_back()?.len_utf8(),
            };
            rest = &rest[..kept];
        }
        Some(rest.len())
    }

    /// Where the first place of `group` in `text` ends.
    fn find(&self, group: &'r [Part], text: &str) -> Option<usize> {
        if let ([part], false) = (group, self.fold)
            && let Some(literal) = self.literal(part)
        {
            return match self.steps.take(text.len()) {
                true => text.find(literal).map(|at| at + literal.len()),
                false => None,
            };
        }
        let places = text.char_indices().map(|(at, _)| at);
        let places = places.chain(std::iter::once(text.len()));
        let mut places = places.take_while(|_| !self.steps.are_used_up());
        places.find_map(|at| self.starts(group, &text[at..]).map(|taken| at + taken))
    }

    fn prefix(&self, literal: &str, text: &str) -> Option<usize> {
        let piece = text.as_bytes().get(..literal.len())?;
        self.same(literal, piece).then_some(literal.len())
    }

    fn suffix(&self, literal: &str, text: &str) -> Option<usize> {
        let kept = text.len().checked_sub(literal.len())?;
        self.same(literal, &text.as_bytes()[kept..]).then_some(kept)
    }

    fn same(&self, literal: &str, piece: &[u8]) -> bool {
        // Only what is equal from its start on costs more than one step; the whole is a safe bound.
        let affordable = self.steps.take(literal.len());
        affordable
            && match self.fold {
                true => literal.as_bytes().eq_ignore_ascii_case(piece),
                false => literal.as_bytes() == piece,
            }
    }

    fn literal(&self, part: &'r Part) -> Option<&'r str> {
        match part {
            Part::Text(text) => Some(text),
            Part::Variable(number) => Some(self.values[*number].as_ref()),
            Part::One | Part::Many | Part::Within => None,
        }
    }

    /// With stars that stop at colons every prefix of the pattern is followed at once: which of them the text so far may be.
    fn glob_within(&self, parts: &'r [Part], text: &str) -> bool {
        let symbols = self.symbols(parts);
        let mut reached = vec![false; symbols.len() + 1];
        reached[0] = true;
        self.skip_stars(&symbols, &mut reached);
        for character in text.chars() {
            if !self.steps.take(symbols.len()) {
                return false;
            }
            let mut next = vec![false; symbols.len() + 1];
            for (index, symbol) in symbols
                .iter()
                .enumerate()
                .filter(|(index, _)| reached[*index])
            {
                match symbol {
                    Symbol::Character(expected) => next[index + 1] |= *expected == character,
                    Symbol::One => next[index + 1] = true,
                    Symbol::Many => next[index] = true,
                    Symbol::Within => next[index] |= character != ':',
                }
            }
            self.skip_stars(&symbols, &mut next);
            reached = next;
        }
        reached[symbols.len()]
    }

    fn symbols(&self, parts: &'r [Part]) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        for part in parts {
            match part {
                Part::One => symbols.push(Symbol::One),
                Part::Many => symbols.push(Symbol::Many),
                Part::Within => symbols.push(Symbol::Within),
                Part::Text(_) | Part::Variable(_) => {
                    let text = self.literal(part).unwrap_or_default();
                    symbols.extend(text.chars().map(Symbol::Character));
                }
            }
        }
        symbols
    }

    /// A star may be nothing.
    fn skip_stars(&self, symbols: &[Symbol], reached: &mut [bool]) {
        for (index, symbol) in symbols.iter().enumerate() {
            let is_star = matches!(symbol, Symbol::Many | Symbol::Within);
            reached[index + 1] |= reached[index] && is_star;
        }
    }
}

/// One place of a pattern.
pub(crate) enum Symbol {
    Character(char),
    One,
    Many,
    Within,
}

#[cfg(test)]
mod tests;
