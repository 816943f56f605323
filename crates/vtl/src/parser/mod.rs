//! Tokens become a tree. The grammar is Velocity 1.7's; where it looks odd (`#end` only closes, a directive's name decides late),
//! API Gateway's templates depend on it.
//!
//! <https://velocity.apache.org/engine/1.7/vtl-reference.html>

mod directive;
mod expression;
mod quoted;
mod reference;
mod source;

use std::collections::VecDeque;

use crate::ast::{Block, Names, Statement, Tree};
use crate::error::{Error, Position};
use crate::lexer::{Kind, Lexer, Token};
use source::Source;

/// How deep blocks, parentheses, lists and texts in quotes may stand in each other.
const DEPTH_MAX: usize = 100;

/// How many operators one expression may have.
const OPERATORS_MAX: usize = 500;

/// Parses a whole template.
pub(crate) fn parse(text: &str) -> Result<Tree, Error> {
    let mut names = Names::default();
    let body =
        document(text, &Source::Plain(0), &mut names, 0).map_err(|fault| fault.placed(text))?;
    Ok(Tree {
        body,
        known: names.known(),
        names: names.into_list(),
        length: text.len(),
    })
}

/// A fault, by its place in the template's bytes.
#[derive(Debug)]
struct Fault {
    at: usize,
    reason: String,
}

impl Fault {
    fn placed(self, text: &str) -> Error {
        Error::at(Position::of(text, self.at), self.reason)
    }
}

type Parsed<T> = Result<T, Fault>;

