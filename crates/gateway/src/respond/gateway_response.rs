//! Gateway responses: which customisation answers, and its small template language.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>

use std::borrow::Cow;

use tollgate_http::{Headers, Response};

use super::{ResponseType, message, whole};
use crate::access_log::name_length;
use crate::context::{Variable, quoted};
use crate::exchange::{Incoming, header_all, media_type};
use crate::map::{ExpressionError, Place, Source, header_name, put};
use crate::record::Record;
use crate::rejection::Rejection;

/// The customised gateway responses of an API.
#[derive(Debug, Default)]
pub struct GatewayResponses {
    customised: Vec<(ResponseType, Custom)>,
}

/// One customised response. What it leaves out is the type's own.
#[derive(Debug, Default)]
struct Custom {
    status: Option<u16>,
    headers: Vec<(Box<str>, Source)>,
    templates: Vec<(Box<str>, Template)>,
}

/// A gateway response that AWS would not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponseError {
    /// Not one of the 21 types.
    #[error("there is no gateway response type `{0}`")]
    Type(String),
    /// Not a status.
    #[error("`{0}` is not a status code")]
    Status(String),
    /// Not a header's name.
    #[error(transparent)]
    Parameter(#[from] ExpressionError),
}

/// Text with places for `$context.…`, `$stageVariables.…` and `$method.request.…`; not VTL.
#[derive(Debug)]
struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(Box<str>),
    Value(Source),
}

impl GatewayResponses {
    /// Adds a customisation. `headers` are pairs of `gatewayresponse.header.{name}` and an expression, `templates` of a media type
    /// and a text.
    pub fn add<'t>(
        &mut self,
        kind: &str,
        status: Option<&str>,
        headers: impl Iterator<Item = (&'t str, &'t str)>,
        templates: impl Iterator<Item = (&'t str, &'t str)>,
    ) -> Result<(), ResponseError> {
        let kind =
            ResponseType::from_name(kind).ok_or_else(|| ResponseError::Type(kind.to_owned()))?;
        let status = status
            .filter(|text| !text.is_empty())
            .map(parse_status)
            .transpose()?;
        let mut custom = Custom {
            status,
            ..Custom::default()
        };
        for (name, expression) in headers {
            // The guide lists positions in path and query as well; a response has neither.
            if let Ok(name) = header_name(name, "gatewayresponse.header.") {
                custom.headers.push((Box::from(name), source(expression)));
            }
        }
        custom.templates = templates
            .map(|(media_type, text)| (Box::from(media_type), Template::parse(text)))
            .collect();
        self.customised.push((kind, custom));
        Ok(())
    }

    /// Whose customisation answers for a type: its own, or that of its class.
    pub(super) fn answers(&self, kind: ResponseType) -> Option<ResponseType> {
        let has = |wanted| self.customised.iter().any(|(known, _)| *known == wanted);
        [kind, kind.class()].into_iter().find(|it| has(*it))
    }

    /// The type's own customisation, else that of its class.
    fn find(&self, kind: ResponseType) -> Option<&Custom> {
        self.applying(kind).map(|(_, custom)| custom)
    }

    /// The type whose customisation applies: this one, or its class.
    pub(crate) fn customised(&self, kind: ResponseType) -> Option<ResponseType> {
        self.applying(kind).map(|(kind, _)| *kind)
    }

    fn applying(&self, kind: ResponseType) -> Option<&(ResponseType, Custom)> {
        let of = |wanted| self.customised.iter().find(|(known, _)| *known == wanted);
        of(kind).or_else(|| of(kind.class()))
    }
}

fn parse_status(text: &str) -> Result<u16, ResponseError> {
    let status = text
        .parse()
        .ok()
        .filter(|status| (200..600).contains(status));
    status.ok_or_else(|| ResponseError::Status(text.to_owned()))
}

/// An expression AWS does not know, such as the old samples' `method.input.params.x`, has no value.
fn source(text: &str) -> Source {
    match Source::of_request(text) {
        Ok(Source::Body | Source::BodyPath(_)) | Err(_) => Source::Nothing,
        Ok(source) => source,
    }
}

impl Template {
    fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            let after = &rest[at + 1..];
            let name = &after[..name_length(after)];
            if is_reference(name) {
                push_text(&mut pieces, &rest[..at]);
                pieces.push(Piece::Value(source(name)));
                rest = &after[name.len()..];
            } else {
                push_text(&mut pieces, &rest[..=at]);
                rest = after;
            }
        }
        push_text(&mut pieces, rest);
        Self { pieces }
    }

    fn render(&self, record: &Record) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Value(source) => text.push_str(&value(source, record).unwrap_or_default()),
            }
        }
        text
    }
}

fn is_reference(name: &str) -> bool {
    ["context.", "stageVariables.", "method.request."]
        .iter()
        .any(|root| name.starts_with(root))
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(last)) => *last = format!("{last}{text}").into_boxed_str(),
        _ => pieces.push(Piece::Text(Box::from(text))),
    }
}

