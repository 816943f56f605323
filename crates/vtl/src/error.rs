//! Why a template does not parse or does not render, and where.

use std::fmt;

/// A fault of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    position: Position,
    reason: Box<str>,
}

/// A place in a template's text, for people: both count from 1, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Counts line feeds.
    pub line: u32,
    /// Counts characters.
    pub column: u32,
}

impl Error {
    pub(crate) fn at(position: Position, reason: impl Into<Box<str>>) -> Self {
        Self {
            position,
            reason: reason.into(),
        }
    }

    /// The place in the template.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The reason, without the place.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl Position {
    /// The place of a byte of a text; the end for a byte beyond it.
    pub fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |feed| feed + 1);
        Self {
            line: count(before.matches('\n')),
            column: count(before[line_start..].chars()),
        }
    }
}

fn count(found: impl Iterator) -> u32 {
    u32::try_from(found.count())
        .unwrap_or(u32::MAX)
        .saturating_add(1)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.position.line, self.position.column, self.reason
        )
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let at = |offset| {
            let position = Position::of("ä\nbc\n", offset);
            (position.line, position.column)
        };
        assert_eq!(
            [at(0), at(2), at(3), at(5), at(6), at(99)],
            [(1, 1), (1, 2), (2, 1), (2, 3), (3, 1), (3, 1)]
        );
    }
}
