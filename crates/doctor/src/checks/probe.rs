//! Requests through every method: such as its definition allows, and such as nothing in it forbids. What the gateway cannot carry out, and
//! what is JSON by name only, is told with the request that shows it.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use tollgate_gateway::Models;
use tollgate_vtl::{Position, Template};

use super::responses::good_answer;
use crate::bench::{Ask, Backend, Bench, Run};
use crate::code::Code;
use crate::exam::{Exam, Seen, Spot, at_model, texts};
use crate::finding::Severity;
use crate::sample::{HOSTILE, Manner, Schemas};
use crate::shape::Shape;
use crate::text::json_fault;

/// Why a request is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// It keeps to the definition.
    Valid,
    /// Its body has the form that the template asks for; no model says more.
    Guessed,
    /// Nothing in the definition forbids a body without the members that the template reads.
    Bare,
    /// As a valid one, with texts that have to be escaped.
    Hostile,
}

/// What is wrong with the outcome of a request.
pub(super) struct Fault {
    pub(super) code: Code,
    pub(super) place: (String, Spot),
    pub(super) reason: String,
}

/// The models, each compiled once.
struct Judges {
    models: Models,
    schemas: Schemas,
    compiled: HashMap<String, Option<[String; 3]>>,
}

impl Judges {
    /// Bodies that fit a model: the least, all, and all with texts to be escaped.
    fn bodies(&mut self, model: &str) -> Option<[String; 3]> {
        if let Some(known) = self.compiled.get(model) {
            return known.clone();
        }
        let bodies = self.made(model);
        self.compiled.insert(model.to_owned(), bodies.clone());
        bodies
    }

    fn made(&self, model: &str) -> Option<[String; 3]> {
        let judge = self.models.compile(model).ok()?;
        let sample = |is_full, text| {
            let manner = Manner { is_full, text };
            let value = self.schemas.sample(model, &judge, manner);
            value.map(|value| value.to_string())
        };
        let small = sample(false, "text")?;
        let large = sample(true, "text").unwrap_or_else(|| small.clone());
        let quoted = sample(true, HOSTILE).unwrap_or_else(|| large.clone());
        Some([small, large, quoted])
    }
}

/// Sends requests through every method.
pub(super) fn check(exam: &mut Exam<'_>, bench: &mut Bench, blank: &HashSet<String>) {
    let schemas = Schemas::of(exam.definition);
    let models = exam.definition.models.iter();
    let models = models.filter_map(|it| Some((it.name.as_deref()?, it.schema.as_deref()?)));
    let mut judges = Judges {
        models: Models::new(crate::runnable::API, models),
        schemas,
        compiled: HashMap::new(),
    };
    for seen in exam.methods() {
        if bench.is_exhausted || exam.is_full() {
            return;
        }
        if blank.contains(&seen.label()) {
            continue;
        }
        for media_type in media_types(&seen) {
            let asks = asks(&seen, &media_type, &mut judges);
            of_asks(exam, bench, &seen, &media_type, asks);
        }
    }
}

/// The media types that a method says something about.
fn media_types(seen: &Seen<'_>) -> Vec<String> {
    let templates = seen
        .integration()
        .and_then(|it| it.request_templates.as_ref());
    let mut found: Vec<String> = Vec::new();
    let keys = texts(templates).chain(texts(seen.method.request_models.as_ref()));
    for (key, _) in keys {
        let key = if key == "$default" {
            "application/json"
        } else {
            key
        };
        if !found.iter().any(|known| known.eq_ignore_ascii_case(key)) {
            found.push(key.to_owned());
        }
    }
    if found.is_empty() {
        found.push("application/json".to_owned());
    }
    found
}

/// The text of the request template for a media type.
pub(super) fn request_template<'d>(
    seen: &Seen<'d>,
    media_type: &str,
) -> Option<(&'d str, &'d str)> {
    let templates = seen.integration()?.request_templates.as_ref();
    let of = |wanted: &str| texts(templates).find(|(key, _)| key.eq_ignore_ascii_case(wanted));
    of(media_type).or_else(|| of("$default"))
}

