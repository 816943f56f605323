//! Request validation: required parameters, then the body against a model. The first that fails answers alone.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html>

mod circle;
mod message;
mod schema;

use serde_json::Value;
use tollgate_http::Body;

pub use schema::{Models, Schema, SchemaError};

use crate::body;
use crate::exchange::{Content, Incoming, header_all};
use crate::execution_log;
use crate::limits::Limits;
use crate::map::Place;
use crate::plan::{Model, Required};
use crate::record::Record;
use crate::rejection::Rejection;
use crate::route::Matched;
use crate::trace::{DetailKind, StepName};

/// A request that its method's validator let through. Only [`check`] makes one.
#[derive(Debug)]
pub(crate) struct Valid {
    /// What the client sent, its body read whole where a later step needs that.
    pub(crate) incoming: Incoming,
    _checked: (),
}

/// Validates what came against what the method asks for.
pub(crate) async fn check(
    route: &Matched<'_>,
    record: &mut Record,
    body: Body,
    limits: &Limits,
) -> Result<Valid, Rejection> {
    let (bytes_max, is_needed) = (limits.request_body_bytes_max, route.method.reads_body);
    let mut incoming = Incoming::new();
    let mut unread = Some(body);
    if record.logs_data() {
        // The log tells what came before it tells what is wrong with it.
        let body = unread.take().unwrap_or_default();
        incoming.content = body::read(true, record, body, bytes_max).await?;
        execution_log::asked(route, record, incoming.body());
    }
    parameters(route, record, &incoming)?;
    if let Some(body) = unread {
        incoming.content = body::read(is_needed, record, body, bytes_max).await?;
    }
    model(route, record, &incoming.content)?;
    record.trace(StepName::Validate, |_, told| {
        let because = match (route.method.required.len(), route.method.models.len()) {
            (0, 0) => "nothing is checked",
            (_, 0) => "all required parameters are there",
            (_, _) => "all required parameters are there, and the body fits its model",
        };
        told.decided(&["valid"], &[because]);
    });
    Ok(Valid {
        incoming,
        _checked: (),
    })
}

/// Tells the trace which parameters are there.
#[cold]
fn tell(route: &Matched<'_>, record: &mut Record, incoming: &Incoming) {
    let Some(mut trace) = record.trace.take() else {
        return;
    };
    for parameter in &route.method.required {
        let subject = ["required ", parameter.place.name(), " ", &parameter.name];
        let outcome = match present(parameter, route, record, incoming) {
            true => "present",
            false => "missing or blank",
        };
        trace.detail(DetailKind::Check, &subject, &[outcome]);
    }
    record.trace = Some(trace);
}

fn parameters(
    route: &Matched<'_>,
    record: &mut Record,
    incoming: &Incoming,
) -> Result<(), Rejection> {
    if record.trace.is_some() {
        tell(route, record, incoming);
    }
    let required = route.method.required.iter();
    let missing: Vec<_> = required
        .filter(|parameter| !present(parameter, route, record, incoming))
        .map(|parameter| &*parameter.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Rejection::missing_parameters(&missing))
}

/// Present and not blank; names are compared as they are.
fn present(
    parameter: &Required,
    route: &Matched<'_>,
    record: &Record,
    incoming: &Incoming,
) -> bool {
    let name = &*parameter.name;
    match parameter.place {
        Place::Path => route
            .parameter(name, record)
            .is_some_and(|value| !value.trim().is_empty()),
        Place::Query => incoming
            .query_all(record, name)
            .any(|value| !value.trim().is_empty()),
        Place::Header => {
            header_all(record.headers(), name).any(|value| !value.trim_ascii().is_empty())
        }
    }
}

fn model(route: &Matched<'_>, record: &mut Record, content: &Content) -> Result<(), Rejection> {
    let Some(model) = chosen(route, record) else {
        return Ok(());
    };
    let judged = judge(model, content);
    if let Some(trace) = &mut record.trace {
        let subject = ["model ", &*model.name, " for ", &model.media_type];
        let outcome = judged.as_ref().err();
        let outcome = outcome.map_or("the body fits it", |refused| &refused.reason.text);
        trace.detail(DetailKind::Check, &subject, &[outcome]);
    }
    judged
}

