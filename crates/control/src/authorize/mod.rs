//! Whether IAM lets the caller do what it asks. The caller reads AWS's text, the operator the proof.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

pub(crate) mod apigateway;
mod gateway_keys;
pub(crate) mod iam;
mod refusal;
pub(crate) mod roles_passed;

use std::collections::BTreeMap;

use tollgate_iam::{Context, Decision, Finding, Policies, Policy, Request, Value, evaluate, prove};

use crate::error::{ApiError, Exception};
use crate::session::Session;

/// Something that the caller wants to do.
pub(crate) struct Attempt<'a> {
    on: &'a Session,
    action: String,
    /// The ARN, or `*`.
    resource: String,
    /// As refusals name the resource, where that is not its ARN.
    named: Option<String>,
    /// The account that owns the resource.
    owner: String,
    context: Context<'a>,
    /// Condition keys that AWS would fill for this operation, and Tollgate does not.
    unfilled: &'static [&'static str],
}

impl<'a> Attempt<'a> {
    /// An attempt on something of the caller's own account, with everything that is known of the caller and the call.
    pub(crate) fn new(on: &'a Session, action: impl Into<String>, resource: String) -> Self {
        let mut attempt = Self {
            on,
            action: action.into(),
            resource,
            named: None,
            owner: on.caller.account.to_string(),
            context: Context::with_capacity(24),
            unfilled: &[],
        };
        on.caller.who.tell(&mut attempt.context);
        attempt.tell_of_call();
        attempt
    }

    /// The same as refusals name its resource.
    pub(crate) fn named(mut self, named: String) -> Self {
        self.named = Some(named);
        self
    }

    /// The same on something that another account owns.
    pub(crate) fn of_account(mut self, account: &str) -> Self {
        self.owner = account.to_owned();
        self.set("aws:ResourceAccount", account.to_owned());
        self
    }

    /// The same with a condition key more.
    pub(crate) fn with(mut self, key: &'static str, value: impl Into<Value<'a>>) -> Self {
        self.set(key, value);
        self
    }

    /// The same with a condition key more that has several values.
    pub(crate) fn with_all(
        mut self,
        key: &'static str,
        values: impl IntoIterator<Item = Value<'a>>,
    ) -> Self {
        self.context.set_all(key, values);
        self
    }

    fn set(&mut self, key: &'static str, value: impl Into<Value<'a>>) {
        self.context.set(key, value);
    }

    /// The tags of what is acted on, below `prefix`.
    pub(crate) fn tell_resource_tags(&mut self, prefix: &str, tags: &BTreeMap<String, String>) {
        for (key, value) in tags {
            self.context.set(format!("{prefix}/{key}"), value.clone());
        }
    }

    /// The tags that a call gives, or the keys of those that it takes away.
    pub(crate) fn tell_request_tags<'t>(
        &mut self,
        tags: impl IntoIterator<Item = (&'t str, Option<&'t str>)>,
    ) {
        let mut keys = Vec::new();
        for (key, value) in tags {
            if let Some(value) = value {
                let name = format!("aws:RequestTag/{key}");
                self.context.set(name, value.to_owned());
            }
            keys.push(Value::from(key.to_owned()));
        }
        if !keys.is_empty() {
            self.context.set_all("aws:TagKeys", keys);
        }
    }

    fn tell_of_call(&mut self) {
        let (caller, now_ms) = (&self.on.caller, self.on.shared.clock.now_ms());
        let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
        self.set("aws:CurrentTime", Value::Time(now_ms));
        self.set("aws:EpochTime", Value::Number(now_ms / 1000));
        self.set("aws:RequestedRegion", &*caller.region);
        self.set("aws:ResourceAccount", &*caller.account);
        let from = &caller.from;
        self.set("aws:SecureTransport", from.is_secure);
        if let Some(address) = from.address {
            self.set("aws:SourceIp", address);
        }
        if let Some(agent) = &from.user_agent {
            self.set("aws:UserAgent", agent.as_str());
        }
        if let Some(referer) = &from.referer {
            self.set("aws:Referer", referer.as_str());
        }
    }

    /// Refuses what no policy allows.
    ///
    /// # Errors
    /// `AccessDenied`, with AWS's text.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        self.check_with(self.on.caller.who.policies())
    }

    /// The same where the resource has a policy that must allow it too.
    pub(crate) fn check_trusted(&self, trust: &Policy) -> Result<(), ApiError> {
        self.check_with(Policies {
            resource: Some(trust),
            resource_must_allow: true,
            ..self.on.caller.who.policies()
        })
    }

    fn check_with(&self, policies: Policies<'_>) -> Result<(), ApiError> {
        let request = Request {
            principal: self.on.caller.who.principal(),
            action: &self.action,
            resource: &self.resource,
            owner: &self.owner,
            canonical_user: None,
            context: &self.context,
        };
        match evaluate(&policies, &request) {
            Decision::Allow(_) => self.check_keys(&policies, &request),
            decision => {
                let resource = self.named.as_ref().unwrap_or(&self.resource);
                let text = refusal::text(&self.on.caller.arn(), &self.action, resource, decision);
                let proof = prove(&policies, &request);
                Err(ApiError::new(Exception::AccessDenied, text).because(proof))
            }
        }
    }

    /// A condition on a key that is not known here may have been what denies: it opens nothing.
    fn check_keys(&self, policies: &Policies<'_>, request: &Request<'_>) -> Result<(), ApiError> {
        let all = { policies.identity.iter() }
            .chain(policies.session.unwrap_or_default())
            .map(|policy| &**policy)
            .chain(policies.boundary);
        let names = |policy: &Policy| {
            let keys = policy.keys();
            let mut unfilled = self.unfilled.iter();
            unfilled.any(|key| keys.contains(&key.to_ascii_lowercase()))
        };
        let names: Vec<bool> = all.map(names).collect();
        if !names.contains(&true) {
            return Ok(());
        }
        let proof = prove(policies, request);
        let unknown = { proof.findings.iter() }.find_map(|finding| self.unknown_key(finding));
        match unknown {
            None if proof.complete => Ok(()),
            unknown => {
                let key = unknown.unwrap_or_else(|| "a key that is not known".to_owned());
                let arn = self.on.caller.arn();
                let (action, resource) = (&self.action, &self.resource);
                let text = format!(
                    "User: {arn} is not authorized to perform: {action} on resource: {resource} because a policy has a condition on {key}, which Tollgate cannot tell for this operation"
                );
                Err(ApiError::new(Exception::AccessDenied, text).because(proof))
            }
        }
    }

    /// The key of a condition that cannot be told, in a statement that otherwise speaks of this attempt.
    fn unknown_key(&self, finding: &Finding) -> Option<String> {
        let speaks = finding.action.fits && finding.resource.as_ref().is_none_or(|it| it.fits);
        let mut conditions = finding.conditions.iter().filter(|_| speaks);
        let unknown = conditions.find(|compared| {
            let mut unfilled = self.unfilled.iter();
            unfilled.any(|key| key.eq_ignore_ascii_case(&compared.key))
        });
        unknown.map(|compared| compared.key.clone())
    }
}
