//! A template's text as tokens. What a character means depends on what came before, so the lexer keeps a stack of modes; the modes
//! and their quirks are those of Velocity 1.7, which API Gateway runs.
//!
//! <https://velocity.apache.org/engine/1.7/vtl-reference.html>

mod scan;
mod token;

pub(crate) use token::{Kind, Token};

use scan::Found;

/// What the lexer expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Text around everything.
    Text,
    /// Behind `##`.
    LineComment,
    /// Behind `#*`.
    BlockComment,
    /// Behind `#[[`.
    Raw,
    /// Behind `#`: the name of a directive, perhaps.
    AfterHash,
    /// Inside of a directive.
    Directive,
    /// Behind `$`.
    Reference,
    /// Behind the dot of a reference.
    Modifier,
    /// Between the parentheses of a method.
    Arguments,
    /// Between the brackets behind a reference.
    Index,
}

/// What a lexer falls back to when a mode ends.
#[derive(Clone, Copy, Debug)]
struct Outer {
    mode: Mode,
    opened: usize,
    closed: usize,
}

/// Text that no token can be made of.
#[derive(Debug)]
pub(crate) struct Stray {
    /// Where it stands.
    pub(crate) at: usize,
    /// Whether the template ended too early.
    pub(crate) ended: bool,
    mode: Mode,
}

impl Stray {
    /// For people.
    pub(crate) fn reason(&self, text: &str) -> String {
        if self.ended {
            let what = match self.mode {
                Mode::Raw => "a literal block `#[[`",
                Mode::LineComment | Mode::BlockComment => "a comment",
                Mode::AfterHash | Mode::Directive => "a directive",
                Mode::Text | Mode::Reference | Mode::Modifier | Mode::Arguments | Mode::Index => {
                    "a reference"
                }
            };
            return format!("the template ends within {what}");
        }
        let found = text[self.at..].chars().next().unwrap_or(' ');
        match found {
            '"' | '\'' => format!("the text that begins with {found} has no end"),
            _ => format!("unexpected `{}`{}", found.escape_debug(), self.place()),
        }
    }

    fn place(&self) -> &'static str {
        match self.mode {
            Mode::Arguments => " among the arguments of a method",
            Mode::Index => {
                " between brackets: only numbers, texts in quotes and references can stand there"
            }
            Mode::Directive => " in a directive",
            Mode::Text
            | Mode::LineComment
            | Mode::BlockComment
            | Mode::Raw
            | Mode::AfterHash
            | Mode::Reference
            | Mode::Modifier => "",
        }
    }
}

