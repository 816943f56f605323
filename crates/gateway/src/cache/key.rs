//! What tells two answers of a cache apart: `cacheNamespace`, `cacheKeyParameters`, and what AWS adds to them.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html#enable-api-gateway-cache-keys>
//!
//! Every part is written with its length before it, so that no value can pass for two, and the whole is hashed under a key of this
//! process: nobody can look for two requests of one hash, and no value of a header lies in memory as a key.

use std::hash::{Hash, Hasher};

use smallvec::SmallVec;

use crate::exchange::{Content, Incoming, header_all, media_type};
use crate::map::{BadJson, Destination, JsonBody, Place, RequestMapping, RequestValues};
use crate::plan::{IntegrationResponse, Templates};
use crate::record::Record;
use crate::route::Matched;

/// The name of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// The stage's cache, as it was when the request came: a flush begins another.
    pub(super) generation: u64,
    pub(super) hash: [u8; 32],
}

impl Key {
    /// A number that is spread evenly over keys.
    pub(super) fn spread(&self) -> usize {
        let [.., a, b, c, d] = self.hash;
        u32::from_le_bytes([a, b, c, d]) as usize
    }
}

/// The hash is one already.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c, d, e, f, g, h, ..] = self.hash;
        state.write_u64(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
    }
}

/// What an integration says of the keys of its answers.
#[derive(Debug, Default)]
pub struct CacheKey {
    /// `cacheNamespace`; the resource's id unless it is said.
    namespace: Option<Box<str>>,
    parts: Box<[Part]>,
    /// Whether an answer depends on what the client accepts.
    is_by_accept: bool,
    /// `responseTransferMode` STREAM: answers are not kept (the guide).
    is_streamed: bool,
}

/// One of `cacheKeyParameters`.
#[derive(Debug)]
struct Part {
    name: Box<str>,
    /// Where the client may put it.
    own: Option<(Place, Box<str>)>,
    /// The numbers of the rows of the request's mapping that make it.
    mapped: Box<[usize]>,
}

/// One of `cacheKeyParameters` that names no parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no parameter of the method's or the integration's request")]
pub struct KeyError(pub String);

/// What a key is made of besides an integration's own: which deployment, on which stage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'s> {
    pub(super) secret: &'s [u8; 32],
    pub(super) generation: u64,
    /// The guide: what base and canary share when it is the same, and do not share when it is another.
    pub(super) deployment: &'s str,
}

/// Why a request has no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unkeyed;

impl CacheKey {
    /// What an integration's members say. The client's own values count for a proxy, which passes them on beside those that are mapped.
    ///
    /// # Errors
    /// A parameter that names none.
    pub(crate) fn compile<'t>(
        namespace: Option<&str>,
        parameters: impl Iterator<Item = &'t str>,
        mapping: &RequestMapping,
        is_proxy: bool,
    ) -> Result<Self, KeyError> {
        let parts = parameters.map(|name| Part::compile(name, mapping, is_proxy));
        Ok(Self {
            namespace: namespace.filter(|it| !it.is_empty()).map(Box::from),
            parts: parts.collect::<Result<_, _>>()?,
            ..Self::default()
        })
    }

    /// With what decides about an answer beside parameters.
    pub(crate) fn with(
        mut self,
        responses: &[IntegrationResponse],
        has_binary_types: bool,
        is_streamed: bool,
    ) -> Self {
        let mut responses = responses.iter();
        let has_choice = responses.any(|response| response.templates.by_type.len() > 1);
        self.is_by_accept = has_choice || has_binary_types;
        self.is_streamed = is_streamed;
        self
    }

    /// The key of a request. There is none for a body that needs to be JSON and is not, for a stream's answer, and for a GET or HEAD
    /// with a body: what that means nobody says, and an integration may look into it.
    pub(super) fn of(
        &self,
        scope: Scope<'_>,
        route: &Matched<'_>,
        incoming: &Incoming,
        record: &Record,
    ) -> Result<Key, Unkeyed> {
        if self.is_streamed || is_bodied_read(incoming, record) {
            return Err(Unkeyed);
        }
        let mut text = Text::new();
        part(&mut text, scope.deployment.as_bytes());
        // A namespace that is said may be another resource's id, as in AWS.
        let namespace = self.namespace.as_deref().unwrap_or(&route.resource.id);
        part(&mut text, namespace.as_bytes());
        part(&mut text, record.method().as_bytes());
        self.choices(&route.method.integration.templates, record, &mut text);
        let values = RequestValues {
            record,
            route,
            incoming,
            json: JsonBody::default(),
        };
        for it in &self.parts {
            it.write(&values, &mut text).map_err(|_| Unkeyed)?;
        }
        Ok(Key {
            generation: scope.generation,
            hash: *blake3::keyed_hash(scope.secret, &text).as_bytes(),
        })
    }

    /// Guess: AWS may not tell these apart, and then gives a client what another asked for. Which template a request's type chooses, and
    /// what it accepts where the answer's form depends on it.
    fn choices(&self, templates: &Templates, record: &Record, text: &mut Text) {
        let template = templates.exact(&record.content_type());
        part(text, template.map_or("", |(key, _)| key).as_bytes());
        if self.is_by_accept {
            let accepted = media_type(record.headers().get("Accept"));
            part(text, accepted.as_bytes());
        }
    }
}

