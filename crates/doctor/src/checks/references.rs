//! What templates refer to in vain.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

use serde_json::Value;
use tollgate_jsonpath::Path;
use tollgate_vtl::{Mention, MentionPart, Position, Role, Template};

use super::context;
use super::mappings::stage_variable;
use crate::code::Code;
use crate::exam::{Exam, Seen, Spot, texts};
use crate::finding::Severity;
use crate::sample::Schemas;
use crate::shape::{Step, reads};
use crate::text::hint;

/// Headers that clients and proxies send without being asked to.
const USUAL_HEADERS: [&str; 24] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "forwarded",
    "host",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "origin",
    "range",
    "referer",
    "user-agent",
    "via",
    "x-amz-date",
    "x-amz-security-token",
    "x-amzn-trace-id",
    "x-api-key",
    "x-forwarded-for",
];

/// A template and its place.
struct Text<'d> {
    place: (String, Spot),
    /// `request template application/json`
    name: String,
    template: Template,
    seen: Seen<'d>,
}

/// Tells what every template refers to in vain.
pub(super) fn check(exam: &mut Exam<'_>) {
    let schemas = Schemas::of(exam.definition);
    for seen in exam.methods().into_iter().filter(Seen::is_mapped) {
        let requests = seen
            .integration()
            .and_then(|it| it.request_templates.as_ref());
        for (media_type, text) in texts(requests) {
            let place = seen.at_integration(&["requestTemplates", media_type]);
            if let Some(text) = parsed(seen, place, format!("request template {media_type}"), text)
            {
                of_template(exam, &text);
                of_members(exam, &schemas, &text, media_type);
            }
        }
        for (status, response) in seen.responses() {
            for (media_type, text) in texts(response.response_templates.as_ref()) {
                let place = seen.at_response(status, &["responseTemplates", media_type]);
                let name = format!("response template {media_type}");
                if let Some(text) = parsed(seen, place, name, text) {
                    of_template(exam, &text);
                }
            }
        }
    }
}

/// Templates that do not parse, and that no request has shown.
pub(super) fn unparsed(exam: &mut Exam<'_>) {
    for seen in exam.methods().into_iter().filter(Seen::is_mapped) {
        for (place, text) in templates(&seen) {
            let Err(error) = Template::parse(text) else {
                continue;
            };
            let place = (place.0, place.1.inside(error.position()));
            if !exam.has(Code::TemplateFails, &place.1) {
                exam.tell(
                    Code::TemplateFails,
                    Severity::Error,
                    place,
                    error.to_string(),
                    None,
                );
            }
        }
    }
}

/// Every template of a method, and its place.
fn templates<'d>(seen: &Seen<'d>) -> Vec<((String, Spot), &'d str)> {
    let requests = seen
        .integration()
        .and_then(|it| it.request_templates.as_ref());
    let requests = texts(requests);
    let requests =
        requests.map(|(key, text)| (seen.at_integration(&["requestTemplates", key]), text));
    let mut found: Vec<_> = requests.collect();
    for (status, response) in seen.responses() {
        for (key, text) in texts(response.response_templates.as_ref()) {
            found.push((seen.at_response(status, &["responseTemplates", key]), text));
        }
    }
    found
}

/// One that does not parse is found when it runs.
fn parsed<'d>(seen: Seen<'d>, place: (String, Spot), name: String, text: &str) -> Option<Text<'d>> {
    Some(Text {
        place,
        name,
        template: Template::parse(text).ok()?,
        seen,
    })
}

impl Text<'_> {
    fn tell(&self, exam: &mut Exam<'_>, code: Code, at: Position, reason: String) {
        let Position { line, column } = at;
        let reason = format!("{}, line {line}, column {column}: {reason}", self.name);
        let (subject, spot) = self.place.clone();
        let severity = match code {
            // It fails the request that comes to it.
            Code::BadJsonPath => Severity::Error,
            _ => Severity::Warning,
        };
        exam.tell(code, severity, (subject, spot.inside(at)), reason, None);
    }
}

