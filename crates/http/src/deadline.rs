//! Time-outs of a core: one sweep over all waits instead of a timer per request.
//!
//! A wait costs a slot in a table; the sweep sleeps until the earliest deadline it knows, so that a core with nothing to do does
//! not wake up. Deadlines are kept to 20 ms. The clock is asked when a deadline is set and when the sweep looks, not at each wait: eight
//! times per request would be one part in fifty of a request's cost.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// How long after its deadline a wait may end.
const GRAIN: Duration = Duration::from_millis(20);

/// A moment by which something must be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

/// The deadline passed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the deadline passed")]
pub struct Elapsed;

impl Deadline {
    /// Never.
    pub const NONE: Self = Self(None);

    /// `wait` from now.
    pub fn after(wait: Duration) -> Self {
        Self(now().checked_add(wait))
    }

    pub(crate) fn after_ms(wait_ms: u64) -> Self {
        Self::after(Duration::from_millis(wait_ms))
    }

    /// The earlier of the two.
    pub fn min(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(one), Some(two)) => Self(Some(one.min(two))),
            (one, two) => Self(one.or(two)),
        }
    }

    /// Whether it has passed.
    pub fn passed(self) -> bool {
        self.0.is_some_and(|due| due <= now())
    }
}

thread_local! {
    static RECENT: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The time.
pub(crate) fn now() -> Instant {
    let now = Instant::now();
    RECENT.set(Some(now));
    now
}

/// The time when this core last asked for it: during an exchange not much before now, and never after.
pub(crate) fn recent() -> Instant {
    RECENT.get().unwrap_or_else(now)
}

/// Awaits `future` until `deadline`. Runs within a [`tokio::task::LocalSet`] (as every service does).
pub async fn within<F: Future>(deadline: Deadline, future: F) -> Result<F::Output, Elapsed> {
    let mut future = pin!(future);
    let mut timer = Timer::default();
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Ok(output)),
        Poll::Pending if timer.expired(context, deadline, Wait::Busy) => Poll::Ready(Err(Elapsed)),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// What a wait is for, so that some can be ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Part of an exchange.
    Busy,
    /// For the first request of a connection.
    Fresh,
    /// For another request.
    Idle,
}

/// One wait's place in the core's table; used again for the next wait of its owner.
#[derive(Debug, Default)]
pub(crate) struct Timer {
    slot: Option<usize>,
    /// Slots belong to a thread.
    not_send: PhantomData<Rc<()>>,
}

impl Timer {
    /// Whether the wait is over; where not, the task is woken when it is.
    pub(crate) fn expired(
        &mut self,
        context: &Context<'_>,
        deadline: Deadline,
        wait: Wait,
    ) -> bool {
        let Some(due) = deadline.0 else { return false };
        SWEEP.with_borrow_mut(|sweep| {
            let slot = *self.slot.get_or_insert_with(|| sweep.slot());
            sweep.arm(slot, due, wait, context.waker())
        })
    }

    /// Ends the wait.
    pub(crate) fn disarm(&mut self) {
        if let Some(slot) = self.slot {
            SWEEP.with_borrow_mut(|sweep| sweep.slots[slot].disarm());
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            // The table is gone while the thread ends.
            let _ = SWEEP.try_with(|sweep| sweep.borrow_mut().free(slot));
        }
    }
}

/// Ends up to `count` waits of a kind now; gives how many.
pub(crate) fn hurry(kind: Wait, count: usize) -> usize {
    let wakers = SWEEP.with_borrow_mut(|sweep| sweep.hurry(kind, count));
    let ended = wakers.len();
    wakers.into_iter().for_each(Waker::wake);
    ended
}

thread_local! {
    static SWEEP: RefCell<Sweep> = RefCell::new(Sweep::default());
}

#[derive(Default)]
struct Sweep {
    slots: Vec<Slot>,
    free: Vec<usize>,
    /// When the sweeping task looks next; `None` while it does not run.
    next: Option<Instant>,
    nudge: Rc<Notify>,
}

struct Slot {
    due: Option<Instant>,
    hurried: bool,
    wait: Wait,
    waker: Option<Waker>,
}

impl Slot {
    fn disarm(&mut self) {
        self.due = None;
        self.hurried = false;
    }
}

impl Sweep {
    fn slot(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                due: None,
                hurried: false,
                wait: Wait::Busy,
                waker: None,
            });
            self.slots.len() - 1
        })
    }

    fn free(&mut self, slot: usize) {
        self.slots[slot].disarm();
        self.slots[slot].waker = None;
        self.free.push(slot);
    }

    fn arm(&mut self, slot: usize, due: Instant, wait: Wait, waker: &Waker) -> bool {
        let slot = &mut self.slots[slot];
        // One that passed since is found by the sweep, which asks for the time.
        if slot.hurried || due <= recent() {
            slot.disarm();
            return true;
        }
        slot.due = Some(due);
        slot.wait = wait;
        if !slot
            .waker
            .as_ref()
            .is_some_and(|known| known.will_wake(waker))
        {
            slot.waker = Some(waker.clone());
        }
        self.expect_by(due);
        false
    }

    /// Makes the sweeping task look by `due`.
    fn expect_by(&mut self, due: Instant) {
        match self.next {
            None => {
                self.next = Some(due);
                tokio::task::spawn_local(sweep(self.nudge.clone()));
            }
            Some(next) if due + GRAIN < next => {
                self.next = Some(due);
                self.nudge.notify_one();
            }
            Some(_) => {}
        }
    }

    /// Takes the wakers of waits that are over.
    fn collect(&mut self, now: Instant) -> Vec<Waker> {
        let mut wakers = Vec::new();
        let mut earliest = None;
        for slot in &mut self.slots {
            match slot.due {
                Some(due) if due <= now => {
                    slot.due = None;
                    wakers.extend(slot.waker.take());
                }
                Some(due) => earliest = Some(earliest.map_or(due, |other: Instant| other.min(due))),
                None => {}
            }
        }
        self.next = earliest.map(|due| due.max(now + GRAIN));
        wakers
    }

    fn hurry(&mut self, kind: Wait, count: usize) -> Vec<Waker> {
        let waiting = self
            .slots
            .iter_mut()
            .filter(|slot| slot.due.is_some() && slot.wait == kind);
        waiting
            .take(count)
            .filter_map(|slot| {
                slot.due = None;
                slot.hurried = true;
                slot.waker.take()
            })
            .collect()
    }
}

/// Marks the sweep as ended when its task is dropped with its runtime, so that the thread's next runtime starts another.
struct Running;

impl Drop for Running {
    fn drop(&mut self) {
        let _ = SWEEP.try_with(|sweep| {
            if let Ok(mut sweep) = sweep.try_borrow_mut() {
                sweep.next = None;
            }
        });
    }
}

async fn sweep(nudge: Rc<Notify>) {
    let _running = Running;
    while let Some(next) = SWEEP.with_borrow(|sweep| sweep.next) {
        tokio::select! {
            () = tokio::time::sleep_until(next) => {
                let wakers = SWEEP.with_borrow_mut(|sweep| sweep.collect(now()));
                wakers.into_iter().for_each(Waker::wake);
            }
            () = nudge.notified() => {}
        }
    }
}
