//! What policies would say: tried without doing anything.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use std::collections::BTreeSet;
use std::sync::Arc;

use tollgate_iam::{
    Context, Decision, Kind as PolicyKind, Missing, Place, Policies, Policy, Principal, Request,
    Source as Placed, Value, prove,
};
use tollgate_model::arn::Arn;
use tollgate_wire::iam::{
    ContextEntry, EvaluationResult, GetContextKeysForCustomPolicy,
    GetContextKeysForCustomPolicyRequest, GetContextKeysForPolicyResponse,
    GetContextKeysForPrincipalPolicy, GetContextKeysForPrincipalPolicyRequest,
    PermissionsBoundaryDecisionDetail, SimulateCustomPolicy, SimulateCustomPolicyRequest,
    SimulatePolicyResponse, SimulatePrincipalPolicy, SimulatePrincipalPolicyRequest, Statement,
};

use super::documents;
use super::holders::{self, Holder, HolderKind, no_such_entity};
use super::pages::page;
use super::{managed, policies};
use crate::error::{ApiError, Exception};
use crate::operations::Operations;
use crate::session::{Session, Stored};

/// Decisions of one answer. Each may cost some milliseconds, and AWS may tell fewer than are asked for as well.
const DECISIONS_MAX: i32 = 100;
/// Policies of one call: far over what AWS lets a user have.
const POLICIES_MAX: usize = 100;

pub(crate) fn operations(on: &mut Operations) {
    on.serve::<SimulateCustomPolicy, _>(simulate_custom);
    on.serve::<SimulatePrincipalPolicy, _>(simulate_principal);
    on.serve::<GetContextKeysForCustomPolicy, _>(keys_of_custom);
    on.serve::<GetContextKeysForPrincipalPolicy, _>(keys_of_principal);
}

async fn simulate_custom(
    on: Session,
    input: SimulateCustomPolicyRequest,
) -> Result<SimulatePolicyResponse, ApiError> {
    refuse(
        input.ordered_organization_policy_input_list.is_some(),
        "OrderedOrganizationPolicyInputList",
    )?;
    refuse(
        input.resource_handling_option.is_some(),
        "ResourceHandlingOption",
    )?;
    let account = on.caller.account.to_string();
    let given = given(input.policy_input_list.as_deref(), "PolicyInputList")?;
    let caller = input.caller_arn.clone();
    let trial = Trial {
        principal: caller.unwrap_or_else(|| format!("arn:aws:iam::{account}:user/simulated")),
        identity: given,
        boundary: boundary(input.permissions_boundary_policy_input_list.as_deref())?,
        resource: resource(input.resource_policy.as_deref())?,
        owner: owner(input.resource_owner.as_deref()),
        account,
        entries: input.context_entries.unwrap_or_default(),
        of: None,
    };
    trial.answer(&Asked {
        actions: input.action_names.unwrap_or_default(),
        resources: input.resource_arns,
        marker: input.marker,
        max_items: input.max_items,
    })
}

async fn simulate_principal(
    on: Session,
    input: SimulatePrincipalPolicyRequest,
) -> Result<SimulatePolicyResponse, ApiError> {
    refuse(input.policy_exclusion_list.is_some(), "PolicyExclusionList")?;
    refuse(
        input.resource_handling_option.is_some(),
        "ResourceHandlingOption",
    )?;
    let arn = input.policy_source_arn.clone().unwrap_or_default();
    let (kind, holder) = source(&on, &arn).await?;
    let mut identity = held(&on, kind, &holder.it).await?;
    identity.extend(given(
        input.policy_input_list.as_deref(),
        "PolicyInputList",
    )?);
    check_count(identity.len())?;
    let asked = boundary(input.permissions_boundary_policy_input_list.as_deref())?;
    let own = match &holder.it.boundary {
        Some(arn) if asked.is_none() => Some(managed_policy(&on, arn)?.policy),
        _ => asked,
    };
    let trial = Trial {
        principal: input.caller_arn.clone().unwrap_or_else(|| arn.clone()),
        identity,
        boundary: own,
        resource: resource(input.resource_policy.as_deref())?,
        owner: owner(input.resource_owner.as_deref()),
        account: on.caller.account.to_string(),
        entries: input.context_entries.unwrap_or_default(),
        of: Some((kind, holder)),
    };
    trial.answer(&Asked {
        actions: input.action_names.unwrap_or_default(),
        resources: input.resource_arns,
        marker: input.marker,
        max_items: input.max_items,
    })
}

