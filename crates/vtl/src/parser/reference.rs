//! References: `$a`, `${a}`, `$!a`, with properties, methods and indexes behind them.

use super::{Parsed, Parser, Statements};
use crate::ast::{Part, PartKind, Print, Reference, Root, Statement};
use crate::lexer::{Kind, Token};

/// What stands at the beginning of a reference, taken apart.
struct Opening<'a> {
    /// Backslashes before it that print: every second one.
    backslashes: &'a str,
    /// Whether an odd number of backslashes keeps it from being one.
    escaped: bool,
    /// Marks before it that belong to nothing, as the `#` of `#$a`.
    marks: &'a str,
    /// What remains: `$`, perhaps `!`, perhaps `{`, perhaps the name.
    rest: &'a str,
}

impl<'a> Opening<'a> {
    fn of(image: &'a str) -> Self {
        let count = image.bytes().take_while(|byte| *byte == b'\\').count();
        let (backslashes, rest) = (&image[..count / 2], &image[count..]);
        let dollar = rest.rfind('$').unwrap_or(0);
        Self {
            backslashes,
            escaped: count % 2 == 1,
            marks: &rest[..dollar],
            rest: &rest[dollar..],
        }
    }
}

impl Parser<'_> {
    /// A reference among text.
    pub(super) fn print(&mut self, statements: &mut Statements) -> Parsed<()> {
        let first = self.peek(0)?.clone();
        let (reference, end) = self.reference()?;
        let image = self.image(&first);
        let Root::Variable(_) = reference.root else {
            // No `$` begins it: a word behind `$a.b()`, which the lexer takes for part of the reference.
            statements.text(image);
            return Ok(());
        };
        if image.contains("\\!") {
            // `$\!a` names a variable that cannot exist, and what does not exist prints nothing.
            return Ok(());
        }
        let opening = Opening::of(image);
        let literal = &self.text[end - opening_length(&opening, &first, end)..end];
        let quiet = opening.rest.starts_with("$!") && !opening.escaped;
        statements.push(Statement::Print(Box::new(Print {
            prefix: match opening.escaped {
                true => opening.backslashes.into(),
                false => format!("{}{}", opening.backslashes, opening.marks).into(),
            },
            escaped: opening.escaped,
            fallback: if quiet { "".into() } else { literal.into() },
            reference,
        })));
        Ok(())
    }

    /// A reference among an expression.
    pub(super) fn operand_reference(&mut self) -> Parsed<Reference> {
        let first = self.peek(0)?.clone();
        let (mut reference, _) = self.reference()?;
        if self.image(&first).contains("\\!") {
            reference.root = Root::Null;
            reference.parts = Box::default();
        }
        Ok(reference)
    }

    /// A reference and where it ends.
    fn reference(&mut self) -> Parsed<(Reference, usize)> {
        let first = self.take()?;
        let at = self.origin(&first);
        let braced = first.kind == Kind::ReferenceOpen;
        let name = if braced {
            self.expect(Kind::Identifier, "in a reference")?
        } else {
            first.clone()
        };
        let mut end = name.end;
        let mut parts = Vec::new();
        self.parts(&mut parts, &mut end)?;
        if braced {
            end = self
                .expect(
                    Kind::ReferenceClose,
                    "at the end of a reference that begins with `${`",
                )?
                .end;
        }
        let image = self.image(&name);
        // Velocity takes the name of `${$a}` as it is written, and no variable has that name.
        let written = if braced { image } else { bare(image) };
        let root = match self.image(&first).rfind('$') {
            Some(_) => Root::Variable(self.names.number(written)),
            None => Root::Null,
        };
        let parts = parts.into();
        Ok((Reference { root, parts, at }, end))
    }

    fn parts(&mut self, parts: &mut Vec<Part>, end: &mut usize) -> Parsed<()> {
        loop {
            match self.kind()? {
                Kind::IndexOpen => parts.push(self.index(end)?),
                Kind::Dot if self.peek(1)?.kind == Kind::Identifier => {
                    parts.push(self.member(end)?)
                }
                _ => return Ok(()),
            }
        }
    }

    fn index(&mut self, end: &mut usize) -> Parsed<Part> {
        let open = self.take()?;
        self.skip_blanks()?;
        let index = self.nested(Self::index_argument)?;
        self.skip_blanks()?;
        *end = self.expect(Kind::IndexClose, "behind an index")?.end;
        Ok(Part {
            kind: PartKind::Index(index),
            at: self.origin(&open),
        })
    }

    fn member(&mut self, end: &mut usize) -> Parsed<Part> {
        self.take()?;
        let name = self.take()?;
        *end = name.end;
        let text: Box<str> = self.image(&name).into();
        let kind = match self.opens_arguments()? {
            false => PartKind::Property(text),
            true => PartKind::Method(text, self.nested(|parser| parser.arguments(end))?),
        };
        Ok(Part {
            kind,
            at: self.origin(&name),
        })
    }

    /// Whether a method's arguments follow: a parenthesis with something behind it that can stand there.
    fn opens_arguments(&mut self) -> Parsed<bool> {
        if self.kind()? != Kind::Open {
            return Ok(false);
        }
        Ok(match self.peek(1)?.kind {
            Kind::MethodClose | Kind::Blank => true,
            kind => super::expression::begins_argument(kind),
        })
    }
}

/// The name without the marks before it.
fn bare(image: &str) -> &str {
    image.trim_start_matches(['$', '!', '\\', '#'])
}

/// How many bytes of the reference's text stand from its `$` to its end.
fn opening_length(opening: &Opening<'_>, first: &Token, end: usize) -> usize {
    end - first.end + opening.rest.len()
}
