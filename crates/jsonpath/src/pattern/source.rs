//! A place in the text of a pattern.

/// What is wrong, and the offset in bytes where it is.
pub(super) struct Fault {
    pub(super) problem: String,
    pub(super) offset: usize,
}

/// A place in the text of a pattern.
pub(super) struct Source<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Source<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn move_to(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    pub(super) fn fail<T>(&self, problem: impl Into<String>) -> Result<T, Fault> {
        Err(Fault {
            problem: problem.into(),
            offset: self.at,
        })
    }

    /// Steps over blanks, and comments up to the end of their line.
    pub(super) fn skip_comments(&mut self) {
        loop {
            match self.peek() {
                Some('#') => {
                    let rest = self.rest();
                    self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
                }
                Some(' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r') => self.at += 1,
                _ => return,
            }
        }
    }

    /// Reads what follows `\Q`, up to `\E` or the end.
    pub(super) fn quoted(&mut self) -> &'t str {
        let rest = self.rest();
        let length = rest.find("\\E");
        let quoted = &rest[..length.unwrap_or(rest.len())];
        self.at += length.map_or(rest.len(), |length| length + 2);
        quoted
    }
}