async fn keys_of_custom(
    _: Session,
    input: GetContextKeysForCustomPolicyRequest,
) -> Result<GetContextKeysForPolicyResponse, ApiError> {
    Ok(keys(&given(
        input.policy_input_list.as_deref(),
        "PolicyInputList",
    )?))
}

async fn keys_of_principal(
    on: Session,
    input: GetContextKeysForPrincipalPolicyRequest,
) -> Result<GetContextKeysForPolicyResponse, ApiError> {
    let (kind, holder) = source(&on, &input.policy_source_arn.unwrap_or_default()).await?;
    let mut policies = held(&on, kind, &holder.it).await?;
    policies.extend(given(
        input.policy_input_list.as_deref(),
        "PolicyInputList",
    )?);
    Ok(keys(&policies))
}

fn keys(policies: &[Sourced]) -> GetContextKeysForPolicyResponse {
    let keys: BTreeSet<String> = policies.iter().flat_map(|it| it.policy.keys()).collect();
    GetContextKeysForPolicyResponse {
        context_key_names: Some(keys.into_iter().collect()),
    }
}

/// A policy with what answers call it.
struct Sourced {
    id: String,
    kind: &'static str,
    policy: Arc<Policy>,
}

/// Everything but the actions and resources that are tried.
struct Trial {
    principal: String,
    identity: Vec<Sourced>,
    boundary: Option<Arc<Policy>>,
    resource: Option<Policy>,
    /// Of resources whose ARN names no account.
    owner: Option<String>,
    account: String,
    entries: Vec<ContextEntry>,
    /// Whose policies are tried.
    of: Option<(HolderKind, Stored<Holder>)>,
}

/// Which pairs are tried, and which of them are told.
struct Asked {
    actions: Vec<String>,
    resources: Option<Vec<String>>,
    marker: Option<String>,
    max_items: Option<i32>,
}

impl Trial {
    /// One result for each action on each resource. Guess: AWS's order, and that it tells pairs rather than nesting resources.
    fn answer(&self, asked: &Asked) -> Result<SimulatePolicyResponse, ApiError> {
        let all = vec!["*".to_owned()];
        let resources = asked.resources.as_ref().filter(|it| !it.is_empty());
        let resources = resources.unwrap_or(&all);
        let pairs = asked.actions.iter().flat_map(|action| {
            let pair = move |resource| (action, resource);
            resources.iter().map(pair)
        });
        let pairs: Vec<(String, (&String, &String))> = pairs
            .enumerate()
            .map(|(place, pair)| (format!("{place:09}"), pair))
            .collect();
        let max = asked.max_items.unwrap_or(DECISIONS_MAX).min(DECISIONS_MAX);
        let list = format!("simulation {} {}", asked.actions.len(), resources.len());
        let listed = page(list, asked.marker.as_deref(), Some(max), pairs, |it| &it.0)?;
        let results =
            { listed.items.iter() }.map(|(_, (action, resource))| self.result(action, resource));
        Ok(SimulatePolicyResponse {
            is_truncated: listed.is_truncated(),
            evaluation_results: Some(results.collect()),
            marker: listed.marker,
        })
    }

    fn result(&self, action: &str, resource: &str) -> EvaluationResult {
        let context = self.context();
        let identity: Vec<Arc<Policy>> = { self.identity.iter() }
            .map(|it| it.policy.clone())
            .collect();
        let policies = Policies {
            identity: &identity,
            boundary: self.boundary.as_deref(),
            session: None,
            resource: self.resource.as_ref(),
            resource_must_allow: false,
        };
        let session = self.session_arn();
        let request = Request {
            principal: self.principal(&session),
            action,
            resource,
            owner: &self.owner_of(resource),
            canonical_user: None,
            context: &context,
        };
        let proof = prove(&policies, &request);
        let by_boundary = !matches!(proof.decision, Decision::ImplicitDeny(Missing::Boundary));
        EvaluationResult {
            eval_action_name: Some(action.to_owned()),
            eval_resource_name: Some(resource.to_owned()),
            eval_decision: Some(decided(proof.decision).to_owned()),
            matched_statements: Some(
                { proof.deciding.iter() }
                    .map(|it| self.statement(*it))
                    .collect(),
            ),
            missing_context_values: Some(self.missing(&context)),
            permissions_boundary_decision_detail: self.boundary.as_ref().map(|_| {
                PermissionsBoundaryDecisionDetail {
                    allowed_by_permissions_boundary: Some(by_boundary),
                }
            }),
            ..EvaluationResult::default()
        }
    }