fn asks(seen: &Seen<'_>, media_type: &str, judges: &mut Judges) -> Vec<(Why, Ask)> {
    let least = Ask::of(seen);
    let most = everything(seen, "1");
    let hostile = everything(seen, HOSTILE);
    if !has_body(seen) {
        return vec![
            (Why::Valid, least),
            (Why::Valid, most),
            (Why::Hostile, hostile),
        ];
    }
    let with = |ask: &Ask, body: &str| ask.clone().with_body(media_type, body);
    let of_model = of_model(seen, media_type, judges);
    if let Some([small, large, quoted]) = of_model {
        return vec![
            (Why::Valid, with(&least, &small)),
            (Why::Valid, with(&most, &large)),
            (Why::Hostile, with(&hostile, &quoted)),
        ];
    }
    let body = |leaf| shaped(seen, media_type, leaf);
    vec![
        (Why::Guessed, with(&most, &body(json!(1)))),
        (Why::Guessed, with(&most, &body(json!("text")))),
        (Why::Bare, with(&most, "{}")),
        (Why::Hostile, with(&hostile, &body(json!(HOSTILE)))),
    ]
}

/// A body of the form that the request template asks for.
fn shaped(seen: &Seen<'_>, media_type: &str, leaf: Value) -> String {
    let template = request_template(seen, media_type);
    let template = template.and_then(|(_, text)| Template::parse(text).ok());
    let shape = template.map_or(Shape::default(), |template| Shape::of(&template));
    match shape.is_empty() {
        true => "{}".to_owned(),
        false => shape.body(&leaf).to_string(),
    }
}

/// A request with all that the method declares, and a body of the form that its template asks for.
pub(super) fn guessed(seen: &Seen<'_>, media_type: Option<&str>) -> Ask {
    let media_type = match media_type {
        None | Some("$default") => "application/json",
        Some(other) => other,
    };
    let ask = everything(seen, "1");
    match has_body(seen) {
        true => ask.with_body(media_type, shaped(seen, media_type, json!("text"))),
        false => ask,
    }
}

/// Whether requests of this method usually have a body.
pub(super) fn has_body(seen: &Seen<'_>) -> bool {
    !matches!(seen.name, "GET" | "HEAD" | "OPTIONS" | "DELETE")
}

/// Bodies that fit the method's model.
fn of_model(seen: &Seen<'_>, media_type: &str, judges: &mut Judges) -> Option<[String; 3]> {
    let named = seen.method.request_models.as_ref();
    let of = |wanted: &str| texts(named).find(|(key, _)| key.eq_ignore_ascii_case(wanted));
    let (_, model) = of(media_type).or_else(|| of("$default"))?;
    judges.bodies(model)
}

/// With every parameter that the method declares.
fn everything(seen: &Seen<'_>, value: &str) -> Ask {
    let mut ask = Ask::of(seen);
    ask.query.clear();
    ask.headers.clear();
    for (name, required) in seen.method.request_parameters.iter().flatten() {
        let place = name.strip_prefix("method.request.");
        match place.and_then(|place| place.split_once('.')) {
            Some(("querystring", name)) => ask.query.push((name.to_owned(), value.to_owned())),
            Some(("header", name)) if *required || is_free(name) => {
                ask.headers.push((name.to_owned(), value.to_owned()));
            }
            _ => {}
        }
    }
    ask
}

/// Whether a header means nothing to the gateway itself.
fn is_free(name: &str) -> bool {
    const MEANT: [&str; 9] = [
        "host",
        "content-length",
        "content-type",
        "transfer-encoding",
        "connection",
        "authorization",
        "accept",
        "expect",
        "upgrade",
    ];
    !MEANT.contains(&name.to_ascii_lowercase().as_str())
}

fn of_asks(
    exam: &mut Exam<'_>,
    bench: &mut Bench,
    seen: &Seen<'_>,
    media_type: &str,
    asks: Vec<(Why, Ask)>,
) {
    let mut outcomes: Vec<(Why, Run, Option<Fault>)> = Vec::new();
    for (why, ask) in asks {
        let Some(run) = bench.run(&ask, good_answer(seen)) else {
            return;
        };
        let fault = fault(seen, media_type, &run);
        outcomes.push((why, run, fault));
    }
    let tally = Tally::of(seen, media_type, &outcomes);
    for (why, run, fault) in outcomes {
        let Some(fault) = fault else {
            continue;
        };
        let judged = tally.severity(why, &fault);
        if let Some(severity) = judged.filter(|_| !is_told(exam, seen, &fault)) {
            let fault = explained(why, fault);
            let evidence = Some(run.evidence());
            exam.tell(fault.code, severity, fault.place, fault.reason, evidence);
        }
    }
}

/// How the requests of one media type fared.
struct Tally {
    /// Those that keep to the definition, or have the form that the template asks for.
    plain: usize,
    /// Those of them that failed.
    broken: usize,
    /// Whether the template gives the same for every body.
    is_constant: bool,
    /// Whether it is known what the template looks for in a body.
    has_form: bool,
}

