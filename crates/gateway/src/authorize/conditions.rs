//! What policies may ask of a request besides who, what and on what.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html>

use tollgate_iam::{Context, Value};

use crate::record::Record;

/// How many keys a request has at most, those of its caller not among them.
const KEYS: usize = 8;

/// The condition keys of a request that are known without its caller. A request to a private API has the address within its network and no
/// public one, as AWS's guide says of both keys.
pub(super) fn of(record: &Record) -> Context<'_> {
    let mut context = Context::with_capacity(KEYS);
    let now_ms = i64::try_from(record.arrival.now_ms).unwrap_or(i64::MAX);
    context.set("aws:CurrentTime", Value::Time(now_ms));
    context.set("aws:EpochTime", Value::Number(now_ms / 1000));
    context.set("aws:SecureTransport", record.secure);
    let client = Value::Address(record.peer.ip().to_canonical());
    match &record.private_endpoint {
        None => context.set("aws:SourceIp", client),
        Some(endpoint) => {
            context.set("aws:VpcSourceIp", client);
            context.set("aws:SourceVpc", &*endpoint.vpc);
            context.set("aws:SourceVpce", &*endpoint.id);
        }
    }
    for (key, header) in [("aws:UserAgent", "User-Agent"), ("aws:Referer", "Referer")] {
        if let Some(value) = record.headers().get(header) {
            context.set(key, Value::Text(String::from_utf8_lossy(value)));
        }
    }
    context
}
