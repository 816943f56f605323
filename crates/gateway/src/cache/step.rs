//! The step itself: an entry that answers, or a place for the answer that the integration gives.

use std::sync::Arc;
use std::time::Duration;

use tollgate_http::{Body, Response};

use super::control::{WARNING, Wish, wish};
use super::entry::{Entry, Facts, Shared, fits};
use super::flight::{Joined, Landing, Lead, Waiting};
use super::key::{Key, Scope};
use super::methods::{Caching, StageCaching};
use super::told::{Decision, Kept, Miss, Told};
use crate::effects::Effects;
use crate::limits::Limits;
use crate::map::{put, trace_id};
use crate::plan::{IntegrationKind, StagePlan};
use crate::record::Record;
use crate::rejection::Rejection;
use crate::respond::body_of;
use crate::route::Matched;
use crate::trace::StepName;
use crate::validate::Valid;

/// What the cache has for a request.
pub(crate) enum Looked {
    /// The answer.
    Answered(Response),
    /// None. The integration's answer may be kept, where the method has a cache.
    Missed(Option<Box<Slot>>),
}

/// A place for an answer that is about to be fetched.
pub(crate) struct Slot {
    key: Key,
    caching: Caching,
    fetch: u64,
    /// Those that wait for it.
    lead: Option<Lead>,
    /// A header of the answer that is made for each request.
    own_header: Option<&'static str>,
}

/// How many fetches that came to nothing a request waits for.
const LOST_MAX: usize = 2;

/// Looks for an answer. Only [`validate::check`](crate::validate::check) makes a valid request, so none that is not gets one.
pub(crate) async fn look(
    stage: &StagePlan,
    route: &Matched<'_>,
    valid: &Valid,
    record: &mut Record,
    effects: &mut Effects,
) -> Result<Looked, Rejection> {
    if let Effects::Recorded(_) = effects {
        return again(route, record, effects);
    }
    let Some(cached) = &stage.cache else {
        return Ok(Looked::Missed(None));
    };
    let Some(caching) = cached.find(&route.resource.path, record.method()) else {
        return Ok(Looked::Missed(None));
    };
    let wish = wish(caching, stage, record);
    let scope = Scope {
        secret: &cached.caches.secret,
        generation: cached
            .stage
            .generation
            .load(std::sync::atomic::Ordering::Acquire),
        deployment: &stage.deployment_id,
    };
    let key = route
        .method
        .integration
        .cache
        .of(scope, route, &valid.incoming, record);
    let search = Search {
        cached,
        caching,
        own_header: own_header(route),
    };
    let found = match (wish, key) {
        (Wish::Denied, _) => Found::denied(),
        (_, Err(_)) => Found::missed(Miss::Unkeyed, None),
        (Wish::Fresh, Ok(key)) => search.fresh(key),
        (Wish::Any | Wish::Warned, Ok(key)) => search.find(key, record.arrival.now_ms).await,
    };
    let told = Told {
        decision: found.decision,
        ttl_ms: caching.ttl_ms,
        is_warned: wish == Wish::Warned,
        kept: None,
    };
    record.cache = Some(told);
    answered(found, told, route, record, effects)
}

/// A request that was recorded is told what it was told then.
fn again(
    route: &Matched<'_>,
    record: &mut Record,
    effects: &mut Effects,
) -> Result<Looked, Rejection> {
    let Some(told) = record.cache else {
        return Ok(Looked::Missed(None));
    };
    let response = match told.decision {
        Decision::Hit { .. } => effects.recorded_entry(),
        Decision::Miss(_) | Decision::Denied => None,
    };
    let found = Found {
        decision: told.decision,
        response,
        slot: None,
    };
    answered(found, told, route, record, effects)
}

/// What a search came to.
struct Found {
    decision: Decision,
    response: Option<Response>,
    slot: Option<Box<Slot>>,
}

impl Found {
    fn denied() -> Self {
        Self {
            decision: Decision::Denied,
            response: None,
            slot: None,
        }
    }

    fn missed(miss: Miss, slot: Option<Slot>) -> Self {
        Self {
            decision: Decision::Miss(miss),
            response: None,
            slot: slot.map(Box::new),
        }
    }
}

