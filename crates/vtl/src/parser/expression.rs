//! Expressions of `#set` and `#if`, and the simpler values that are arguments of methods and directives.

use super::{Parsed, Parser};
use crate::ast::{Binary, Constant, Expression, Operator};
use crate::lexer::{Kind, Token};

/// Whether an argument of a method can begin so.
pub(super) fn begins_argument(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Quoted
            | Kind::Integer
            | Kind::Float
            | Kind::ListOpen
            | Kind::MapOpen
            | Kind::True
            | Kind::False
            | Kind::Identifier
            | Kind::ReferenceOpen
    )
}

fn operator(kind: Kind) -> Option<Operator> {
    Some(match kind {
        Kind::Or => Operator::Or,
        Kind::And => Operator::And,
        Kind::Equal => Operator::Equal,
        Kind::NotEqual => Operator::NotEqual,
        Kind::Less => Operator::Less,
        Kind::LessOrEqual => Operator::LessOrEqual,
        Kind::Greater => Operator::Greater,
        Kind::GreaterOrEqual => Operator::GreaterOrEqual,
        Kind::Plus => Operator::Add,
        Kind::Minus => Operator::Subtract,
        Kind::Times => Operator::Multiply,
        Kind::Divide => Operator::Divide,
        Kind::Modulo => Operator::Modulo,
        _ => return None,
    })
}

