//! Services that speak awsQuery: an action in a form, its answer and its refusals in XML.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>

use tollgate_wire::query::{self, Fault, Form};
use tollgate_wire::rest::Encoded;
use tollgate_wire::{iam, sts};

use crate::call::Call;
use crate::error::{ApiError, Exception};
use crate::operations::{Action, Incoming, Operations};
use crate::runtime::BoxFuture;
use crate::session::Session;

/// Refuses an action of a form that its caller may not do.
pub(crate) type Authorize =
    for<'a> fn(&'a Session, &'a str, &'a Form) -> BoxFuture<'a, Result<(), ApiError>>;

/// A service of this protocol.
pub(crate) struct Service {
    pub(crate) version: &'static str,
    pub(crate) namespace: &'static str,
    pub(crate) operations: Operations,
    /// Refuses what the caller may not do.
    pub(crate) authorize: Authorize,
    /// The names of those that AWS has besides.
    pub(crate) not_kept: &'static [&'static str],
}

impl Service {
    /// Answers a call. The action stands in the form of a POST or in the query of a GET.
    pub(crate) async fn answer(
        &self,
        call: &Call,
        on: Session,
        request_id: &str,
    ) -> Result<Encoded, ApiError> {
        let form = match call.method.as_str() {
            "POST" => Form::read(&call.body)?,
            _ => Form::read(call.query().as_bytes())?,
        };
        let name = self.action(&form)?;
        (self.authorize)(&on, name, &form).await?;
        let action = Action {
            form: &form,
            namespace: self.namespace,
            request_id,
        };
        let answered = self.operations.answer(on, name, Incoming::Query(action));
        answered.await
    }

    /// The name of an operation that AWS has.
    fn action<'a>(&self, form: &'a Form) -> Result<&'a str, ApiError> {
        let Some(name) = form.text("Action") else {
            return Err(ApiError::new(Exception::MissingAction, "Missing Action"));
        };
        let version = form.text("Version").unwrap_or(self.version);
        let is_known = self.operations.has(name) || self.not_kept.contains(&name);
        match is_known && version == self.version {
            true if self.operations.has(name) => Ok(name),
            true => Err(ApiError::not_served(name)),
            false => Err(ApiError::new(
                Exception::InvalidAction,
                format!("Could not find operation {name} for version {version}"),
            )),
        }
    }
}

/// A refusal in the form of a service.
pub(crate) fn encode_error(service: &str, refusal: &ApiError, request_id: &str) -> Encoded {
    let namespace = match service {
        "iam" => iam::NAMESPACE,
        _ => sts::NAMESPACE,
    };
    let fault = Fault {
        status: status(refusal.exception),
        code: code(refusal.exception),
        message: &refusal.message,
    };
    query::encode_fault(&fault, namespace, request_id)
}

/// Codes are the names of the JSON services without `Exception`, but for those that have one of their own here.
fn code(exception: Exception) -> &'static str {
    match exception {
        Exception::Conflict => "ConcurrentModification",
        Exception::Serialization => "MalformedInput",
        Exception::Validation => "ValidationError",
        other => {
            let name = other.name();
            name.strip_suffix("Exception").unwrap_or(name)
        }
    }
}

/// IAM's `LimitExceeded` is a conflict, and no request for a slower client.
fn status(exception: Exception) -> u16 {
    match exception {
        Exception::LimitExceeded => 409,
        other => other.status(),
    }
}
