//! A request as JSON, for tests.

use std::borrow::Cow;

use serde_json::Value;
use tollgate_vtl::{Place, Scope};

/// What a template sees.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) body: String,
    /// `path`, `querystring`, `header`, `context` (by dotted paths), `stageVariables`: names and texts.
    pub(crate) known: Value,
}

impl World {
    fn text(&self, part: &str, name: &str) -> Option<Cow<'_, str>> {
        self.known.get(part)?.get(name)?.as_str().map(Cow::Borrowed)
    }

    fn texts(&self, part: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        let part = self.known.get(part).and_then(Value::as_object);
        let entries = part.into_iter().flatten();
        entries
            .map(|(name, value)| {
                (
                    Cow::Borrowed(&**name),
                    Cow::Borrowed(value.as_str().unwrap_or_default()),
                )
            })
            .collect()
    }
}

impl Scope for World {
    fn body(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.body)
    }

    fn parameter(&self, place: Place, name: &str) -> Option<Cow<'_, str>> {
        self.text(place.name(), name)
    }

    fn parameters(&self, place: Place) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        self.texts(place.name())
    }

    fn context(&self, path: &str) -> Option<Cow<'_, str>> {
        self.text("context", path)
    }

    fn stage_variable(&self, name: &str) -> Option<Cow<'_, str>> {
        self.text("stageVariables", name)
    }

    fn stage_variables(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        self.texts("stageVariables")
    }
}
