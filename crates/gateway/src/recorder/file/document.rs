//! The document of a recording, and how its parts come together.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tollgate_http::Negotiated;

use super::answer::{FileAnswer, FileSent};
use super::caller::FileIdentified;
use super::data::{decoded, exactly, fields};
use super::definition::{FilePart, parts, thawed};
use super::effects::FileOutcome;
use super::limits::FileLimits;
use super::request::FileRequest;
use super::stage::{FilePrivateEndpoint, FileStage, FileVacant};
use super::{FileError, VERSION};
use crate::cache;
use crate::callers::Identified;
use crate::identity::Finding;
use crate::record::Arrival;
use crate::recorder::kept::Kept;
use crate::recorder::recording::Recording;
use crate::throttle::Verdict;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Document {
    tollgate_recording: u32,
    written_by: String,
    request_id: String,
    extended_request_id: String,
    entropy: String,
    arrived_ms: u64,
    request: FileRequest,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<FileStage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vacant: Option<FileVacant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private_endpoint: Option<FilePrivateEndpoint>,
    /// Of recordings of before there was anything to decide, nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identified: Option<FileIdentified>,
    /// What the cache did. A hit is the first of the effects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cache: Option<cache::Told>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Finding>,
    effects: Vec<FileOutcome>,
    sent: FileSent,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<FileAnswer>,
    domains: Vec<String>,
    limits: FileLimits,
    hidden: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<Vec<FilePart>>,
}

impl Document {
    pub(super) fn of(recording: &Recording) -> Result<Self, FileError> {
        let kept = &recording.kept;
        Ok(Self {
            tollgate_recording: VERSION,
            written_by: format!("tollgate {}", env!("CARGO_PKG_VERSION")),
            request_id: kept.arrival.request_id().to_owned(),
            extended_request_id: kept.arrival.extended_request_id().to_owned(),
            entropy: STANDARD.encode(kept.arrival.trace_entropy),
            arrived_ms: kept.arrival.now_ms,
            request: FileRequest::of(kept),
            stage: kept.ran.as_ref().map(FileStage::of),
            vacant: kept.vacant.as_ref().map(FileVacant::of),
            private_endpoint: kept
                .private_endpoint
                .as_deref()
                .map(FilePrivateEndpoint::of),
            verdict: kept.verdict.clone(),
            identified: kept.identified.as_deref().map(FileIdentified::of),
            cache: kept.cache,
            token: kept.token.clone(),
            effects: kept.outcomes.iter().map(FileOutcome::of).collect(),
            sent: FileSent {
                status: kept.status,
                reason: kept.reason.clone(),
                latency_ms: kept.latency_ms,
                body_bytes: kept.sent_bytes,
                is_complete: kept.is_complete,
            },
            answer: recording.answer.as_ref().map(FileAnswer::of),
            domains: recording.domains.clone(),
            limits: FileLimits::of(&recording.limits),
            hidden: recording.hidden.clone(),
            definition: recording.definition.as_ref().map(parts).transpose()?,
        })
    }

    pub(super) fn recording(self) -> Result<Recording, FileError> {
        let arrival = Arrival {
            now_ms: self.arrived_ms,
            request_id: exactly(self.request_id.as_bytes(), "requestId")?,
            extended_request_id: exactly(self.extended_request_id.as_bytes(), "extendedRequestId")?,
            trace_entropy: exactly(&decoded(&self.entropy)?, "entropy")?,
        };
        let request = self.request;
        let outcomes = self.effects.into_iter().map(FileOutcome::outcome);
        Ok(Recording {
            kept: Kept {
                arrival,
                method: request.method,
                target: request.target,
                version: request.version.into(),
                headers: fields(request.headers)?,
                body: request.body.kept()?,
                peer: request.peer,
                local: request.local,
                secure: request.secure,
                tls: request
                    .tls
                    .and_then(|(version, suite)| Negotiated::named(&version, &suite)),
                cache: self.cache,
                outcomes: outcomes.collect::<Result<_, _>>()?,
                ran: self.stage.map(FileStage::ran),
                vacant: self.vacant.map(FileVacant::vacant),
                identified: identified(self.identified)?,
                private_endpoint: self.private_endpoint.map(FilePrivateEndpoint::endpoint),
                verdict: self.verdict,
                token: self.token,
                status: self.sent.status,
                reason: self.sent.reason,
                latency_ms: self.sent.latency_ms,
                sent_bytes: self.sent.body_bytes,
                is_complete: self.sent.is_complete,
            },
            definition: self.definition.map(thawed).transpose()?,
            domains: self.domains,
            limits: self.limits.limits(),
            answer: self.answer.map(FileAnswer::answer).transpose()?,
            hidden: self.hidden,
        })
    }
}

fn identified(told: Option<FileIdentified>) -> Result<Option<Box<Identified>>, FileError> {
    let identified = told.map(FileIdentified::identified).transpose();
    let none = |_| FileError::Member("who signed the request");
    Ok(identified.map_err(none)?.map(Box::new))
}