fn is_bodied_read(incoming: &Incoming, record: &Record) -> bool {
    let is_empty = match &incoming.content {
        Content::Whole(bytes) => bytes.is_empty(),
        Content::Stream(body) => body.length() == Some(0),
    };
    !is_empty && matches!(record.method(), "GET" | "HEAD")
}

/// What is hashed.
type Text = SmallVec<[u8; 256]>;

fn number(text: &mut Text, number: usize) {
    text.extend_from_slice(&(number as u64).to_le_bytes());
}

fn part(text: &mut Text, part: &[u8]) {
    number(text, part.len());
    text.extend_from_slice(part);
}

fn parts<'v>(text: &mut Text, values: impl Iterator<Item = &'v [u8]>) {
    let at = text.len();
    number(text, 0);
    let mut count: u64 = 0;
    for value in values {
        part(text, value);
        count += 1;
    }
    text[at..at + 8].copy_from_slice(&count.to_le_bytes());
}

impl Part {
    fn compile(name: &str, mapping: &RequestMapping, is_proxy: bool) -> Result<Self, KeyError> {
        let unknown = || KeyError(name.to_owned());
        let (of_method, rest) = match name.strip_prefix("method.request.") {
            Some(rest) => (true, rest),
            None => (
                false,
                name.strip_prefix("integration.request.")
                    .ok_or_else(unknown)?,
            ),
        };
        let (place, own) = rest.split_once('.').ok_or_else(unknown)?;
        let place = place.strip_prefix("multivalue").unwrap_or(place);
        let place = Place::parse(place).ok_or_else(unknown)?;
        if own.is_empty() {
            return Err(unknown());
        }
        let rows = mapping.entries.iter().enumerate();
        let rows = rows.filter(|(_, (to, _))| !of_method && is_made(to, place, own));
        Ok(Self {
            name: name.into(),
            own: (of_method || is_proxy).then(|| (place, own.into())),
            mapped: rows.map(|(number, _)| number).collect(),
        })
    }

    /// Every value, in order: an integration may see them all. What did not come differs from what is empty.
    fn write(&self, values: &RequestValues<'_>, text: &mut Text) -> Result<(), BadJson> {
        part(text, self.name.as_bytes());
        if let Some((place, name)) = &self.own {
            own(*place, name, values, text);
        }
        for row in &self.mapped {
            let entries = &values.route.method.integration.mapping.entries;
            let found = values.of(&entries[*row].1)?;
            parts(text, found.iter().map(|value| value.as_bytes()));
        }
        Ok(())
    }
}

/// The values that the client sent. Guess: header names in any case, because backends know no difference, though mappings do.
fn own(place: Place, name: &str, values: &RequestValues<'_>, text: &mut Text) {
    let record = values.record;
    match place {
        Place::Path => {
            let found = values.route.parameter(name, record);
            parts(text, found.into_iter().map(str::as_bytes));
        }
        Place::Query => {
            let found = values.incoming.query_all(record, name);
            parts(text, found.map(str::as_bytes));
        }
        Place::Header => {
            parts(text, record.headers().get_all(name));
            // Mappings and templates look for the name as it is written.
            parts(text, header_all(record.headers(), name));
        }
    }
}

fn is_made(to: &Destination, place: Place, name: &str) -> bool {
    let is_named = match place {
        Place::Header => to.name.eq_ignore_ascii_case(name),
        Place::Path | Place::Query => *to.name == *name,
    };
    to.place == place && is_named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_the_methods_or_the_integrations() {
        let compiled = |name: &str| {
            let mapping = RequestMapping::default();
            CacheKey::compile(None, [name].into_iter(), &mapping, false).is_ok()
        };
        for (name, expected) in [
            ("method.request.querystring.a", true),
            ("method.request.path.proxy", true),
            ("method.request.header.X-A", true),
            ("method.request.multivaluequerystring.a", true),
            ("integration.request.header.X-A", true),
            ("integration.request.querystring.a.b", true),
            ("method.request.body", false),
            ("method.request.body.a", false),
            ("method.request.header.", false),
            ("method.request.header", false),
            ("method.response.header.a", false),
            ("context.identity.sourceIp", false),
            ("", false),
        ] {
            assert_eq!(compiled(name), expected, "{name}");
        }
    }

    /// What is written is read in one way only.
    #[test]
    fn no_two_lists_are_written_alike() {
        let lists: [&[&[u8]]; 8] = [
            &[],
            &[b""],
            &[b"", b""],
            &[b"ab"],
            &[b"a", b"b"],
            &[b"b", b"a"],
            &[b"a,b"],
            &[b"\x01\0\0\0\0\0\0\0a"],
        ];
        let written: Vec<Text> = lists
            .iter()
            .map(|list| {
                let mut text = Text::new();
                parts(&mut text, list.iter().copied());
                parts(&mut text, [&b"end"[..]].into_iter());
                text
            })
            .collect();
        for (number, one) in written.iter().enumerate() {
            for other in &written[..number] {
                assert!(!one.starts_with(other) && !other.starts_with(one));
            }
        }
    }
}
