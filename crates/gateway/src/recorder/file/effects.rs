//! What each call out came to.

use serde::{Deserialize, Serialize};
use tollgate_http::Headers;

use super::FileError;
use super::data::{Data, FileBody, fields};
use crate::effects::{Answered, ClientFault, Failure, Outcome};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FileOutcome {
    elapsed_ms: u64,
    #[serde(flatten)]
    result: FileResult,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum FileResult {
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

impl FileOutcome {
    pub(super) fn of(outcome: &Outcome) -> Self {
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

    pub(super) fn outcome(self) -> Result<Outcome, FileError> {
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

pub(super) fn answered(
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