fn of_template(exam: &mut Exam<'_>, text: &Text<'_>) {
    let own = text.template.variables_set();
    for mention in text.template.mentions() {
        match mention.variable.as_str() {
            "input" => of_input(exam, text, &mention),
            "context" => of_context(exam, text, &mention),
            "stageVariables" => of_stage(exam, text, &mention),
            "util" => of_util(exam, text, &mention),
            "foreach" | "velocityCount" | "velocityHasNext" | "method" => {}
            name if mention.role != Role::Written && !own.iter().any(|it| it == name) => {
                let known = own.iter().map(String::as_str);
                let known = known.chain(["input", "context", "stageVariables", "util"]);
                let reason = format!(
                    "nothing sets ${name}{}; it renders as nothing",
                    hint(name, known)
                );
                text.tell(exam, Code::UnknownReference, mention.position, reason);
            }
            _ => {}
        }
    }
}

fn of_input(exam: &mut Exam<'_>, text: &Text<'_>, mention: &Mention) {
    const METHODS: [&str; 3] = ["json", "path", "params"];
    match mention.parts.first() {
        Some(MentionPart::Method {
            name,
            text: argument,
            count,
        }) => match name.as_str() {
            "json" | "path" => {
                if let Some(path) = argument {
                    of_path(exam, text, mention, path);
                }
            }
            "params" if *count == 0 || argument.is_some() => of_parameters(exam, text, mention),
            "params" => {}
            name if !name.starts_with("get") => {
                let reason = format!("$input has no {name}(){}", hint(name, METHODS));
                text.tell(exam, Code::UnknownReference, mention.position, reason);
            }
            _ => {}
        },
        Some(MentionPart::Property(name)) if name != "body" && name != "class" => {
            let reason = format!("$input has no {name}{}", hint(name, ["body"]));
            text.tell(exam, Code::UnknownReference, mention.position, reason);
        }
        _ => {}
    }
}

fn of_path(exam: &mut Exam<'_>, text: &Text<'_>, mention: &Mention, path: &str) {
    if let Err(error) = Path::parse(path) {
        let reason = format!("the JSONPath {path}: {error}");
        text.tell(exam, Code::BadJsonPath, mention.position, reason);
    }
}

/// `$input.params('x')`, `$input.params().path.x`, `$input.params('header').get('x')`.
fn of_parameters(exam: &mut Exam<'_>, text: &Text<'_>, mention: &Mention) {
    let mut parts = mention.parts.iter().map(named);
    let first = parts.next().flatten();
    const GROUPS: [&str; 3] = ["path", "querystring", "header"];
    let (group, name) = match first {
        Some(group) if GROUPS.contains(&group) => (Some(group), parts.next().flatten()),
        Some(name) => (None, Some(name)),
        None => {
            let group = parts.next().flatten();
            (group, parts.next().flatten())
        }
    };
    // Without a name all of a group is meant.
    let Some(name) = name.filter(|_| group.is_none_or(|group| GROUPS.contains(&group))) else {
        return;
    };
    if !is_known(&text.seen, group, name) {
        let reason = undeclared(&text.seen, group, name);
        text.tell(exam, Code::UndeclaredParameter, mention.position, reason);
    }
}

/// The name that a part gives: of a property, or as the argument of a method that takes one.
fn named(part: &MentionPart) -> Option<&str> {
    const TAKE_A_NAME: [&str; 3] = ["params", "get", "containsKey"];
    match part {
        MentionPart::Property(name) => Some(name),
        MentionPart::Method { name, text, .. } if TAKE_A_NAME.contains(&name.as_str()) => {
            text.as_deref()
        }
        MentionPart::Method { .. } | MentionPart::Index => None,
    }
}

fn is_known(seen: &Seen<'_>, group: Option<&str>, name: &str) -> bool {
    let is_of_path = || seen.path_variables().contains(&name);
    let is_header = || {
        seen.declares("header", name) || USUAL_HEADERS.contains(&name.to_ascii_lowercase().as_str())
    };
    match group {
        Some("path") => is_of_path(),
        Some("querystring") => seen.declares("querystring", name),
        Some("header") => is_header(),
        _ => is_of_path() || seen.declares("querystring", name) || is_header(),
    }
}

fn undeclared(seen: &Seen<'_>, group: Option<&str>, name: &str) -> String {
    let declared = seen.method.request_parameters.iter().flatten();
    let known = declared.filter_map(|(known, _)| known.rsplit('.').next());
    let hint = hint(name, known);
    match group {
        Some("path") => format!(
            "the path {} has no variable {name}{hint}; it renders as nothing",
            seen.path
        ),
        _ => format!(
            "neither the path nor the method's parameters have {name}{hint}; it is empty unless a client happens to send it"
        ),
    }
}

