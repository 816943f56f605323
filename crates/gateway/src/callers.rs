//! Who may sign requests to methods that ask for a signature, and what came of looking for whoever did.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tollgate_model::principals::{Caller, Principals};

/// Who may sign. Without anybody every signature is that of an unknown key.
#[derive(Clone, Debug, Default)]
pub struct Callers(pub(crate) Kind);

#[derive(Clone, Debug, Default)]
pub(crate) enum Kind {
    #[default]
    Nobody,
    /// Every key is the root's of this account, and no signature is computed.
    Any(Arc<str>),
    Known(Arc<ArcSwap<Principals>>),
    /// Nobody is looked for: this is what came of it when the request first ran, if anybody was looked for then.
    Replayed(Option<Box<Identified>>),
}

impl Callers {
    /// Those of a live table, each by his own secret.
    pub fn known(live: Arc<ArcSwap<Principals>>) -> Self {
        Self(Kind::Known(live))
    }

    /// Development: whoever signs is the root of this account, whatever key and secret he has. What could not be a signature is refused all
    /// the same.
    pub fn any(account: &str) -> Self {
        Self(Kind::Any(account.into()))
    }
}

/// What came of looking for whoever signed a request. It is recorded in place of the secret that it took.
#[derive(Clone, Debug)]
pub(crate) enum Identified {
    /// Somebody, whose signature holds.
    Signed(Signed),
    /// Nobody who may be believed.
    Refused(Refused),
}

/// Who signed a request.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) access_key: Box<str>,
    pub(crate) caller: Caller,
}

/// A signature that was not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) fault: SignatureFault,
    /// AWS's text.
    pub(crate) message: String,
    /// For the operator, one line.
    pub(crate) reason: String,
}

/// AWS's kinds of refused signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureFault {
    Missing,
    Incomplete,
    Invalid,
    UnknownKey,
    Expired,
}