/// Answers with the customisation that applies, or AWS's default.
pub(super) fn answer(kind: ResponseType, rejection: &Rejection, record: &Record) -> Response {
    let custom = record
        .stage()
        .and_then(|stage| stage.deployment.responses.find(kind));
    let status = custom
        .and_then(|custom| custom.status)
        .unwrap_or(rejection.default_status());
    let mut headers = Headers::with_capacity(512);
    let template = custom.and_then(|custom| chosen(&custom.templates, record));
    let (content_type, body) = match template {
        Some((media_type, template)) => (&**media_type, template.render(record)),
        None => ("application/json", default_body(kind, rejection)),
    };
    let own_headers = custom.map_or(&[][..], |custom| &custom.headers);
    let mut own_names = own_headers.iter().map(|(name, _)| name);
    let is_own = own_names.any(|name| name.eq_ignore_ascii_case("Content-Type"));
    // Recorded: a test's refusal has no type, where nothing customises it.
    let is_told = !record.is_test || template.is_some();
    if is_told && !is_own {
        put(&mut headers, "Content-Type", content_type);
    }
    put(
        &mut headers,
        "x-amzn-ErrorType",
        rejection.error_type.unwrap_or(kind.defaults().error_type),
    );
    for (name, source) in own_headers {
        if let Some(value) = value(source, record) {
            // The later of two, and the API's over ours. A name that is none is left out.
            headers.remove(name);
            put(&mut headers, name, &value);
        }
    }
    whole(status, headers, body)
}

/// Seen in transcripts: a denial by a policy says `Message`, all else `message`.
fn default_body(kind: ResponseType, rejection: &Rejection) -> String {
    match kind == ResponseType::AccessDenied {
        true => format!("{{\"Message\":{}}}", quoted(&rejection.message)),
        false => message(&rejection.message, kind.defaults().spacing),
    }
}

/// The template for the client's first Accept, else JSON's, else the first.
fn chosen<'c>(
    templates: &'c [(Box<str>, Template)],
    record: &Record,
) -> Option<&'c (Box<str>, Template)> {
    let accepted = media_type(record.headers().get("Accept"));
    let of = |wanted: &str| {
        templates
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(wanted))
    };
    of(&accepted)
        .or_else(|| of("application/json"))
        .or(templates.first())
}

/// The value of a reference. A message that is missing is JSON's null, since it stands where JSON is expected.
fn value<'r>(source: &'r Source, record: &'r Record) -> Option<Cow<'r, str>> {
    match source {
        Source::Parameter { place, name, .. } => parameter(*place, name, record).map(Cow::Owned),
        Source::StageVariable(name) => record.stage()?.variable(name).map(Cow::Borrowed),
        Source::Literal(text) => Some(Cow::Borrowed(text)),
        Source::Context(Variable::ErrorMessageString) => Some(
            Variable::ErrorMessageString
                .value(record)
                .unwrap_or(Cow::Borrowed("null")),
        ),
        Source::Context(variable) => variable.value(record),
        Source::Nothing | Source::Body | Source::BodyPath(_) => None,
    }
}

fn parameter(place: Place, name: &str, record: &Record) -> Option<String> {
    match place {
        Place::Header => header_all(record.headers(), name)
            .last()
            .map(|value| String::from_utf8_lossy(value).into_owned()),
        Place::Query => Incoming::new()
            .query_all(record, name)
            .next_back()
            .map(str::to_owned),
        Place::Path => {
            // The match that the pipeline made is gone by now, and refusals are rare: it is made again.
            let plan = &record.stage()?.deployment;
            let (index, captured) = plan.routes.find(record.route_path())?;
            let names = plan.resources[index].variables.iter().zip(captured);
            let (_, range) = names.into_iter().find(|(known, _)| ***known == *name)?;
            Some(record.route_path()[range].to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_its_own_customisation_or_that_of_its_class() {
        let mut responses = GatewayResponses::default();
        let none = std::iter::empty;
        responses
            .add("DEFAULT_5XX", Some("599"), none(), none())
            .expect("valid");
        responses
            .add("INTEGRATION_TIMEOUT", None, none(), none())
            .expect("valid");
        let status = |kind| responses.find(kind).map(|custom| custom.status);
        assert_eq!(status(ResponseType::ApiConfigurationError), Some(Some(599)));
        assert_eq!(status(ResponseType::IntegrationTimeout), Some(None));
        assert_eq!(status(ResponseType::Throttled), None);
    }

    #[test]
    fn what_aws_would_not_take_is_refused() {
        let mut responses = GatewayResponses::default();
        let none = std::iter::empty;
        assert_eq!(
            responses.add("NO_SUCH", None, none(), none()),
            Err(ResponseError::Type("NO_SUCH".to_owned()))
        );
        assert_eq!(
            responses.add("THROTTLED", Some("99"), none(), none()),
            Err(ResponseError::Status("99".to_owned()))
        );
    }

    #[test]
    fn only_references_are_substituted() {
        let template =
            Template::parse("a $ $x $context.error.message! $$stageVariables.v ${context.x}");
        let values = template
            .pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Value(_)))
            .count();
        assert_eq!(values, 2);
    }
}
