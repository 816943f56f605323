//! A template: parsed once, rendered many times.

use crate::ast::Tree;
use crate::error::{Error, Position};
use crate::eval;
use crate::limits::{Limits, TEMPLATE_BYTES_MAX};
use crate::overrides::Overrides;
use crate::parser;
use crate::scope::Scope;
use crate::tracer::Tracer;

/// A parsed template. It may be shared between threads.
#[derive(Debug)]
pub struct Template {
    text: Box<str>,
    tree: Tree,
}

impl Template {
    /// Parses a template's text.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > TEMPLATE_BYTES_MAX {
            let reason = format!("the template has more than {TEMPLATE_BYTES_MAX} bytes");
            return Err(Error::at(Position::of(text, 0), reason));
        }
        Ok(Self {
            text: text.into(),
            tree: parser::parse(text)?,
        })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Renders it. What it writes to `$context.requestOverride` and `$context.responseOverride` ends in the overrides.
    pub fn render(
        &self,
        scope: &dyn Scope,
        overrides: &mut Overrides,
        limits: &Limits,
    ) -> Result<String, Error> {
        self.rendered(scope, overrides, limits, None)
    }

    /// [`Self::render`], with somebody to hear of it.
    ///
    /// # Errors
    /// The same.
    pub fn render_traced(
        &self,
        scope: &dyn Scope,
        overrides: &mut Overrides,
        limits: &Limits,
        tracer: &mut dyn Tracer,
    ) -> Result<String, Error> {
        self.rendered(scope, overrides, limits, Some(tracer))
    }

    fn rendered<'r>(
        &'r self,
        scope: &'r dyn Scope,
        overrides: &'r mut Overrides,
        limits: &Limits,
        tracer: Option<&'r mut dyn Tracer>,
    ) -> Result<String, Error> {
        eval::render(&self.tree, scope, overrides, limits, tracer)
            .map_err(|failure| Error::at(Position::of(&self.text, failure.at), failure.reason))
    }

    /// The reference that a [`Tracer`] was told of: its place, and its text.
    pub fn reference(&self, at: usize) -> (Position, &str) {
        let rest = self.text.get(at..).unwrap_or_default();
        let start = rest.find('$').unwrap_or(0);
        let rest = &rest[start..];
        (
            Position::of(&self.text, at + start),
            &rest[..reference_length(rest)],
        )
    }
}

/// How long the reference is that a text begins with. The parser has read it before, so only what nests and what quotes is looked at.
fn reference_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    let (mut depth, mut quote) = (0_usize, None);
    while let Some((at, it)) = chars.next() {
        match (it, quote) {
            (_, Some(open)) if it == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) if depth > 0 => quote = Some(it),
            ('(' | '[' | '{', None) => depth += 1,
            (')' | ']' | '}', None) if depth > 0 => depth -= 1,
            (_, None) if depth > 0 => {}
            ('$' | '!', None) if at < 2 => {}
            ('.', None)
                if chars
                    .peek()
                    .is_some_and(|(_, next)| next.is_ascii_alphabetic()) => {}
            (_, None) if it.is_ascii_alphanumeric() || it == '_' || it == '-' => {}
            (_, None) => return at,
        }
        let ends_braces = it == '}'
            && depth == 0
            && text.starts_with(['$'])
            && text[1..].trim_start_matches('!').starts_with('{');
        if ends_braces && quote.is_none() {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_again_by_their_place() {
        for (text, expected) in [
            ("$a.b, c", "$a.b"),
            ("$!{a.b}c", "$!{a.b}"),
            ("${a}.b", "${a}"),
            ("$input.path('$.x(')[0].y)", "$input.path('$.x(')[0].y"),
            ("$a.", "$a"),
            ("$a-1 ", "$a-1"),
            ("\"$x\"", "$x"),
            ("$a.b(\"$c.d('}')\")\n", "$a.b(\"$c.d('}')\")"),
        ] {
            let template = Template::parse(text).expect("a template");
            assert_eq!(template.reference(0).1, expected, "{text}");
        }
    }
}