    /// What is known of the principal, and what was given, which counts more.
    fn context(&self) -> Context<'_> {
        let mut context = Context::default();
        context.set("aws:PrincipalAccount", self.account.as_str());
        context.set("aws:PrincipalArn", self.principal.as_str());
        if let Some((kind, holder)) = &self.of {
            if *kind == HolderKind::User {
                context.set("aws:username", holder.it.name.as_str());
                context.set("aws:userid", holder.it.id.as_str());
            }
            for (key, value) in &holder.tags {
                context.set(format!("aws:PrincipalTag/{key}"), value.as_str());
            }
        }
        for entry in &self.entries {
            let values = entry.context_key_values.iter().flatten();
            let values = values.map(|value| Value::from(value.as_str()));
            context.set_all(
                entry.context_key_name.as_deref().unwrap_or_default(),
                values,
            );
        }
        context
    }

    fn missing(&self, context: &Context<'_>) -> Vec<String> {
        let policies = self.identity.iter().map(|it| &*it.policy);
        let policies = policies
            .chain(self.boundary.as_deref())
            .chain(&self.resource);
        let keys: BTreeSet<String> = policies.flat_map(Policy::keys).collect();
        keys.into_iter()
            .filter(|key| context.values(key).is_empty())
            .collect()
    }

    /// A role is tried as one of its sessions would be.
    fn session_arn(&self) -> Option<String> {
        let role = self
            .principal
            .parse()
            .ok()
            .filter(|arn: &Arn| arn.resource.starts_with("role/"))?;
        let name = role.resource.rsplit('/').next()?;
        Some(format!(
            "arn:aws:sts::{}:assumed-role/{name}/simulated",
            role.account
        ))
    }

    fn principal<'a>(&'a self, session: &'a Option<String>) -> Principal<'a> {
        match session {
            Some(session) => Principal::RoleSession {
                account: &self.account,
                role: &self.principal,
                session,
            },
            None => Principal::User {
                account: &self.account,
                arn: &self.principal,
            },
        }
    }

    fn owner_of(&self, resource: &str) -> String {
        let named = resource.parse().ok().map(|arn: Arn| arn.account);
        let named = named.filter(|account| !account.is_empty() && !account.contains(['*', '?']));
        named
            .or_else(|| self.owner.clone())
            .unwrap_or_else(|| self.account.clone())
    }

    /// Guess: positions in documents are not told.
    fn statement(&self, place: Place) -> Statement {
        let (id, kind) = match place.source {
            Placed::Identity(index) => self
                .identity
                .get(index)
                .map_or(("", "none"), |it| (it.id.as_str(), it.kind)),
            Placed::Boundary => ("PermissionsBoundaryPolicyInputList.1", "none"),
            Placed::Session(_) => ("", "none"),
            Placed::Resource => ("ResourcePolicy", "resource"),
        };
        Statement {
            source_policy_id: Some(id.to_owned()),
            source_policy_type: Some(kind.to_owned()),
            ..Statement::default()
        }
    }
}

fn decided(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow(_) => "allowed",
        Decision::ExplicitDeny(_) => "explicitDeny",
        Decision::ImplicitDeny(_) => "implicitDeny",
    }
}