impl Tally {
    fn of(seen: &Seen<'_>, media_type: &str, outcomes: &[(Why, Run, Option<Fault>)]) -> Self {
        let plain = outcomes.iter().filter(|(why, ..)| why.is_plain());
        let broken = plain.clone().filter(|(_, _, fault)| fault.is_some());
        let is_constant = reads_nothing(seen, media_type);
        Self {
            plain: plain.clone().count(),
            broken: broken.count(),
            is_constant,
            has_form: is_constant || knows_form(seen, media_type),
        }
    }

    /// How bad a fault of such a request is; nothing where it says no more than another, or may be none.
    fn severity(&self, why: Why, fault: &Fault) -> Option<Severity> {
        let is_of_body = depends_on_body(fault);
        match why {
            Why::Valid if self.broken == self.plain => Some(Severity::Error),
            Why::Valid => Some(Severity::Warning),
            // Bodies of the guessed forms may be none that ever come.
            Why::Guessed if self.broken < self.plain => None,
            Why::Guessed | Why::Bare if is_of_body && !self.has_form => None,
            Why::Guessed if self.is_constant || !is_of_body => Some(Severity::Error),
            Why::Guessed => Some(Severity::Warning),
            Why::Bare => (self.broken < self.plain).then_some(Severity::Warning),
            Why::Hostile => {
                let is_new = self.broken == 0 && fault.code == Code::TemplateNotJson;
                is_new.then_some(Severity::Warning)
            }
        }
    }
}

impl Why {
    fn is_plain(self) -> bool {
        matches!(self, Self::Valid | Self::Guessed)
    }
}

/// The fault in the words that fit the request that shows it.
fn explained(why: Why, fault: Fault) -> Fault {
    match why {
        Why::Valid | Why::Guessed => fault,
        Why::Bare => Fault {
            reason: format!(
                "{}; nothing requires a body to have the members that the template reads",
                fault.reason
            ),
            ..fault
        },
        Why::Hostile => Fault {
            code: Code::TemplateUnescaped,
            reason: format!(
                "a quotation mark in a value breaks the JSON that the template gives ($util.escapeJavaScript or $input.json keep it whole): {}",
                fault.reason
            ),
            ..fault
        },
    }
}

/// Whether another finding says it.
fn is_told(exam: &Exam<'_>, seen: &Seen<'_>, fault: &Fault) -> bool {
    let is_of_address = fault.code == Code::RequestFails
        && exam.has(Code::ImportRefused, &seen.at_integration(&["uri"]).1);
    is_of_address || is_of_path(exam, fault) || exam.has(fault.code, &fault.place.1)
}

/// Whether it is the failure of a JSONPath that was found by looking.
pub(super) fn is_of_path(exam: &Exam<'_>, fault: &Fault) -> bool {
    fault.code == Code::TemplateFails
        && fault.reason.contains("path does not parse")
        && exam.has_any(Code::BadJsonPath, &fault.place.0)
}

/// Whether the request template for this media type gives the same for every body.
fn reads_nothing(seen: &Seen<'_>, media_type: &str) -> bool {
    let template = request_template(seen, media_type);
    template.is_none_or(|(_, text)| match Template::parse(text) {
        Ok(template) => !template.mentions().iter().any(|it| it.variable == "input"),
        Err(_) => true,
    })
}

/// Whether it is known what the template looks for in a body.
fn knows_form(seen: &Seen<'_>, media_type: &str) -> bool {
    let template = request_template(seen, media_type);
    let template = template.and_then(|(_, text)| Template::parse(text).ok());
    template.is_some_and(|template| !Shape::of(&template).is_empty())
}

/// Whether another body might have had another outcome.
fn depends_on_body(fault: &Fault) -> bool {
    matches!(
        fault.code,
        Code::TemplateFails | Code::TemplateNotJson | Code::MockWithoutStatus
    )
}

/// What is wrong with this outcome.
fn fault(seen: &Seen<'_>, media_type: &str, run: &Run) -> Option<Fault> {
    if let Some(text) = run.fault() {
        let fault = classified(seen, text)?;
        // What answers do is looked at with answers of every kind.
        let is_of_answer = matches!(fault.code, Code::UndeclaredStatus | Code::NoResponseMatches)
            || text.starts_with("response template");
        return (!is_of_answer || seen.kind() == "MOCK").then_some(fault);
    }
    not_json_sent(seen, media_type, run).or_else(|| match seen.kind() {
        "MOCK" => not_json_answered(seen, run),
        _ => None,
    })
}

