//! How many requests of a connection are under way, and who waits for that to change.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Waker};

pub(super) struct Streams {
    underway: Cell<usize>,
    max: usize,
    /// The connection's task.
    waker: RefCell<Option<Waker>>,
}

/// One request while it is under way.
pub(super) struct Underway(Rc<Streams>);

impl Streams {
    pub(super) fn new(max: usize) -> Rc<Self> {
        Rc::new(Self {
            underway: Cell::new(0),
            max: max.max(1),
            waker: RefCell::new(None),
        })
    }

    pub(super) fn begin(streams: &Rc<Self>) -> Underway {
        streams.underway.set(streams.underway.get() + 1);
        Underway(streams.clone())
    }

    /// Whether another may begin; where not, the task is woken when one has ended.
    pub(super) fn has_room(&self, context: &Context<'_>) -> bool {
        self.remember(context);
        self.underway.get() < self.max
    }

    /// Whether none is under way; where one is, the task is woken when one has ended.
    pub(super) fn is_empty(&self, context: &Context<'_>) -> bool {
        self.remember(context);
        self.underway.get() == 0
    }

    fn remember(&self, context: &Context<'_>) {
        let mut waker = self.waker.borrow_mut();
        match &mut *waker {
            Some(known) => known.clone_from(context.waker()),
            None => *waker = Some(context.waker().clone()),
        }
    }

    /// The connection's task cares for the last one to end, and for the one that makes room.
    fn ended(&self) {
        let before = self.underway.replace(self.underway.get() - 1);
        if (before == 1 || before == self.max)
            && let Some(waker) = &*self.waker.borrow()
        {
            waker.wake_by_ref();
        }
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.ended();
    }
}
