//! The memory that whole bodies may take, of all connections together.
//!
//! Each connection is bounded, and so is their number, but their product is more than any machine has. So bytes are reserved before
//! they are kept, by one atomic counter that never passes its limit and that nobody waits for, and given back when the last handle on
//! them is dropped. Who gets none is told so at once. Small bodies are not counted: the buffers of their connection, of which there are only
//! so many, are larger, and the counter, which all cores share, would cost every one of them more than it is worth.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use crate::shortage::Episode;

/// Bodies up to so many bytes are not counted.
pub(crate) const SMALL_BYTES_MAX: usize = 4 << 10;

/// A budget of bytes; clones share it. The default has no limit.
#[derive(Clone, Debug, Default)]
pub struct Memory(Option<Arc<Budget>>);

#[derive(Debug)]
struct Budget {
    max: u64,
    taken: AtomicU64,
    refused: AtomicU64,
    episode: Episode,
}

/// Bytes of a budget, given back when it is dropped.
#[derive(Debug)]
pub struct Reservation {
    memory: Memory,
    bytes: u64,
}

/// What the budget has no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no room is left in the memory for whole bodies")]
pub struct NoRoom;

impl Memory {
    /// A budget of so many bytes.
    pub fn of(max: u64) -> Self {
        Self(Some(Arc::new(Budget {
            max,
            taken: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            episode: Episode::default(),
        })))
    }

    /// The bytes reserved now.
    pub fn taken(&self) -> u64 {
        let taken = self.0.as_ref().map(|budget| &budget.taken);
        taken.map_or(0, |taken| taken.load(Ordering::Relaxed))
    }

    /// How often there was no room.
    pub fn refused(&self) -> u64 {
        let refused = self.0.as_ref().map(|budget| &budget.refused);
        refused.map_or(0, |refused| refused.load(Ordering::Relaxed))
    }

    /// Nothing yet, to grow.
    pub fn reservation(&self) -> Reservation {
        Reservation {
            memory: self.clone(),
            bytes: 0,
        }
    }

    /// These bytes as part of the budget for as long as a handle on them lives.
    pub fn keep(&self, bytes: Vec<u8>) -> Result<Bytes, NoRoom> {
        let mut reservation = self.reservation();
        reservation.grow_to(bytes.capacity())?;
        Ok(reservation.hold(bytes))
    }
}

impl Reservation {
    /// Reserves what is missing to so many bytes; nothing changes where there is no room for all of it.
    pub fn grow_to(&mut self, bytes: usize) -> Result<(), NoRoom> {
        if bytes <= SMALL_BYTES_MAX {
            return Ok(());
        }
        let more = (bytes as u64).saturating_sub(self.bytes);
        if let (Some(budget), 1..) = (&self.memory.0, more) {
            budget.take(more)?;
        }
        self.bytes += more;
        Ok(())
    }

    /// The bytes that it was made for, which carry it from now on.
    pub(crate) fn hold(self, bytes: Vec<u8>) -> Bytes {
        match self.bytes {
            0 => Bytes::from(bytes),
            _ => Bytes::from_owner(Held {
                bytes,
                _reservation: self,
            }),
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let (Some(budget), 1..) = (&self.memory.0, self.bytes) {
            budget.taken.fetch_sub(self.bytes, Ordering::Relaxed);
        }
    }
}

impl Budget {
    /// Other cores see all of it or nothing, so the sum of what is taken never passes the limit, not for a moment.
    fn take(&self, bytes: u64) -> Result<(), NoRoom> {
        let room = |taken: u64| taken.checked_add(bytes).filter(|sum| *sum <= self.max);
        let taken = self
            .taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, room);
        taken.map(drop).map_err(|taken| self.refuse(taken))
    }

    fn refuse(&self, taken: u64) -> NoRoom {
        self.refused.fetch_add(1, Ordering::Relaxed);
        if self.episode.begins() {
            let max = self.max;
            tracing::warn!(
                taken,
                max,
                "the memory for whole bodies is used up (connections: body_memory_bytes_max): what needs more is answered 503 until others end"
            );
        }
        NoRoom
    }
}

/// Bytes and their reservation, as [`Bytes`] owns them.
struct Held {
    bytes: Vec<u8>,
    _reservation: Reservation,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn bytes_count_until_their_last_handle_is_gone() {
        let memory = Memory::of(100_000);
        let kept = memory.keep(vec![1; 60_000]).unwrap();
        assert_eq!(memory.taken(), 60_000);
        assert_eq!(memory.keep(vec![1; 40_001]), Err(NoRoom));
        assert_eq!((memory.taken(), memory.refused()), (60_000, 1));
        let part = kept.slice(10..20);
        drop(kept);
        assert_eq!(memory.taken(), 60_000, "a part holds the whole");
        drop(part);
        assert_eq!(memory.taken(), 0);
        assert_eq!(memory.keep(vec![1; 100_000]).unwrap().len(), 100_000);
    }

    #[test]
    fn small_bodies_are_not_counted() {
        let memory = Memory::of(0);
        let kept = memory.keep(vec![1; SMALL_BYTES_MAX]).unwrap();
        assert_eq!((kept.len(), memory.taken()), (SMALL_BYTES_MAX, 0));
        assert_eq!(memory.keep(vec![1; SMALL_BYTES_MAX + 1]), Err(NoRoom));
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let memory = Memory::default();
        let kept = memory.keep(vec![0; 10_000]).unwrap();
        assert_eq!(
            (kept.len(), memory.taken(), memory.refused()),
            (10_000, 0, 0)
        );
    }

    #[test]
    fn a_reservation_that_cannot_grow_stays_as_it_is() {
        let memory = Memory::of(10_000);
        let mut reservation = memory.reservation();
        reservation.grow_to(7_000).unwrap();
        assert_eq!(reservation.grow_to(11_000), Err(NoRoom));
        reservation.grow_to(5_000).unwrap();
        assert_eq!(memory.taken(), 7_000);
        reservation.grow_to(10_000).unwrap();
        assert_eq!(reservation.grow_to(usize::MAX), Err(NoRoom));
        drop(reservation);
        assert_eq!(memory.taken(), 0);
    }

    /// Threads that take and give back at random: what they hold, counted by themselves, never passes the limit, and all of it comes back.
    #[test]
    fn the_limit_holds_at_every_moment() {
        const MAX: u64 = 100_000;
        let memory = Memory::of(MAX);
        let held = AtomicU64::new(0);
        thread::scope(|scope| {
            for seed in 1..=4_u64 {
                let (memory, held) = (&memory, &held);
                scope.spawn(move || take_and_give(memory, held, seed));
            }
        });
        assert_eq!(memory.taken(), 0);
        assert!(memory.refused() > 0, "the limit was met");

        fn take_and_give(memory: &Memory, held: &AtomicU64, mut random: u64) {
            let mut kept: Vec<Bytes> = Vec::new();
            for _ in 0..20_000 {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                if random.is_multiple_of(3) && !kept.is_empty() {
                    let gone = kept.swap_remove(random as usize % kept.len());
                    held.fetch_sub(gone.len() as u64, Ordering::SeqCst);
                    continue;
                }
                let size = (random >> 8) as usize % 30_000 + SMALL_BYTES_MAX + 1;
                if let Ok(bytes) = memory.keep(vec![0; size]) {
                    let now = held.fetch_add(size as u64, Ordering::SeqCst) + size as u64;
                    assert!(now <= MAX, "{now}");
                    kept.push(bytes);
                }
            }
            let left: usize = kept.iter().map(Bytes::len).sum();
            held.fetch_sub(left as u64, Ordering::SeqCst);
        }
    }
}
