//! What the client got.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::FileError;
use super::data::{Data, FileBody, data, fields};
use crate::recorder::kept::KeptBody;
use crate::recorder::rerun::Answer;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FileSent {
    pub(super) status: u16,
    pub(super) reason: Option<String>,
    pub(super) latency_ms: u64,
    pub(super) body_bytes: u64,
    pub(super) is_complete: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FileAnswer {
    status: u16,
    headers: Vec<(String, Data)>,
    body: FileBody,
    reason: Option<String>,
}

impl FileAnswer {
    pub(super) fn of(answer: &Answer) -> Self {
        Self {
            status: answer.status,
            headers: answer.headers.iter().map(data).collect(),
            body: FileBody::of(&KeptBody::Whole(answer.body.clone())),
            reason: answer.reason.clone(),
        }
    }

    pub(super) fn answer(self) -> Result<Answer, FileError> {
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
