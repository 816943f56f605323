//! A recording as a file: one JSON document, compressed with gzip, with everything in it that another Tollgate needs to run the request again.
//! A reader takes it for hostile: sizes, depths and counts are bounded before anything is made of them.

use std::io::Read;
use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tollgate_http::{Headers, Negotiated, Version};
use tollgate_model::rest::{Definition, Manifest, Part, PartKind};

use super::kept::{Kept, KeptBody, Ran};
use super::recording::Recording;
use super::rerun::Answer;
use crate::effects::{Answered, ClientFault, Failure, Outcome};
use crate::limits::Limits;
use crate::plan::{ApiFacts, StageSettings};
use crate::record::Arrival;
use crate::table::Vacant;

/// Bytes of a recording, in the file.
pub const FILE_BYTES_MAX: usize = 32 << 20;

/// Bytes of the document in it.
const DOCUMENT_BYTES_MAX: usize = 64 << 20;

/// The form's version. A reader refuses what is later.
const VERSION: u32 = 1;

/// What a file of another kind is told apart by.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Why a file is no recording, or none can be written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is too long.
    #[error("a recording has at most {0} bytes")]
    TooLarge(usize),
    /// It is not compressed as it says.
    #[error("it cannot be decompressed: {0}")]
    Compression(std::io::Error),
    /// It is no recording.
    #[error("it is no recording: {0}")]
    Form(#[from] serde_json::Error),
    /// It is a recording of another version of Tollgate.
    #[error("it is of version {0}; this Tollgate reads version {VERSION}")]
    Version(u32),
    /// A member cannot be what it is.
    #[error("it is no recording: {0}")]
    Member(&'static str),
    /// Its definition cannot be read.
    #[error("its definition cannot be read: {0}")]
    Definition(#[from] tollgate_model::rest::ThawError),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preface {
    tollgate_recording: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
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

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileRequest {
    method: String,
    target: String,
    version: FileVersion,
    headers: Vec<(String, Data)>,
    body: FileBody,
    peer: SocketAddr,
    local: SocketAddr,
    secure: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tls: Option<(String, String)>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum FileVersion {
    #[serde(rename = "HTTP/1.0")]
    Http10,
    #[serde(rename = "HTTP/1.1")]
    Http11,
    #[serde(rename = "HTTP/2")]
    Http2,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileStage {
    account: String,
    region: String,
    api_id: String,
    name: String,
    deployment_id: String,
    variables: Vec<(String, String)>,
    is_canary: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum FileVacant {
    NoApi,
    NoStage,
    Disabled,
    Broken(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileOutcome {
    elapsed_ms: u64,
    #[serde(flatten)]
    result: FileResult,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum FileResult {
    #[serde(rename_all = "camelCase")]
    Answered {
        status: u16,
        headers: Vec<(String, Data)>,
        body: FileBody,
    },
    Unreachable(String),
    Network(String),
    Timeout(String),
    TooLarge(String),
    Overloaded(String),
    RequestTooLarge,
    RequestBroken(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum FileBody {
    None,
    Text(String),
    Base64(String),
    NotKept(u64),
}

/// A header's value.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Data {
    Text(String),
    Bytes { base64: String },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileSent {
    status: u16,
    reason: Option<String>,
    latency_ms: u64,
    body_bytes: u64,
    is_complete: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileAnswer {
    status: u16,
    headers: Vec<(String, Data)>,
    body: FileBody,
    reason: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileLimits {
    request_body_bytes_max: u64,
    response_body_bytes_max: u64,
    target_bytes_max: usize,
    header_bytes_max: usize,
    integration_timeout_ms_max: u64,
    template_output_bytes_max: usize,
    template_steps_max: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FilePart {
    kind: PartKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_id: Option<String>,
    content: Box<RawValue>,
}

impl Recording {
    /// The recording as a file. What never leaves has to be gone: see [`Recording::redacted`].
    ///
    /// # Errors
    /// When it would be too long.
    pub fn to_file(&self) -> Result<Vec<u8>, FileError> {
        let document = serde_json::to_vec_pretty(&Document::of(self)?)?;
        if document.len() > DOCUMENT_BYTES_MAX {
            return Err(FileError::TooLarge(DOCUMENT_BYTES_MAX));
        }
        let mut file = Vec::new();
        GzEncoder::new(&document[..], Compression::default())
            .read_to_end(&mut file)
            .map_err(FileError::Compression)?;
        match file.len() > FILE_BYTES_MAX {
            true => Err(FileError::TooLarge(FILE_BYTES_MAX)),
            false => Ok(file),
        }
    }

    /// Reads a file, compressed or not.
    ///
    /// # Errors
    /// When it is no recording.
    pub fn from_file(file: &[u8]) -> Result<Self, FileError> {
        if file.len() > FILE_BYTES_MAX {
            return Err(FileError::TooLarge(FILE_BYTES_MAX));
        }
        if !file.starts_with(&GZIP) {
            return Self::from_document(file);
        }
        let mut document = Vec::new();
        GzDecoder::new(file)
            .take(DOCUMENT_BYTES_MAX as u64 + 1)
            .read_to_end(&mut document)
            .map_err(FileError::Compression)?;
        match document.len() > DOCUMENT_BYTES_MAX {
            true => Err(FileError::TooLarge(DOCUMENT_BYTES_MAX)),
            false => Self::from_document(&document),
        }
    }

    fn from_document(document: &[u8]) -> Result<Self, FileError> {
        // A later form may have members that this one does not know, so its version is asked about first.
        let preface: Preface = serde_json::from_slice(document)?;
        if preface.tollgate_recording != VERSION {
            return Err(FileError::Version(preface.tollgate_recording));
        }
        serde_json::from_slice::<Document>(document)?.recording()
    }
}

impl Document {
    fn of(recording: &Recording) -> Result<Self, FileError> {
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

    fn recording(self) -> Result<Recording, FileError> {
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
                outcomes: outcomes.collect::<Result<_, _>>()?,
                ran: self.stage.map(FileStage::ran),
                vacant: self.vacant.map(FileVacant::vacant),
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

impl FileRequest {
    fn of(kept: &Kept) -> Self {
        Self {
            method: kept.method.clone(),
            target: kept.target.clone(),
            version: kept.version.into(),
            headers: kept.headers.iter().map(data).collect(),
            body: FileBody::of(&kept.body),
            peer: kept.peer,
            local: kept.local,
            secure: kept.secure,
            tls: kept
                .tls
                .map(|tls| (tls.version.to_owned(), tls.cipher_suite.to_owned())),
        }
    }
}

impl From<Version> for FileVersion {
    fn from(version: Version) -> Self {
        match version {
            Version::Http10 => Self::Http10,
            Version::Http11 => Self::Http11,
            Version::Http2 => Self::Http2,
        }
    }
}

impl From<FileVersion> for Version {
    fn from(version: FileVersion) -> Self {
        match version {
            FileVersion::Http10 => Self::Http10,
            FileVersion::Http11 => Self::Http11,
            FileVersion::Http2 => Self::Http2,
        }
    }
}

impl FileStage {
    fn of(ran: &Ran) -> Self {
        Self {
            account: ran.api.account.to_string(),
            region: ran.api.region.to_string(),
            api_id: ran.api.id.to_string(),
            name: ran.settings.name.clone(),
            deployment_id: ran.settings.deployment_id.clone(),
            variables: ran.settings.variables.clone(),
            is_canary: ran.is_canary,
        }
    }

    /// The name of what was frozen is not needed where the definition itself is at hand.
    fn ran(self) -> Ran {
        Ran {
            api: Arc::new(ApiFacts {
                id: self.api_id.into(),
                account: self.account.into(),
                region: self.region.into(),
            }),
            settings: Arc::new(StageSettings {
                name: self.name,
                deployment_id: self.deployment_id,
                variables: self.variables,
                ..StageSettings::default()
            }),
            hash: [0; 32],
            is_canary: self.is_canary,
        }
    }
}

impl FileVacant {
    fn of(vacant: &Vacant) -> Self {
        match vacant {
            Vacant::Api => Self::NoApi,
            Vacant::Stage => Self::NoStage,
            Vacant::Disabled => Self::Disabled,
            Vacant::Broken(reason) => Self::Broken(reason.clone()),
        }
    }

    fn vacant(self) -> Vacant {
        match self {
            Self::NoApi => Vacant::Api,
            Self::NoStage => Vacant::Stage,
            Self::Disabled => Vacant::Disabled,
            Self::Broken(reason) => Vacant::Broken(reason),
        }
    }
}

impl FileOutcome {
    fn of(outcome: &Outcome) -> Self {
        let result = match &outcome.result {
            Ok(answered) => FileResult::Answered {
                status: answered.status,
                headers: answered
                    .headers
                    .iter()
                    .map(|(name, value)| (name.to_owned(), Data::of(value)))
                    .collect(),
                body: FileBody::of(&answered.kept()),
            },
            Err(Failure::Unreachable(text)) => FileResult::Unreachable(text.clone()),
            Err(Failure::Network(text)) => FileResult::Network(text.clone()),
            Err(Failure::Timeout(text)) => FileResult::Timeout(text.clone()),
            Err(Failure::TooLarge(text)) => FileResult::TooLarge(text.clone()),
            Err(Failure::Overloaded(text)) => FileResult::Overloaded(text.clone()),
            Err(Failure::RequestBody(ClientFault::TooLarge)) => FileResult::RequestTooLarge,
            Err(Failure::RequestBody(ClientFault::Broken(text))) => {
                FileResult::RequestBroken(text.clone())
            }
        };
        Self {
            elapsed_ms: outcome.elapsed_ms,
            result,
        }
    }

    fn outcome(self) -> Result<Outcome, FileError> {
        let broken = |text| Failure::RequestBody(ClientFault::Broken(text));
        let result = match self.result {
            FileResult::Answered {
                status,
                headers,
                body,
            } => Ok(answered(status, headers, body)?),
            FileResult::Unreachable(text) => Err(Failure::Unreachable(text)),
            FileResult::Network(text) => Err(Failure::Network(text)),
            FileResult::Timeout(text) => Err(Failure::Timeout(text)),
            FileResult::TooLarge(text) => Err(Failure::TooLarge(text)),
            FileResult::Overloaded(text) => Err(Failure::Overloaded(text)),
            FileResult::RequestTooLarge => Err(Failure::RequestBody(ClientFault::TooLarge)),
            FileResult::RequestBroken(text) => Err(broken(text)),
        };
        Ok(Outcome {
            elapsed_ms: self.elapsed_ms,
            result,
        })
    }
}

fn answered(
    status: u16,
    given: Vec<(String, Data)>,
    body: FileBody,
) -> Result<Answered, FileError> {
    if !(100..1000).contains(&status) {
        return Err(FileError::Member("a status of an effect"));
    }
    let mut headers = Headers::new();
    for (name, value) in fields(given)? {
        let pushed = headers.push(&name, &value);
        pushed.map_err(|_| FileError::Member("a header of an effect"))?;
    }
    Ok(Answered::of(status, headers, body.kept()?))
}

impl FileAnswer {
    fn of(answer: &Answer) -> Self {
        Self {
            status: answer.status,
            headers: answer.headers.iter().map(data).collect(),
            body: FileBody::of(&KeptBody::Whole(answer.body.clone())),
            reason: answer.reason.clone(),
        }
    }

    fn answer(self) -> Result<Answer, FileError> {
        Ok(Answer {
            status: self.status,
            headers: fields(self.headers)?,
            body: match self.body.kept()? {
                KeptBody::Whole(bytes) => bytes,
                KeptBody::Unread | KeptBody::Left(_) => Bytes::new(),
            },
            reason: self.reason,
        })
    }
}

impl FileBody {
    fn of(body: &KeptBody) -> Self {
        match body {
            KeptBody::Unread => Self::None,
            KeptBody::Left(length) => Self::NotKept(*length),
            KeptBody::Whole(bytes) if bytes.is_empty() => Self::None,
            KeptBody::Whole(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Self::Text(text.to_owned()),
                Err(_) => Self::Base64(STANDARD.encode(bytes)),
            },
        }
    }

    fn kept(self) -> Result<KeptBody, FileError> {
        Ok(match self {
            Self::None => KeptBody::Unread,
            Self::NotKept(length) => KeptBody::Left(length),
            Self::Text(text) => KeptBody::Whole(text.into()),
            Self::Base64(text) => KeptBody::Whole(decoded(&text)?.into()),
        })
    }
}

impl Data {
    fn of(value: &[u8]) -> Self {
        match std::str::from_utf8(value) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes {
                base64: STANDARD.encode(value),
            },
        }
    }
}

fn data((name, value): &(String, Vec<u8>)) -> (String, Data) {
    (name.clone(), Data::of(value))
}

fn fields(given: Vec<(String, Data)>) -> Result<Vec<(String, Vec<u8>)>, FileError> {
    let fields = given.into_iter().map(|(name, value)| {
        Ok(match value {
            Data::Text(text) => (name, text.into_bytes()),
            Data::Bytes { base64 } => (name, decoded(&base64)?),
        })
    });
    fields.collect()
}

fn decoded(text: &str) -> Result<Vec<u8>, FileError> {
    STANDARD
        .decode(text)
        .map_err(|_| FileError::Member("base64 that is none"))
}

fn exactly<const N: usize>(bytes: &[u8], name: &'static str) -> Result<[u8; N], FileError> {
    // Ids go into headers.
    let fits = bytes.try_into().map_err(|_| FileError::Member(name))?;
    Ok(fits)
}

impl FileLimits {
    fn of(limits: &Limits) -> Self {
        Self {
            request_body_bytes_max: limits.request_body_bytes_max,
            response_body_bytes_max: limits.response_body_bytes_max,
            target_bytes_max: limits.target_bytes_max,
            header_bytes_max: limits.header_bytes_max,
            integration_timeout_ms_max: limits.integration_timeout_ms_max,
            template_output_bytes_max: limits.template_output_bytes_max,
            template_steps_max: limits.template_steps_max,
        }
    }

    /// A file does not decide how much of this machine it may take.
    fn limits(self) -> Limits {
        let most = Limits::RELAXED;
        Limits {
            request_body_bytes_max: self.request_body_bytes_max,
            response_body_bytes_max: self
                .response_body_bytes_max
                .min(most.response_body_bytes_max),
            target_bytes_max: self.target_bytes_max,
            header_bytes_max: self.header_bytes_max,
            integration_timeout_ms_max: self.integration_timeout_ms_max,
            template_output_bytes_max: self
                .template_output_bytes_max
                .min(most.template_output_bytes_max),
            template_steps_max: self.template_steps_max.min(most.template_steps_max),
        }
    }
}

fn parts(definition: &Definition) -> Result<Vec<FilePart>, FileError> {
    let (manifest, contents) = definition.freeze();
    let parts = manifest.parts.into_iter().zip(contents);
    let parts = parts.map(|(part, (_, content))| {
        Ok(FilePart {
            kind: part.kind,
            resource_id: part.resource_id,
            content: serde_json::from_slice(&content)?,
        })
    });
    parts.collect()
}

fn thawed(given: Vec<FilePart>) -> Result<Definition, FileError> {
    let mut manifest = Manifest::default();
    let mut contents = Vec::with_capacity(given.len());
    for part in given {
        manifest.parts.push(Part {
            kind: part.kind,
            resource_id: part.resource_id,
            hash: [0; 32],
        });
        contents.push(String::from(Box::<str>::from(part.content)));
    }
    Ok(Definition::thaw(&manifest, &contents)?)
}