fn judge(model: &Model, content: &Content) -> Result<(), Rejection> {
    let Content::Whole(body) = content else {
        return Err(Rejection::configuration(
            "the body was not read for its validation",
        ));
    };
    // An empty body fails every model (seen in a transcript) but, as a guess, the one every API has for bodies of any form.
    if body.is_empty() && &*model.name == "Empty" {
        return Ok(());
    }
    let schema = match &model.schema {
        Ok(schema) => schema,
        Err(error) => return Err(Rejection::configuration(error.to_string())),
    };
    let judged = parse(body).and_then(|value| schema.judge(&value, body.len()));
    judged.map_err(|list| {
        let text = format!(
            "request body does not match model `{}` for content type {}: {list}",
            model.name, model.media_type
        );
        Rejection::invalid_body(list, text)
    })
}

/// The model for the request's content type; `application/json` when it names none, `$default` when none is for it.
fn chosen<'p>(route: &Matched<'p>, record: &Record) -> Option<&'p Model> {
    let content_type = record.content_type();
    let models = route.method.models.iter();
    let exact = models
        .clone()
        .find(|model| model.media_type.eq_ignore_ascii_case(&content_type));
    exact.or_else(|| {
        models
            .clone()
            .find(|model| &*model.media_type == "$default")
    })
}

