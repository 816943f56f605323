//! What happened to a request, for people and programs: the form in which `tollgate explain` and `tollgate show` tell it.

use serde::{Deserialize, Serialize};

use super::recording::Recording;
use super::redaction::{Redaction, Secrets};
use super::rerun::Rerun;
use crate::trace::Step;

/// What happened to a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of a recording's members")]
pub struct Explanation {
    pub request_id: String,
    /// Milliseconds since 1970.
    pub arrived_ms: u64,
    pub method: String,
    pub target: String,
    pub peer: String,
    /// `API/stage`, and whether the canary of it served.
    pub stage: Option<String>,
    pub deployment_id: Option<String>,
    /// What was answered; 0 where nothing was.
    pub status: u16,
    /// Why it was refused.
    pub reason: Option<String>,
    pub latency_ms: u64,
    pub sent_bytes: u64,
    pub is_complete: bool,
    pub steps: Vec<TellStep>,
    /// What is not as it was, or is left out.
    pub notes: Vec<String>,
    /// What is hidden.
    pub hidden: Vec<String>,
}

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of a trace's members")]
pub struct TellStep {
    pub name: String,
    pub start_us: u64,
    pub duration_us: u64,
    pub input: String,
    pub output: String,
    pub decision: Option<String>,
    pub because: Option<String>,
    pub details: Vec<TellDetail>,
}

/// Something that a step looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of a trace's members")]
pub struct TellDetail {
    pub kind: String,
    /// In the template, for what a template tells.
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub subject: String,
    pub value: String,
    pub is_whole: bool,
}

impl Explanation {
    /// What a run of a recorded request tells of it, without what never leaves.
    pub fn of(recording: &Recording, rerun: &Rerun, redaction: &Redaction) -> Self {
        let redaction = &redaction.with_headers(recording.identity_headers());
        let secrets = recording.secrets(redaction);
        let kept = &recording.kept;
        let ran = kept.ran.as_ref();
        let mut told = Self {
            request_id: kept.arrival.request_id().to_owned(),
            arrived_ms: kept.arrival.now_ms,
            method: kept.method.clone(),
            target: redaction.target(&kept.target, &secrets),
            peer: kept.peer.to_string(),
            stage: ran.map(|ran| {
                let canary = if ran.is_canary == Some(true) {
                    " (canary)"
                } else {
                    ""
                };
                format!("{}/{}{canary}", ran.api.id, ran.settings.name)
            }),
            deployment_id: ran.map(|ran| ran.settings.deployment_id.clone()),
            status: kept.status,
            reason: kept.reason.clone(),
            latency_ms: kept.latency_ms,
            sent_bytes: kept.sent_bytes,
            is_complete: kept.is_complete,
            steps: rerun.steps.iter().map(TellStep::of).collect(),
            notes: rerun.notes.clone(),
            hidden: Vec::new(),
        };
        told.note(recording, rerun);
        told.hide(&secrets, redaction);
        told.hidden = [recording.hidden.clone(), secrets.places].concat();
        told.hidden.sort();
        told.hidden.dedup();
        told
    }

    fn note(&mut self, recording: &Recording, rerun: &Rerun) {
        if rerun.lost > 0 {
            self.notes.push(format!(
                "{} details more than there is room for",
                rerun.lost
            ));
        }
        let kept = &recording.kept;
        if kept.status != 0 && kept.status != rerun.answer.status {
            self.notes.push(format!(
                "the answer had status {}, this run of it {}",
                kept.status, rerun.answer.status
            ));
        }
        if !kept.is_complete {
            let text = "the client left before it had all of the answer, or the answer broke off";
            self.notes.push(text.to_owned());
        }
    }

    /// Steps quote heads and bodies, so their texts are looked through as such.
    fn hide(&mut self, secrets: &Secrets, redaction: &Redaction) {
        let hide = |text: &mut String| {
            let hidden = secrets.hide(text).into_owned();
            *text = without_fields(&hidden, redaction);
        };
        for text in self.reason.iter_mut().chain(&mut self.notes) {
            hide(text);
        }
        for step in &mut self.steps {
            hide(&mut step.input);
            hide(&mut step.output);
            step.decision.iter_mut().for_each(hide);
            step.because.iter_mut().for_each(hide);
            for detail in &mut step.details {
                hide(&mut detail.subject);
                hide(&mut detail.value);
            }
        }
    }
}

/// Headers that steps quote: short values are not looked for elsewhere, and have to go here.
fn without_fields(text: &str, redaction: &Redaction) -> String {
    let lines = text.split('\n').map(|line| match line.split_once(": ") {
        Some((name, _)) if redaction.hides_header(name) => {
            format!("{name}: {}", super::redaction::HIDDEN)
        }
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl TellStep {
    fn of(step: &Step) -> Self {
        let decision = step.decision.as_ref();
        Self {
            name: step.name.text().to_owned(),
            start_us: step.start_us,
            duration_us: step.duration_us,
            input: step.input.clone(),
            output: step.output.clone(),
            decision: decision.map(|decision| decision.chosen.clone()),
            because: decision.map(|decision| decision.because.clone()),
            details: step
                .details
                .iter()
                .map(|detail| TellDetail {
                    kind: detail.kind.text().to_owned(),
                    line: detail.place.map(|place| place.line),
                    column: detail.place.map(|place| place.column),
                    subject: detail.subject.clone(),
                    value: detail.value.clone(),
                    is_whole: detail.is_whole,
                })
                .collect(),
        }
    }
}
