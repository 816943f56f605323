//! The table of operations served, each with the types that the model gives it.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

use tollgate_wire::Operation;
use tollgate_wire::query::{self, Form};
use tollgate_wire::rest::{self, Encoded};

use crate::error::ApiError;
use crate::session::Session;

/// How often an operation runs when others write between its reading and its writing.
const RUNS_MAX: usize = 8;

/// Operations that are no reads by their HTTP method, and write nothing. They may wait for backends.
const CHANGES_NOTHING: [&str; 2] = ["TestInvokeAuthorizer", "TestInvokeMethod"];

/// What the names of operations of awsQuery begin with that write nothing.
const READS: [&str; 4] = ["Assume", "Get", "List", "Simulate"];

/// The operations of one service by name.
#[derive(Default)]
pub(crate) struct Operations {
    by_name: HashMap<&'static str, Box<dyn Serve>>,
}

/// A call whose operation is known, in its protocol.
#[derive(Clone, Copy)]
pub(crate) enum Incoming<'a> {
    /// restJson1.
    Rest(&'a rest::Incoming<'a>),
    /// awsQuery.
    Query(Action<'a>),
}

/// A call of awsQuery.
#[derive(Clone, Copy)]
pub(crate) struct Action<'a> {
    pub(crate) form: &'a Form,
    /// Of the answer's XML.
    pub(crate) namespace: &'static str,
    pub(crate) request_id: &'a str,
}

type Answered = Pin<Box<dyn Future<Output = Result<Encoded, ApiError>> + Send>>;

/// An operation behind its types.
trait Serve: Send + Sync {
    fn serve(&self, on: Session, incoming: Incoming<'_>) -> Result<Answered, ApiError>;
}

impl Operations {
    /// Serves `O` by `operate`; the compiler checks what it takes and gives.
    pub(crate) fn serve<O, F>(&mut self, operate: fn(Session, O::Input) -> F)
    where
        F: Future<Output = Result<O::Output, ApiError>> + Send + 'static,
        O: Operation + 'static,
    {
        let served = self
            .by_name
            .insert(O::SCHEMA.name, Box::new(Typed::<O, F> { operate }));
        assert!(served.is_none(), "{} is served twice", O::SCHEMA.name);
    }

    /// The names of the operations served, in no order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.by_name.keys().copied()
    }

    /// Whether an operation is served.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Decodes, operates and encodes.
    pub(crate) async fn answer(
        &self,
        on: Session,
        name: &str,
        incoming: Incoming<'_>,
    ) -> Result<Encoded, ApiError> {
        let operation = self
            .by_name
            .get(name)
            .ok_or_else(|| ApiError::not_served(name))?;
        operation.serve(on, incoming)?.await
    }
}

struct Typed<O: Operation, F> {
    operate: fn(Session, O::Input) -> F,
}

impl<O, F> Serve for Typed<O, F>
where
    O: Operation + 'static,
    F: Future<Output = Result<O::Output, ApiError>> + Send + 'static,
{
    fn serve(&self, on: Session, incoming: Incoming<'_>) -> Result<Answered, ApiError> {
        let input = match incoming {
            Incoming::Rest(incoming) => rest::decode::<O>(incoming)?,
            Incoming::Query(action) => query::decode::<O>(action.form)?,
        };
        let encode = encoder::<O>(incoming);
        let (operate, changed) = (self.operate, changed::<O>(incoming, &on));
        Ok(Box::pin(async move {
            let run = || operate(on.clone(), input.clone());
            let output = until_alone(&on, changed.as_deref(), run).await?;
            Ok(encode(&output))
        }))
    }
}

/// How the answer is written.
fn encoder<O: Operation>(incoming: Incoming<'_>) -> impl FnOnce(&O::Output) -> Encoded + use<O> {
    let query = match incoming {
        Incoming::Rest(_) => None,
        Incoming::Query(action) => Some((action.namespace, action.request_id.to_owned())),
    };
    move |output| match query {
        None => rest::encode::<O>(output),
        Some((namespace, request_id)) => query::encode::<O>(output, namespace, &request_id),
    }
}

/// What an operation may change and others too, so that they take turns: the API, the plan or the key that its path names, or what IAM has of
/// the caller's account.
fn changed<O: Operation>(incoming: Incoming<'_>, on: &Session) -> Option<String> {
    let name = O::SCHEMA.name;
    let incoming = match incoming {
        Incoming::Rest(incoming) => incoming,
        Incoming::Query(_) if READS.iter().any(|verb| name.starts_with(verb)) => return None,
        Incoming::Query(_) => return Some(format!("iam:{}", on.caller.account)),
    };
    if O::SCHEMA.method == "GET" || CHANGES_NOTHING.contains(&name) {
        return None;
    }
    let mut labels = incoming.labels.iter();
    let is_subject = |name: &str| ["restapi_id", "usageplanId", "api_Key"].contains(&name);
    let subject = labels.find(|(name, _)| is_subject(name));
    subject.map(|(_, id)| id.clone())
}

/// Runs an operation, and again when somebody else wrote between its reading and its writing. Changes of one API, or of
/// one account, have their turn from the first run on, all others from the second, so that many writers all come through: what one of them
/// writes is another's reading out of date.
pub(crate) async fn until_alone<T, F: Future<Output = Result<T, ApiError>>>(
    on: &Session,
    changed: Option<&str>,
    run: impl Fn() -> F,
) -> Result<T, ApiError> {
    let turns = &on.shared.turns;
    let mut turn = match changed {
        Some(id) => turns.wait(id).await,
        None => None,
    };
    let mut outcome = run().await;
    if !is_lost(&outcome) {
        return outcome;
    }
    if turn.is_none() {
        turn = turns.wait("").await;
    }
    for _ in 1..RUNS_MAX {
        outcome = run().await;
        if !is_lost(&outcome) {
            break;
        }
    }
    drop(turn);
    outcome
}

fn is_lost<T>(outcome: &Result<T, ApiError>) -> bool {
    outcome.as_ref().is_err_and(|error| error.is_concurrent)
}
