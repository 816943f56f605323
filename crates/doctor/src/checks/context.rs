//! Names of `$context` that never have a value.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

use tollgate_gateway::Source;

use crate::text::hint;

/// What AWS knows of a caller.
const IDENTITY: [&str; 16] = [
    "accessKey",
    "accountId",
    "apiKey",
    "apiKeyId",
    "caller",
    "clientCert",
    "cognitoAuthenticationProvider",
    "cognitoAuthenticationType",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "principalOrgId",
    "sourceIp",
    "user",
    "userAgent",
    "userArn",
    "vpcId",
];

/// Names that are often missed.
const USUAL: [&str; 16] = [
    "accountId",
    "apiId",
    "domainName",
    "domainPrefix",
    "error.message",
    "error.messageString",
    "error.responseType",
    "error.validationErrorString",
    "extendedRequestId",
    "httpMethod",
    "path",
    "requestId",
    "requestTime",
    "requestTimeEpoch",
    "resourcePath",
    "stage",
];

/// Which name was meant, if this one has never a value; nothing if it may have one. `path` is what follows `$context.`.
pub(super) fn fault(path: &str) -> Option<String> {
    let mut names = path.split('.');
    if names.next() == Some("identity") {
        let name = names.next()?;
        let is_known = IDENTITY.contains(&name) || name == "vpceId";
        return (!is_known).then(|| hint(name, IDENTITY).replace("mean ", "mean identity."));
    }
    // A value's own properties, as in $context.path.class, are not of $context.
    let ends = path.match_indices('.').map(|(at, _)| at);
    let is_known = ends.chain([path.len()]).any(|end| has_value(&path[..end]));
    (!is_known).then(|| hint(path, USUAL))
}

fn has_value(path: &str) -> bool {
    !matches!(
        Source::of_request(&format!("context.{path}")),
        Ok(Source::Nothing) | Err(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_have_values_are_known() {
        for (path, expected) in [
            ("stage", None),
            ("identity.sourceIp", None),
            ("identity.clientCert.subjectDN", None),
            ("authorizer.claims.sub", None),
            ("path.class", None),
            (
                "identity.sourceIP",
                Some(" (did you mean identity.sourceIp?)"),
            ),
            ("error.massage", Some(" (did you mean error.message?)")),
            ("status", Some("")),
            ("nothing.like.it", Some("")),
        ] {
            assert_eq!(fault(path).as_deref(), expected, "{path}");
        }
    }
}
