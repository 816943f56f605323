//! AWS_IAM: who signed a request, in its header or its query, and whether that is so.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>
//!
//! The body is part of what is signed, so it is read whole; but only once everything else of the signature is in order and somebody has its
//! key, so that nobody unknown can fill the memory.

use bytes::Bytes;
use tollgate_http::Body;
use tollgate_model::principals::{Caller, Credential, Unknown};
use tollgate_sigv4::{Claim, Expected, Fault, Moment, Refusal, Request};

use super::signing_keys;
use crate::body;
use crate::callers::{Identified, Kind, Refused, SignatureFault, Signed};
use crate::pipeline::Surroundings;
use crate::plan::StagePlan;
use crate::record::Record;
use crate::rejection::Rejection;
use crate::respond::ResponseType;
use crate::trace::DetailKind;

/// The service that requests to APIs are signed for.
const SERVICE: &str = "execute-api";

/// How far clocks may differ, as seen with API Gateway.
const SKEW_MINUTES: u32 = 5;

/// The header that asks for another method.
const METHOD_OVERRIDE: &str = "X-HTTP-Method-Override";

/// AWS's text on a session that is over.
const EXPIRED: &str = "The security token included in the request is expired";

/// Finds out who signed; that is in the record afterwards, and the body is whole.
pub(super) async fn check(
    around: &Surroundings<'_>,
    stage: &StagePlan,
    record: &mut Record,
    body: Body,
) -> Result<Body, Rejection> {
    let bytes_max = around.limits.request_body_bytes_max;
    let identified = match &around.callers.0 {
        Kind::Replayed(told) => (told.clone().map(|told| *told), body),
        kind => match claim(kind, stage, record) {
            Err(refused) => (Some(Identified::Refused(refused)), body),
            Ok(claimed) => {
                let bytes = body::whole(body, bytes_max).await?;
                (Some(proven(claimed, record, &bytes)), Body::from(bytes))
            }
        },
    };
    let (identified, body) = identified;
    let refused = match &identified {
        Some(Identified::Signed(signed)) => {
            tell(signed, record);
            None
        }
        Some(Identified::Refused(refused)) => Some(rejection(refused)),
        None => Some(Rejection::no_route(
            "the recording does not tell who signed the request",
        )),
    };
    record.identified = identified.map(Box::new);
    match refused {
        Some(rejection) => Err(rejection),
        None => body::whole(body, bytes_max).await.map(Body::from),
    }
}

/// A signature of which all is in order that can be seen without the body.
struct Claimed {
    claim: Claim,
    access_key: Box<str>,
    whose: Whose,
}

enum Whose {
    /// Theirs, if the signature holds.
    Credential(Credential),
    /// Theirs without being asked for more.
    Anyone(Caller),
}

fn claim(kind: &Kind, stage: &StagePlan, record: &Record) -> Result<Claimed, Refused> {
    let expected = Expected {
        service: SERVICE,
        region: Some(&stage.api.region),
        skew_minutes: SKEW_MINUTES,
    };
    let now_ms = record.arrival.now_ms;
    let headers: Vec<_> = record.headers().iter().collect();
    let request = request(record, &headers, &[]);
    let mut claim = Claim::read(&request).map_err(of_refusal)?;
    let checked = claim.check(&request, Moment::from_ms(now_ms), &expected);
    checked.map_err(of_refusal)?;
    check_covers(&claim, record)?;
    let access_key: Box<str> = claim.access_key().unwrap_or_default().into();
    let whose = match kind {
        Kind::Any(account) => Whose::Anyone(Caller::new(account.clone(), None)),
        Kind::Known(live) => {
            let token = claim.session_token(&request);
            let found = live.load().find(&access_key, token.as_deref(), now_ms);
            let found = found.map_err(|unknown| of_unknown(unknown, &access_key));
            Whose::Credential(found?)
        }
        Kind::Nobody | Kind::Replayed(_) => {
            return Err(of_unknown(Unknown::Nobody, &access_key));
        }
    };
    Ok(Claimed {
        claim,
        access_key,
        whose,
    })
}

