//! Directives: `#set`, `#if`, `#foreach` and their kin, backslashes before them, and words that only look like one.

use super::{Parsed, Parser, Statements};
use crate::ast::{Define, Expression, Foreach, If, Reference, Root, Set, Slot, Statement};
use crate::lexer::{Kind, Token};

/// Directives that are not part of the grammar itself.
const NAMED: [&str; 9] = [
    "foreach", "include", "parse", "macro", "literal", "evaluate", "break", "define", "stop",
];

/// An argument of a directive.
enum Argument {
    Word,
    Value(Expression),
}

impl Parser<'_> {
    /// `#set( … )`
    pub(super) fn set(&mut self, statements: &mut Statements) -> Parsed<()> {
        self.take()?;
        self.skip_blanks()?;
        let token = self.peek(0)?.clone();
        if !matches!(token.kind, Kind::Identifier | Kind::ReferenceOpen) {
            return Err(self.fault(
                &token,
                format!(
                    "expected a reference behind #set(, found {}",
                    self.shown(&token)
                ),
            ));
        }
        let target = self.target(&token)?;
        self.skip_blanks()?;
        self.expect(Kind::Assign, "in #set")?;
        let value = self.whole_expression()?;
        self.expect(Kind::Close, "at the end of #set")?;
        self.lexer.leave_set();
        statements.push(Statement::Set(Box::new(Set { target, value })));
        Ok(())
    }

    /// What `#set` gives a value. Velocity 1.7 takes the name as it is written, so that `${x}` and `$!x` name
    /// variables that no reference reaches.
    fn target(&mut self, first: &Token) -> Parsed<Reference> {
        let mut target = self.operand_reference()?;
        let plain = first.kind == Kind::Identifier && !self.image(first).contains('!');
        if target.parts.is_empty() && !plain {
            target.root = Root::Null;
        }
        Ok(target)
    }

    /// An expression that is not part of another.
    fn whole_expression(&mut self) -> Parsed<Expression> {
        self.operators = 0;
        self.expression()
    }

    /// `#if( … ) … #elseif( … ) … #else … #end`
    pub(super) fn branches(&mut self, statements: &mut Statements) -> Parsed<()> {
        let opening = self.peek(0)?.clone();
        let mut branches = Vec::new();
        while matches!(self.kind()?, Kind::If | Kind::ElseIf)
            && (branches.is_empty() || self.kind()? == Kind::ElseIf)
        {
            branches.push(self.branch()?);
        }
        let otherwise = match self.take_if(Kind::Else)? {
            Some(_) => Some(self.block()?),
            None => None,
        };
        self.close(&opening)?;
        statements.push(Statement::If(Box::new(If {
            branches: branches.into(),
            otherwise,
        })));
        Ok(())
    }

    fn branch(&mut self) -> Parsed<(Expression, crate::ast::Block)> {
        let name = self.take()?.kind.name();
        self.skip_blanks()?;
        self.expect(Kind::Open, &format!("behind {name}"))?;
        let condition = self.whole_expression()?;
        self.expect(Kind::Close, &format!("behind the condition of {name}"))?;
        Ok((condition, self.block()?))
    }

    /// The `#end` of a directive.
    fn close(&mut self, opening: &Token) -> Parsed<()> {
        let token = self.take()?;
        if token.kind == Kind::EndDirective {
            return Ok(());
        }
        let name = self.shown(opening);
        Err(match token.kind {
            Kind::End => self.fault(opening, format!("{name} has no #end")),
            _ => {
                let reason = format!("expected the #end of {name}, found {}", self.shown(&token));
                self.fault(&token, reason)
            }
        })
    }

    /// A directive by its name, or a word that is none and prints as it stands.
    pub(super) fn directive(&mut self, statements: &mut Statements) -> Parsed<()> {
        let opening = self.take()?;
        let image = self.image(&opening);
        // The `#` before it, and in `#{word}` the braces.
        let name = match opening.kind {
            Kind::BracketedWord => image.get(2..image.len() - 1).unwrap_or_default(),
            _ => image.get(1..).unwrap_or_default(),
        };
        self.lexer.enter_directive();
        match name {
            "foreach" => self.foreach(&opening, statements),
            "define" => self.define(&opening, statements),
            "literal" => self.literal(&opening, statements),
            "break" => self.leave(&opening, statements),
            "stop" => self.stop(&opening, statements),
            "macro" | "parse" | "include" | "evaluate" => {
                // Guess: AWS says only that they are not supported.
                Err(self.fault(&opening, format!("#{name} is not supported by API Gateway")))
            }
            _ => self.unknown(&opening, name, statements),
        }
    }

    /// The arguments between parentheses; nothing where there are none, which ends the directive for the lexer.
    fn directive_arguments(&mut self) -> Parsed<Option<Vec<(Token, Argument)>>> {
        if !self.lexer.opens_next() {
            self.lexer.leave_directive();
            return Ok(None);
        }
        self.skip_blanks()?;
        self.expect(Kind::Open, "behind a directive")?;
        let mut arguments = Vec::new();
        loop {
            self.skip_blanks()?;
            if self.take_if(Kind::Comma)?.is_some() {
                self.skip_blanks()?;
            }
            let token = self.peek(0)?.clone();
            match token.kind {
                Kind::Close => {
                    self.take()?;
                    return Ok(Some(arguments));
                }
                Kind::Word => {
                    self.take()?;
                    arguments.push((token, Argument::Word));
                }
                _ => {
                    let value = self.value("as an argument of a directive")?;
                    arguments.push((token, Argument::Value(value)));
                }
            }
        }
    }

    fn foreach(&mut self, opening: &Token, statements: &mut Statements) -> Parsed<()> {
        const FORM: &str = "#foreach wants the form #foreach($item in $items)";
        let mut arguments = self.directive_arguments()?.unwrap_or_default().into_iter();
        let (Some(item), Some((_, Argument::Word)), Some(items), None) = (
            arguments.next(),
            arguments.next(),
            arguments.next(),
            arguments.next(),
        ) else {
            return Err(self.fault(opening, FORM));
        };
        let (Some(variable), Argument::Value(items)) = (variable(&item.1), items.1) else {
            return Err(self.fault(opening, FORM));
        };
        let body = self.block()?;
        self.close(opening)?;
        statements.push(Statement::Foreach(Box::new(Foreach {
            variable,
            items,
            body,
            at: self.origin(opening),
        })));
        Ok(())
    }

    fn define(&mut self, opening: &Token, statements: &mut Statements) -> Parsed<()> {
        let arguments = self.directive_arguments()?.unwrap_or_default();
        let (first, variable) = match &arguments[..] {
            [(first, argument)] => (first, variable(argument)),
            _ => (opening, None),
        };
        let Some(variable) = variable else {
            return Err(self.fault(opening, "#define wants the form #define($name)"));
        };
        let plain = first.kind == Kind::Identifier && !self.image(first).contains('!');
        let body = self.block()?;
        self.close(opening)?;
        if plain {
            statements.push(Statement::Define(Box::new(Define { variable, body })));
        }
        Ok(())
    }

    /// `#literal() … #end` prints what is in it as it stands.
    fn literal(&mut self, opening: &Token, statements: &mut Statements) -> Parsed<()> {
        if self.directive_arguments()?.is_none() {
            return Err(self.fault(opening, "#literal wants the form #literal()"));
        }
        let start = self.peek(0)?.start;
        self.block()?;
        let end = self.peek(0)?.start;
        self.close(opening)?;
        statements.text(&self.text[start..end]);
        Ok(())
    }

    fn leave(&mut self, opening: &Token, statements: &mut Statements) -> Parsed<()> {
        let mut arguments = self.directive_arguments()?.unwrap_or_default();
        let scope = match (arguments.pop(), arguments.is_empty()) {
            (None, _) => None,
            (Some((_, Argument::Value(scope))), true) => Some(Box::new(scope)),
            (Some(_), _) => {
                return Err(self.fault(
                    opening,
                    "#break takes nothing, or one loop such as $foreach.parent",
                ));
            }
        };
        statements.push(Statement::Break(scope));
        Ok(())
    }

    fn stop(&mut self, opening: &Token, statements: &mut Statements) -> Parsed<()> {
        let arguments = self.directive_arguments()?.unwrap_or_default();
        let is_word = |argument: &(Token, Argument)| matches!(argument.1, Argument::Word);
        if arguments.len() > 1 || arguments.iter().any(is_word) {
            return Err(self.fault(opening, "#stop takes one value at most"));
        }
        statements.push(Statement::Stop);
        Ok(())
    }

    /// Prints a word that is no directive, with what looks like its arguments; `#@word( … )` goes on to its `#end`.
    fn unknown(&mut self, opening: &Token, name: &str, statements: &mut Statements) -> Parsed<()> {
        let arguments = self.directive_arguments()?;
        let mut end = self.read_to;
        if arguments.is_some() && name.starts_with('@') {
            self.block()?;
            self.close(opening)?;
            end = self.read_to;
        }
        statements.text(&self.text[opening.start..end]);
        Ok(())
    }

    /// `\#word`: half of the backslashes go where the word is a directive.
    pub(super) fn escaped_directive(&mut self, statements: &mut Statements) -> Parsed<()> {
        let token = self.take()?;
        let image = self.image(&token);
        let backslashes = image.bytes().take_while(|byte| *byte == b'\\').count();
        let directive = &image[backslashes..];
        let name = directive
            .trim_start_matches('#')
            .trim_start_matches('{')
            .trim_end_matches('}');
        if NAMED.contains(&name) || matches!(name, "if" | "end" | "set" | "else" | "elseif") {
            statements.text(&image[..(backslashes - 1) / 2]);
            statements.text(directive);
        } else {
            statements.text(image);
        }
        Ok(())
    }

    /// Pairs of backslashes: each prints as one before a directive, as two before all else.
    pub(super) fn backslashes(&mut self, statements: &mut Statements) -> Parsed<()> {
        let mut count = 0;
        while self.take_if(Kind::DoubleEscape)?.is_some() {
            count += 1;
        }
        let next = self.peek(0)?.clone();
        let directive = matches!(
            next.kind,
            Kind::If | Kind::Else | Kind::ElseIf | Kind::EndDirective
        ) || self
            .image(&next)
            .get(1..)
            .is_some_and(|name| NAMED.contains(&name));
        let each = if directive { "\\" } else { "\\\\" };
        statements.text(&each.repeat(count));
        Ok(())
    }
}

/// The variable that an argument names.
fn variable(argument: &Argument) -> Option<Slot> {
    match argument {
        Argument::Value(Expression::Reference(reference)) => match reference.root {
            Root::Variable(slot) => Some(slot),
            Root::Null => None,
        },
        Argument::Value(_) | Argument::Word => None,
    }
}
