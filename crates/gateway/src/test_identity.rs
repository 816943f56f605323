//! `$context` of a test invocation, where no client, key or domain is: AWS has fixed words for them, known from the events of
//! tests that users publish (2016 to 2024; `test-invoke-source-ip`, `testPrefix.testDomainName`).

use std::borrow::Cow;

use crate::context::Variable;
use crate::record::Record;

/// What a test has for a variable, where that is not what any request has.
pub(crate) fn value<'r>(variable: &Variable, record: &'r Record) -> Option<Cow<'r, str>> {
    let account = || Some(&*record.stage()?.api.account);
    let text = match variable {
        Variable::SourceIp => "test-invoke-source-ip",
        Variable::ApiKey => "test-invoke-api-key",
        Variable::ApiKeyId => "test-invoke-api-key-id",
        Variable::DomainName => "testPrefix.testDomainName",
        Variable::DomainPrefix => "testPrefix",
        // Guess: AWS shows the caller of the operation; here that is whoever has the account.
        Variable::CallerAccountId | Variable::Caller | Variable::User => account()?,
        Variable::UserArn => return Some(Cow::Owned(user_arn(record)?)),
        // Guess: AWS shows that of its console, which there is none of.
        Variable::UserAgent if record.headers().get("User-Agent").is_none() => "aws-internal/3",
        _ => return None,
    };
    Some(Cow::Borrowed(text))
}

fn user_arn(record: &Record) -> Option<String> {
    let api = &record.stage()?.api;
    let partition = tollgate_model::arn::partition_of(&api.region);
    Some(format!("arn:{partition}:iam::{}:root", api.account))
}
