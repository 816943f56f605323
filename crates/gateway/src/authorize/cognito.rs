//! Tokens of user pools: whose, for whom, for what and until when.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html>

use std::rc::Rc;

use tollgate_jwt::Claims;

use crate::identity::{Finding, Tokens};
use crate::plan::UserPools;
use crate::record::Record;
use crate::rejection::Rejection;
use crate::trace::StepName;

/// Lets whoever has a good token pass. What the token claims is known of the request from then on.
pub(super) async fn check(
    pools: &UserPools,
    tokens: &Tokens<'_>,
    record: &mut Record,
) -> Result<(), Rejection> {
    let token = token(pools, record).map_err(|why| refused(pools, why))?;
    let finding = match tokens {
        Tokens::Live(desk) => Some(desk.verify(token, pools, record.arrival.now_ms).await),
        Tokens::Told(finding) => finding.clone(),
    };
    let Some(finding) = finding else {
        record.trace(StepName::Authorize, |_, told| {
            let because = "whether a token is good was not asked when the request ran";
            told.decided(&["somebody"], &[because]);
        });
        return Ok(());
    };
    record.token = Some(finding.clone());
    let claims = claims(&finding, pools)?;
    check_audience(pools, claims).map_err(|why| refused(pools, &why))?;
    let scope = check_scopes(pools, claims).map_err(|why| refused(pools, &why))?;
    tell(pools, &finding, scope, record);
    Ok(())
}

/// The one token that came. Guess: of several none is taken, as a proxy before us might take another one than we.
fn token<'r>(pools: &UserPools, record: &'r Record) -> Result<&'r str, &'static str> {
    let headers = record.headers().iter();
    let mut values = headers.filter(|(name, _)| name.eq_ignore_ascii_case(&pools.header));
    let value = match (values.next(), values.next()) {
        (Some((_, value)), None) => value,
        (None, _) => return Err("it did not come"),
        (Some(_), Some(_)) => return Err("several came"),
    };
    let value = std::str::from_utf8(value)
        .map_err(|_| "it is no text")?
        .trim();
    let token = without_scheme(value);
    match token.is_empty() {
        true => Err("it is empty"),
        false => Ok(token),
    }
}

/// Guess: `Bearer` before the token, in any case, may be there or not; widely used with AWS.
fn without_scheme(value: &str) -> &str {
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") => token.trim_start(),
        Some(_) | None => value,
    }
}

fn claims<'v>(finding: &'v Finding, pools: &UserPools) -> Result<&'v Claims, Rejection> {
    match finding {
        Finding::Verified { claims, .. } => Ok(claims),
        Finding::Expired(why) => Err(Rejection::incoming_token_expired(told(pools, why))),
        Finding::Refused(why) => Err(refused(pools, why)),
        Finding::Unavailable(why) => Err(Rejection::authorizer_configuration(told(pools, why))),
    }
}

/// "API Gateway will match the aud field of the incoming token". Guess: an access token of Cognito has none, and then its `client_id`
/// stands for it.
fn check_audience(pools: &UserPools, claims: &Claims) -> Result<(), String> {
    let Some(pattern) = &pools.audience else {
        return Ok(());
    };
    let pattern = pattern.as_ref();
    let pattern = pattern.map_err(|why| format!("identityValidationExpression is none: {why}"))?;
    let mut audiences = claims.audiences().map_err(|refusal| refusal.to_string())?;
    if audiences.is_empty() {
        audiences.extend(claims.text("client_id"));
    }
    let fits = |audience: &&str| pattern.matches(audience).unwrap_or(false);
    match audiences.iter().any(fits) {
        true => Ok(()),
        false => Err("its audience (aud) does not fit identityValidationExpression".to_owned()),
    }
}

/// Any overlap suffices; the scope that decided.
fn check_scopes<'c>(pools: &UserPools, claims: &'c Claims) -> Result<Option<&'c str>, String> {
    if pools.scopes.is_empty() {
        return Ok(None);
    }
    let scopes = claims.scopes().map_err(|refusal| refusal.to_string())?;
    let is_asked_for = |scope: &&str| pools.scopes.iter().any(|asked| **asked == **scope);
    match scopes.into_iter().find(is_asked_for) {
        Some(scope) => Ok(Some(scope)),
        None => Err(format!(
            "it has none of the scopes that the method asks for ({})",
            pools.scopes.join(", ")
        )),
    }
}

fn tell(pools: &UserPools, finding: &Rc<Finding>, scope: Option<&str>, record: &mut Record) {
    let Finding::Verified { issuer, .. } = &**finding else {
        return;
    };
    record.trace(StepName::Authorize, |_, told| {
        let chosen = ["a token of ", issuer, ", by authorizer ", &pools.name];
        match scope {
            Some(scope) => {
                told.decided(&chosen, &["it is signed and of now, and has scope ", scope])
            }
            None => told.decided(&chosen, &["it is signed and of now, and an identity's"]),
        }
    });
}

fn refused(pools: &UserPools, why: &str) -> Rejection {
    Rejection::unauthorized(told(pools, why))
}

fn told(pools: &UserPools, why: &str) -> String {
    format!(
        "the token in header {} is not taken by authorizer {}: {why}",
        pools.header, pools.name
    )
}
