//! `tollgate replay`: a recorded request run again, offline, on its own definition or on another, and every difference.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use serde_json::json;
use tollgate_gateway::recorder::{Difference, Recording, Rerun, compare, compare_answers};
use tollgate_model::rest::Definition;
use tollgate_openapi::{DOCUMENT_BYTES_MAX, Options, Provisional};

use super::{read_file, text};
use crate::arguments::Replay;
use crate::failure::Failure;
use crate::say;

/// Runs it, and tells: exit code 0 where nothing differs, 1 where something does, 2 where that cannot be known.
pub(crate) fn run(arguments: Replay) -> Result<ExitCode, Failure> {
    replay(&arguments).map_err(Failure::into_given)
}

fn replay(arguments: &Replay) -> Result<ExitCode, Failure> {
    let recording = read_file(&arguments.file)?;
    let own = again(&recording, None)?;
    let (shown, differences) = match &arguments.definition {
        None => {
            let before = recording.answer.as_ref();
            let found = before.map(|before| compare_answers(before, &own.answer));
            (own, found.unwrap_or_default())
        }
        Some(path) => {
            let other = definition(path, &recording)?;
            let after = again(&recording, Some(&other))?;
            let found = compare(&own, &after);
            (after, found)
        }
    };
    match arguments.json {
        true => say::out(as_json(&recording, &shown, &differences)),
        false => say::out(as_text(&recording, &shown, &differences).trim_end()),
    }
    Ok(ExitCode::from(u8::from(!differences.is_empty())))
}

fn again(recording: &Recording, other: Option<&Definition>) -> Result<Rerun, Failure> {
    let rerun = recording.run(other);
    rerun.map_err(|error| Failure::given(anyhow!("{error}")))
}

/// An OpenAPI document in the place of what was deployed. Its parts get the ids of the recorded ones where they have their place.
fn definition(path: &Path, recording: &Recording) -> Result<Definition, Failure> {
    let name = path.display();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(Failure::given(anyhow!(
            "{name} is longer than {DOCUMENT_BYTES_MAX} bytes"
        )));
    }
    let imported = tollgate_openapi::import(&bytes, &Options::default());
    let mut imported =
        imported.map_err(|error| Failure::given(anyhow!("{name}: {}", error.detail())))?;
    let ran = recording.kept.ran.as_ref();
    let api = ran.map_or("", |ran| &*ran.api.id);
    let known = recording.definition.iter().flat_map(|it| &it.resources);
    let known: Vec<_> = known
        .filter_map(|it| Some((it.path.clone()?, it.id.clone()?)))
        .collect();
    imported.bind(api, |part| match part {
        Provisional::Resource(path) => {
            let id = known.iter().find(|(of, _)| of == path);
            id.map_or_else(|| format!("new-{path}"), |(_, id)| id.clone())
        }
        other => format!("new-{other:?}"),
    });
    Ok(imported.definition)
}

fn as_text(recording: &Recording, rerun: &Rerun, differences: &[Difference]) -> String {
    let mut told = format!(
        "request {}: {} {}\n",
        recording.kept.arrival.request_id(),
        recording.kept.method,
        recording.kept.target
    );
    for note in &rerun.notes {
        told.push_str(&format!("note: {note}\n"));
    }
    let answer = &rerun.answer;
    match differences {
        [] => told.push_str(&format!(
            "no difference: status {}, {} headers, {} bytes\n",
            answer.status,
            answer.headers.len(),
            answer.body.len()
        )),
        [_] => told.push_str("1 difference:\n"),
        several => told.push_str(&format!("{} differences:\n", several.len())),
    }
    for difference in differences {
        told.push_str(&text::difference(difference));
    }
    told
}

fn as_json(recording: &Recording, rerun: &Rerun, differences: &[Difference]) -> String {
    let differences = differences
        .iter()
        .map(|it| json!({ "what": it.what, "before": it.before, "after": it.after }));
    let told = json!({
        "requestId": recording.kept.arrival.request_id(),
        "status": rerun.answer.status,
        "notes": rerun.notes,
        "differences": differences.collect::<Vec<_>>(),
    });
    told.to_string()
}
