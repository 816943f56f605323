//! A case of a file: policies, a request, what is decided, and what would turn it.

use std::sync::Arc;

use serde_json::Value as Json;
use tollgate_iam::{
    Context, Decision, Kind, Malformed, Policies, Policy, Principal, Proof, Request, Value,
    evaluate, prove,
};

/// What a case comes to.
pub(crate) struct Outcome {
    pub(crate) decision: Decision,
    pub(crate) proof: Proof,
}

/// Decides a case both ways.
pub(crate) fn run(case: &Json) -> Result<Outcome, Malformed> {
    with(case, |policies, request| Outcome {
        decision: evaluate(policies, request),
        proof: prove(policies, request),
    })
}

/// Reads a case and does something with it.
pub(crate) fn with<T>(
    case: &Json,
    does: impl FnOnce(&Policies<'_>, &Request<'_>) -> T,
) -> Result<T, Malformed> {
    let identity = policies(&case["identity"], Kind::Identity)?;
    let boundary = policies(&case["boundary"], Kind::Identity)?;
    let session = policies(&case["session"], Kind::Identity)?;
    let kind = match case["trust"].as_bool() {
        Some(true) => Kind::Trust,
        _ => Kind::Resource,
    };
    let resource = policies(&case["resource_policy"], kind)?;
    let context = context(&case["context"]);
    let policies = Policies {
        identity: &identity,
        boundary: boundary.first().map(|policy| &**policy),
        session: (!case["session"].is_null()).then_some(&*session),
        resource: resource.first().map(|policy| &**policy),
        resource_must_allow: kind == Kind::Trust || case["must_allow"] == true,
    };
    let request = Request {
        principal: principal(case),
        action: case["action"].as_str().unwrap_or("execute-api:Invoke"),
        resource: case["resource"].as_str().unwrap_or(RESOURCE),
        owner: case["owner"].as_str().unwrap_or("111122223333"),
        canonical_user: case["canonical_user"].as_str(),
        context: &context,
    };
    Ok(does(&policies, &request))
}

/// What is asked for where a case does not say.
const RESOURCE: &str = "arn:aws:execute-api:us-east-1:111122223333:a1b2c3/prod/GET/pets";

/// The name of a decision in the files.
pub(crate) fn word(decision: Decision) -> String {
    match decision {
        Decision::Allow(_) => "allow".to_owned(),
        Decision::ExplicitDeny(_) => "explicit deny".to_owned(),
        Decision::ImplicitDeny(missing) => format!("no {missing}"),
    }
}

/// One policy or a list; a statement or a list of statements stands for a document of the current version.
fn policies(node: &Json, kind: Kind) -> Result<Vec<Arc<Policy>>, Malformed> {
    let documents = match node {
        Json::Null => return Ok(Vec::new()),
        Json::Array(list) if list.iter().all(|each| each.get("Effect").is_none()) => list.clone(),
        one => vec![one.clone()],
    };
    let documents = documents.into_iter().map(|document| match document {
        whole if whole.get("Statement").is_some() => whole,
        statements => serde_json::json!({"Version": "2012-10-17", "Statement": statements}),
    });
    let parse = |document: Json| Policy::parse(&document.to_string(), kind).map(Arc::new);
    documents.map(parse).collect()
}

fn context(node: &Json) -> Context<'_> {
    let mut context = Context::default();
    for (key, value) in node.as_object().into_iter().flatten() {
        match value {
            Json::Array(values) => context.set_all(key, values.iter().map(value_of)),
            one => context.set(key, value_of(one)),
        }
    }
    context
}

fn value_of(node: &Json) -> Value<'_> {
    match node {
        Json::String(text) => text.as_str().into(),
        Json::Bool(truth) => (*truth).into(),
        Json::Number(number) => Value::Number(number.as_i64().expect("a whole number")),
        other => panic!("no value: {other}"),
    }
}

/// A principal by a short name, or any user, session or root by its ARN; roles of sessions given so have no path.
fn principal(case: &Json) -> Principal<'_> {
    let account = "111122223333";
    let name = case["principal"].as_str().unwrap_or("user");
    match name {
        "anonymous" => Principal::Anonymous,
        "root" => Principal::Root { account },
        "user" => Principal::User {
            account,
            arn: "arn:aws:iam::111122223333:user/alice",
        },
        "role" => Principal::RoleSession {
            account,
            role: "arn:aws:iam::111122223333:role/app/reader",
            session: "arn:aws:sts::111122223333:assumed-role/reader/s1",
        },
        "federated user" => Principal::FederatedUser {
            account,
            user: "arn:aws:iam::111122223333:user/alice",
            session: "arn:aws:sts::111122223333:federated-user/guest",
        },
        provider if provider.contains("-provider/") || provider.starts_with("cognito-identity") => {
            Principal::Federated { provider }
        }
        arn if arn.starts_with("arn:") => principal_of(arn, case["role"].as_str()),
        name => Principal::Service { name },
    }
}

fn principal_of<'a>(arn: &'a str, role: Option<&'a str>) -> Principal<'a> {
    let account = arn.split(':').nth(4).unwrap_or_default();
    match role {
        Some(role) => Principal::RoleSession {
            account,
            role,
            session: arn,
        },
        None if arn.ends_with(":root") => Principal::Root { account },
        None => Principal::User { account, arn },
    }
}