fn answered(
    found: Found,
    told: Told,
    route: &Matched<'_>,
    record: &mut Record,
    effects: &mut Effects,
) -> Result<Looked, Rejection> {
    if told.decision == Decision::Denied {
        return Err(Rejection::may_not_invalidate(told.to_string()));
    }
    let Some(mut response) = found.response else {
        record.trace(StepName::Cache, |_, step| {
            step.decided_of(told.decision, told);
        });
        return Ok(Looked::Missed(found.slot));
    };
    effects.keep_entry(&response);
    identified(&mut response, route, record);
    record.trace(StepName::Cache, |_, step| {
        step.answer(response.status, &response.headers, &response.body);
        step.decided_of(told.decision, told);
    });
    Ok(Looked::Answered(response))
}

/// What an answer has of its own request, whoever fetched it.
fn identified(response: &mut Response, route: &Matched<'_>, record: &Record) {
    if let Some(name) = own_header(route) {
        // Made of what came in a valid header, and of digits.
        let _ = response.headers.push(name, &trace_id::header(record));
    }
    warn(response, record);
}

/// The header that the mapping of an HTTP backend's answer adds for each request.
fn own_header(route: &Matched<'_>) -> Option<&'static str> {
    match route.method.integration.kind {
        IntegrationKind::Http(_) => Some(trace_id::NAME),
        IntegrationKind::HttpProxy(_) | IntegrationKind::Mock => None,
    }
}

fn warn(response: &mut Response, record: &Record) {
    if record.cache.is_some_and(|told| told.is_warned) {
        put(&mut response.headers, WARNING.0, WARNING.1);
    }
}

/// A search in a stage's cache, for a method.
struct Search<'c> {
    cached: &'c StageCaching,
    caching: Caching,
    own_header: Option<&'static str>,
}

impl Search<'_> {
    fn slot(&self, key: Key, lead: Option<Lead>) -> Slot {
        Slot {
            key,
            caching: self.caching,
            fetch: self.cached.caches.begin(),
            lead,
            own_header: self.own_header,
        }
    }

    /// Those that come meanwhile wait for this fetch, and not for one that began before.
    fn fresh(&self, key: Key) -> Found {
        let lead = self.cached.caches.flights.take_over(key);
        Found::missed(Miss::Asked, Some(self.slot(key, Some(lead))))
    }

    async fn find(&self, key: Key, now_ms: u64) -> Found {
        let miss = match self.entry(&key, now_ms) {
            Ok(found) => return found,
            Err(miss) => miss,
        };
        match self.join(key, now_ms, miss) {
            Ok(found) => found,
            // Boxed: few wait, and all would carry what it takes.
            Err(waiting) => Box::pin(self.wait(key, now_ms, miss, waiting)).await,
        }
    }

    /// The entry, if it lasts.
    fn entry(&self, key: &Key, now_ms: u64) -> Result<Found, Miss> {
        let caches = &self.cached.caches;
        let entry = caches.find(key).ok_or(Miss::Absent)?;
        let Some(age_ms) = entry.age_ms(now_ms, self.caching.ttl_ms) else {
            caches.remove(key, &entry);
            return Err(Miss::Expired);
        };
        self.hit(key, &entry, age_ms, false).ok_or(Miss::Absent)
    }

    fn hit(&self, key: &Key, entry: &Entry, age_ms: u64, has_waited: bool) -> Option<Found> {
        let response = entry.response(key, &self.cached.caches.seal)?;
        Some(Found {
            decision: Decision::Hit {
                of_request: entry.facts.request_id,
                age_ms,
                has_waited,
            },
            response: Some(response),
            slot: None,
        })
    }

    /// Fetches, or waits for who does.
    fn join(&self, key: Key, now_ms: u64, miss: Miss) -> Result<Found, Waiting> {
        match self.cached.caches.flights.join(key) {
            Joined::Wait(waiting) => Err(waiting),
            Joined::Crowded => Ok(Found::missed(Miss::Crowded, Some(self.slot(key, None)))),
            // A fetch may have ended since the entry was looked for.
            Joined::Lead(lead) => Ok(self
                .entry(&key, now_ms)
                .unwrap_or_else(|_| Found::missed(miss, Some(self.slot(key, Some(lead)))))),
        }
    }

    async fn wait(&self, key: Key, now_ms: u64, miss: Miss, mut waiting: Waiting) -> Found {
        let patience = Duration::from_millis(self.cached.caches.settings.wait_ms_max);
        let until = tokio::time::Instant::now() + patience;
        for _lost in 0..LOST_MAX {
            let left = until.saturating_duration_since(tokio::time::Instant::now());
            match waiting.landing(left).await {
                Some(Landing::Kept(entry)) => {
                    let age_ms = now_ms.saturating_sub(entry.facts.filled_ms);
                    let found = self.hit(&key, &entry, age_ms, true);
                    return found.unwrap_or_else(|| self.alone(key, Miss::Absent));
                }
                Some(Landing::Unshared) => return self.alone(key, Miss::Unshared),
                None => return self.alone(key, Miss::Waited),
                Some(Landing::Lost) => {}
            }
            waiting = match self.join(key, now_ms, miss) {
                Ok(found) => return found,
                Err(waiting) => waiting,
            };
        }
        self.alone(key, Miss::Waited)
    }

    /// Fetches for itself; what it gets may be kept all the same.
    fn alone(&self, key: Key, miss: Miss) -> Found {
        Found::missed(miss, Some(self.slot(key, None)))
    }
}

