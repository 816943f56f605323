//! Calls of API Gateway: the HTTP method is the action, the path is the resource.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html>

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;
use tollgate_model::arn::partition_of;
use tollgate_wire::rest::{self, Labels, Matched};

use super::{Attempt, gateway_keys, roles_passed};
use crate::apigateway::tags;
use crate::call::Call;
use crate::error::{ApiError, Exception};
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
    roles_passed::check(on, roles_passed::of(asked.name, &asked.body))?;
    check_cloned(on, &asked).await
}

/// Who clones an API reads it. Guess: whether AWS asks for that is not said.
async fn check_cloned(on: &Session, asked: &Asked) -> Result<(), ApiError> {
    let from = asked.body.get("cloneFrom").and_then(Json::as_str);
    let Some(api) = from.filter(|_| asked.name == "CreateRestApi") else {
        return Ok(());
    };
    let labels = vec![("restapi_id", api.to_owned())];
    let mut attempt = Attempt::new(on, "apigateway:GET", arn(on, &format!("/restapis/{api}")));
    let tags = tags::inherited(on, &labels).await?;
    attempt.tell_resource_tags("aws:ResourceTag", &tags);
    attempt.check()
}

/// A call as policies see it.
pub(super) struct Asked {
    /// The operation.
    pub(super) name: &'static str,
    method: &'static str,
    path: String,
    /// Decoded, as the operation reads them.
    pub(super) labels: Labels,
    /// The body where it is JSON, and null otherwise.
    pub(super) body: Json,
    /// The keys of tags that are taken away.
    untagged: Vec<String>,
    resource_tags: BTreeMap<String, String>,
}

impl Asked {
    async fn of(on: &Session, call: &Call, matched: &Matched) -> Result<Self, ApiError> {
        let labels = decoded(matched)?;
        let resource_tags = tags::inherited(on, &labels).await?;
        Ok(Self {
            name: matched.operation.name,
            method: matched.operation.method,
            path: path(matched.operation.uri, &labels),
            labels,
            body: body(call, matched)?,
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
            // Of a document it is known once it is read.
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

/// The body as policies see it. What the operation might read and this does not must not pass unseen, so that it is refused; a
/// document that is all of the body is judged once it is read.
fn body(call: &Call, matched: &Matched) -> Result<Json, ApiError> {
    let is_document = matched.operation.input.payload.is_some();
    if is_document || call.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Json::Null);
    }
    serde_json::from_slice(&call.body)
        .map_err(|error| ApiError::new(Exception::Serialization, format!("Invalid JSON: {error}")))
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
