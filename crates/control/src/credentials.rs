//! Who calls: the access key, its owner, and whether the signature is the owner's.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>

use tollgate_model::principals::{AccessKey, Credential, Principals, Unknown};
use tollgate_sigv4::{
    Authorization, Claim, Expected, Fault, Moment, Refusal, Request, Scope, Secret, is_signed,
};

use crate::call::Call;
use crate::error::{ApiError, Exception};
use crate::origin;
use crate::protocol::Protocol;
use crate::session::{Caller, Facts};
use crate::sts;

/// An access key of an account's root.
#[derive(Clone, PartialEq, Eq)]
pub struct RootKey {
    /// The public half.
    pub id: String,
    /// The secret half.
    pub secret: String,
    /// The account it belongs to.
    pub account: String,
}

impl RootKey {
    /// As the live table has it.
    pub(crate) fn in_table(&self) -> (Box<str>, AccessKey) {
        let key = AccessKey {
            secret: self.secret.as_str().into(),
            is_active: true,
            account: self.account.as_str().into(),
            user: None,
        };
        (self.id.as_str().into(), key)
    }
}

impl std::fmt::Debug for RootKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = out.debug_struct("RootKey");
        out.field("id", &self.id).field("account", &self.account);
        out.finish_non_exhaustive()
    }
}

/// Which access keys are taken.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// Development: any key and any signature, all of one account. A call must still carry a header of SigV4's shape,
    /// name a host of ours, and not come from a web page of somebody else's.
    Any {
        /// The account that every key belongs to.
        account: String,
        /// Hosts besides those of this machine and of AWS, without ports.
        hosts: Vec<String>,
    },
    /// Those of the [directory](crate::Directory), each signature verified.
    Known,
}

/// What a call's signature says.
pub(crate) struct Identity {
    pub(crate) caller: Caller,
    /// The service of the credential scope.
    pub(crate) service: String,
}

impl Credentials {
    /// Identifies the caller.
    ///
    /// # Errors
    /// AWS's refusals of absent, malformed, unknown and wrong credentials; ours of web pages in development.
    pub(crate) fn identify(
        &self,
        call: &Call,
        now_ms: u64,
        principals: &Principals,
    ) -> Result<Identity, ApiError> {
        match self {
            Self::Any { account, hosts } => {
                origin::check(call, hosts)?;
                shape(call, account)
            }
            Self::Known => signed(call, now_ms, principals),
        }
    }
}

/// The service that a call says it was signed for, believed or not: it decides in which form a refusal is written.
pub(crate) fn service_named(call: &Call) -> Option<String> {
    if sts::unsigned(call).is_some() {
        return Some("sts".to_owned());
    }
    let authorization = match call.header("authorization") {
        Some(header) => Authorization::read(header),
        None => Authorization::read_query(call.query()),
    };
    let (_, scope) = authorization.ok()?.shape().ok()?;
    Some(scope.service)
}

/// Development: the header must look like a signature, which no web page can make a browser send by itself.
fn shape(call: &Call, account: &str) -> Result<Identity, ApiError> {
    let authorization = match call.header("authorization") {
        Some(header) => Authorization::read(header),
        None if is_signed(call.query()) => {
            check_reads_only(call)?;
            Authorization::read_query(call.query())
        }
        None => Err(Refusal::missing()),
    };
    let shape = authorization.and_then(|authorization| authorization.shape());
    let (_, scope) = shape.map_err(|refusal| refused(refusal, Protocol::of_call(call)))?;
    Ok(Identity {
        caller: Caller::root(account, &scope.region),
        service: scope.service,
    })
}

/// A page can make a browser follow any address, so in development, where no signature is verified, a signed address
/// changes nothing.
fn check_reads_only(call: &Call) -> Result<(), ApiError> {
    match call.method == "GET" {
        true => Ok(()),
        false => Err(ApiError::access_denied(
            "Tollgate takes signatures in the query string with GET only in development: send an Authorization header",
        )),
    }
}

fn signed(call: &Call, now_ms: u64, principals: &Principals) -> Result<Identity, ApiError> {
    let headers: Vec<(&str, &[u8])> = call
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_slice()))
        .collect();
    let request = Request {
        method: &call.method,
        path: call.path(),
        query: call.query(),
        headers: &headers,
        body: &call.body,
    };
    let protocol = Protocol::of_call(call);
    let claim = claimed(&request, now_ms).map_err(|refusal| refused(refusal, protocol))?;
    let credential =
        find(&claim, &request, now_ms, principals).map_err(|unknown| unfound(unknown, protocol))?;
    let verified = verify(&claim, &request, &credential);
    let scope = verified.map_err(|refusal| refused(refusal, protocol))?;
    let account = credential.caller.account().into();
    Ok(Identity {
        caller: Caller {
            account,
            region: scope.region.into(),
            who: credential.caller,
            from: facts(call),
        },
        service: scope.service,
    })
}

fn facts(call: &Call) -> Facts {
    Facts {
        address: call.peer.map(|peer| peer.ip().to_canonical()),
        is_secure: call.is_secure,
        user_agent: call.header("user-agent").map(str::to_owned),
        referer: call.header("referer").map(str::to_owned),
    }
}

/// The service is the one of the scope: this listener serves several, and none answers for another.
fn claimed(request: &Request<'_>, now_ms: u64) -> Result<Claim, Refusal> {
    let mut claim = Claim::read(request)?;
    let service = claim.service();
    let expected = Expected {
        service: &service,
        region: None,
        skew_minutes: Protocol::of_service(&service).skew_minutes(),
    };
    claim.check(request, Moment::from_ms(now_ms), &expected)?;
    Ok(claim)
}

fn find(
    claim: &Claim,
    request: &Request<'_>,
    now_ms: u64,
    principals: &Principals,
) -> Result<Credential, Unknown> {
    let named = claim.access_key().unwrap_or_default();
    let token = claim.session_token(request);
    principals.find(named, token.as_deref(), now_ms)
}

fn verify(claim: &Claim, request: &Request<'_>, credential: &Credential) -> Result<Scope, Refusal> {
    let secret = Secret {
        key: &credential.secret,
        session_token: credential.session_token.as_deref(),
    };
    claim.verify(request, &secret)?;
    claim.scope().cloned().ok_or_else(Refusal::missing)
}

/// Nobody learns which of a key and its token was wrong; the operator does.
fn unfound(unknown: Unknown, protocol: Protocol) -> ApiError {
    let error = match unknown {
        Unknown::Expired => ApiError::new(Exception::ExpiredToken, EXPIRED),
        Unknown::Nobody | Unknown::Inactive | Unknown::Token | Unknown::Gone => {
            refused(Refusal::unknown_key(), protocol)
        }
    };
    error.because(unknown)
}

/// AWS's text.
const EXPIRED: &str = "The security token included in the request is expired";

/// The exceptions that the services name a fault by.
fn refused(refusal: Refusal, protocol: Protocol) -> ApiError {
    let exception = match (refusal.fault, protocol) {
        (Fault::Missing, _) => Exception::MissingAuthenticationToken,
        (Fault::Incomplete, _) => Exception::IncompleteSignature,
        (Fault::Invalid, Protocol::RestJson) => Exception::InvalidSignature,
        (Fault::Invalid, Protocol::Query) => Exception::SignatureDoesNotMatch,
        (Fault::UnknownKey, Protocol::RestJson) => Exception::UnrecognizedClient,
        (Fault::UnknownKey, Protocol::Query) => Exception::InvalidClientTokenId,
        (Fault::Unsupported, _) => Exception::BadRequest,
    };
    ApiError::new(exception, refusal.message)
}
