//! The values that mapping expressions name.

use std::borrow::Cow;
use std::cell::OnceCell;

use bytes::Bytes;
use smallvec::{SmallVec, smallvec};
use tollgate_http::Headers;
use tollgate_jsonpath::Value;

use super::expression::{Place, Source};
use crate::exchange::{Incoming, header_all};
use crate::record::Record;
use crate::route::Matched;

/// The values of one expression; none where the mapping is to be left out, several only where the expression asks for all.
pub(crate) type Values<'v> = SmallVec<[Cow<'v, str>; 1]>;

/// A body mapping met a body that is not JSON.
#[derive(Debug)]
pub(crate) struct BadJson(pub(crate) String);

/// A body that mappings may look into; parsed once, when first asked for.
#[derive(Debug, Default)]
pub(crate) struct JsonBody {
    parsed: OnceCell<Result<Option<Value>, String>>,
}

impl JsonBody {
    /// The parsed body. AWS parses only what begins like JSON; all else counts as an empty object.
    fn value(&self, body: &Bytes) -> Result<Option<&Value>, BadJson> {
        let parsed = self.parsed.get_or_init(|| {
            let text = String::from_utf8_lossy(body);
            let text = text.trim();
            match text.bytes().next() {
                Some(b'{' | b'[' | b'\'' | b'"') => super::json(text).map(Some),
                _ => Ok(None),
            }
        });
        match parsed {
            Ok(value) => Ok(value.as_ref()),
            Err(reason) => Err(BadJson(reason.clone())),
        }
    }
}

/// Where the sources of an integration request look.
pub(crate) struct RequestValues<'a> {
    pub(crate) record: &'a Record,
    pub(crate) route: &'a Matched<'a>,
    pub(crate) incoming: &'a Incoming,
    pub(crate) json: JsonBody,
}

impl<'a> RequestValues<'a> {
    pub(crate) fn of(&self, source: &'a Source) -> Result<Values<'_>, BadJson> {
        let values = match source {
            Source::Parameter { place, name, all } => self.parameter(*place, name, *all),
            Source::Body => smallvec![whole_body(self.incoming.body())],
            Source::BodyPath(path) => from_json(&self.json, self.incoming.body(), path)?,
            elsewhere => of_stage(elsewhere, self.record),
        };
        Ok(present(values))
    }

    fn parameter(&self, place: Place, name: &'a str, all: bool) -> Values<'_> {
        match (place, all) {
            (Place::Path, _) => self
                .route
                .parameter(name, self.record)
                .map(Cow::Borrowed)
                .into_iter()
                .collect(),
            (Place::Query, true) => self
                .incoming
                .query_all(self.record, name)
                .map(Cow::Borrowed)
                .collect(),
            (Place::Query, false) => self
                .incoming
                .query_all(self.record, name)
                .next_back()
                .map(Cow::Borrowed)
                .into_iter()
                .collect(),
            (Place::Header, _) if crate::headers::hidden_from_mappings(name) => Values::new(),
            (Place::Header, all) => of_headers(self.record.headers(), name, all),
        }
    }
}

/// Where the sources of an integration response look.
pub(crate) struct ResponseValues<'a> {
    pub(crate) record: &'a Record,
    pub(crate) headers: &'a Headers,
    pub(crate) body: &'a Bytes,
    pub(crate) json: JsonBody,
}

impl<'a> ResponseValues<'a> {
    pub(crate) fn of(&self, source: &'a Source) -> Result<Values<'_>, BadJson> {
        let values = match source {
            Source::Parameter { name, all, .. } => of_headers(self.headers, name, *all),
            Source::Body => smallvec![whole_body(self.body)],
            Source::BodyPath(path) => from_json(&self.json, self.body, path)?,
            elsewhere => of_stage(elsewhere, self.record),
        };
        Ok(present(values))
    }
}

/// The last value of a header, or all of them joined by commas.
pub(crate) fn of_headers<'h>(headers: &'h Headers, name: &str, all: bool) -> Values<'h> {
    let mut values = header_all(headers, name).map(String::from_utf8_lossy);
    if !all {
        return values.last().into_iter().collect();
    }
    let Some(first) = values.next() else {
        return Values::new();
    };
    let joined = values.fold(first, |joined, value| {
        Cow::Owned(format!("{joined},{value}"))
    });
    smallvec![joined]
}

/// Stage variables, context and literals.
pub(crate) fn of_stage<'v>(source: &'v Source, record: &'v Record) -> Values<'v> {
    let value = match source {
        Source::StageVariable(name) => record
            .stage()
            .and_then(|stage| stage.variable(name))
            .map(Cow::Borrowed),
        Source::Context(variable) => variable.value(record),
        Source::Literal(text) => Some(Cow::Borrowed(&**text)),
        Source::Nothing | Source::Parameter { .. } | Source::Body | Source::BodyPath(_) => None,
    };
    value.into_iter().collect()
}

/// Empty values count as missing, and a missing value leaves its mapping out.
fn present(mut values: Values<'_>) -> Values<'_> {
    if values.len() == 1 && values[0].is_empty() {
        values.clear();
    }
    values
}

/// The text of a body; an empty one is `{}`.
fn whole_body(body: &[u8]) -> Cow<'_, str> {
    let text = body.trim_ascii();
    if text.is_empty() {
        Cow::Borrowed("{}")
    } else {
        String::from_utf8_lossy(text)
    }
}

fn from_json<'v>(
    json: &JsonBody,
    body: &Bytes,
    path: &tollgate_jsonpath::Path,
) -> Result<Values<'v>, BadJson> {
    let Some(value) = json.value(body)? else {
        return Ok(Values::new());
    };
    let found = path.read(value).ok().flatten();
    Ok(found
        .as_ref()
        .and_then(super::text)
        .map(Cow::Owned)
        .into_iter()
        .collect())
}
