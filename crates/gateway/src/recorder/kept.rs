//! A request out of a ring: everything that its answer is a function of, but for the definition.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tollgate_http::{Negotiated, Version};

use crate::cache;
use crate::callers::Identified;
use crate::effects::Outcome;
use crate::identity::Finding;
use crate::plan::{ApiFacts, StagePlan, StageSettings};
use crate::private::PrivateEndpoint;
use crate::record::Arrival;
use crate::table::Vacant;
use crate::throttle::Verdict;

/// A request that was kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Time and chance.
    pub arrival: Arrival,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// What the client speaks.
    pub version: Version,
    /// The fields.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body as it came.
    pub body: KeptBody,
    /// The client's address.
    pub peer: SocketAddr,
    /// The address the client connected to.
    pub local: SocketAddr,
    /// Whether it came over TLS.
    pub secure: bool,
    /// What its handshake agreed on.
    pub tls: Option<Negotiated>,
    /// What the cache did; a hit is the first of the outcomes.
    pub(crate) cache: Option<cache::Told>,
    /// What every call out came to.
    pub outcomes: Vec<Outcome>,
    /// What it ran on; nothing where no stage was found.
    pub ran: Option<Ran>,
    /// Why no stage was found.
    pub vacant: Option<Vacant>,
    /// Who signed it, or why nobody is believed to have; nothing where nobody was asked for.
    pub(crate) identified: Option<Box<Identified>>,
    /// The endpoint that a request to a private API came through, without its networks.
    pub private_endpoint: Option<Arc<PrivateEndpoint>>,
    /// What its token came to.
    pub token: Option<Finding>,
    /// The status that was answered; 0 where there was no answer.
    pub status: u16,
    /// What was decided before it was let in.
    pub verdict: Option<Verdict>,
    /// Why it was refused, for the operator.
    pub reason: Option<String>,
    /// From arrival to the last byte.
    pub latency_ms: u64,
    /// Bytes of the answer's body that were sent.
    pub sent_bytes: u64,
    /// Whether all of them were.
    pub is_complete: bool,
}

/// A body, or what is known of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeptBody {
    /// Nobody read it.
    #[default]
    Unread,
    /// All of it.
    Whole(Bytes),
    /// It was longer than what is kept, and has so many bytes.
    Left(u64),
}

/// What a request ran on: enough to find the deployment again, and the stage's own settings as they were.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The API.
    pub api: Arc<ApiFacts>,
    /// The stage, its deployment's id included; those of the canary where the canary served.
    pub settings: Arc<StageSettings>,
    /// The name of what was frozen.
    pub hash: [u8; 32],
    /// Whether the canary served; nothing where the stage has none.
    pub is_canary: Option<bool>,
}

impl Ran {
    pub(crate) fn of(stage: &StagePlan) -> Self {
        Self {
            api: stage.api.clone(),
            settings: stage.settings.clone(),
            hash: stage.deployment.hash,
            is_canary: stage.is_canary,
        }
    }
}
