//! The table of operations served, each with the types that the model gives it.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

use tollgate_wire::Operation;
use tollgate_wire::rest::{self, Encoded, Incoming};

use crate::error::ApiError;
use crate::session::Session;

/// How often an operation runs when others write between its reading and its writing.
const RUNS_MAX: usize = 8;

/// Operations that are no reads by their HTTP method, and write nothing. They may wait for backends.
const CHANGES_NOTHING: [&str; 2] = ["TestInvokeAuthorizer", "TestInvokeMethod"];

/// Operations by name.
pub(crate) struct Operations {
    by_name: HashMap<&'static str, Box<dyn Serve>>,
}

type Answered = Pin<Box<dyn Future<Output = Result<Encoded, ApiError>> + Send>>;

/// An operation behind its types.
trait Serve: Send + Sync {
    fn serve(&self, on: Session, incoming: &Incoming<'_>) -> Result<Answered, ApiError>;
}

impl Operations {
    /// Every operation served.
    pub(crate) fn new() -> Self {
        let mut on = Self {
            by_name: HashMap::new(),
        };
        crate::apigateway::operations(&mut on);
        on
    }

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

    /// Decodes, operates and encodes.
    pub(crate) async fn answer(
        &self,
        on: Session,
        name: &str,
        incoming: &Incoming<'_>,
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
    fn serve(&self, on: Session, incoming: &Incoming<'_>) -> Result<Answered, ApiError> {
        let input = rest::decode::<O>(incoming)?;
        let (operate, api_id) = (self.operate, api_changed::<O>(incoming));
        Ok(Box::pin(async move {
            let run = || operate(on.clone(), input.clone());
            let output = until_alone(&on, api_id.as_deref(), run).await?;
            Ok(rest::encode::<O>(&output))
        }))
    }
}

/// The API that an operation may change, as its path names it.
fn api_changed<O: Operation>(incoming: &Incoming<'_>) -> Option<String> {
    if O::SCHEMA.method == "GET" || CHANGES_NOTHING.contains(&O::SCHEMA.name) {
        return None;
    }
    let mut labels = incoming.labels.iter();
    let api = labels.find(|(name, _)| *name == "restapi_id");
    api.map(|(_, id)| id.clone())
}

/// Runs an operation, and again when somebody else wrote between its reading and its writing. Changes of one API have
/// their turn from the first run on, all others from the second, so that many writers all come through: what one of them
/// writes is another's reading out of date.
pub(crate) async fn until_alone<T, F: Future<Output = Result<T, ApiError>>>(
    on: &Session,
    api_id: Option<&str>,
    run: impl Fn() -> F,
) -> Result<T, ApiError> {
    let turns = &on.shared.turns;
    let mut turn = match api_id {
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