/// Parses a template or the inside of a text in quotes.
fn document(text: &str, source: &Source, names: &mut Names, depth: usize) -> Parsed<Block> {
    let mut parser = Parser {
        text,
        source,
        lexer: Lexer::new(text),
        ahead: VecDeque::new(),
        names,
        depth,
        operators: 0,
        read_to: 0,
    };
    let body = parser.block()?;
    let rest = parser.take()?;
    match rest.kind {
        Kind::End => Ok(body),
        Kind::EndDirective | Kind::Else | Kind::ElseIf => {
            let reason = format!(
                "{} without a directive that it belongs to",
                rest.kind.name()
            );
            Err(parser.fault(&rest, reason))
        }
        _ => {
            let reason = format!("unexpected {}", parser.shown(&rest));
            Err(parser.fault(&rest, reason))
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    /// Where the text stands in the template.
    source: &'a Source,
    lexer: Lexer<'a>,
    /// Tokens that were looked at and not yet taken.
    ahead: VecDeque<Token>,
    names: &'a mut Names,
    depth: usize,
    /// Operators of the expression so far.
    operators: usize,
    /// The end of the token that was taken last.
    read_to: usize,
}

impl<'a> Parser<'a> {
    /// Looks at a token without taking it; the lexer reads no further than that, because what it reads depends on the parser.
    fn peek(&mut self, place: usize) -> Parsed<&Token> {
        while self.ahead.len() <= place {
            let token = self.lexer.next().map_err(|stray| Fault {
                at: self.source.origin(stray.at),
                reason: stray.reason(self.text),
            })?;
            self.ahead.push_back(token);
        }
        Ok(&self.ahead[place])
    }

    fn kind(&mut self) -> Parsed<Kind> {
        Ok(self.peek(0)?.kind)
    }

    fn take(&mut self) -> Parsed<Token> {
        self.peek(0)?;
        let token = self.ahead.pop_front().expect("peek has just put one there");
        self.read_to = token.end;
        Ok(token)
    }

    fn take_if(&mut self, kind: Kind) -> Parsed<Option<Token>> {
        if self.kind()? == kind {
            self.take().map(Some)
        } else {
            Ok(None)
        }
    }

    fn expect(&mut self, kind: Kind, within: &str) -> Parsed<Token> {
        let token = self.take()?;
        if token.kind == kind {
            return Ok(token);
        }
        let reason = format!(
            "expected {} {within}, found {}",
            kind.name(),
            self.shown(&token)
        );
        Err(self.fault(&token, reason))
    }

    fn skip_blanks(&mut self) -> Parsed<()> {
        self.take_if(Kind::Blank).map(drop)
    }

    fn image(&self, token: &Token) -> &'a str {
        &self.text[token.start..token.end]
    }

    /// A token for people.
    fn shown(&self, token: &Token) -> String {
        match token.kind {
            Kind::End => Kind::End.name().to_owned(),
            _ => {
                let image = self.image(token);
                let trimmed = if image.trim().is_empty() {
                    image
                } else {
                    image.trim()
                };
                let shown: String = trimmed.chars().take(30).collect();
                // `5 -3` are two numbers for Velocity.
                let negative =
                    matches!(token.kind, Kind::Integer | Kind::Float) && image.starts_with('-');
                let hint = if negative {
                    "; a minus that subtracts wants a blank behind it"
                } else {
                    ""
                };
                format!("`{}`{hint}", shown.escape_debug())
            }
        }
    }

    fn fault(&self, token: &Token, reason: impl Into<String>) -> Fault {
        Fault {
            at: self.source.origin(token.start),
            reason: reason.into(),
        }
    }

    fn origin(&self, token: &Token) -> usize {
        self.source.origin(token.start)
    }

    /// Runs one level deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEPTH_MAX {
            let token = self.peek(0)?.clone();
            return Err(self.fault(&token, format!("nested deeper than {DEPTH_MAX} levels")));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// All statements up to a token that begins none.
    fn block(&mut self) -> Parsed<Block> {
        let mut statements = Statements::default();
        while self.statement(&mut statements)? {}
        Ok(statements.finish())
    }

    /// Adds the next statement; false where none begins.
    fn statement(&mut self, statements: &mut Statements) -> Parsed<bool> {
        match self.kind()? {
            Kind::Identifier => self.print(statements)?,
            Kind::ReferenceOpen if self.peek(1)?.kind == Kind::Identifier => {
                self.print(statements)?
            }
            Kind::Text
            | Kind::Dot
            | Kind::Open
            | Kind::Close
            | Kind::Integer
            | Kind::Float
            | Kind::Quoted
            | Kind::Escape
            | Kind::ReferenceOpen
            | Kind::ReferenceClose
            | Kind::EmptyIndex => {
                let token = self.take()?;
                statements.text(&token.stray);
                statements.text(self.image(&token));
            }
            Kind::LineComment | Kind::BlockComment => self.comment(statements)?,
            Kind::Raw => self.raw(statements)?,
            Kind::EscapedDirective => self.escaped_directive(statements)?,
            Kind::DoubleEscape => self.backslashes(statements)?,
            Kind::Set => self.nested(|parser| parser.set(statements))?,
            Kind::If => self.nested(|parser| parser.branches(statements))?,
            Kind::Word | Kind::BracketedWord => {
                self.nested(|parser| parser.directive(statements))?
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A comment prints nothing but marks that stand before it by mistake.
    fn comment(&mut self, statements: &mut Statements) -> Parsed<()> {
        let token = self.take()?;
        let image = self.image(&token);
        let begin = image.find("##").or_else(|| image.find("#*")).unwrap_or(0);
        statements.text(&image[..begin]);
        if token.kind == Kind::LineComment {
            self.take_if(Kind::LineCommentEnd)?;
        }
        Ok(())
    }

    /// `#[[ … ]]#` prints what is in it.
    fn raw(&mut self, statements: &mut Statements) -> Parsed<()> {
        let token = self.take()?;
        let image = self.image(&token);
        statements.text(&image["#[[".len()..image.len() - "]]#".len()]);
        Ok(())
    }
}

/// Statements being gathered; text next to text becomes one.
#[derive(Default)]
struct Statements {
    done: Vec<Statement>,
    text: String,
}

impl Statements {
    fn text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn push(&mut self, statement: Statement) {
        self.flush();
        self.done.push(statement);
    }

    fn finish(mut self) -> Block {
        self.flush();
        self.done.into()
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.done
                .push(Statement::Text(std::mem::take(&mut self.text).into()));
        }
    }
}