/// Which kind of failure the engine tells of; nothing where the made-up values are to blame.
pub(super) fn classified(seen: &Seen<'_>, text: &str) -> Option<Fault> {
    if text.contains("is not base64") || is_made_up_address(seen, text) {
        return None;
    }
    let (code, place) = if let Some(rest) = text.strip_prefix("request template ") {
        let key = rest.split(' ').next().unwrap_or_default();
        let (subject, spot) = seen.at_integration(&["requestTemplates", key]);
        (Code::TemplateFails, (subject, inside(spot, rest)))
    } else if text.starts_with("response template ") {
        (Code::TemplateFails, seen.at_integration(&["responses"]))
    } else if text.starts_with("unable to parse statusCode") {
        let place = seen.at_integration(&["requestTemplates"]);
        (Code::MockWithoutStatus, place)
    } else if let Some(rest) = text.strip_prefix("integration response ") {
        let status = rest.split(' ').next().unwrap_or_default();
        (
            Code::UndeclaredStatus,
            seen.at_response(status, &["statusCode"]),
        )
    } else if text.starts_with("no match for output mapping") {
        (Code::NoResponseMatches, seen.at_integration(&["responses"]))
    } else if let Some(name) = text.split('`').nth(1).filter(|_| text.contains("model `")) {
        (Code::ModelBroken, at_model(name, &[]))
    } else {
        (Code::RequestFails, seen.at_integration(&[]))
    };
    Some(Fault {
        code,
        place,
        reason: text.to_owned(),
    })
}

/// The line and column that the engine names, if it does.
pub(super) fn inside(spot: Spot, text: &str) -> Spot {
    let number = |name: &str| {
        let (_, rest) = text.split_once(name)?;
        let end = rest.find(|it: char| !it.is_ascii_digit());
        rest[..end.unwrap_or(rest.len())].parse().ok()
    };
    match (number(" line "), number(", column ")) {
        (Some(line), Some(column)) => spot.inside(Position { line, column }),
        _ => spot,
    }
}

/// An address with stage variables may be one with their true values.
fn is_made_up_address(seen: &Seen<'_>, text: &str) -> bool {
    let uri = seen.integration().and_then(|it| it.uri.as_deref());
    let has_variables = uri.is_some_and(|uri| uri.contains("stageVariables."));
    has_variables && text.contains("address")
}

/// Services of AWS that take nothing but JSON; of the others it is not known.
fn wants_json(seen: &Seen<'_>) -> bool {
    let uri = seen.integration().and_then(|it| it.uri.as_deref());
    let uri = uri.unwrap_or_default();
    let strict = [
        ":lambda:",
        ":states:",
        ":dynamodb:",
        ":kinesis:",
        ":events:",
    ];
    seen.kind() == "HTTP" || strict.iter().any(|it| uri.contains(it))
}

fn not_json_sent(seen: &Seen<'_>, media_type: &str, run: &Run) -> Option<Fault> {
    let (key, _) = request_template(seen, media_type)?;
    if !seen.is_mapped() || !wants_json(seen) {
        return None;
    }
    let call = run.tried.calls.first()?;
    let content_type = call
        .headers
        .get("Content-Type")
        .map(String::from_utf8_lossy)?;
    let body = run.sent()?;
    let error = json_fault(&content_type, &body)?;
    Some(Fault {
        code: Code::TemplateNotJson,
        place: seen.at_integration(&["requestTemplates", key]),
        reason: format!("the backend gets {content_type} that is not JSON: {error}"),
    })
}

/// An answer to a client that is JSON by its header only.
pub(super) fn not_json_answered(seen: &Seen<'_>, run: &Run) -> Option<Fault> {
    if run.why().is_some() {
        return None;
    }
    let status = run.tried.status.to_string();
    let responses = seen.responses();
    let (status, response) = responses.iter().find(|(known, _)| *known == status)?;
    // Without a template for JSON it is the backend's body, which nobody knows.
    let (key, _) = texts(response.response_templates.as_ref())
        .find(|(key, text)| crate::text::is_json(key) && !text.is_empty())?;
    let content_type = run.header("Content-Type")?;
    let error = json_fault(&content_type, &run.answer())?;
    Some(Fault {
        code: Code::TemplateNotJson,
        place: seen.at_response(status, &["responseTemplates", key]),
        reason: format!("the client gets {content_type} that is not JSON: {error}"),
    })
}

/// A backend that does what no response has to be chosen for.
pub(super) fn plain_answer() -> Backend {
    Backend::fine()
}
