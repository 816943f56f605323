//! Models that cannot judge, and validation that nothing can pass.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html>

use std::collections::HashSet;

use tollgate_gateway::Models;
use tollgate_wire::apigateway::Model;

use super::never::never;
use crate::bench::{Ask, Backend, Bench, Run};
use crate::code::Code;
use crate::exam::{Exam, Seen, at_model, texts};
use crate::finding::Severity;
use crate::sample::Schemas;

/// Looks at every model and every validated method.
pub(super) fn check(exam: &mut Exam<'_>, bench: &mut Bench, blank: &HashSet<String>) {
    let schemas = Schemas::of(exam.definition);
    let models = exam.definition.models.iter();
    let texts = models.filter_map(|it| Some((it.name.as_deref()?, it.schema.as_deref()?)));
    let judges = Models::new(crate::runnable::API, texts);
    for model in &exam.definition.models {
        if exam.is_full() {
            return;
        }
        of_model(exam, bench, blank, &schemas, &judges, model);
    }
    for seen in exam.methods() {
        unknown(exam, &seen);
        parameters(exam, bench, blank, &seen);
    }
}

fn of_model(
    exam: &mut Exam<'_>,
    bench: &mut Bench,
    blank: &HashSet<String>,
    schemas: &Schemas,
    judges: &Models,
    model: &Model,
) {
    let Some(name) = model.name.as_deref() else {
        return;
    };
    let mut run = |exam: &Exam<'_>| {
        let (seen, media_type) = user(exam, blank, name)?;
        let body = schemas.attempt(name).to_string();
        bench.run(&Ask::of(&seen).with_body(media_type, body), Backend::fine())
    };
    if let Err(error) = judges.compile(name) {
        let run = run(exam);
        let (severity, reason) = match &run {
            Some(_) => (
                Severity::Error,
                format!("{error}; whatever has to fit it is answered 500"),
            ),
            None => (Severity::Warning, error.to_string()),
        };
        let evidence = run.map(|run| run.evidence());
        exam.tell(
            Code::ModelBroken,
            severity,
            at_model(name, &[]),
            reason,
            evidence,
        );
        return;
    }
    let Some(found) = schemas.get(name).and_then(|root| never(schemas, root)) else {
        return;
    };
    let run = run(exam).filter(|run: &Run| run.tried.status == 400);
    let severity = match run {
        Some(_) => Severity::Error,
        None => Severity::Warning,
    };
    let evidence = run.map(|run| run.evidence());
    let place = at_model(name, &found.within);
    exam.tell(
        Code::ModelNeverPasses,
        severity,
        place,
        found.reason,
        evidence,
    );
}

/// A method that checks bodies against this model.
fn user<'d>(exam: &Exam<'d>, blank: &HashSet<String>, model: &str) -> Option<(Seen<'d>, &'d str)> {
    exam.methods().into_iter().find_map(|seen| {
        let (_, checks_body) = exam.validated(seen.method);
        if !checks_body || blank.contains(&seen.label()) {
            return None;
        }
        let mut named = texts(seen.method.request_models.as_ref());
        let (media_type, _) = named.find(|(_, it)| *it == model)?;
        Some((
            seen,
            if media_type == "$default" {
                "application/json"
            } else {
                media_type
            },
        ))
    })
}

/// Models that a method names and the API does not have. `Empty` and `Error` come with every API.
fn unknown(exam: &mut Exam<'_>, seen: &Seen<'_>) {
    for (media_type, name) in texts(seen.method.request_models.as_ref()) {
        if exam.model(name).is_none() && !["Empty", "Error"].contains(&name) {
            let place = seen.at(&["requestBody", "content", media_type]);
            let reason = format!("there is no model {name}");
            exam.tell(Code::UnknownModel, Severity::Warning, place, reason, None);
        }
    }
}

/// Path parameters that the path does not have.
fn parameters(exam: &mut Exam<'_>, bench: &mut Bench, blank: &HashSet<String>, seen: &Seen<'_>) {
    let (checks_parameters, _) = exam.validated(seen.method);
    let variables = seen.path_variables();
    for (name, required) in seen.method.request_parameters.iter().flatten() {
        let Some(variable) = name.strip_prefix("method.request.path.") else {
            continue;
        };
        if variables.contains(&variable) {
            continue;
        }
        let hint = crate::text::hint(variable, variables.iter().copied());
        let place = seen.at(&["parameters"]);
        let is_checked = *required && checks_parameters && !blank.contains(&seen.label());
        let run = match is_checked {
            true => bench.run(&Ask::of(seen), Backend::fine()),
            false => None,
        };
        let (severity, consequence) = match run {
            Some(_) => (
                Severity::Error,
                "it is required, so that every request is answered 400",
            ),
            None => (Severity::Warning, "it never has a value"),
        };
        let reason = format!(
            "the path {} has no variable {variable}{hint}; {consequence}",
            seen.path
        );
        let evidence = run.map(|run| run.evidence());
        exam.tell(Code::ParameterNeverComes, severity, place, reason, evidence);
    }
}
