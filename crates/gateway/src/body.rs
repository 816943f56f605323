//! The client's body: read whole where a step needs it so, and decompressed.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html>

use std::io::Read;

use bytes::Bytes;
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};
use tollgate_http::{Body, BodyError, Memory};

use crate::exchange::Content;
use crate::record::Record;
use crate::rejection::Rejection;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    Deflate,
    /// AWS knows no other.
    Unknown,
}

/// The whole body as it came, for whoever signed it so.
pub(crate) async fn whole(body: Body, bytes_max: u64) -> Result<Bytes, Rejection> {
    match body {
        Body::Empty => Ok(Bytes::new()),
        Body::Whole(bytes) => Ok(bytes),
        stream => {
            let limit = usize::try_from(bytes_max).unwrap_or(usize::MAX);
            let gathered = stream.gather(limit).await;
            gathered.map_err(|error| unread(&error, bytes_max))
        }
    }
}

/// Reads the body whole if `is_needed`. AWS sends a length to backends, so one without a length is read too; and it decompresses
/// whatever comes, so that validators, templates and backends see plain text.
pub(crate) async fn read(
    is_needed: bool,
    record: &mut Record,
    body: Body,
    bytes_max: u64,
) -> Result<Content, Rejection> {
    let coding = Coding::of(record.headers().get("Content-Encoding"));
    let limit = usize::try_from(bytes_max).unwrap_or(usize::MAX);
    let memory = body.memory();
    let bytes = match body {
        Body::Empty => Bytes::new(),
        Body::Whole(bytes) => bytes,
        stream => match stream.length() {
            Some(length)
                if !is_needed && coding == Coding::Identity && !record.reads_body(length) =>
            {
                record.leave_body(length);
                return Ok(Content::Stream(stream));
            }
            _ => {
                let gathered = stream.gather(limit).await;
                gathered.map_err(|error| unread(&error, bytes_max))?
            }
        },
    };
    record.keep_body(&bytes);
    record.request_bytes = bytes.len() as u64;
    match coding {
        _ if bytes.is_empty() => Ok(Content::Whole(bytes)),
        Coding::Identity => Ok(Content::Whole(bytes)),
        Coding::Gzip => inflated(GzDecoder::new(&*bytes), limit, &memory),
        // The name means zlib's form; the bare one is sent by some clients (RFC 9110 §8.4.1.2).
        Coding::Deflate if is_zlib(&bytes) => inflated(ZlibDecoder::new(&*bytes), limit, &memory),
        Coding::Deflate => inflated(DeflateDecoder::new(&*bytes), limit, &memory),
        Coding::Unknown => Err(Rejection::unsupported_media_type(
            "the body's content encoding is neither gzip nor deflate",
        )),
    }
}

impl Coding {
    fn of(header: Option<&[u8]>) -> Self {
        let Some(value) = header.map(<[u8]>::trim_ascii) else {
            return Self::Identity;
        };
        let is = |name: &str| value.eq_ignore_ascii_case(name.as_bytes());
        match value {
            _ if value.is_empty() || is("identity") => Self::Identity,
            _ if is("gzip") || is("x-gzip") => Self::Gzip,
            _ if is("deflate") => Self::Deflate,
            _ => Self::Unknown,
        }
    }
}

/// The first two bytes of zlib's form are a multiple of 31 and name deflate as the method.
fn is_zlib(bytes: &[u8]) -> bool {
    let [first, second, ..] = bytes else {
        return false;
    };
    first & 15 == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0
}

/// A small body may inflate to a large one: what is over the limit is refused as if it had been sent so (a guess). It may be kept for as long
/// as a backend takes, so it counts for what it has become.
fn inflated(decoder: impl Read, limit: usize, memory: &Memory) -> Result<Content, Rejection> {
    let mut whole = Vec::new();
    let read = decoder.take(limit as u64 + 1).read_to_end(&mut whole);
    read.map_err(|error| {
        let text = format!("the body is not of its content encoding: {error}");
        Rejection::unsupported_media_type(text)
    })?;
    match whole.len() > limit {
        true => Err(Rejection::too_large(limit as u64)),
        false => {
            let kept = memory.keep(whole);
            kept.map(Content::Whole)
                .map_err(|error| unread(&error.into(), limit as u64))
        }
    }
}

fn unread(error: &BodyError, bytes_max: u64) -> Rejection {
    match error {
        BodyError::TooLarge => Rejection::too_large(bytes_max),
        BodyError::NoRoom(_) => Rejection::overloaded(format!(
            "the request's body was not read: {error} (connections: body_memory_bytes_max)"
        )),
        other => Rejection::bad_request(format!("the request's body could not be read: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Write;

    fn shown(content: Result<Content, Rejection>) -> String {
        match content {
            Ok(Content::Whole(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
            Ok(Content::Stream(_)) => "a stream".to_owned(),
            Err(rejection) => rejection.default_status().to_string(),
        }
    }

    /// Every form of `plain`, each with its coding's name.
    fn compressed(plain: &[u8]) -> [(&'static str, Vec<u8>); 3] {
        let level = Compression::default;
        let mut gzip = GzEncoder::new(Vec::new(), level());
        let mut zlib = ZlibEncoder::new(Vec::new(), level());
        let mut bare = DeflateEncoder::new(Vec::new(), level());
        gzip.write_all(plain).expect("written");
        zlib.write_all(plain).expect("written");
        bare.write_all(plain).expect("written");
        [
            ("gzip", gzip.finish().expect("whole")),
            ("deflate", zlib.finish().expect("whole")),
            ("Deflate", bare.finish().expect("whole")),
        ]
    }

    fn read_as(coding: &str, bytes: Vec<u8>, limit: u64) -> String {
        let mut record = Record::of_test(&[("Content-Encoding", coding)]);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let body = Body::from(Bytes::from(bytes));
        shown(runtime.block_on(read(true, &mut record, body, limit)))
    }

    #[test]
    fn bodies_are_decompressed_within_the_limit() {
        for (coding, bytes) in compressed(b"plain text") {
            assert_eq!(read_as(coding, bytes, 100), "plain text", "{coding}");
        }
        for (coding, bytes) in compressed(&[0; 1_000_000]) {
            assert!(bytes.len() < 10_000);
            assert_eq!(read_as(coding, bytes, 100_000), "413", "{coding}");
        }
        assert_eq!(read_as("identity", b"as it is".to_vec(), 100), "as it is");
    }

    #[test]
    fn what_cannot_be_decompressed_is_refused() {
        assert_eq!(read_as("br", b"x".to_vec(), 100), "415");
        assert_eq!(read_as("gzip, gzip", b"x".to_vec(), 100), "415");
        assert_eq!(read_as("gzip", b"not gzip".to_vec(), 100), "415");
        let [(_, mut cut), ..] = compressed(b"plain text");
        cut.truncate(cut.len() - 3);
        assert_eq!(read_as("gzip", cut, 100), "415");
        assert_eq!(read_as("br", Vec::new(), 100), "");
    }
}
