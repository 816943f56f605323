//! A recording as a file: one JSON document, compressed with gzip, with everything in it that another Tollgate needs to run the request again.
//! A reader takes it for hostile: sizes, depths and counts are bounded before anything is made of them.

mod answer;
mod caller;
mod data;
mod definition;
mod document;
mod effects;
mod limits;
mod request;
mod stage;

use std::io::Read;

use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use serde::Deserialize;

pub(super) use self::caller::FileIdentified;
use self::document::Document;
use super::recording::Recording;

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
