//! An answer that is kept: its status, headers and body, in clear or sealed.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use tollgate_http::{Body, Headers, Response};

use super::key::Key;
use super::seal::{OVERHEAD_BYTES, Seal};
use super::store::StageCache;
use crate::respond::body_of;

/// The longest answer that AWS keeps, without its headers (a guess); encryption makes it longer (the guide).
const BODY_BYTES_MAX: usize = 1_048_576;

/// What an entry takes beside its headers and its body, a little more than it is.
const OWN_BYTES: usize = 512;

/// What a header takes beside its text.
const FIELD_BYTES: usize = 24;

/// An entry. For as long as anybody holds it, it counts for its stage.
#[derive(Debug)]
pub(super) struct Entry {
    content: Content,
    pub(super) facts: Facts,
    bytes: u64,
    stage: Arc<StageCache>,
}

/// Where an entry comes from, and how long it lasts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// The request that it answered.
    pub(super) request_id: [u8; 36],
    /// When it was kept.
    pub(super) filled_ms: u64,
    pub(super) ttl_ms: u64,
    /// Fetches are numbered as they begin, so that one that began earlier does not replace what a later one brought.
    pub(super) fetch: u64,
}

#[derive(Debug)]
enum Content {
    Plain {
        status: u16,
        headers: Headers,
        body: Bytes,
    },
    Sealed(Vec<u8>),
}

/// Whether a body of so many bytes is short enough.
pub(super) fn fits(body_bytes: usize, is_encrypted: bool) -> bool {
    let more = if is_encrypted { OVERHEAD_BYTES } else { 0 };
    body_bytes.saturating_add(more) <= BODY_BYTES_MAX
}

impl Entry {
    /// An answer as it is kept. The body's bytes are copied: those of a connection count for it as long as they live.
    pub(super) fn plain(answer: Shared<'_>, facts: Facts, stage: &Arc<StageCache>) -> Arc<Self> {
        let Shared {
            status,
            headers,
            body,
        } = answer;
        let bytes = headers.wire_bytes() + headers.len() * FIELD_BYTES + body.len();
        let content = Content::Plain {
            status,
            headers,
            body: Bytes::copy_from_slice(body),
        };
        Self::counted(content, bytes, facts, stage)
    }

    /// The same as ciphertext.
    pub(super) fn sealed(
        answer: Shared<'_>,
        facts: Facts,
        stage: &Arc<StageCache>,
        key: &Key,
        seal: &Seal,
    ) -> Option<Arc<Self>> {
        let sealed = seal.seal(&key.hash, written(&answer))?;
        let bytes = sealed.len();
        Some(Self::counted(Content::Sealed(sealed), bytes, facts, stage))
    }

    fn counted(content: Content, bytes: usize, facts: Facts, stage: &Arc<StageCache>) -> Arc<Self> {
        let bytes = (bytes + OWN_BYTES) as u64;
        stage.bytes.fetch_add(bytes, Ordering::Relaxed);
        Arc::new(Self {
            content,
            facts,
            bytes,
            stage: stage.clone(),
        })
    }

    /// The answer again; nothing where it was sealed under another key.
    pub(super) fn response(&self, key: &Key, seal: &Seal) -> Option<Response> {
        match &self.content {
            Content::Plain {
                status,
                headers,
                body,
            } => Some(Response {
                status: *status,
                headers: headers.clone(),
                body: body_of(body.clone()),
            }),
            Content::Sealed(sealed) => read(&seal.open(&key.hash, sealed)?),
        }
    }

    /// What it takes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its age, where it still lasts. A TTL that was shortened since counts.
    pub(super) fn age_ms(&self, now_ms: u64, ttl_ms: u64) -> Option<u64> {
        let age = now_ms.saturating_sub(self.facts.filled_ms);
        (age < self.facts.ttl_ms.min(ttl_ms)).then_some(age)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.stage.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// What of an answer is for every client.
pub(super) struct Shared<'r> {
    status: u16,
    headers: Headers,
    body: &'r [u8],
}

impl<'r> Shared<'r> {
    /// Guess: a cookie is for the client that it was set for, and no other gets it. The headers `own` are made for each request.
    pub(super) fn of(response: &'r Response, own: Option<&str>) -> Self {
        let mut headers = response.headers.clone();
        for name in ["Set-Cookie"].into_iter().chain(own) {
            headers.remove(name);
        }
        Self {
            status: response.status,
            headers,
            body: match &response.body {
                Body::Whole(bytes) => bytes,
                Body::Empty | Body::Stream(_) => &[],
            },
        }
    }
}

fn written(answer: &Shared<'_>) -> Vec<u8> {
    let (headers, body) = (&answer.headers, answer.body);
    let mut text = Vec::with_capacity(headers.wire_bytes() + 8 * headers.len() + body.len() + 8);
    text.extend_from_slice(&answer.status.to_le_bytes());
    text.extend_from_slice(&(headers.len() as u32).to_le_bytes());
    for (name, value) in headers.iter() {
        for part in [name.as_bytes(), value] {
            // Heads have bounds far below.
            text.extend_from_slice(&(part.len() as u32).to_le_bytes());
            text.extend_from_slice(part);
        }
    }
    text.extend_from_slice(body);
    text
}

fn read(text: &[u8]) -> Option<Response> {
    let (status, rest) = text.split_first_chunk()?;
    let (count, mut rest) = rest.split_first_chunk()?;
    let mut headers = Headers::with_capacity(512);
    for _field in 0..u32::from_le_bytes(*count) {
        let name = part(&mut rest)?;
        let value = part(&mut rest)?;
        headers.push(std::str::from_utf8(name).ok()?, value).ok()?;
    }
    Some(Response {
        status: u16::from_le_bytes(*status),
        headers,
        body: body_of(Bytes::copy_from_slice(rest)),
    })
}

fn part<'t>(text: &mut &'t [u8]) -> Option<&'t [u8]> {
    let (length, rest) = text.split_first_chunk()?;
    let (part, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *text = rest;
    Some(part)
}
