//! Roles that a call hands to API Gateway, which its caller must be allowed to do.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/security_iam_service-with-iam.html>

use std::collections::BTreeSet;

use serde_json::Value as Json;
use tollgate_model::rest::Definition;
use tollgate_wire::rest::Labels;

use super::Attempt;
use super::apigateway::arn;
use super::gateway_keys::patches;
use crate::apigateway::tags;
use crate::error::ApiError;
use crate::session::Session;

/// The ARNs of the roles that a call names by itself.
pub(super) fn of(operation: &str, body: &Json) -> BTreeSet<String> {
    let member = match operation {
        "PutIntegration" | "UpdateIntegration" => "credentials",
        "CreateAuthorizer" | "UpdateAuthorizer" => "authorizerCredentials",
        "UpdateAccount" => "cloudwatchRoleArn",
        _ => return BTreeSet::new(),
    };
    let given = body.get(member).and_then(Json::as_str);
    let patched = patches(body).filter(|(_, path, _)| path.trim_start_matches('/') == member);
    let named = given.into_iter().chain(patched.map(|(_, _, value)| value));
    named
        .filter(|arn| is_role(arn))
        .map(str::to_owned)
        .collect()
}

/// `arn:aws:iam::*:user/*` stands for the credentials of a request's caller, and is no role.
fn is_role(arn: &str) -> bool {
    arn.contains(":role/")
}

/// The roles and the resource policy of a document, which are known once it is read. `api` is the API that it goes over.
pub(crate) async fn check_document(
    on: &Session,
    definition: &Definition,
    api: Option<&str>,
) -> Result<(), ApiError> {
    if on.caller.who.is_root() {
        return Ok(());
    }
    if definition.api.policy.is_some() {
        let labels: Labels = api
            .map(|id| ("restapi_id", id.to_owned()))
            .into_iter()
            .collect();
        let path = api.map_or_else(|| "/restapis".to_owned(), |id| format!("/restapis/{id}"));
        let action = "apigateway:UpdateRestApiPolicy";
        let mut attempt = Attempt::new(on, action, arn(on, &path));
        let tags = tags::inherited(on, &labels).await?;
        attempt.tell_resource_tags("aws:ResourceTag", &tags);
        attempt.check()?;
    }
    check(on, in_definition(definition))
}

/// Refuses a caller who may not pass one of the roles.
pub(super) fn check(on: &Session, roles: BTreeSet<String>) -> Result<(), ApiError> {
    let principals = on.shared.directory.principals();
    roles.into_iter().try_for_each(|role| {
        let mut known = principals.identities.values();
        let known = known.find(|identity| *identity.arn == *role);
        let attempt = Attempt::new(on, "iam:PassRole", role);
        let mut attempt = attempt.with("iam:PassedToService", "apigateway.amazonaws.com");
        for prefix in ["aws:ResourceTag", "iam:ResourceTag"] {
            let tags = known.map(|role| &role.tags);
            tags.into_iter()
                .for_each(|tags| attempt.tell_resource_tags(prefix, tags));
        }
        attempt.check()
    })
}

fn in_definition(definition: &Definition) -> BTreeSet<String> {
    let methods = definition.methods.iter();
    let integrations = methods.filter_map(|it| it.method.method_integration.as_ref());
    let integrations = integrations.filter_map(|it| it.credentials.as_ref());
    let authorizers = definition.authorizers.iter();
    let authorizers = authorizers.filter_map(|it| it.authorizer_credentials.as_ref());
    let all = integrations.chain(authorizers);
    all.filter(|arn| is_role(arn)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(operation: &str, body: &str, expect: &[&str]) {
        let json = serde_json::from_str(body).unwrap_or(Json::Null);
        let found = of(operation, &json);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expect, "{body}");
    }

    #[test]
    fn roles_are_found_wherever_they_are_named() {
        let role = "arn:aws:iam::1:role/a/b";
        for (operation, body, expect) in [
            (
                "PutIntegration",
                r#"{"credentials":"arn:aws:iam::1:role/a/b"}"#,
                &[role][..],
            ),
            (
                "PutIntegration",
                r#"{"credentials":"arn:aws:iam::*:user/*"}"#,
                &[],
            ),
            (
                "PutMethod",
                r#"{"credentials":"arn:aws:iam::1:role/a/b"}"#,
                &[],
            ),
            (
                "UpdateAccount",
                r#"{"patchOperations":[{"op":"replace","path":"/cloudwatchRoleArn","value":"arn:aws:iam::1:role/a/b"}]}"#,
                &[role],
            ),
            (
                "PutIntegration",
                r#"{"credentials":"arn:aws:iam::1:r\u006fle/a/b"}"#,
                &[role],
            ),
        ] {
            check(operation, body, expect);
        }
    }
}
