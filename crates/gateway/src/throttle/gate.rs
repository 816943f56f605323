//! Where decisions about keys, buckets and quotas come from: an effect as the calls out are (`effects.rs`).

use std::rc::Rc;

use tollgate_model::api_key::Digester;
use tollgate_model::clock::Clock;

use super::ledger::Ledger;
use super::verdict::Verdict;
use crate::keys::HeldKeys;

/// Who decides.
pub(crate) enum Gate<'g> {
    /// The keys, buckets and quotas of this gateway.
    Live(LiveGate<'g>),
    /// Nobody: it was decided when the request first ran. Nothing where it was not asked about then.
    Told(Option<Verdict>),
    /// Nobody: whoever tries a definition is let in.
    Open,
}

/// Keys, buckets and quotas.
pub(crate) struct LiveGate<'g> {
    /// The present table of keys, which is taken hold of only when a key is looked for.
    pub(crate) keys: &'g dyn Fn() -> Rc<HeldKeys>,
    pub(crate) digester: &'g Digester,
    pub(crate) ledger: &'g Ledger,
    pub(crate) clock: &'g Clock,
}

impl Gate<'_> {
    /// The table of keys, where one is needed.
    pub(crate) fn keys(&self, is_needed: bool) -> Option<Rc<HeldKeys>> {
        match self {
            Self::Live(live) if is_needed => Some((live.keys)()),
            Self::Live(_) | Self::Told(_) | Self::Open => None,
        }
    }
}

impl std::fmt::Debug for Gate<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Live(_) => "Live",
            Self::Told(_) => "Told",
            Self::Open => "Open",
        })
    }
}
