//! A request as a client sends it, decoded for an operation.

use bytes::Bytes;
use tollgate_wire::rest::{self, Incoming};
use tollgate_wire::{DecodeError, Operation, apigateway};

/// Routes and decodes; the route must be that of `O`.
pub(crate) fn decode<O: Operation>(target: &str, body: &str) -> Result<O::Input, DecodeError> {
    decode_with::<O>(target, &[], body)
}

pub(crate) fn decode_with<O: Operation>(
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<O::Input, DecodeError> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let matched =
        apigateway::route(O::SCHEMA.method, path, query).expect("the target is an operation's");
    assert_eq!(matched.operation.name, O::SCHEMA.name);
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
        .collect();
    rest::decode::<O>(&Incoming {
        labels: matched.labels,
        query,
        headers: &headers,
        body: &Bytes::from(body.to_owned()),
    })
}

/// The text of the refusal.
pub(crate) fn refused<O: Operation>(target: &str, body: &str) -> DecodeError {
    decode::<O>(target, body).expect_err("a refusal")
}
