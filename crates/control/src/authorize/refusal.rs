//! AWS's texts for a denied call, which name the kind of policy that decided.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

use tollgate_iam::{Decision, Source};

/// The text of a denial.
pub(super) fn text(arn: &str, action: &str, resource: &str, decision: Decision) -> String {
    let on = match resource {
        // Actions on no resource name none.
        "*" => String::new(),
        resource => format!(" on resource: {resource}"),
    };
    let denied = format!("User: {arn} is not authorized to perform: {action}{on}");
    match decision {
        Decision::ExplicitDeny(place) => {
            format!("{denied} with an explicit deny in {}", denier(place.source))
        }
        Decision::ImplicitDeny(missing) => {
            format!("{denied} because no {missing} allows the {action} action")
        }
        Decision::Allow(_) => denied,
    }
}

fn denier(source: Source) -> &'static str {
    match source {
        Source::Identity(_) => "an identity-based policy",
        Source::Boundary => "a permissions boundary",
        Source::Session(_) => "a session policy",
        Source::Resource => "a resource-based policy",
    }
}
