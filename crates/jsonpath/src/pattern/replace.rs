//! `replaceAll` and `replaceFirst`, with Java's `$1`, `${name}` and backslashes in the replacement.
//!
//! <https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/regex/Matcher.html#replaceAll(java.lang.String)>

use std::borrow::Cow;

use super::engine::{Budget, Groups};
use super::{MatchError, Pattern};

/// A part of a replacement.
enum Part<'r> {
    Text(Cow<'r, str>),
    Group(usize),
}

impl Pattern {
    /// The text with every match replaced. The result stays within `bytes_max`.
    pub fn replace_all(
        &self,
        text: &str,
        replacement: &str,
        bytes_max: usize,
    ) -> Result<String, MatchError> {
        self.replace(text, replacement, usize::MAX, bytes_max)
    }

    /// The text with the first match replaced. The result stays within `bytes_max`.
    pub fn replace_first(
        &self,
        text: &str,
        replacement: &str,
        bytes_max: usize,
    ) -> Result<String, MatchError> {
        self.replace(text, replacement, 1, bytes_max)
    }

    fn replace(
        &self,
        text: &str,
        replacement: &str,
        count: usize,
        bytes_max: usize,
    ) -> Result<String, MatchError> {
        let mut out = String::new();
        let mut parts = None;
        let mut copied = 0;
        self.each_match(text, count, |groups| {
            // Java looks at the replacement only once something matches.
            if parts.is_none() {
                parts = Some(self.parts(replacement)?);
            }
            let place = groups.whole();
            push(&mut out, &text[copied..place.start], bytes_max)?;
            for part in parts.iter().flatten() {
                push(&mut out, part.text(text, groups), bytes_max)?;
            }
            copied = place.end;
            Ok(())
        })?;
        push(&mut out, &text[copied..], bytes_max)?;
        Ok(out)
    }

    /// Calls `then` with each match from left to right. As in Java, an empty match may follow right behind another match.
    pub(super) fn each_match(
        &self,
        text: &str,
        count: usize,
        mut then: impl FnMut(&Groups) -> Result<(), MatchError>,
    ) -> Result<(), MatchError> {
        let engine = self.searcher(text)?;
        let mut budget = Budget::new();
        let mut from = 0;
        for _ in 0..count {
            if from > text.len() {
                break;
            }
            let Some(groups) = engine.find(text, from, &mut budget)? else {
                break;
            };
            then(&groups)?;
            let place = groups.whole();
            budget.spend(1 + self.looked_at(from, place.end, text.len()))?;
            from = if place.is_empty() {
                after(text, place.end)
            } else {
                place.end
            };
        }
        Ok(())
    }

    /// How many bytes a search may have looked at. One without end may see all of the rest and come back to a match before it.
    fn looked_at(&self, from: usize, end: usize, length: usize) -> u64 {
        let farthest = if self.translation.bounded {
            end
        } else {
            length
        };
        farthest.saturating_sub(from) as u64
    }

    fn parts<'r>(&self, replacement: &'r str) -> Result<Vec<Part<'r>>, MatchError> {
        let mut parts = Vec::new();
        let mut rest = replacement;
        while let Some(place) = rest.find(['\\', '$']) {
            parts.push(Part::Text(Cow::Borrowed(&rest[..place])));
            let (part, after) = match rest.as_bytes()[place] {
                b'\\' => escaped(&rest[place + 1..])?,
                _ => self.group(&rest[place + 1..])?,
            };
            parts.push(part);
            rest = after;
        }
        parts.push(Part::Text(Cow::Borrowed(rest)));
        Ok(parts)
    }

    /// `1`, `12` or `{name}`, behind the dollar sign.
    fn group<'r>(&self, text: &'r str) -> Result<(Part<'r>, &'r str), MatchError> {
        if let Some(rest) = text.strip_prefix('{') {
            let (name, rest) = rest
                .split_once('}')
                .ok_or(MatchError::Replacement("`${` is not closed"))?;
            let known = self
                .translation
                .names
                .iter()
                .find(|(known, _)| **known == *name);
            let (_, group) =
                known.ok_or(MatchError::Replacement("there is no group of this name"))?;
            return Ok((Part::Group(*group), rest));
        }
        let digit = |text: &str| {
            text.chars()
                .next()
                .and_then(|character| character.to_digit(10))
        };
        let mut group = digit(text)
            .ok_or(MatchError::Replacement("`$` without the number of a group"))?
            as usize;
        if group > self.translation.groups {
            return Err(MatchError::Replacement("there is no group of this number"));
        }
        let mut rest = &text[1..];
        while let Some(digit) = digit(rest) {
            let longer = group * 10 + digit as usize;
            if longer > self.translation.groups {
                break;
            }
            group = longer;
            rest = &rest[1..];
        }
        Ok((Part::Group(group), rest))
    }
}

fn escaped(text: &str) -> Result<(Part<'_>, &str), MatchError> {
    let character = text
        .chars()
        .next()
        .ok_or(MatchError::Replacement("`\\` at the end"))?;
    let (escaped, rest) = text.split_at(character.len_utf8());
    Ok((Part::Text(Cow::Borrowed(escaped)), rest))
}

impl Part<'_> {
    fn text<'t>(&'t self, text: &'t str, groups: &Groups) -> &'t str {
        match self {
            Self::Text(literal) => literal,
            Self::Group(group) => groups.get(*group).map_or("", |place| &text[place]),
        }
    }
}

fn push(out: &mut String, text: &str, bytes_max: usize) -> Result<(), MatchError> {
    if text.len() > bytes_max.saturating_sub(out.len()) {
        return Err(MatchError::Length(bytes_max));
    }
    out.push_str(text);
    Ok(())
}

/// The place behind the character at `place`, or beyond the text.
fn after(text: &str, place: usize) -> usize {
    place + text[place..].chars().next().map_or(1, char::len_utf8)
}