fn of_context(exam: &mut Exam<'_>, text: &Text<'_>, mention: &Mention) {
    const GROUPS: [&str; 6] = [
        "authorizer",
        "error",
        "identity",
        "requestOverride",
        "responseOverride",
        "integration",
    ];
    let names = mention.parts.iter().map_while(|part| match part {
        MentionPart::Property(name) => Some(name.as_str()),
        MentionPart::Method {
            name,
            text: Some(key),
            ..
        } if name == "get" => Some(key.as_str()),
        MentionPart::Method { .. } | MentionPart::Index => None,
    });
    let names: Vec<&str> = names.collect();
    let Some(first) = names.first() else {
        return;
    };
    let is_group = names.len() == 1 && GROUPS.contains(first);
    if is_group || first.ends_with("Override") || is_of_authorizer(first) {
        return;
    }
    let path = names.join(".");
    if let Some(hint) = context::fault(&path) {
        let reason = format!("$context.{path} never has a value in a template{hint}");
        text.tell(exam, Code::UnknownContextVariable, mention.position, reason);
    }
}

/// What authorizers put there has names of their choice.
fn is_of_authorizer(first: &str) -> bool {
    matches!(first, "authorizer" | "authorize" | "authenticate")
}

fn of_stage(exam: &mut Exam<'_>, text: &Text<'_>, mention: &Mention) {
    let name = mention.parts.first().and_then(|part| match part {
        MentionPart::Property(name) => Some(name.as_str()),
        MentionPart::Method { name, text, .. } if name == "get" => text.as_deref(),
        MentionPart::Method { .. } | MentionPart::Index => None,
    });
    if let Some(name) = name {
        stage_variable(exam, text.place.clone(), name);
    }
}

fn of_util(exam: &mut Exam<'_>, text: &Text<'_>, mention: &Mention) {
    const METHODS: [&str; 6] = [
        "escapeJavaScript",
        "urlEncode",
        "urlDecode",
        "base64Encode",
        "base64Decode",
        "parseJson",
    ];
    let name = match mention.parts.first() {
        Some(MentionPart::Method { name, .. } | MentionPart::Property(name)) => name.as_str(),
        Some(MentionPart::Index) | None => return,
    };
    if !METHODS.contains(&name) && name != "class" {
        let reason = format!(
            "$util has no {name}{}; it renders as nothing",
            hint(name, METHODS)
        );
        text.tell(exam, Code::UnknownReference, mention.position, reason);
    }
}

/// Members that the model of the body does not have.
fn of_members(exam: &mut Exam<'_>, schemas: &Schemas, text: &Text<'_>, media_type: &str) {
    let models = text.seen.method.request_models.as_ref();
    let mut models = texts(models);
    let Some((_, model)) = models.find(|(known, _)| known.eq_ignore_ascii_case(media_type)) else {
        return;
    };
    let Some(root) = schemas.get(model) else {
        return;
    };
    for read in reads(&text.template) {
        if let Some(reason) = missing(schemas, root, model, &read.steps) {
            text.tell(exam, Code::UnknownMember, read.at, reason);
        }
    }
}

/// The first step that the schema has no place for. Only what a schema closes, or what is a letter away from what it has, is told:
/// bodies may have members that their schema does not name.
fn missing(schemas: &Schemas, root: &Value, model: &str, steps: &[Step]) -> Option<String> {
    let (mut root, mut schema) = (root, root);
    for step in steps {
        (root, schema) = schemas.resolved(root, schema);
        schema = match step {
            Step::Item => schema.get("items").filter(|items| items.is_object())?,
            Step::Member(name) => {
                let properties = schema.get("properties").and_then(Value::as_object)?;
                match properties.get(name) {
                    Some(found) => found,
                    None => return unknown(schema, model, name),
                }
            }
        };
    }
    None
}

fn unknown(schema: &Value, model: &str, name: &str) -> Option<String> {
    const OTHERS: [&str; 4] = ["allOf", "anyOf", "oneOf", "patternProperties"];
    // Java's and Velocity's own properties and methods look like members.
    if OTHERS.iter().any(|it| schema.get(it).is_some())
        || matches!(name, "size" | "empty" | "class")
    {
        return None;
    }
    let properties = schema.get("properties").and_then(Value::as_object)?;
    let hint = hint(name, properties.keys().map(String::as_str));
    let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    (is_closed || !hint.is_empty()).then(|| format!("the model {model} has no member {name}{hint}"))
}