impl Parser<'_> {
    /// An expression with operators.
    pub(super) fn expression(&mut self) -> Parsed<Expression> {
        self.nested(|parser| parser.operators(1))
    }

    /// Operators that bind at least as tight, from left to right.
    fn operators(&mut self, binding: u8) -> Parsed<Expression> {
        let mut left = self.operand()?;
        while let Some(found) = operator(self.kind()?).filter(|found| found.binding() >= binding) {
            let token = self.take()?;
            let right = self.operators(found.binding() + 1)?;
            left = Expression::Binary(Box::new(Binary {
                operator: found,
                left,
                right,
                at: self.origin(&token),
            }));
            self.count_operator(&token)?;
        }
        Ok(left)
    }

    /// A chain of operators is a tree as deep as it is long, and rendering walks down it.
    fn count_operator(&mut self, token: &Token) -> Parsed<()> {
        self.operators += 1;
        if self.operators > super::OPERATORS_MAX {
            return Err(self.fault(
                token,
                format!(
                    "more than {} operators in one expression",
                    super::OPERATORS_MAX
                ),
            ));
        }
        Ok(())
    }

    fn operand(&mut self) -> Parsed<Expression> {
        self.skip_blanks()?;
        if self.take_if(Kind::Not)?.is_some() {
            let negated = self.nested(Self::operand)?;
            return Ok(Expression::Not(Box::new(negated)));
        }
        let value = match self.take_if(Kind::Open)? {
            None => self.value("in an expression")?,
            Some(_) => {
                let inner = self.expression()?;
                self.expect(Kind::Close, "behind an expression in parentheses")?;
                inner
            }
        };
        self.skip_blanks()?;
        Ok(value)
    }

    /// A value without operators.
    pub(super) fn value(&mut self, within: &str) -> Parsed<Expression> {
        match self.kind()? {
            Kind::Identifier | Kind::ReferenceOpen => self
                .operand_reference()
                .map(|reference| Expression::Reference(Box::new(reference))),
            Kind::ListOpen => self.nested(Self::list),
            Kind::MapOpen => self.nested(Self::map),
            _ => self.simple(within),
        }
    }

    /// A literal.
    fn simple(&mut self, within: &str) -> Parsed<Expression> {
        let token = self.take()?;
        match token.kind {
            Kind::Quoted => self.quoted(&token),
            Kind::Integer => Ok(Expression::Number(whole(self.image(&token)))),
            Kind::Float => Ok(Expression::Number(Constant::Double(
                self.image(&token).parse().unwrap_or(f64::NAN),
            ))),
            Kind::True => Ok(Expression::Bool(true)),
            Kind::False => Ok(Expression::Bool(false)),
            _ => {
                let reason = format!("expected a value {within}, found {}", self.shown(&token));
                Err(self.fault(&token, reason))
            }
        }
    }

    /// What can stand between the brackets behind a reference.
    pub(super) fn index_argument(&mut self) -> Parsed<Expression> {
        match self.kind()? {
            Kind::Float => {
                let token = self.take()?;
                Err(self.fault(
                    &token,
                    "an index is a whole number, a text in quotes or a reference",
                ))
            }
            _ => self.value("as an index"),
        }
    }

    /// The arguments of a method, from one parenthesis to the other.
    pub(super) fn arguments(&mut self, end: &mut usize) -> Parsed<Box<[Expression]>> {
        self.take()?;
        let mut arguments = Vec::new();
        if self.kind()? != Kind::MethodClose {
            arguments.push(self.argument()?);
            while self.take_if(Kind::Comma)?.is_some() {
                arguments.push(self.argument()?);
            }
        }
        *end = self
            .expect(Kind::MethodClose, "behind the arguments of a method")?
            .end;
        Ok(arguments.into())
    }

    fn argument(&mut self) -> Parsed<Expression> {
        self.skip_blanks()?;
        let value = self.value("as an argument")?;
        self.skip_blanks()?;
        Ok(value)
    }

    /// A list or a range.
    fn list(&mut self) -> Parsed<Expression> {
        self.take()?;
        self.skip_blanks()?;
        if self.take_if(Kind::ListClose)?.is_some() {
            return Ok(Expression::List(Box::default()));
        }
        let first = self.value("in a list")?;
        self.skip_blanks()?;
        if self.take_if(Kind::Range)?.is_some() {
            return self.range(first);
        }
        let mut items = vec![first];
        while self.take_if(Kind::Comma)?.is_some() {
            items.push(self.argument()?);
        }
        self.expect(Kind::ListClose, "at the end of a list")?;
        Ok(Expression::List(items.into()))
    }

    fn range(&mut self, first: Expression) -> Parsed<Expression> {
        let last = self.argument()?;
        let close = self.expect(Kind::ListClose, "at the end of a range")?;
        for bound in [&first, &last] {
            let can_be = matches!(
                bound,
                Expression::Reference(_)
                    | Expression::Number(Constant::Int(_) | Constant::Long(_) | Constant::Big(_))
            );
            if !can_be {
                return Err(self.fault(&close, "a range runs between whole numbers or references"));
            }
        }
        Ok(Expression::Range(Box::new((first, last))))
    }

    fn map(&mut self) -> Parsed<Expression> {
        self.take()?;
        self.skip_blanks()?;
        let mut entries = Vec::new();
        if !self.closes_map()? {
            entries.push(self.entry()?);
            while self.take_if(Kind::Comma)?.is_some() {
                entries.push(self.entry()?);
            }
        }
        if !self.closes_map()? {
            return self
                .expect(Kind::MapClose, "at the end of a map")
                .map(|_| Expression::Map(entries.into()));
        }
        self.take()?;
        Ok(Expression::Map(entries.into()))
    }

    /// The lexer may take the brace for the end of a reference.
    fn closes_map(&mut self) -> Parsed<bool> {
        Ok(matches!(
            self.kind()?,
            Kind::MapClose | Kind::ReferenceClose
        ))
    }

    fn entry(&mut self) -> Parsed<(Expression, Expression)> {
        let key = self.argument()?;
        self.expect(Kind::Colon, "behind the key of a map")?;
        Ok((key, self.argument()?))
    }
}

/// The smallest of Java's kinds that holds the number.
fn whole(digits: &str) -> Constant {
    if let Ok(int) = digits.parse() {
        return Constant::Int(int);
    }
    match digits.parse() {
        Ok(long) => Constant::Long(long),
        Err(_) => Constant::Big(without_zeros(digits).into()),
    }
}

fn without_zeros(digits: &str) -> String {
    let (sign, digits) = digits
        .strip_prefix('-')
        .map_or(("", digits), |digits| ("-", digits));
    format!("{sign}{}", digits.trim_start_matches('0'))
}
