//! Compression of answers, where the API asks for it and the client accepts it.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html>

use std::io::{self, Read};

use flate2::Compression;
use flate2::read::{GzEncoder, ZlibEncoder};
use tollgate_http::Response;

use super::body_of;
use crate::limits::Limits;
use crate::map::put;
use crate::record::Record;
use crate::rejection::Rejection;

/// What Tollgate and AWS can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

/// Compresses an answer that is long enough, is not encoded yet, and whose client accepts gzip or deflate before all else.
pub(crate) async fn compressed(
    response: Response,
    record: &Record,
    limits: &Limits,
) -> Result<Response, Rejection> {
    let Some(coding) = wanted(&response, record) else {
        return Ok(response);
    };
    let Response {
        status,
        mut headers,
        body,
    } = response;
    let limit = usize::try_from(limits.response_body_bytes_max).unwrap_or(usize::MAX);
    let memory = body.memory();
    let plain = body.gather(limit).await;
    let plain = plain.map_err(|error| Rejection::unread_reply(&error))?;
    let encoded = memory.keep(coding.encode(&plain));
    let encoded = encoded.map_err(|error| Rejection::unread_reply(&error.into()))?;
    put(&mut headers, "Content-Encoding", coding.name());
    Ok(Response {
        status,
        headers,
        body: body_of(encoded),
    })
}

fn wanted(response: &Response, record: &Record) -> Option<Coding> {
    let bytes_min = record.stage()?.deployment.compression_bytes_min?;
    let length = response.body.length()?;
    let is_long = length > 0 && length >= bytes_min;
    if !is_long || response.headers.get("Content-Encoding").is_some() {
        return None;
    }
    Coding::accepted(record.headers().get_all("Accept-Encoding"))
}

impl Coding {
    /// The coding with the highest weight, the first of several; none if that is no coding of ours. Guess: `*` is gzip.
    fn accepted<'v>(values: impl Iterator<Item = &'v [u8]>) -> Option<Self> {
        let mut best: Option<(f32, &str)> = None;
        let values = values.filter_map(|value| std::str::from_utf8(value).ok());
        for (name, weight) in values
            .flat_map(|value| value.split(','))
            .filter_map(weighed)
        {
            if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
                best = Some((weight, name));
            }
        }
        let (_, name) = best?;
        if name == "*" || name.eq_ignore_ascii_case("gzip") {
            return Some(Self::Gzip);
        }
        name.eq_ignore_ascii_case("deflate")
            .then_some(Self::Deflate)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    /// A core compresses between other requests, so the fast level has to do.
    fn encode(self, plain: &[u8]) -> Vec<u8> {
        let mut encoded = Vec::with_capacity(plain.len() / 2);
        let written = match self {
            Self::Gzip => read(GzEncoder::new(plain, Compression::fast()), &mut encoded),
            Self::Deflate => read(ZlibEncoder::new(plain, Compression::fast()), &mut encoded),
        };
        written.expect("memory is read and written without faults");
        encoded
    }
}

fn read(mut encoder: impl Read, into: &mut Vec<u8>) -> io::Result<usize> {
    encoder.read_to_end(into)
}

/// `gzip;q=0.5`: name and weight, 1 if none is said. One that cannot be read weighs nothing.
fn weighed(item: &str) -> Option<(&str, f32)> {
    let mut parts = item.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let weight = weight.map_or(1.0, |text| text.trim().parse().unwrap_or(0.0));
    Some((name, weight))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::{GzDecoder, ZlibDecoder};

    #[test]
    fn the_coding_with_the_highest_weight_counts() {
        for (value, expected) in [
            ("gzip, deflate, br", Some(Coding::Gzip)),
            ("deflate, gzip", Some(Coding::Deflate)),
            ("gzip;q=0.5, deflate;q=0.8", Some(Coding::Deflate)),
            ("br, gzip", None),
            ("br;q=0.9, GZIP", Some(Coding::Gzip)),
            ("identity, gzip;q=0.5", None),
            ("gzip;q=0", None),
            ("gzip;q=x", None),
            ("gzip;q=NaN", None),
            ("*", Some(Coding::Gzip)),
            (" , ;q=1", None),
            ("", None),
        ] {
            assert_eq!(
                Coding::accepted([value.as_bytes()].into_iter()),
                expected,
                "{value}"
            );
        }
        let several: [&[u8]; 2] = [b"br;q=0.1", b"deflate"];
        assert_eq!(Coding::accepted(several.into_iter()), Some(Coding::Deflate));
        assert_eq!(Coding::accepted([].into_iter()), None);
    }

    #[test]
    fn what_is_compressed_can_be_read_again() {
        let plain = b"tollgate ".repeat(100_000);
        let (gzip, deflate) = (Coding::Gzip.encode(&plain), Coding::Deflate.encode(&plain));
        let (mut one, mut other) = (Vec::new(), Vec::new());
        read(GzDecoder::new(&*gzip), &mut one).expect("gzip");
        read(ZlibDecoder::new(&*deflate), &mut other).expect("zlib");
        assert!(one == plain && other == plain && gzip.len() < plain.len() / 50);
    }
}