/// serde_json reads no deeper than 128 levels.
fn parse(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|_| "[Unknown error parsing request body]".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schema: &str, body: &str, expected: &str) {
        let models = Models::new("api", [("M", schema)].into_iter());
        let schema = models.compile("M").expect("a schema");
        let body: Value = serde_json::from_str(body).expect("JSON");
        let judged = schema.judge(&body, 0).err().unwrap_or_default();
        assert_eq!(judged, expected, "{schema:?} {body}");
    }

    #[test]
    fn errors_are_worded_as_the_library_behind_aws_words_them() {
        check(
            r#"{"required":["b","a"]}"#,
            "{}",
            r#"[object has missing required properties (["a","b"])]"#,
        );
        check(
            r#"{"type":"number"}"#,
            "\"x\"",
            r#"[instance type (string) does not match any allowed primitive type (allowed: ["integer","number"])]"#,
        );
        check(
            r#"{"additionalProperties":false}"#,
            r#"{"x":1}"#,
            r#"[object instance has properties which are not allowed by the schema: ["x"]]"#,
        );
        check(
            r#"{"additionalProperties":false,"properties":{"a":{}}}"#,
            r#"{"y/z":1,"x":1,"a":1}"#,
            r#"[object instance has properties which are not allowed by the schema: ["x","y/z"]]"#,
        );
        check(
            r#"{"enum":["a","b"]}"#,
            "\"x\"",
            r#"[instance value ("x") not found in enum (possible values: ["a","b"])]"#,
        );
        check(
            r#"{"maximum":500}"#,
            "4000",
            "[numeric instance is greater than the required maximum (maximum: 500, found: 4000)]",
        );
        check(
            r#"{"minimum":25}"#,
            "1",
            "[numeric instance is lower than the required minimum (minimum: 25, found: 1)]",
        );
        check(
            r#"{"maxLength":2}"#,
            "\"abc\"",
            r#"[string "abc" is too long (length: 3, maximum allowed: 2)]"#,
        );
        check(
            r#"{"minLength":2}"#,
            "\"a\"",
            r#"[string "a" is too short (length: 1, required minimum: 2)]"#,
        );
        check(
            r#"{"pattern":"^a$"}"#,
            "\"b\"",
            r#"[ECMA 262 regex "^a$" does not match input string "b"]"#,
        );
        check(
            r#"{"oneOf":[{"type":"string"},{"type":"null"}]}"#,
            "1",
            "[instance failed to match exactly one schema (matched 0 out of 2)]",
        );
        check(
            r#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#,
            "1",
            "[instance failed to match at least one required schema among 2]",
        );
        check(r#"{"type":"object"}"#, "{}", "");
    }

    #[test]
    fn formats_of_draft_four_count() {
        check(
            r#"{"format":"email"}"#,
            "\"x\"",
            r#"[string "x" is not a valid email address]"#,
        );
        check(
            r#"{"format":"date-time"}"#,
            "\"today\"",
            r#"[string "today" is invalid against requested date format(s) ["yyyy-MM-dd'T'HH:mm:ssZ","yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z"]]"#,
        );
        for unknown in ["date", "time", "byte", "uuid", "int32"] {
            check(&format!(r#"{{"format":"{unknown}"}}"#), "\"x\"", "");
        }
    }

    #[test]
    fn draft_four_keywords_count() {
        check(
            r#"{"$schema":"http://json-schema.org/draft-04/schema#","maximum":5,"exclusiveMaximum":true}"#,
            "5",
            "[numeric instance is not strictly lower than the required maximum 5]",
        );
        check(
            r##"{"definitions":{"p":{"type":"string"}},"properties":{"a":{"$ref":"#/definitions/p"}}}"##,
            r#"{"a":1}"#,
            r#"[instance type (integer) does not match any allowed primitive type (allowed: ["string"])]"#,
        );
    }

    #[test]
    fn models_refer_to_each_other_in_circles() {
        let person = r#"{"type":"object","required":["name"],"properties":{"house":{"$ref":"https://apigateway.amazonaws.com/restapis/api/models/House"}}}"#;
        let house = r#"{"type":"object","properties":{"contains":{"type":"array","minItems":1,"items":{"$ref":"https://apigateway.amazonaws.com/restapis/api/models/Person"}}}}"#;
        let models = Models::new("api", [("Person", person), ("House", house)].into_iter());
        let schema = models.compile("Person").expect("a schema");
        let judge = |text: &str| schema.judge(&serde_json::from_str(text).expect("JSON"), 0);
        assert_eq!(
            judge(r#"{"name":"x","house":{"contains":[{"name":"y"}]}}"#),
            Ok(())
        );
        assert!(judge(r#"{"name":"x","house":{"contains":[{"nome":"y"}]}}"#).is_err());
    }

    #[test]
    fn what_is_not_there_is_never_fetched() {
        let text = r#"{"$ref":"https://example.com/schema.json"}"#;
        let models = Models::new("api", [("M", text)].into_iter());
        assert!(matches!(
            models.compile("M"),
            Err(SchemaError::Invalid { .. })
        ));
        assert_eq!(
            models.compile("N").err(),
            Some(SchemaError::Unknown("N".to_owned()))
        );
    }

    #[test]
    fn lists_stay_short() {
        let text = r#"{"items":{"type":"string"}}"#;
        let models = Models::new("api", [("M", text)].into_iter());
        let schema = models.compile("M").expect("a schema");
        let judged = schema
            .judge(&Value::from(vec![1; 10_000]), 0)
            .expect_err("not strings");
        assert!(judged.len() < 20_000, "{}", judged.len());
    }

    #[test]
    fn large_bodies_are_judged_without_gathering_every_fault() {
        let judge = |schema: &str| {
            let models = Models::new("api", [("M", schema)].into_iter());
            let schema = models.compile("M").expect("a schema");
            let body = vec![1; 200_000];
            schema.judge(&Value::from(body), 400_001)
        };
        let first = r#"[instance type (integer) does not match any allowed primitive type (allowed: ["string"])]"#;
        assert_eq!(
            judge(r#"{"items":{"type":"string"}}"#),
            Err(first.to_owned())
        );
        let combined = r#"{"anyOf":[{"items":{"type":"string"}},{"items":{"type":"null"}}]}"#;
        let unlisted = "[the body is too large for its faults to be listed]";
        assert_eq!(judge(combined), Err(unlisted.to_owned()));
    }

    #[test]
    fn hostile_depth_is_an_error_of_parsing() {
        let body = "[".repeat(100_000);
        assert_eq!(
            parse(body.as_bytes()),
            Err("[Unknown error parsing request body]".to_owned())
        );
    }
}
