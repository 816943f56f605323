//! A place in the text of a path.

use std::cell::Cell;

/// What is wrong, and the offset in bytes where it is.
pub(super) struct Fault {
    pub(super) problem: String,
    pub(super) offset: usize,
}

/// Reads a text from a place up to an end. Offsets count from the start of the whole text, so that an error in an inner path is
/// reported where it stands.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
    /// How many more levels of filters, functions and brackets may open.
    depth_left: usize,
    /// How many more steps the path may have, those of inner paths included.
    steps_left: &'t Cell<usize>,
}

/// More steps than this no document of bounded depth needs; each may take some of the stack.
pub(super) const STEPS_MAX: usize = 256;

/// Paths nest in filters, filters in paths. Nobody writes deeper ones, and each level takes some of the stack.
const DEPTH_MAX: usize = 32;

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, steps_left: &'t Cell<usize>) -> Self {
        Self {
            text,
            at: 0,
            depth_left: DEPTH_MAX,
            steps_left,
        }
    }

    /// The same text, to be read from `from` up to `to` only.
    pub(super) fn part(&self, from: usize, to: usize) -> Self {
        Self {
            text: &self.text[..to],
            at: from,
            ..*self
        }
    }

    pub(super) fn deeper(mut self) -> Result<Self, Fault> {
        match self.depth_left.checked_sub(1) {
            Some(left) => self.depth_left = left,
            None => return self.fail("nested too deep"),
        }
        Ok(self)
    }

    /// Counts a step of the path.
    pub(super) fn count(&self) -> Result<(), Fault> {
        match self.steps_left.get().checked_sub(1) {
            Some(left) => self.steps_left.set(left),
            None => return self.fail(format!("path has more than {STEPS_MAX} steps")),
        }
        Ok(())
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn end(&self) -> usize {
        self.text.len()
    }

    pub(super) fn move_to(&mut self, at: usize) {
        self.at = at.min(self.text.len());
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &'t str {
        &self.text[from..to]
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    pub(super) fn byte(&self, offset: usize) -> Option<u8> {
        self.text.as_bytes().get(offset).copied()
    }

    pub(super) fn step(&mut self) {
        self.at += 1;
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    pub(super) fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Steps over blanks and then `text`, or fails.
    pub(super) fn expect(&mut self, text: &str) -> Result<(), Fault> {
        self.blanks();
        if self.eat(text) {
            Ok(())
        } else {
            self.fail(format!("expected `{text}`"))
        }
    }

    pub(super) fn fail<T>(&self, problem: impl Into<String>) -> Result<T, Fault> {
        fail(self.at, problem)
    }

    /// The offset of the next `wanted` that no backslash precedes.
    pub(super) fn unescaped(&self, from: usize, wanted: u8) -> Option<usize> {
        let mut at = from;
        loop {
            match self.byte(at)? {
                b'\\' => at += 2,
                byte if byte == wanted => return Some(at),
                _ => at += 1,
            }
        }
    }

    /// The offset of the bracket that closes the one at `open`; brackets in strings do not count.
    pub(super) fn closing(&self, open: usize) -> Option<usize> {
        let (opening, closing) = match self.byte(open)? {
            b'[' => (b'[', b']'),
            b'{' => (b'{', b'}'),
            b'(' => (b'(', b')'),
            _ => return None,
        };
        let mut level = 0;
        let mut at = open;
        loop {
            let byte = self.byte(at)?;
            if byte == b'\'' || byte == b'"' {
                at = self.unescaped(at + 1, byte)?;
            } else if byte == opening {
                level += 1;
            } else if byte == closing {
                level -= 1;
                if level == 0 {
                    return Some(at);
                }
            }
            at += 1;
        }
    }
}

pub(super) fn fail<T>(offset: usize, problem: impl Into<String>) -> Result<T, Fault> {
    Err(Fault {
        problem: problem.into(),
        offset,
    })
}
