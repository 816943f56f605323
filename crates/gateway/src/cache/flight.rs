//! Requests for the same missing entry wait for one fetch. Who comes first fetches; the others are told how it ended, and are told so too
//! where it ended in nothing: then the next of them fetches.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::entry::Entry;
use super::key::Key;

/// How a fetch ended.
#[derive(Clone, Debug)]
pub(super) enum Landing {
    /// With an answer that was kept.
    Kept(Arc<Entry>),
    /// With one that is for its own request only.
    Unshared,
    /// In nothing: it failed, or its client left.
    Lost,
}

/// The fetches under way.
#[derive(Debug)]
pub(super) struct Flights {
    shards: Box<[Shard]>,
    waiting_max: usize,
}

type Shard = Arc<Mutex<HashMap<Key, Arc<Flight>>>>;

#[derive(Debug)]
struct Flight {
    landing: watch::Sender<Option<Landing>>,
    waiting: AtomicUsize,
}

/// What a request for a missing entry does.
pub(super) enum Joined {
    /// It fetches, and others wait for it.
    Lead(Lead),
    /// Another fetches.
    Wait(Waiting),
    /// So many wait already that it fetches for itself.
    Crowded,
}

/// A fetch that others may wait for. Dropped without [`Lead::land`], it ends in nothing.
#[derive(Debug)]
pub(super) struct Lead {
    shard: Shard,
    key: Key,
    flight: Arc<Flight>,
}

/// A place among those that wait.
pub(super) struct Waiting {
    flight: Arc<Flight>,
    landing: watch::Receiver<Option<Landing>>,
}

const SHARDS: usize = 32;

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Flights {
    /// None yet; for each entry at most `waiting_max` requests wait.
    pub(super) fn new(waiting_max: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_shard| Shard::default()).collect(),
            waiting_max,
        }
    }

    fn shard(&self, key: &Key) -> &Shard {
        &self.shards[key.spread() % SHARDS]
    }

    /// Fetches, or waits for who does.
    pub(super) fn join(&self, key: Key) -> Joined {
        let shard = self.shard(&key);
        let mut flights = held(shard);
        match flights.entry(key) {
            Place::Vacant(place) => {
                let flight = place.insert(Flight::new()).clone();
                Joined::Lead(lead(shard, key, flight))
            }
            Place::Occupied(place) => wait(place.get(), self.waiting_max),
        }
    }

    /// Fetches whoever else does: those that come from now on wait for this one.
    pub(super) fn take_over(&self, key: Key) -> Lead {
        let shard = self.shard(&key);
        let flight = Flight::new();
        held(shard).insert(key, flight.clone());
        lead(shard, key, flight)
    }
}

fn lead(shard: &Shard, key: Key, flight: Arc<Flight>) -> Lead {
    let shard = shard.clone();
    Lead { shard, key, flight }
}

fn wait(flight: &Arc<Flight>, waiting_max: usize) -> Joined {
    let waiting = flight.waiting.fetch_add(1, Ordering::Relaxed);
    let waiting_now = Waiting {
        flight: flight.clone(),
        landing: flight.landing.subscribe(),
    };
    match waiting < waiting_max {
        true => Joined::Wait(waiting_now),
        false => Joined::Crowded,
    }
}

impl Flight {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            landing: watch::Sender::new(None),
            waiting: AtomicUsize::new(0),
        })
    }
}

impl Lead {
    /// Tells those that wait how it ended.
    pub(super) fn land(self, landing: Landing) {
        self.flight.landing.send_replace(Some(landing));
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        let mut flights = held(&self.shard);
        if let Place::Occupied(place) = flights.entry(self.key)
            && Arc::ptr_eq(place.get(), &self.flight)
        {
            place.remove();
        }
        drop(flights);
        self.flight.landing.send_if_modified(|landing| {
            let is_lost = landing.is_none();
            landing.get_or_insert(Landing::Lost);
            is_lost
        });
    }
}

impl Waiting {
    /// Waits at most so long; nothing where the fetch has not ended by then.
    pub(super) async fn landing(mut self, patience: Duration) -> Option<Landing> {
        let landed = tokio::time::timeout(patience, self.landing.wait_for(Option::is_some)).await;
        landed.ok()?.ok().and_then(|landing| landing.clone())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.flight.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn key(number: u8) -> Key {
        Key {
            generation: 1,
            hash: [number; 32],
        }
    }

    fn led(flights: &Flights, number: u8) -> Lead {
        match flights.join(key(number)) {
            Joined::Lead(lead) => lead,
            Joined::Wait(_) | Joined::Crowded => panic!("somebody fetches {number} already"),
        }
    }

    fn waiting(flights: &Flights, number: u8) -> Option<Waiting> {
        match flights.join(key(number)) {
            Joined::Wait(waiting) => Some(waiting),
            Joined::Lead(_) => panic!("nobody fetches {number}"),
            Joined::Crowded => None,
        }
    }

    #[tokio::test]
    async fn those_that_wait_hear_of_every_end() {
        let flights = Flights::new(10);
        let lead = led(&flights, 1);
        let (one, two) = (waiting(&flights, 1).unwrap(), waiting(&flights, 1).unwrap());
        let other = led(&flights, 2);
        lead.land(Landing::Unshared);
        let landed = one.landing(PATIENCE).await;
        assert!(matches!(landed, Some(Landing::Unshared)), "{landed:?}");
        drop(two);
        let one = waiting(&flights, 2).unwrap();
        drop(other);
        let landed = one.landing(PATIENCE).await;
        assert!(matches!(landed, Some(Landing::Lost)), "{landed:?}");
        // Each is fetched anew afterwards.
        drop((led(&flights, 1), led(&flights, 2)));
    }

    #[tokio::test]
    async fn so_many_wait_and_so_long() {
        let flights = Flights::new(2);
        let _lead = led(&flights, 1);
        let (one, two) = (waiting(&flights, 1).unwrap(), waiting(&flights, 1).unwrap());
        assert!(waiting(&flights, 1).is_none());
        drop(one);
        let again = waiting(&flights, 1);
        assert!(again.is_some(), "who left makes room");
        assert!(two.landing(Duration::ZERO).await.is_none());
    }

    #[tokio::test]
    async fn those_that_come_after_a_fresh_fetch_wait_for_it() {
        let flights = Flights::new(10);
        let old = led(&flights, 1);
        let early = waiting(&flights, 1).unwrap();
        let fresh = flights.take_over(key(1));
        let late = waiting(&flights, 1).unwrap();
        drop(old);
        assert!(matches!(early.landing(PATIENCE).await, Some(Landing::Lost)));
        fresh.land(Landing::Unshared);
        let landed = late.landing(PATIENCE).await;
        assert!(matches!(landed, Some(Landing::Unshared)), "{landed:?}");
        drop(led(&flights, 1));
    }
}
