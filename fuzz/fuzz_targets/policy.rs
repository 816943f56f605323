//! A document is a policy or none, of whatever kind; what is read decides in bounded steps, and its proof says the same.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use tollgate_iam::{Context, Kind, Policies, Policy, Principal, Request, evaluate, prove};

const KINDS: [Kind; 4] = [Kind::Identity, Kind::Resource, Kind::Trust, Kind::Authorizer];

fn read(document: &str, kind: Kind) -> Option<Policy> {
    match Policy::parse(document, kind) {
        Ok(policy) => Some(policy),
        Err(error) => {
            assert!(!error.message().is_empty() && !error.to_string().is_empty());
            None
        }
    }
}

// The first lines are the action, the resource, and a value that every key has which the document asks for; the rest is a document.
fuzz_target!(|input: &str| {
    let mut lines = input.splitn(4, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (action, resource, value, document) = (next(), next(), next(), next());
    for kind in KINDS {
        let Some(policy) = read(document, kind) else {
            continue;
        };
        let mut context = Context::default();
        let keys = policy.keys();
        for key in &keys {
            context.set(key.as_str(), value);
        }
        let policy = Arc::new(policy);
        let is_of_resource = matches!(kind, Kind::Resource | Kind::Trust);
        let policies = Policies {
            identity: if is_of_resource { &[] } else { std::slice::from_ref(&policy) },
            boundary: (kind == Kind::Identity).then_some(&*policy),
            session: None,
            resource: is_of_resource.then_some(&*policy),
            resource_must_allow: kind == Kind::Trust,
        };
        let request = Request {
            principal: Principal::User {
                account: "111122223333",
                arn: "arn:aws:iam::111122223333:user/alice",
            },
            action,
            resource,
            owner: "111122223333",
            canonical_user: None,
            context: &context,
        };
        let decision = evaluate(&policies, &request);
        let proof = prove(&policies, &request);
        assert_eq!(proof.decision, decision);
        assert!(proof.to_string().contains(&proof.verdict()));
    }
});
