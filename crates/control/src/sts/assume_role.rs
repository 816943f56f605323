//! Sessions of roles: who may have one is said by the role's trust policy and by the caller's own.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use tollgate_iam::{Kind as PolicyKind, Policy, Value};
use tollgate_model::arn::Arn;
use tollgate_model::principals::{Identity, Session as Issued};
use tollgate_store::{Key, Kind};
use tollgate_wire::sts::{
    AssumeRole, AssumeRoleRequest, AssumeRoleResponse, AssumeRoleWithWebIdentity,
    AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse, AssumedRoleUser, Tag,
};

use super::temporary;
use crate::authorize::Attempt;
use crate::error::{ApiError, Exception};
use crate::iam::account::read;
use crate::iam::holders::Holder;
use crate::iam::{GLOBAL, documents};
use crate::operations::Operations;
use crate::session::{Session, Stored};

const SECONDS_DEFAULT: i32 = 3600;
/// Of a session that a role's session asks for.
const CHAINED_SECONDS_MAX: i32 = 3600;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<AssumeRole, _>(assume);
    on.serve::<AssumeRoleWithWebIdentity, _>(assume_with_web_identity);
}

async fn assume(on: Session, input: AssumeRoleRequest) -> Result<AssumeRoleResponse, ApiError> {
    refuse_unserved(&input)?;
    let arn = input.role_arn.clone().unwrap_or_default();
    let parsed = role_arn(&arn)?;
    if on.caller.who.is_root() {
        return Err(ApiError::new(
            Exception::AccessDenied,
            "Roles may not be assumed by root accounts.",
        ));
    }
    let tags = Tags::of(&on, &input)?;
    let role = find(&on, &arn, &parsed).await?;
    let role = role.ok_or_else(|| denied(&on, &arn, "there is no such role"))?;
    authorize(&on, &arn, &parsed.account, &role, &input, &tags)?;
    let seconds = seconds(&on, &role, input.duration_seconds)?;
    let name = input.role_session_name.unwrap_or_default();
    let session = Issued {
        account: role.account.to_string(),
        identity: Some(role.id.to_string()),
        name: name.clone(),
        policy: input.policy,
        policy_arns: { input.policy_arns.into_iter().flatten() }
            .filter_map(|policy| policy.arn)
            .collect(),
        tags: tags.all,
        transitive: tags.transitive,
        source_identity: tags.source_identity.clone(),
        ..Issued::default()
    };
    check_policies(&on, &session)?;
    let packed = temporary::packed_percent(&session);
    Ok(AssumeRoleResponse {
        credentials: Some(temporary::issue(&on, seconds, session)?),
        assumed_role_user: Some(AssumedRoleUser {
            assumed_role_id: Some(format!("{}:{name}", role.id)),
            arn: Some(role.session_arn(&name)),
        }),
        packed_policy_size: packed,
        source_identity: tags.source_identity,
        ..AssumeRoleResponse::default()
    })
}

/// Signed or not, the token is what counts.
async fn assume_with_web_identity(
    _: Session,
    _: AssumeRoleWithWebIdentityRequest,
) -> Result<AssumeRoleWithWebIdentityResponse, ApiError> {
    Err(super::refuse_unsigned("AssumeRoleWithWebIdentity"))
}

/// The ARN of a role. The text is AWS's.
fn role_arn(arn: &str) -> Result<Arn, ApiError> {
    let is_role = |arn: &Arn| arn.service == "iam" && arn.resource.starts_with("role/");
    let parsed = arn.parse().ok().filter(is_role);
    parsed.ok_or_else(|| ApiError::new(Exception::Validation, format!("{arn} is invalid")))
}

/// The role of an ARN, of whatever account.
async fn find(on: &Session, arn: &str, parsed: &Arn) -> Result<Option<Arc<Identity>>, ApiError> {
    let name = parsed.resource.rsplit('/').next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    let key = Key::top(&parsed.account, GLOBAL, Kind::IamRole, &name);
    let stored: Option<Stored<Holder>> = on.find_by(&key, read).await?;
    let stored = stored.filter(|stored| stored.it.arn == arn);
    let principals = on.shared.directory.principals();
    let identity = stored.and_then(|it| principals.identities.get(it.it.id.as_str()).cloned());
    Ok(identity.filter(|identity| identity.role.is_some()))
}

/// What is asked beside the role itself must be allowed too: tags, and the word of who is behind it.
fn authorize(
    on: &Session,
    arn: &str,
    account: &str,
    role: &Identity,
    input: &AssumeRoleRequest,
    tags: &Tags,
) -> Result<(), ApiError> {
    let Some(parts) = &role.role else {
        return Err(denied(on, arn, "it is no role"));
    };
    let mut actions = vec!["sts:AssumeRole"];
    if !tags.all.is_empty() {
        actions.push("sts:TagSession");
    }
    if tags.source_identity.is_some() {
        actions.push("sts:SetSourceIdentity");
    }
    for action in actions {
        let mut attempt = Attempt::new(on, action, arn.to_owned()).of_account(account);
        for prefix in ["aws:ResourceTag", "iam:ResourceTag"] {
            attempt.tell_resource_tags(prefix, &role.tags);
        }
        let given = tags.given.iter();
        attempt.tell_request_tags(given.map(|(key, value)| (key.as_str(), Some(value.as_str()))));
        let attempt = keys(attempt, input, tags);
        let checked = attempt.check_trusted(&parts.trust);
        // AWS names neither the policy nor the kind of it here.
        checked.map_err(|error| match error.exception {
            Exception::AccessDenied => ApiError {
                message: denied_text(on, action, arn),
                ..error
            },
            _ => error,
        })?;
    }
    Ok(())
}