/// What decides here which method is called has to be what was signed. A signature is made of a path without dot segments, so that with
/// them one would do for other resources; and it is made of the method that is sent, so that another in a header must be signed as well. Guess:
/// AWS's answer to either is not known.
fn check_covers(claim: &Claim, record: &Record) -> Result<(), Refused> {
    let head = record.head();
    let is_dots = |segment: &str| segment == "." || segment == "..";
    if head.path().split('/').any(is_dots) {
        return Err(Refused {
            fault: SignatureFault::Invalid,
            message: ResponseType::InvalidSignature.defaults().message.to_owned(),
            reason: "the path has dot segments, which signatures do not tell apart".to_owned(),
        });
    }
    if record.method() != head.method() && !claim.signs(METHOD_OVERRIDE) {
        let message =
            format!("'{METHOD_OVERRIDE}' must be a 'SignedHeader' in the AWS Authorization.");
        return Err(Refused {
            fault: SignatureFault::Invalid,
            reason: message.clone(),
            message,
        });
    }
    Ok(())
}

fn proven(claimed: Claimed, record: &Record, body: &Bytes) -> Identified {
    let Claimed {
        claim,
        access_key,
        whose,
    } = claimed;
    let caller = match whose {
        Whose::Anyone(caller) => caller,
        Whose::Credential(credential) => {
            let headers: Vec<_> = record.headers().iter().collect();
            let scope = claim.scope().expect("a claim that was checked has one");
            let key = signing_keys::derive(&access_key, &credential.secret, scope);
            let token = credential.session_token.as_deref();
            let request = request(record, &headers, body);
            if let Err(refusal) = claim.verify_with(&request, &key, token) {
                let mut refused = of_refusal(refusal);
                refused.reason = format!("access key {access_key}: {}", refused.reason);
                return Identified::Refused(refused);
            }
            credential.caller
        }
    };
    Identified::Signed(Signed { access_key, caller })
}

/// The request as it came over the wire, which is what clients sign.
fn request<'r>(
    record: &'r Record,
    headers: &'r [(&'r str, &'r [u8])],
    body: &'r [u8],
) -> Request<'r> {
    let head = record.head();
    Request {
        method: head.method(),
        path: head.path(),
        query: head.query().unwrap_or_default(),
        headers,
        body,
    }
}

fn of_refusal(refusal: Refusal) -> Refused {
    let fault = match refusal.fault {
        Fault::Missing => SignatureFault::Missing,
        Fault::Incomplete => SignatureFault::Incomplete,
        Fault::Invalid | Fault::Unsupported => SignatureFault::Invalid,
        Fault::UnknownKey => SignatureFault::UnknownKey,
    };
    let first = refusal.message.lines().next().unwrap_or_default();
    Refused {
        fault,
        reason: match fault {
            SignatureFault::Missing => {
                "the method asks for a signature (AWS_IAM), and the request has none".to_owned()
            }
            _ => first.to_owned(),
        },
        message: refusal.message,
    }
}

/// Nobody learns which of a key and its token was wrong; the operator does.
fn of_unknown(unknown: Unknown, access_key: &str) -> Refused {
    let (fault, message) = match unknown {
        Unknown::Expired => (SignatureFault::Expired, EXPIRED.to_owned()),
        Unknown::Nobody | Unknown::Inactive | Unknown::Token | Unknown::Gone => {
            let refusal = Refusal::unknown_key();
            (SignatureFault::UnknownKey, refusal.message)
        }
    };
    Refused {
        fault,
        message,
        reason: format!("access key {access_key}: {unknown}"),
    }
}

/// Which gateway response answers is documented for three of them. Guess: INVALID_SIGNATURE for what is not whole, and for unknown keys.
fn rejection(refused: &Refused) -> Rejection {
    let (message, reason) = (refused.message.clone(), &refused.reason);
    match refused.fault {
        SignatureFault::Missing => Rejection::no_route(reason),
        SignatureFault::Incomplete => Rejection::incomplete_signature(message, reason),
        SignatureFault::Invalid => Rejection::invalid_signature(message, reason),
        SignatureFault::UnknownKey => Rejection::unknown_signer(message, reason),
        SignatureFault::Expired => Rejection::expired_token(reason),
    }
}

fn tell(signed: &Signed, record: &mut Record) {
    if let Some(trace) = &mut record.trace {
        let subject = ["signature of access key ", &*signed.access_key];
        trace.detail(DetailKind::Check, &subject, &[&signed.caller.arn()]);
    }
}
