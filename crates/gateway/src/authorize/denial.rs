//! A request that policies do not let pass: AWS's words for the caller, the proof for the operator.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

use tollgate_iam::{Decision, Missing, Proof, Source};

/// What the caller reads. That the refusal names the kind of policy is seen in transcripts of today; those of 2018 to 2024 end before it.
pub(super) fn message(decision: Decision, principal: &str, resource: &str) -> String {
    let because = because(decision);
    format!(
        "User: {principal} is not authorized to perform: execute-api:Invoke on resource: {resource}{because}"
    )
}

fn because(decision: Decision) -> &'static str {
    match decision {
        Decision::ExplicitDeny(place) => match place.source {
            Source::Identity(_) => " with an explicit deny in an identity-based policy",
            Source::Boundary => " with an explicit deny in a permissions boundary",
            Source::Session(_) => " with an explicit deny in a session policy",
            Source::Resource => " with an explicit deny in a resource-based policy",
        },
        Decision::ImplicitDeny(missing) => match missing {
            Missing::Identity => {
                " because no identity-based policy allows the execute-api:Invoke action"
            }
            Missing::Boundary => {
                " because no permissions boundary allows the execute-api:Invoke action"
            }
            Missing::Session => " because no session policy allows the execute-api:Invoke action",
            Missing::Resource => {
                " because no resource-based policy allows the execute-api:Invoke action"
            }
            Missing::Steps => "",
        },
        Decision::Allow(_) => "",
    }
}

/// What the operator reads: which statement, which value of a condition, and the nearest change that would let the request pass.
pub(super) fn reason(proof: &Proof) -> String {
    let mut text = format!(
        "{} on {} is {}",
        proof.principal,
        proof.resource,
        proof.verdict()
    );
    for sentence in proof.turn() {
        text.push_str("; ");
        text.push_str(&sentence);
    }
    text
}
