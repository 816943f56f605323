//! Bytes in a document: as text where they are text, as base64 otherwise.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::FileError;
use crate::recorder::kept::KeptBody;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum FileBody {
    None,
    Text(String),
    Base64(String),
    NotKept(u64),
}

impl FileBody {
    pub(super) fn of(body: &KeptBody) -> Self {
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

    pub(super) fn kept(self) -> Result<KeptBody, FileError> {
        Ok(match self {
            Self::None => KeptBody::Unread,
            Self::NotKept(length) => KeptBody::Left(length),
            Self::Text(text) => KeptBody::Whole(text.into()),
            Self::Base64(text) => KeptBody::Whole(decoded(&text)?.into()),
        })
    }
}

/// A header's value.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Data {
    Text(String),
    Bytes { base64: String },
}

impl Data {
    pub(super) fn of(value: &[u8]) -> Self {
        match std::str::from_utf8(value) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes {
                base64: STANDARD.encode(value),
            },
        }
    }
}

pub(super) fn data((name, value): &(String, Vec<u8>)) -> (String, Data) {
    (name.clone(), Data::of(value))
}

pub(super) fn fields(given: Vec<(String, Data)>) -> Result<Vec<(String, Vec<u8>)>, FileError> {
    let fields = given.into_iter().map(|(name, value)| {
        Ok(match value {
            Data::Text(text) => (name, text.into_bytes()),
            Data::Bytes { base64 } => (name, decoded(&base64)?),
        })
    });
    fields.collect()
}

pub(super) fn decoded(text: &str) -> Result<Vec<u8>, FileError> {
    STANDARD
        .decode(text)
        .map_err(|_| FileError::Member("base64 that is none"))
}

pub(super) fn exactly<const N: usize>(
    bytes: &[u8],
    name: &'static str,
) -> Result<[u8; N], FileError> {
    // Ids go into headers.
    let fits = bytes.try_into().map_err(|_| FileError::Member(name))?;
    Ok(fits)
}
