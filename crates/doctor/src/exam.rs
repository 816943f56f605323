//! One definition under examination: its methods as the checks see them, and what they found so far.

use std::collections::HashSet;

use tollgate_model::rest::Definition;
use tollgate_openapi::Subject;
use tollgate_vtl::Position;
use tollgate_wire::Map;
use tollgate_wire::apigateway::{Integration, IntegrationResponse, Method, Model};

use crate::Options;
use crate::code::Code;
use crate::finding::{Evidence, Severity};

/// Findings kept of one file; a hostile one could have hundreds of thousands.
const FINDINGS_MAX: usize = 1_000;

/// A finding whose place is not known in lines yet.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    pub(crate) spot: Spot,
    pub(crate) subject: String,
    pub(crate) reason: String,
    pub(crate) evidence: Option<Evidence>,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Spot {
    /// A place in the document.
    Pointer(String),
    /// A line and a column of what is no document.
    Position(u64, u64),
    /// A part of the definition, and the members on the way from it.
    Part(Subject, Vec<String>),
    /// A line and a column of a template that is a part of the definition.
    Template(Subject, Vec<String>, (u32, u32)),
}

/// The definition, and what was found.
pub(crate) struct Exam<'d> {
    pub(crate) definition: &'d Definition,
    pub(crate) options: &'d Options,
    drafts: Vec<Draft>,
    known: HashSet<(Code, Spot, String)>,
}

/// A method and its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'d> {
    pub(crate) path: &'d str,
    pub(crate) name: &'d str,
    pub(crate) method: &'d Method,
}

impl<'d> Exam<'d> {
    pub(crate) fn new(definition: &'d Definition, options: &'d Options) -> Self {
        Self {
            definition,
            options,
            drafts: Vec::new(),
            known: HashSet::new(),
        }
    }

    /// Every method, in the order of the document. A resource's id is its path.
    pub(crate) fn methods(&self) -> Vec<Seen<'d>> {
        let methods = self.definition.methods.iter();
        methods
            .map(|it| Seen {
                path: &it.resource_id,
                name: it.method.http_method.as_deref().unwrap_or_default(),
                method: &it.method,
            })
            .collect()
    }

    /// The model of this name.
    pub(crate) fn model(&self, name: &str) -> Option<&'d Model> {
        let mut models = self.definition.models.iter();
        models.find(|model| model.name.as_deref() == Some(name))
    }

    /// What a method's validator checks: parameters, and the body.
    pub(crate) fn validated(&self, method: &Method) -> (bool, bool) {
        let id = method.request_validator_id.as_deref();
        let mut validators = self.definition.validators.iter();
        let validator = id.and_then(|id| validators.find(|it| it.id.as_deref() == Some(id)));
        validator.map_or((false, false), |it| {
            let parameters = it.validate_request_parameters.unwrap_or(false);
            (parameters, it.validate_request_body.unwrap_or(false))
        })
    }

    /// Keeps a finding, once.
    pub(crate) fn tell(
        &mut self,
        code: Code,
        severity: Severity,
        (subject, spot): (String, Spot),
        reason: impl Into<String>,
        evidence: Option<Evidence>,
    ) {
        let reason = reason.into();
        let is_new = !self.is_full() && self.known.insert((code, spot.clone(), reason.clone()));
        if is_new {
            self.drafts.push(Draft {
                code,
                severity,
                spot,
                subject,
                reason,
                evidence,
            });
        }
    }

    /// Whether a part of the API has a finding of this code.
    pub(crate) fn has_any(&self, code: Code, subject: &str) -> bool {
        let mut drafts = self.drafts.iter();
        drafts.any(|it| it.code == code && it.subject == subject)
    }

    /// Whether nothing more is kept.
    pub(crate) fn is_full(&self) -> bool {
        self.drafts.len() == FINDINGS_MAX
    }

    /// The findings so far.
    pub(crate) fn drafts_mut(&mut self) -> &mut [Draft] {
        &mut self.drafts
    }

    /// Whether a finding of this code stands at this place already.
    pub(crate) fn has(&self, code: Code, spot: &Spot) -> bool {
        let mut known = self.known.iter();
        known.any(|(it, at, _)| *it == code && at == spot)
    }

    pub(crate) fn into_drafts(mut self) -> Vec<Draft> {
        if self.is_full() {
            self.drafts.push(Draft {
                code: Code::CheckIncomplete,
                severity: Severity::Note,
                spot: Spot::api(""),
                subject: "the API".to_owned(),
                reason: format!("more than {FINDINGS_MAX} findings; the rest is left out"),
                evidence: None,
            });
        }
        self.drafts
    }
}

impl Spot {
    /// A place by its pointer.
    pub(crate) fn api(pointer: &str) -> Self {
        Self::Pointer(pointer.to_owned())
    }

