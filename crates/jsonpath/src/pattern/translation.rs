//! A pattern in the syntax of the engines.

/// A pattern in the engines' syntax. What depends on line terminators is kept apart.
#[derive(Debug)]
pub(super) struct Translation {
    pub(super) pieces: Vec<Piece>,
    /// The text that the pattern is, where it is only that.
    pub(super) literal: Option<Box<str>>,
    /// Only an engine with backtracking can run it.
    pub(super) backtracks: bool,
    /// Nothing in it repeats without end, so that a search looks hardly farther than its match.
    pub(super) bounded: bool,
    /// It has anchors that mean something else in a text of several lines.
    pub(super) knows_lines: bool,
    /// How many groups it has, the whole match not counted.
    pub(super) groups: usize,
    pub(super) names: Vec<(Box<str>, usize)>,
}

#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Anchor(Anchor),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Anchor {
    /// `^` under `m`: never at the end, not even where the text is empty.
    LineStart { unix: bool },
    /// `$` under `m`
    LineEnd { unix: bool },
    /// `$` or `\Z`: before a line terminator that ends the text, too.
    End { unix: bool },
}

impl Anchor {
    fn syntax(self, one_line: bool) -> &'static str {
        match (self, one_line) {
            (Self::LineStart { .. }, true) => r"\A",
            (Self::LineEnd { .. } | Self::End { .. }, true) => r"\z",
            (Self::LineStart { unix: true }, false) => r"(?:(?:\A|(?<=\n))(?!\z))",
            (Self::LineStart { unix: false }, false) => {
                r"(?:(?:\A|(?<=[\n\x{85}\x{2028}\x{2029}])|(?<=\r)(?!\n))(?!\z))"
            }
            (Self::LineEnd { unix: true }, false) => r"(?=\n|\z)",
            (Self::LineEnd { unix: false }, false) => {
                r"(?:(?=[\r\x{85}\x{2028}\x{2029}]|\z)|(?<!\r)(?=\n))"
            }
            (Self::End { unix: true }, false) => r"(?=\n?\z)",
            (Self::End { unix: false }, false) => {
                r"(?:(?=(?:\r\n|[\r\x{85}\x{2028}\x{2029}])?\z)|(?<!\r)(?=\n\z))"
            }
        }
    }
}

impl Translation {
    /// The syntax that matches a whole text.
    pub(super) fn whole(&self, one_line: bool) -> String {
        format!(r"\A(?:{})\z", self.anywhere(one_line))
    }

    /// The syntax that matches anywhere.
    pub(super) fn anywhere(&self, one_line: bool) -> String {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Anchor(anchor) => anchor.syntax(one_line),
        });
        pieces.collect()
    }
}
