//! A template: parsed once, rendered many times.

use crate::ast::Tree;
use crate::error::{Error, Position};
use crate::eval;
use crate::limits::{Limits, TEMPLATE_BYTES_MAX};
use crate::overrides::Overrides;
use crate::parser;
use crate::scope::Scope;

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

    /// Renders it. What it writes to `$context.requestOverride` and `$context.responseOverride` ends in the overrides.
    pub fn render(
        &self,
        scope: &dyn Scope,
        overrides: &mut Overrides,
        limits: &Limits,
    ) -> Result<String, Error> {
        eval::render(&self.tree, scope, overrides, limits)
            .map_err(|failure| Error::at(Position::of(&self.text, failure.at), failure.reason))
    }
}
