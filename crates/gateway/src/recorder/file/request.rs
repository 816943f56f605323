//! The request of a recording.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use tollgate_http::Version;

use super::data::{Data, FileBody, data};
use crate::recorder::kept::Kept;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FileRequest {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) version: FileVersion,
    pub(super) headers: Vec<(String, Data)>,
    pub(super) body: FileBody,
    pub(super) peer: SocketAddr,
    pub(super) local: SocketAddr,
    pub(super) secure: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tls: Option<(String, String)>,
}

impl FileRequest {
    pub(super) fn of(kept: &Kept) -> Self {
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

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum FileVersion {
    #[serde(rename = "HTTP/1.0")]
    Http10,
    #[serde(rename = "HTTP/1.1")]
    Http11,
    #[serde(rename = "HTTP/2")]
    Http2,
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
