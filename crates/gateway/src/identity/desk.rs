//! Where tokens are looked at: in traffic with the issuers' keys, in a recorded request by what was found then.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use tollgate_http::Client;
use tollgate_jwt::{Claims, Expected, Refusal, Token};
use tollgate_model::clock::Clock;

use super::cache::{Cache, Digest, Entry};
use super::fetch;
use super::finding::Finding;
use super::issuer::{FRESH_MS, Issuer, Keys, RETRY_MS, UNKNOWN_KEY_MS};
use crate::plan::UserPools;

/// By how much an issuer's clock may differ from ours. Guess: AWS tells of none.
const SKEW_S: u64 = 30;

/// Who looks at tokens.
#[derive(Debug)]
pub(crate) enum Tokens<'c> {
    /// A core in traffic.
    Live(&'c Desk),
    /// Nobody: this is what was found when the request first ran, if anybody looked then.
    Told(Option<Rc<Finding>>),
}

/// One core's desk.
pub(crate) struct Desk {
    client: Client,
    clock: Clock,
    cache: RefCell<Cache>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    pub(crate) fn new(client: Client, clock: Clock) -> Self {
        Self {
            client,
            clock,
            cache: RefCell::default(),
        }
    }

    /// What a token comes to at `now_ms`, for an authorizer of these pools.
    pub(crate) async fn verify(&self, token: &str, pools: &UserPools, now_ms: u64) -> Rc<Finding> {
        let digest = *blake3::hash(token.as_bytes()).as_bytes();
        let known = self.cache.borrow_mut().find(&digest);
        if let Some(entry) = known
            && pools
                .issuers
                .iter()
                .any(|it| Arc::ptr_eq(it, &entry.issuer))
            && let Some(finding) = self.again(&digest, &entry, pools, now_ms)
        {
            return finding;
        }
        // Boxed: it is needed once for each token, and all others need not hold the room for it.
        Box::pin(self.first(digest, token, pools, now_ms)).await
    }

    /// A token that was verified before, unless the keys have changed since.
    fn again(
        &self,
        digest: &Digest,
        entry: &Entry,
        pools: &UserPools,
        now_ms: u64,
    ) -> Option<Rc<Finding>> {
        let keys = self.keys_at_hand(&entry.issuer)?;
        let Finding::Verified { claims, .. } = &*entry.finding else {
            return None;
        };
        if keys.hash != entry.keys {
            return None;
        }
        match claims.check(&expected(&entry.issuer, pools, now_ms)) {
            Ok(()) => Some(entry.finding.clone()),
            Err(refusal) => {
                self.cache.borrow_mut().forget(digest);
                Some(Rc::new(Finding::of(&refusal)))
            }
        }
    }

    async fn first(
        &self,
        digest: Digest,
        token: &str,
        pools: &UserPools,
        now_ms: u64,
    ) -> Rc<Finding> {
        let verified = self.verified(token, pools).await;
        let (issuer, keys, claims) = match verified {
            Ok(verified) => verified,
            Err(finding) => return Rc::new(finding),
        };
        if let Err(refusal) = claims.check(&expected(&issuer, pools, now_ms)) {
            return Rc::new(Finding::of(&refusal));
        }
        let finding = Rc::new(Finding::Verified {
            issuer: issuer.url().to_owned(),
            claims,
        });
        let entry = Entry {
            issuer,
            keys,
            finding: finding.clone(),
            bytes: token.len(),
        };
        self.cache.borrow_mut().put(digest, entry);
        finding
    }

    /// Whose it is, the keys that say so, and its claims.
    async fn verified(
        &self,
        token: &str,
        pools: &UserPools,
    ) -> Result<(Arc<Issuer>, [u8; 32], Claims), Finding> {
        let refused = |refusal: Refusal| Finding::of(&refusal);
        let token = Token::read(token).map_err(refused)?;
        let issuer = pools.issuer(token.claimed_issuer().map_err(refused)?);
        let issuer = issuer.ok_or_else(|| {
            let names: Vec<_> = pools.issuers.iter().map(|it| it.url()).collect();
            let names = names.join(", ");
            Finding::Refused(format!("its issuer (iss) is none of {names}"))
        })?;
        let mut keys = self.keys(issuer).await?;
        let by = |keys: &Keys| token.verify(keys.set.find(token.header())?);
        let mut claims = by(&keys);
        if claims
            .as_ref()
            .is_err_and(|why| may_be_of_newer(&token, why))
        {
            keys = self.newer(issuer, keys).await;
            claims = by(&keys);
        }
        let claims = claims.map_err(refused)?;
        Ok((issuer.clone(), keys.hash, claims))
    }

    /// The keys that are there; old ones are fetched again meanwhile.
    fn keys_at_hand(&self, issuer: &Arc<Issuer>) -> Option<Arc<Keys>> {
        let now_ms = self.clock.now_ms();
        let keys = issuer.keys(now_ms)?;
        if keys.are_due(now_ms) {
            self.begin(issuer, FRESH_MS / 15);
        }
        Some(keys)
    }

    /// The keys, fetched where there are none.
    async fn keys(&self, issuer: &Arc<Issuer>) -> Result<Arc<Keys>, Finding> {
        if let Some(keys) = self.keys_at_hand(issuer) {
            return Ok(keys);
        }
        self.fetched(issuer, RETRY_MS).await;
        let keys = issuer.keys(self.clock.now_ms());
        keys.ok_or_else(|| Finding::Unavailable(issuer.failure()))
    }

    /// The keys after a token named one that is not among them: an issuer may have a new one since.
    async fn newer(&self, issuer: &Arc<Issuer>, keys: Arc<Keys>) -> Arc<Keys> {
        self.fetched(issuer, UNKNOWN_KEY_MS).await;
        issuer.keys(self.clock.now_ms()).unwrap_or(keys)
    }

    /// Awaits the end of a fetch: of one that begins, or of one that is under way.
    async fn fetched(&self, issuer: &Arc<Issuer>, pause_ms: u64) {
        let Some(mut ended) = issuer.waiting() else {
            return;
        };
        if self.begin(issuer, pause_ms) || issuer.is_fetching() {
            // However it ends, what is there afterwards counts.
            let _ = tokio::time::timeout(fetch::TIMEOUT, ended.changed()).await;
        }
    }

    /// It runs on by itself: a client that leaves does not end it for those who wait.
    fn begin(&self, issuer: &Arc<Issuer>, pause_ms: u64) -> bool {
        let Some(fetching) = issuer.begin(self.clock.now_ms(), pause_ms) else {
            return false;
        };
        let fetch = fetch::run(fetching, self.client.clone(), self.clock.clone());
        tokio::task::spawn_local(fetch);
        true
    }
}

/// Whether keys that the issuer has since could verify it: those of a token that names none are not told apart by their names.
fn may_be_of_newer(token: &Token<'_>, refusal: &Refusal) -> bool {
    match refusal {
        Refusal::UnknownKey(_) => true,
        Refusal::NoKeyId(_) | Refusal::Signature(_) => token.header().key_id.is_none(),
        _ => false,
    }
}

fn expected<'e>(issuer: &'e Issuer, pools: &UserPools, now_ms: u64) -> Expected<'e> {
    Expected {
        issuer: issuer.url(),
        token_use: Some(pools.token_use()),
        token_use_required: issuer.is_cognito(),
        now_s: now_ms / 1_000,
        skew_s: SKEW_S,
    }
}
