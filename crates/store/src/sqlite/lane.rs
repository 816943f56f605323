//! A bounded queue from async callers to threads: places are a semaphore's, so that waiting for one blocks no
//! thread, and the queue itself is a plain channel that a thread can wait on. Closing it fails those who wait for a
//! place, while the threads still finish what is queued.

use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::StoreError;

/// The callers' end.
pub(super) struct Lane<T> {
    places: Arc<Semaphore>,
    sender: Mutex<Option<Sender<Queued<T>>>>,
    receiver: Exit<T>,
}

struct Queued<T> {
    job: T,
    // Given back when a thread takes the job.
    place: OwnedSemaphorePermit,
}

/// The threads' end; several may share it.
pub(super) struct Exit<T>(Arc<Mutex<Receiver<Queued<T>>>>);

impl<T> Lane<T> {
    /// A lane with so many places.
    pub(super) fn new(places: usize) -> Arc<Self> {
        let (sender, receiver) = channel();
        Arc::new(Self {
            places: Arc::new(Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS))),
            sender: Mutex::new(Some(sender)),
            receiver: Exit(Arc::new(Mutex::new(receiver))),
        })
    }

    /// Another handle on the threads' end.
    pub(super) fn receiver(&self) -> Exit<T> {
        Exit(self.receiver.0.clone())
    }

    /// Queues a job once it has its places.
    pub(super) async fn push(&self, job: T, places: u32) -> Result<(), StoreError> {
        let place = self.places.clone().acquire_many_owned(places).await;
        let place = place.map_err(|_closed| StoreError::Closed)?;
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = sender.as_ref().ok_or(StoreError::Closed)?;
        sender
            .send(Queued { job, place })
            .map_err(|_gone| StoreError::Closed)
    }

    /// Takes no more jobs.
    pub(super) fn close(&self) {
        self.places.close();
        self.sender
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}

impl<T> Exit<T> {
    /// The next job, waited for; `None` once the lane is closed and empty.
    pub(super) fn next(&self) -> Option<T> {
        let queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        queue.recv().ok().map(Queued::take)
    }

    /// The next job if there is one already.
    pub(super) fn next_now(&self) -> Option<T> {
        let queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match queue.try_recv() {
            Ok(queued) => Some(queued.take()),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => None,
        }
    }
}

impl<T> Queued<T> {
    fn take(self) -> T {
        drop(self.place);
        self.job
    }
}
