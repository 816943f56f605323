//! Templates parse or are refused with a place inside of them; what parses renders or fails within its limits, and the same both times.
#![no_main]

use std::borrow::Cow;

use libfuzzer_sys::fuzz_target;
use tollgate_vtl::{Limits, Overrides, Place, Scope, Template};

const LIMITS: Limits = Limits {
    output_bytes_max: 64 << 10,
    made_bytes_max: 4 << 20,
    steps_max: 50_000,
    ..Limits::AWS
};

/// A request whose body is what follows the template.
struct Request<'a>(&'a str);

impl Scope for Request<'_> {
    fn body(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0)
    }

    fn parameter(&self, place: Place, name: &str) -> Option<Cow<'_, str>> {
        (name == "a").then(|| Cow::Borrowed(place.name()))
    }

    fn parameters(&self, place: Place) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        vec![(Cow::Borrowed("a"), Cow::Borrowed(place.name()))]
    }

    fn context(&self, path: &str) -> Option<Cow<'_, str>> {
        (path == "identity.sourceIp").then(|| Cow::Borrowed("127.0.0.1"))
    }

    fn stage_variable(&self, name: &str) -> Option<Cow<'_, str>> {
        (name == "a").then(|| Cow::Borrowed("v"))
    }

    fn stage_variables(&self) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
        vec![(Cow::Borrowed("a"), Cow::Borrowed("v"))]
    }
}

// The template, and behind a NUL the body.
fuzz_target!(|input: &str| {
    let (text, body) = input.split_once('\0').unwrap_or((input, r#"{"a": [1, {"b": "x"}], "s": "a,b"}"#));
    let lines = text.matches('\n').count() as u32 + 1;
    let template = match Template::parse(text) {
        Ok(template) => template,
        Err(error) => return assert!(error.position().line <= lines, "{error}"),
    };
    let render = || {
        let mut overrides = Overrides::default();
        let rendered = template.render(&Request(body), &mut overrides, &LIMITS);
        let set = (overrides.request("path"), overrides.request("querystring"), overrides.request("header"));
        (rendered, set, overrides.response_headers(), overrides.status())
    };
    let first = render();
    assert_eq!(first, render());
    match first.0 {
        Ok(text) => assert!(text.len() <= LIMITS.output_bytes_max),
        Err(error) => assert!(error.position().line <= lines, "{error}"),
    }
});
