//! Mapping templates by media type.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html>

use std::sync::Arc;

use tollgate_vtl::Template;

/// The templates of an integration, or of one of its responses.
#[derive(Debug, Default)]
pub struct Templates {
    /// By media type, or `$default`, in the order of the definition.
    pub by_type: Vec<(Box<str>, Script)>,
    /// What happens to a request that none is for.
    pub passthrough: Passthrough,
}

/// One template.
#[derive(Debug)]
pub enum Script {
    /// Null or nothing: the body passes as it is.
    Empty,
    /// Parsed.
    Ready(Arc<Template>),
    /// It does not parse: AWS fails the request, not the deployment. Says where and why.
    Broken(String),
}

/// What happens to a request that no template is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passthrough {
    /// It passes as it is.
    #[default]
    WhenNoMatch,
    /// It passes only if there is no template at all.
    WhenNoTemplates,
    /// It is refused.
    Never,
}

impl Templates {
    /// The template for a request of this media type.
    pub(crate) fn exact(&self, media_type: &str) -> Option<(&str, &Script)> {
        self.of(media_type).or_else(|| self.of("$default"))
    }

    /// The template for a client that accepts this media type; otherwise JSON's, otherwise the first.
    pub(crate) fn accepted(&self, media_type: &str) -> Option<(&str, &Script)> {
        let first = || self.by_type.first().map(|(key, script)| (&**key, script));
        self.of(media_type)
            .or_else(|| self.of("application/json"))
            .or_else(first)
    }

    /// Whether a request that no template is for passes.
    pub(crate) fn passes(&self, passthrough: Passthrough) -> bool {
        match passthrough {
            Passthrough::WhenNoMatch => true,
            Passthrough::WhenNoTemplates => self.by_type.is_empty(),
            Passthrough::Never => false,
        }
    }

    /// For the operator: the media types that have one.
    pub(crate) fn keys(&self) -> String {
        let keys: Vec<_> = self.by_type.iter().map(|(key, _)| &**key).collect();
        if keys.is_empty() {
            "none".to_owned()
        } else {
            keys.join(", ")
        }
    }

    fn of(&self, wanted: &str) -> Option<(&str, &Script)> {
        let found = self
            .by_type
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(wanted));
        found.map(|(key, script)| (&**key, script))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn templates(keys: &[&str], passthrough: Passthrough) -> Templates {
        Templates {
            by_type: keys
                .iter()
                .map(|key| (Box::from(*key), Script::Empty))
                .collect(),
            passthrough,
        }
    }

    /// The guide's table: templates defined, content type, and what happens under each behaviour.
    #[test]
    fn bodies_pass_as_the_guide_says() {
        use Passthrough::{Never, WhenNoMatch, WhenNoTemplates};
        const JSON: &str = "application/json";
        const XML: &str = "application/xml";
        for (keys, content_type, expected) in [
            (&[JSON][..], JSON, ["template"; 3]),
            (&[JSON], XML, ["pass", "415", "415"]),
            (&[XML], JSON, ["pass", "415", "415"]),
            (&[XML], XML, ["template"; 3]),
            (&[], JSON, ["pass", "pass", "415"]),
            (&["$default"], XML, ["template"; 3]),
        ] {
            for (passthrough, expected) in [WhenNoMatch, WhenNoTemplates, Never]
                .into_iter()
                .zip(expected)
            {
                let templates = templates(keys, passthrough);
                let outcome = match templates.exact(content_type) {
                    Some(_) => "template",
                    None if templates.passes(passthrough) => "pass",
                    None => "415",
                };
                assert_eq!(outcome, expected, "{keys:?} {content_type} {passthrough:?}");
            }
        }
    }

    #[test]
    fn answers_are_for_the_first_accepted_type_else_json_else_the_first() {
        let templates = templates(&["text/html", "application/json"], Passthrough::default());
        let chosen = |accept: &str| templates.accepted(accept).map(|(key, _)| key.to_owned());
        assert_eq!(chosen("text/html").as_deref(), Some("text/html"));
        assert_eq!(chosen("*/*").as_deref(), Some("application/json"));
    }
}