fn keys<'a>(attempt: Attempt<'a>, input: &'a AssumeRoleRequest, tags: &'a Tags) -> Attempt<'a> {
    let name = input.role_session_name.as_deref().unwrap_or_default();
    let mut attempt = attempt.with("sts:RoleSessionName", name);
    if let Some(id) = &input.external_id {
        attempt = attempt.with("sts:ExternalId", id.as_str());
    }
    if let Some(source) = &tags.source_identity {
        attempt = attempt.with("sts:SourceIdentity", source.as_str());
    }
    if let Some(seconds) = input.duration_seconds {
        attempt = attempt.with("sts:DurationSeconds", Value::Number(i64::from(seconds)));
    }
    let transitive = input.transitive_tag_keys.iter().flatten();
    attempt.with_all(
        "sts:TransitiveTagKeys",
        transitive.map(|key| key.as_str().into()),
    )
}

fn seconds(on: &Session, role: &Identity, asked: Option<i32>) -> Result<i32, ApiError> {
    let seconds = asked.unwrap_or(SECONDS_DEFAULT);
    let is_chained = on.caller.who.session().is_some() && on.caller.who.user().is_none();
    let max = role
        .role
        .as_ref()
        .map_or(0, |role| role.session_seconds_max);
    let text = match seconds {
        _ if is_chained && seconds > CHAINED_SECONDS_MAX => {
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        }
        _ if i64::from(seconds) > i64::from(max) => {
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        }
        _ => return Ok(seconds),
    };
    Err(ApiError::new(Exception::Validation, text))
}

/// Refuses policies of a session that are none.
fn check_policies(on: &Session, session: &Issued) -> Result<(), ApiError> {
    if let Some(document) = &session.policy {
        Policy::parse(document, PolicyKind::Identity).map_err(documents::refused)?;
    }
    let principals = on.shared.directory.principals();
    for arn in &session.policy_arns {
        let is_own = { arn.parse() }
            .is_ok_and(|arn: Arn| arn.account == session.account || arn.account == "aws");
        if !is_own || !principals.managed.contains_key(arn.as_str()) {
            // Guess: the text is ours.
            let text = format!("Policy {arn} does not exist or is not attachable.");
            return Err(ApiError::new(Exception::Validation, text));
        }
    }
    Ok(())
}

/// The tags of a session, and who is behind it.
struct Tags {
    /// Those that were given.
    given: BTreeMap<String, String>,
    /// Those with the ones that the caller's own session hands on.
    all: BTreeMap<String, String>,
    transitive: Vec<String>,
    source_identity: Option<String>,
}

impl Tags {
    fn of(on: &Session, input: &AssumeRoleRequest) -> Result<Self, ApiError> {
        let given = given(input.tags.as_deref().unwrap_or_default())?;
        let before = on.caller.who.session();
        let mut transitive = before.map_or_else(Vec::new, |it| it.transitive.clone());
        let mut all = given.clone();
        for key in &transitive {
            if given.keys().any(|given| given.eq_ignore_ascii_case(key)) {
                // Guess: the text is ours.
                return Err(invalid(format!(
                    "The session tag {key} is transitive and cannot be overridden"
                )));
            }
            let value = before.and_then(|it| it.tags.get(key));
            all.extend(value.map(|value| (key.clone(), value.clone())));
        }
        transitive.extend(input.transitive_tag_keys.iter().flatten().cloned());
        if let Some(key) = transitive.iter().find(|key| !all.contains_key(*key)) {
            return Err(invalid(format!(
                "The transitive tag key {key} is no session tag"
            )));
        }
        let inherited = before.and_then(|it| it.source_identity.clone());
        let source_identity = match (inherited, input.source_identity.clone()) {
            (Some(before), Some(now)) if before != now => {
                return Err(invalid(
                    "The source identity of a session cannot be changed".to_owned(),
                ));
            }
            (before, now) => before.or(now),
        };
        Ok(Self {
            given,
            all,
            transitive,
            source_identity,
        })
    }
}

fn given(tags: &[Tag]) -> Result<BTreeMap<String, String>, ApiError> {
    let mut given = BTreeMap::new();
    for tag in tags {
        let key = tag.key.clone().unwrap_or_default();
        if given
            .keys()
            .any(|known: &String| known.eq_ignore_ascii_case(&key))
        {
            return Err(invalid(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive."
                    .to_owned(),
            ));
        }
        given.insert(key, tag.value.clone().unwrap_or_default());
    }
    Ok(given)
}

fn refuse_unserved(input: &AssumeRoleRequest) -> Result<(), ApiError> {
    temporary::refuse_device(input.serial_number.as_deref(), input.token_code.as_deref())?;
    temporary::refuse_size(input.minimum_session_token_size)?;
    match input.provided_contexts.as_deref() {
        None | Some([]) => Ok(()),
        Some(_) => Err(invalid(
            "Tollgate cannot honour ProvidedContexts".to_owned(),
        )),
    }
}

fn invalid(text: String) -> ApiError {
    ApiError::new(Exception::Validation, text)
}

/// Nobody learns whether the role is there.
fn denied(on: &Session, arn: &str, cause: &str) -> ApiError {
    let text = denied_text(on, "sts:AssumeRole", arn);
    ApiError::new(Exception::AccessDenied, text).because(cause)
}

fn denied_text(on: &Session, action: &str, arn: &str) -> String {
    let who = on.caller.arn();
    format!("User: {who} is not authorized to perform: {action} on resource: {arn}")
}