/// Keeps an answer, if it is to be kept, and tells those that wait. On the way it is read whole if it is short enough.
pub(crate) async fn keep(
    slot: Option<Box<Slot>>,
    stage: &StagePlan,
    mut response: Response,
    record: &mut Record,
    effects: &Effects,
    limits: &Limits,
) -> Result<Response, Rejection> {
    if record.cache.is_none() {
        return Ok(response);
    }
    if let (Some(slot), Some(cached), Effects::Live(live)) = (slot, &stage.cache, effects) {
        let judged = judge(&response, &slot, record);
        if judged == Kept::Yes {
            response = Box::pin(gathered(response, limits)).await?;
        }
        let now_ms = live.clock.now_ms();
        let kept = slot.land(judged, cached, &response, record, now_ms);
        if let Some(told) = &mut record.cache {
            told.kept = Some(kept);
        }
    }
    let kept = record.cache.and_then(|told| told.kept);
    if let Some(kept) = kept {
        record.trace(StepName::Cache, |_, step| {
            let [chosen, because] = kept.text();
            step.decided(&[chosen], &[because]);
        });
    }
    warn(&mut response, record);
    Ok(response)
}

/// Whether an answer may be kept. A part of one, or what a condition of the client's brought about, is no answer for others: the request's
/// `Range` and `If-…` are in no key (a guess; AWS's guide does not speak of them).
fn judge(response: &Response, slot: &Slot, record: &Record) -> Kept {
    let of_backend = record.integration.as_ref().and_then(|facts| facts.status);
    let statuses = [Some(response.status), of_backend];
    if statuses.into_iter().flatten().any(is_partial) {
        return Kept::Partial;
    }
    let length = response.body.length();
    let length = length.and_then(|length| usize::try_from(length).ok());
    match length.is_some_and(|length| fits(length, slot.caching.is_encrypted)) {
        true => Kept::Yes,
        false => Kept::TooLong,
    }
}

fn is_partial(status: u16) -> bool {
    matches!(status, 100..=199 | 206 | 304 | 412 | 416)
}

async fn gathered(mut response: Response, limits: &Limits) -> Result<Response, Rejection> {
    if let Body::Stream(_) = &response.body {
        let limit = usize::try_from(limits.response_body_bytes_max).unwrap_or(usize::MAX);
        let body = response.body.gather(limit).await;
        let body = body.map_err(|error| Rejection::unread_reply(&error))?;
        response.body = body_of(body);
    }
    Ok(response)
}

impl Slot {
    fn land(
        self,
        judged: Kept,
        cached: &StageCaching,
        response: &Response,
        record: &Record,
        now_ms: u64,
    ) -> Kept {
        let put = match judged {
            Kept::Yes => self.put(cached, response, record, now_ms),
            not => Err(not),
        };
        let (kept, landing) = match put {
            Ok(entry) => (Kept::Yes, Landing::Kept(entry)),
            Err(not) => (not, Landing::Unshared),
        };
        if let Some(lead) = self.lead {
            lead.land(landing);
        }
        kept
    }

    fn put(
        &self,
        cached: &StageCaching,
        response: &Response,
        record: &Record,
        now_ms: u64,
    ) -> Result<Arc<Entry>, Kept> {
        let facts = Facts {
            request_id: record.arrival.request_id,
            filled_ms: now_ms,
            ttl_ms: self.caching.ttl_ms,
            fetch: self.fetch,
        };
        let is_encrypted = self.caching.is_encrypted;
        let caches = &cached.caches;
        let answer = Shared::of(response, self.own_header);
        caches.put(self.key, answer, facts, &cached.stage, is_encrypted)
    }
}