/// Whose policies an ARN names.
async fn source(on: &Session, arn: &str) -> Result<(HolderKind, Stored<Holder>), ApiError> {
    let missing = || no_such_entity(format!("Could not find entity {arn}"));
    let parsed: Arn = arn.parse().map_err(|_| {
        ApiError::new(
            Exception::InvalidInput,
            format!("Invalid Entity Arn: {arn}"),
        )
    })?;
    let (noun, path) = parsed.resource.split_once('/').ok_or_else(missing)?;
    let kind = HolderKind::ALL.into_iter().find(|kind| kind.noun() == noun);
    let kind = kind.ok_or_else(missing)?;
    let name = path.rsplit('/').next().unwrap_or_default();
    let found = holders::find(on, kind, name).await;
    let holder = found.ok().filter(|holder| holder.it.arn == arn);
    Ok((kind, holder.ok_or_else(missing)?))
}

/// The policies of a holder, and of a user's groups.
async fn held(on: &Session, kind: HolderKind, holder: &Holder) -> Result<Vec<Sourced>, ApiError> {
    let mut policies = own(on, kind, holder)?;
    for name in &holder.groups {
        let group = holders::find(on, HolderKind::Group, name).await?;
        policies.extend(own(on, HolderKind::Group, &group.it)?);
    }
    check_count(policies.len())?;
    Ok(policies)
}

fn own(on: &Session, kind: HolderKind, holder: &Holder) -> Result<Vec<Sourced>, ApiError> {
    let inline = holder.inline.iter().map(|(name, document)| {
        let policy = parsed(document, PolicyKind::Identity)?;
        Ok(Sourced {
            id: name.clone(),
            kind: kind.noun(),
            policy: Arc::new(policy),
        })
    });
    let attached = holder.attached.iter();
    let attached = attached.map(|arn| managed_policy(on, arn));
    inline.chain(attached).collect()
}

fn managed_policy(on: &Session, arn: &str) -> Result<Sourced, ApiError> {
    let principals = on.shared.directory.principals();
    let policy = principals.managed.get(arn).cloned();
    let policy = policy.ok_or_else(|| policies::missing(arn))?;
    Ok(Sourced {
        id: managed::name_of(arn).to_owned(),
        kind: match managed::find(arn) {
            Some(_) => "aws-managed",
            None => "user-managed",
        },
        policy,
    })
}

fn given(documents: Option<&[String]>, list: &str) -> Result<Vec<Sourced>, ApiError> {
    let documents = documents.unwrap_or_default();
    check_count(documents.len())?;
    let read = documents.iter().enumerate().map(|(place, document)| {
        Ok(Sourced {
            id: format!("{list}.{}", place + 1),
            kind: "none",
            policy: Arc::new(parsed(document, PolicyKind::Identity)?),
        })
    });
    read.collect()
}

fn boundary(documents: Option<&[String]>) -> Result<Option<Arc<Policy>>, ApiError> {
    match documents.unwrap_or_default() {
        [] => Ok(None),
        [one] => Ok(Some(Arc::new(parsed(one, PolicyKind::Identity)?))),
        _ => Err(ApiError::new(
            Exception::InvalidInput,
            "There can be only one permissions boundary.",
        )),
    }
}

fn resource(document: Option<&str>) -> Result<Option<Policy>, ApiError> {
    let read = document.map(|document| parsed(document, PolicyKind::Resource));
    read.transpose()
}

/// The account of an ARN, or an account.
fn owner(text: Option<&str>) -> Option<String> {
    let text = text?;
    let arn: Option<Arn> = text.parse().ok();
    Some(arn.map_or_else(|| text.to_owned(), |arn| arn.account))
}

fn parsed(document: &str, kind: PolicyKind) -> Result<Policy, ApiError> {
    let parsed = Policy::parse(document, kind);
    parsed.map_err(|malformed| ApiError {
        exception: Exception::InvalidInput,
        ..documents::refused(malformed)
    })
}

fn check_count(count: usize) -> Result<(), ApiError> {
    match count > POLICIES_MAX {
        true => Err(ApiError::new(
            Exception::InvalidInput,
            format!("Tollgate tries at most {POLICIES_MAX} policies at once"),
        )),
        false => Ok(()),
    }
}

fn refuse(is_given: bool, member: &str) -> Result<(), ApiError> {
    match is_given {
        true => Err(ApiError::new(
            Exception::InvalidInput,
            format!("Tollgate cannot honour {member}"),
        )),
        false => Ok(()),
    }
}
