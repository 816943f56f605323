//! One issuer and its keys, as all cores see them: read without a lock, fetched by one core at a time.
//!
//! AWS keeps keys for two hours and says that issuers should let old keys live on for as long:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use tokio::sync::watch;
use tollgate_jwt::KeySet;

use crate::plan::Resolved;

/// Age at which keys are fetched again while the ones that are there still serve.
pub(super) const FRESH_MS: u64 = 15 * 60 * 1_000;

/// Age beyond which keys serve no longer: for so long an issuer may be down.
pub(super) const STALE_MS: u64 = 2 * 60 * 60 * 1_000;

/// Between two fetches where a token names a key that is not there, so that nobody can have an issuer called by making up names.
pub(super) const UNKNOWN_KEY_MS: u64 = 10_000;

/// Between two fetches where there are no keys at all.
pub(super) const RETRY_MS: u64 = 1_000;

/// Requests of all cores that wait for one fetch.
const WAITING_MAX: usize = 1_000;

/// Who issues tokens.
#[derive(Debug)]
pub(crate) struct Issuer {
    url: Box<str>,
    pub(super) configuration: Resolved,
    pub(super) jwks: Option<Resolved>,
    keys: ArcSwapOption<Keys>,
    is_fetching: AtomicBool,
    /// When a fetch last began; 0 before the first.
    began_ms: AtomicU64,
    /// Why the last fetch failed, if it did.
    failure: ArcSwapOption<String>,
    /// How many fetches have ended.
    ended: watch::Sender<u64>,
}

/// The keys of an issuer at some time.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) set: KeySet,
    /// Names what was fetched: tokens that were verified by other keys are verified anew.
    pub(super) hash: [u8; 32],
    fetched_ms: u64,
}

/// A fetch under way. However it ends, those who wait are told.
pub(super) struct Fetching(Arc<Issuer>);

impl Issuer {
    pub(super) fn new(url: Box<str>, configuration: Resolved, jwks: Option<Resolved>) -> Self {
        Self {
            url,
            configuration,
            jwks,
            keys: ArcSwapOption::empty(),
            is_fetching: AtomicBool::new(false),
            began_ms: AtomicU64::new(0),
            failure: ArcSwapOption::empty(),
            ended: watch::Sender::new(0),
        }
    }

    /// What its tokens have for `iss`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether it is Cognito, which tells in every token what it is for.
    pub(super) fn is_cognito(&self) -> bool {
        self.url.starts_with("https://cognito-idp.")
    }

    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        let place = |at: &Resolved| (at.endpoint.clone(), at.target.clone());
        self.url == other.url && self.jwks.as_ref().map(place) == other.jwks.as_ref().map(place)
    }

    /// The keys, unless they are too old.
    pub(super) fn keys(&self, now_ms: u64) -> Option<Arc<Keys>> {
        let keys = self.keys.load_full()?;
        (keys.age_ms(now_ms) < STALE_MS).then_some(keys)
    }

    /// Why there are no keys.
    pub(super) fn failure(&self) -> String {
        let failure = self.failure.load();
        let reason = failure
            .as_ref()
            .map_or("they were not fetched yet", |it| it);
        format!("the keys of issuer {} are not there: {reason}", self.url)
    }

    /// Whom to ask for the end of the fetch under way; nobody where too many wait already.
    pub(super) fn waiting(&self) -> Option<watch::Receiver<u64>> {
        (self.ended.receiver_count() < WAITING_MAX).then(|| self.ended.subscribe())
    }

    pub(super) fn is_fetching(&self) -> bool {
        self.is_fetching.load(Ordering::Acquire)
    }

    /// The right to fetch, unless somebody has it, or had it within `pause_ms`.
    pub(super) fn begin(self: &Arc<Self>, now_ms: u64, pause_ms: u64) -> Option<Fetching> {
        let began_ms = self.began_ms.load(Ordering::Acquire);
        if began_ms != 0 && now_ms < began_ms.saturating_add(pause_ms) {
            return None;
        }
        if self.is_fetching.swap(true, Ordering::AcqRel) {
            return None;
        }
        self.began_ms.store(now_ms.max(1), Ordering::Release);
        Some(Fetching(self.clone()))
    }
}

impl Keys {
    /// Whether they are to be fetched anew.
    pub(super) fn are_due(&self, now_ms: u64) -> bool {
        self.age_ms(now_ms) >= FRESH_MS
    }

    fn age_ms(&self, now_ms: u64) -> u64 {
        now_ms.saturating_sub(self.fetched_ms)
    }
}

impl Fetching {
    pub(super) fn issuer(&self) -> &Issuer {
        &self.0
    }

    /// What came of it. Where nothing did, the keys that are there stay.
    pub(super) fn done(self, fetched: Result<(KeySet, [u8; 32]), String>, now_ms: u64) {
        match fetched {
            Ok((set, hash)) => {
                self.0.failure.store(None);
                self.0.keys.store(Some(Arc::new(Keys {
                    set,
                    hash,
                    fetched_ms: now_ms,
                })));
            }
            Err(reason) => {
                tracing::warn!(issuer = %self.0.url, reason, "the keys of an identity provider cannot be fetched");
                self.0.failure.store(Some(Arc::new(reason)));
            }
        }
    }
}

impl Drop for Fetching {
    fn drop(&mut self) {
        self.0.is_fetching.store(false, Ordering::Release);
        self.0.ended.send_modify(|ended| *ended += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::uri;

    fn issuer() -> Arc<Issuer> {
        let at = uri::resolve("https://a.example/keys", true).expect("an address");
        Arc::new(Issuer::new("https://a.example".into(), at, None))
    }

    const KEYS: &[u8] = br#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

    #[test]
    fn one_fetches_at_a_time_and_not_too_often() {
        let issuer = issuer();
        let fetching = issuer.begin(1_000, 500).expect("nobody fetches");
        assert!(issuer.begin(9_000, 500).is_none() && issuer.is_fetching());
        drop(fetching);
        assert!(issuer.begin(1_499, 500).is_none() && !issuer.is_fetching());
        assert!(issuer.begin(1_500, 500).is_some());
    }

    #[test]
    fn keys_outlive_an_issuer_that_is_down_for_two_hours() {
        let issuer = issuer();
        assert!(issuer.failure().contains("not fetched yet"));
        let set = KeySet::read(KEYS).expect("a key set");
        issuer
            .begin(1, 0)
            .expect("free")
            .done(Ok((set, [1; 32])), 1_000);
        assert!(!issuer.keys(1_000).expect("fresh").are_due(1_000));
        assert!(
            issuer
                .keys(1_000 + FRESH_MS)
                .expect("old")
                .are_due(1_000 + FRESH_MS)
        );
        issuer
            .begin(2, 0)
            .expect("free")
            .done(Err("down".to_owned()), 2_000);
        assert!(issuer.keys(999 + STALE_MS).is_some());
        assert!(issuer.keys(1_000 + STALE_MS).is_none());
        assert!(issuer.failure().ends_with("are not there: down"));
    }

    #[test]
    fn those_who_wait_are_counted_and_told_even_of_a_fetch_that_is_given_up() {
        let issuer = issuer();
        let fetching = issuer.begin(1, 0).expect("free");
        let waiting: Vec<_> = (0..WAITING_MAX).filter_map(|_| issuer.waiting()).collect();
        assert_eq!(waiting.len(), WAITING_MAX);
        assert!(issuer.waiting().is_none());
        drop(fetching);
        assert!(
            waiting
                .iter()
                .all(|it| it.has_changed().expect("the issuer lives"))
        );
    }
}