/// Reads tokens one after another. The parser tells it what it learns of directives.
#[derive(Debug)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    mode: Mode,
    outer: Vec<Outer>,
    /// Parentheses opened in this mode.
    opened: usize,
    /// Parentheses closed in this mode.
    closed: usize,
    /// Where the backslashes end that were counted last.
    backslashes_end: usize,
    in_comment: bool,
    /// Between `#set(` and the end of its statement.
    in_set: bool,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            mode: Mode::Text,
            outer: Vec::new(),
            opened: 0,
            closed: 0,
            backslashes_end: 0,
            in_comment: false,
            in_set: false,
        }
    }

    /// The next token.
    pub(crate) fn next(&mut self) -> Result<Token, Stray> {
        let mut start = self.at;
        let mut stray = String::new();
        loop {
            let backslashes = self.backslashes();
            let Some((found, length)) =
                scan::longest(self.mode, &self.text[self.at..], backslashes)
            else {
                return self.at_nothing(start, stray);
            };
            match found {
                Found::Token(kind) => return Ok(self.token(kind, start, length, stray)),
                Found::Terminator => {
                    push_marks(&mut stray, &self.text[start..self.at + length]);
                    start = self.at;
                    self.leave();
                }
                Found::CommentCharacter => {
                    self.at += length;
                    start = self.at;
                }
                Found::Dollar
                | Found::Hash
                | Found::RawOpen
                | Found::FormalCommentOpen
                | Found::CommentOpen
                | Found::RawCharacter => {
                    self.at += length;
                    self.begin(found, length);
                }
            }
        }
    }

    /// How many backslashes stand here; each run is counted once.
    fn backslashes(&mut self) -> usize {
        if self.at >= self.backslashes_end {
            let run = self.text.as_bytes()[self.at..]
                .iter()
                .take_while(|byte| **byte == b'\\')
                .count();
            self.backslashes_end = self.at + run;
        }
        self.backslashes_end - self.at
    }

    fn at_nothing(&self, start: usize, stray: String) -> Result<Token, Stray> {
        let ended = self.at == self.text.len();
        if ended && start == self.at {
            return Ok(Token {
                kind: Kind::End,
                start,
                end: start,
                stray,
            });
        }
        Err(Stray {
            at: if ended { start } else { self.at },
            ended,
            mode: self.mode,
        })
    }

    /// Enters what a mark begins.
    fn begin(&mut self, found: Found, length: usize) {
        if self.in_comment {
            return;
        }
        match found {
            Found::Dollar => {
                if self.mode == Mode::Reference {
                    self.leave();
                }
                self.enter(Mode::Reference);
            }
            Found::Hash => {
                if matches!(self.mode, Mode::Reference | Mode::Modifier) {
                    self.leave();
                }
                self.enter(Mode::AfterHash);
            }
            Found::RawOpen => self.enter_comment(Mode::Raw),
            Found::FormalCommentOpen => {
                // The character behind `#**` only proved that no `#` follows.
                self.at = self.at - length + "#**".len();
                self.enter_comment(Mode::BlockComment);
            }
            Found::CommentOpen => self.enter_comment(Mode::BlockComment),
            Found::RawCharacter | Found::Token(_) | Found::CommentCharacter | Found::Terminator => {
            }
        }
    }

    fn token(&mut self, kind: Kind, start: usize, length: usize, stray: String) -> Token {
        self.at += length;
        if kind == Kind::Integer && self.text[..self.at].ends_with("..") {
            self.at -= "..".len();
        }
        self.follow(kind);
        Token {
            kind,
            start,
            end: self.at,
            stray,
        }
    }

    /// Changes the mode as the token demands.
    fn follow(&mut self, kind: Kind) {
        match kind {
            Kind::Set => self.enter_set(),
            Kind::LineComment => {
                if self.mode == Mode::Reference {
                    self.leave();
                }
                self.enter_comment(Mode::LineComment);
            }
            Kind::LineCommentEnd | Kind::BlockComment | Kind::Raw => {
                self.in_comment = false;
                self.leave();
            }
            Kind::If | Kind::ElseIf => self.mode = Mode::Directive,
            Kind::Else | Kind::EndDirective | Kind::ReferenceClose | Kind::IndexClose => {
                self.leave();
            }
            Kind::Open => self.open(),
            Kind::Close => self.close(),
            Kind::MethodClose => self.mode = Mode::Reference,
            Kind::IndexOpen => self.enter(Mode::Index),
            Kind::Dot => self.mode = Mode::Modifier,
            Kind::Quoted if self.mode == Mode::Directive && self.ends_with_literal() => {
                self.leave();
            }
            Kind::Integer
                if !matches!(self.mode, Mode::Arguments | Mode::Index)
                    && self.ends_with_literal() =>
            {
                self.leave();
            }
            Kind::Float if self.mode != Mode::Arguments && self.ends_with_literal() => {
                self.leave();
            }
            _ => {}
        }
    }

    /// A directive without parentheses ends with its first literal, and `#12` was none at all.
    fn ends_with_literal(&self) -> bool {
        !self.in_set && self.opened == 0
    }

    fn enter_set(&mut self) {
        self.enter(Mode::Directive);
        self.in_set = true;
        self.opened += 1;
    }

    fn open(&mut self) {
        self.opened += 1;
        if self.mode == Mode::Modifier {
            self.mode = Mode::Arguments;
        }
    }

    /// Leaves the mode that the parenthesis was opened in, and those within it that opened none.
    fn close(&mut self) {
        while self.opened == 0 {
            if !self.leave() {
                return;
            }
        }
        if self.opened == self.closed + 1 {
            self.leave();
        } else {
            self.closed += 1;
        }
    }

    fn enter_comment(&mut self, mode: Mode) {
        self.in_comment = true;
        self.enter(mode);
    }

    fn enter(&mut self, mode: Mode) {
        self.outer.push(Outer {
            mode: self.mode,
            opened: self.opened,
            closed: self.closed,
        });
        self.opened = 0;
        self.mode = mode;
    }

    /// Falls back to the outer mode; false where there is none.
    fn leave(&mut self) -> bool {
        let Some(outer) = self.outer.pop() else {
            self.opened = 0;
            self.mode = Mode::Text;
            return false;
        };
        self.mode = outer.mode;
        self.opened = outer.opened;
        self.closed = outer.closed;
        true
    }

    /// The parser met a directive's name.
    pub(crate) fn enter_directive(&mut self) {
        self.mode = Mode::Directive;
    }

    /// What the parser took for a directive is none.
    pub(crate) fn leave_directive(&mut self) {
        self.leave();
    }

    /// The parser read the whole of a `#set`.
    pub(crate) fn leave_set(&mut self) {
        self.in_set = false;
    }

    /// Whether a parenthesis opens next, blanks aside.
    pub(crate) fn opens_next(&self) -> bool {
        let rest = self.text[self.at..].trim_start_matches([' ', '\t', '\n', '\r']);
        rest.starts_with('(')
    }
}

/// The marks of something that turned out to be nothing print; all else of it is still to be read.
fn push_marks(stray: &mut String, image: &str) {
    let bytes = image.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            mark @ (b'#' | b'$') => stray.push(char::from(mark)),
            b'\\' => {
                let run = bytes[at..]
                    .iter()
                    .take_while(|byte| **byte == b'\\')
                    .count();
                if bytes.get(at + run) == Some(&b'$') {
                    stray.push_str(&image[at..=at + run]);
                    // The character behind an escaped `$` goes under with it.
                    at += run + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
}