    /// A place in the template that stands here.
    pub(crate) fn inside(self, position: Position) -> Self {
        match self {
            Self::Part(subject, within) => {
                let Position { line, column } = position;
                Self::Template(subject, within, (line, column))
            }
            other => other,
        }
    }

    /// The part of the definition that it is in, and the way from it.
    pub(crate) fn part(&self) -> Option<(&Subject, &[String])> {
        match self {
            Self::Part(subject, within) | Self::Template(subject, within, _) => {
                Some((subject, within))
            }
            Self::Pointer(_) | Self::Position(..) => None,
        }
    }
}

impl<'d> Seen<'d> {
    /// `GET /pets`
    pub(crate) fn label(&self) -> String {
        format!("{} {}", self.name, self.path)
    }

    pub(crate) fn integration(&self) -> Option<&'d Integration> {
        self.method.method_integration.as_ref()
    }

    /// The type of its integration, empty without one.
    pub(crate) fn kind(&self) -> &'d str {
        let integration = self.integration();
        let kind = integration.and_then(|integration| integration.type_.as_deref());
        kind.unwrap_or_default()
    }

    /// Whether mappings and templates stand between it and its integration's answer.
    pub(crate) fn is_mapped(&self) -> bool {
        matches!(self.kind(), "HTTP" | "AWS" | "MOCK")
    }

    /// The method, or something below it.
    pub(crate) fn at(&self, within: &[&str]) -> (String, Spot) {
        let subject = Subject::Method {
            path: self.path.to_owned(),
            method: self.name.to_owned(),
        };
        (self.label(), Spot::Part(subject, owned(within)))
    }

    /// Its integration, or something below it.
    pub(crate) fn at_integration(&self, within: &[&str]) -> (String, Spot) {
        let subject = Subject::Integration {
            path: self.path.to_owned(),
            method: self.name.to_owned(),
        };
        (self.label(), Spot::Part(subject, owned(within)))
    }

    /// The integration response with this status, or something below it.
    pub(crate) fn at_response(&self, status: &str, within: &[&str]) -> (String, Spot) {
        let subject = Subject::IntegrationResponse {
            path: self.path.to_owned(),
            method: self.name.to_owned(),
            status: status.to_owned(),
        };
        (self.label(), Spot::Part(subject, owned(within)))
    }

    /// Its integration responses with their statuses, in ascending order as they are tried.
    pub(crate) fn responses(&self) -> Vec<(&'d str, &'d IntegrationResponse)> {
        let given = self.integration();
        let given = given.and_then(|it| it.integration_responses.as_ref());
        let mut responses: Vec<_> = given
            .into_iter()
            .flatten()
            .map(|(key, it)| (it.status_code.as_deref().unwrap_or(key), it))
            .collect();
        responses.sort_by_key(|(status, _)| status.parse().unwrap_or(u16::MAX));
        responses
    }

    /// The names of the variables of its path.
    pub(crate) fn path_variables(&self) -> Vec<&'d str> {
        path_variables(self.path)
    }

    /// Whether it declares the parameter `method.request.{place}.{name}`.
    pub(crate) fn declares(&self, place: &str, name: &str) -> bool {
        let declared = self.method.request_parameters.iter().flatten();
        let wanted = format!("method.request.{place}.{name}");
        let mut names = declared.map(|(known, _)| known);
        match place {
            "header" => names.any(|known| known.eq_ignore_ascii_case(&wanted)),
            _ => names.any(|known| *known == wanted),
        }
    }
}

/// The names of the variables of a path, in its order.
pub(crate) fn path_variables(path: &str) -> Vec<&str> {
    let parts = path.split('/').filter_map(|part| {
        let inside = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(inside.strip_suffix('+').unwrap_or(inside))
    });
    parts.collect()
}

/// A model, or something in its schema.
pub(crate) fn at_model(name: &str, within: &[String]) -> (String, Spot) {
    let spot = Spot::Part(Subject::Model(name.to_owned()), within.to_vec());
    (format!("model {name}"), spot)
}

/// A gateway response, or something below it.
pub(crate) fn at_gateway_response(kind: &str, within: &[&str]) -> (String, Spot) {
    let subject = Subject::GatewayResponse(kind.to_owned());
    (
        format!("gateway response {kind}"),
        Spot::Part(subject, owned(within)),
    )
}

/// The API itself, by a pointer into the document.
pub(crate) fn at_api(pointer: &str) -> (String, Spot) {
    ("the API".to_owned(), Spot::api(pointer))
}

/// The entries of a map that have a text.
pub(crate) fn texts(map: Option<&Map<Option<String>>>) -> impl Iterator<Item = (&str, &str)> {
    let entries = map.into_iter().flatten();
    entries.filter_map(|(name, text)| Some((&**name, text.as_deref()?)))
}

fn owned(within: &[&str]) -> Vec<String> {
    within.iter().map(|step| (*step).to_owned()).collect()
}
