//! Calls of API Gateway: the HTTP method is the action, the path is the resource.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html>

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;
use tollgate_model::arn::partition_of;
use tollgate_wire::rest::{self, Labels, Matched};

use super::{Attempt, gateway_keys};
use crate::apigateway::tags;
use crate::call::Call;
use crate::error::ApiError;
use crate::session::Session;

/// Refuses a call that the caller may not make.
pub(crate) async fn check(on: &Session, call: &Call, matched: &Matched) -> Result<(), ApiError> {
    // An account's root may do everything, so that nothing needs to be read for it.
    if on.caller.who.is_root() {
        return Ok(());
    }
    let asked = Asked::of(on, call, matched).await?;
    for (action, path) in asked.actions() {
        let mut attempt = Attempt::new(on, action, arn(on, &path));
        attempt.tell_resource_tags("aws:ResourceTag", &asked.resource_tags);
        attempt.tell_request_tags(asked.request_tags());
        gateway_keys::tell(&mut attempt, &asked).await?;
        attempt.check()?;
    }
    Ok(())
}

/// A call as policies see it.
pub(super) struct Asked<'a> {
    /// The operation.
    pub(super) name: &'static str,
    method: &'static str,
    path: String,
    /// Decoded, as the operation reads them.
    pub(super) labels: Labels,
    /// The body where it is JSON, and null otherwise.
    pub(super) body: Json,
    raw: &'a [u8],
    /// The keys of tags that are taken away.
    untagged: Vec<String>,
    resource_tags: BTreeMap<String, String>,
}

impl<'a> Asked<'a> {
    async fn of(on: &Session, call: &'a Call, matched: &Matched) -> Result<Self, ApiError> {
        let labels = decoded(matched)?;
        let resource_tags = tags::inherited(on, &labels).await?;
        Ok(Self {
            name: matched.operation.name,
            method: matched.operation.method,
            path: path(matched.operation.uri, &labels),
            labels,
            body: serde_json::from_slice(&call.body).unwrap_or(Json::Null),
            raw: &call.body,
            untagged: rest::query_values(call.query(), "tagKeys")?,
            resource_tags,
        })
    }

    /// What must be allowed: the method on the path, and to write an API's resource policy a permission of its own.
    fn actions(&self) -> Vec<(String, String)> {
        let mut actions = vec![(format!("apigateway:{}", self.method), self.path.clone())];
        if self.writes_policy() {
            let api = "apigateway:UpdateRestApiPolicy".to_owned();
            actions.push((api, self.path.clone()));
        }
        actions
    }

    fn writes_policy(&self) -> bool {
        match self.name {
            "CreateRestApi" => self.body.get("policy").is_some_and(|it| !it.is_null()),
            "UpdateRestApi" => gateway_keys::patches(&self.body)
                .any(|(_, path, _)| path == "/policy" || path.starts_with("/policy/")),
            // A document may say it anywhere, escaped or not: what could be one is one.
            "ImportRestApi" | "PutRestApi" => {
                let text = String::from_utf8_lossy(self.raw);
                text.contains("x-amazon-apigateway-policy") || text.contains("\\u")
            }
            _ => false,
        }
    }

    /// Tags in the body of a creation, or the keys in the query of an untagging.
    fn request_tags(&self) -> Vec<(&str, Option<&str>)> {
        if self.name == "UntagResource" {
            let keys = self.untagged.iter();
            return keys.map(|key| (key.as_str(), None)).collect();
        }
        let tags = self.body.get("tags").and_then(Json::as_object);
        tags.into_iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), Some(value.as_str().unwrap_or_default())))
            .collect()
    }
}

/// The labels as the operation will read them, so that no other spelling of one escapes a policy.
fn decoded(matched: &Matched) -> Result<Labels, ApiError> {
    let labels = matched.labels.iter();
    let decoded = labels.map(|(name, value)| Ok((*name, rest::label(value)?)));
    decoded.collect()
}

/// The path of a call. The ARN of what is tagged stands encoded in it, as AWS's examples have it.
fn path(uri: &str, labels: &Labels) -> String {
    let template = uri.split('?').next().unwrap_or_default();
    let mut path = String::new();
    for segment in template.trim_start_matches('/').split('/') {
        path.push('/');
        let label = segment
            .strip_prefix('{')
            .and_then(|it| it.strip_suffix('}'));
        let value = label.and_then(|label| labels.iter().find(|(name, _)| *name == label));
        match value {
            Some(("resource_arn", arn)) => {
                path.push_str(&utf8_percent_encode(arn, ESCAPED).to_string());
            }
            Some((_, value)) => path.push_str(value),
            None => path.push_str(segment),
        }
    }
    path
}

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// API Gateway's ARNs name no account.
pub(crate) fn arn(on: &Session, path: &str) -> String {
    let region = &on.caller.region;
    format!("arn:{}:apigateway:{region}::{path}", partition_of(region))
}
