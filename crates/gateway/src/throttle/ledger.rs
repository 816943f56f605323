//! Writes down what keys used, batch by batch, and says where counts stand.
//!
//! A request only counts in memory and, once per batch, puts its meter on a list. What is on the list is written every
//! [`WRITE_EVERY`]; a process that is killed loses what it counted since, and nothing before. Each meter is on the list once at
//! most, so the list is as long as there are meters.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, oneshot};
use tollgate_model::clock::Clock;
use tollgate_model::quota::{Day, Period};
use tollgate_store::{DayRow, MemberKey, StoreError, UsageState, UsageStore};

use super::meter::{Count, Meter, Quota, Used};

/// Between two batches. The operating guide states it.
pub const WRITE_EVERY: Duration = Duration::from_millis(500);

/// The counts of all keys.
#[derive(Debug)]
pub struct Ledger {
    /// None where nothing outlives the process, as in a test.
    store: Option<Arc<UsageStore>>,
    clock: Clock,
    notes: UnboundedSender<Note>,
    /// The writer's end, until it takes it.
    writer: Mutex<Option<UnboundedReceiver<Note>>>,
    /// Cuts the writer's pause short.
    hurry: Arc<Notify>,
}

/// What the writer hears.
#[derive(Debug)]
enum Note {
    /// A meter has counted.
    Counted(Arc<Meter>),
    /// Whoever asks is told when all before is written.
    Asked(oneshot::Sender<()>),
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new(None, Clock::System)
    }
}

impl Ledger {
    /// A ledger over the counts of a store.
    pub fn new(store: Option<Arc<UsageStore>>, clock: Clock) -> Self {
        let (notes, writer) = unbounded_channel();
        Self {
            store,
            clock,
            notes,
            writer: Mutex::new(Some(writer)),
            hurry: Arc::default(),
        }
    }

    /// Writes until nobody holds the ledger any more. There is one writer.
    pub async fn write(self: Arc<Self>) {
        let Some(mut notes) = self.take_writer() else {
            return;
        };
        let (store, clock, hurry) = (self.store.clone(), self.clock.clone(), self.hurry.clone());
        let mut writer = Writer {
            store,
            clock,
            forgotten: Day::default(),
        };
        // The writer must not keep the notes open itself.
        let again = Arc::downgrade(&self);
        drop(self);
        while let Some(first) = notes.recv().await {
            tokio::select! {
                () = tokio::time::sleep(WRITE_EVERY) => {}
                () = hurry.notified() => {}
            }
            let (mut meters, mut asked) = (Vec::new(), Vec::new());
            let mut next = Some(first);
            while let Some(note) = next {
                match note {
                    Note::Counted(meter) => meters.push(meter),
                    Note::Asked(done) => asked.push(done),
                }
                next = notes.try_recv().ok();
            }
            if let Err(meters) = writer.write(meters).await
                && let Some(ledger) = again.upgrade()
            {
                meters.iter().for_each(|meter| ledger.note(meter));
            }
            for done in asked {
                // Whoever asked may have lost patience.
                let _ = done.send(());
            }
        }
    }

    fn take_writer(&self) -> Option<UnboundedReceiver<Note>> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.take()
    }

    /// Lets a meter be written down.
    pub(crate) fn note(&self, meter: &Arc<Meter>) {
        // Without a writer counts end with the process.
        meter.note(|meter| drop(self.notes.send(Note::Counted(meter))));
    }

    /// Returns when everything that was counted before is written, or could not be.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.notes.send(Note::Asked(done)).is_ok() {
            self.hurry.notify_one();
            let _ = written.await;
        }
    }

    /// The days of a member, as they are written.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn days(
        &self,
        member: MemberKey,
        first: Day,
        last: Day,
    ) -> Result<Vec<DayRow>, StoreError> {
        self.read(move |store| store.days(&member, first.0, last.0))
            .await
    }

    /// Where every count stands.
    pub(crate) async fn states(&self) -> Result<HashMap<MemberKey, UsageState>, StoreError> {
        let today = self.today();
        self.read(move |store| store.all(today.0)).await
    }

    /// Where one count stands.
    pub(crate) async fn state(&self, member: MemberKey) -> Result<UsageState, StoreError> {
        let today = self.today();
        self.read(move |store| store.state(&member, today.0)).await
    }

    /// A meter that goes on from there.
    pub(crate) fn meter(&self, member: MemberKey, state: UsageState) -> Arc<Meter> {
        let used = state.quota.and_then(|row| {
            Some(Used {
                period: Period::of(&row.period)?,
                start: Day(row.start),
                count: row.used,
            })
        });
        let today = (state.today > 0).then(|| Count {
            day: self.today(),
            requests: state.today,
        });
        Arc::new(Meter::resumed(member, used, today))
    }

    /// Counts what a key used in the present period, out of its days, for a plan that did not count so before.
    pub(crate) async fn count_anew(
        &self,
        member: MemberKey,
        meter: &Arc<Meter>,
        quota: &Quota,
        today: Day,
    ) -> Result<(), StoreError> {
        let start = quota.period.start(today);
        let before = match start < today {
            true => self.days(member, start, Day(today.0 - 1)).await?,
            false => Vec::new(),
        };
        let before: u64 = before.iter().map(|day| day.used).sum();
        let of_today = meter.today().filter(|it| it.day == today);
        let used = before + of_today.map_or(0, |it| it.requests);
        meter.set_used(quota, today, i64::try_from(used).unwrap_or(i64::MAX));
        self.note(meter);
        Ok(())
    }

    fn today(&self) -> Day {
        Day::of_ms(self.clock.now_ms())
    }

    async fn read<T: Default + Send + 'static>(
        &self,
        read: impl FnOnce(&UsageStore) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let Some(store) = self.store.clone() else {
            return Ok(T::default());
        };
        let read = tokio::task::spawn_blocking(move || read(&store)).await;
        read.unwrap_or(Err(StoreError::Closed))
    }
}

struct Writer {
    store: Option<Arc<UsageStore>>,
    clock: Clock,
    /// When days were last forgotten.
    forgotten: Day,
}

impl Writer {
    /// Writes what meters have counted; gives those back that could not be written.
    async fn write(&mut self, meters: Vec<Arc<Meter>>) -> Result<(), Vec<Arc<Meter>>> {
        meters.iter().for_each(|meter| meter.taken_up());
        let Some(store) = self.store.clone().filter(|_| !meters.is_empty()) else {
            return Ok(());
        };
        let today = Day::of_ms(self.clock.now_ms());
        let forgets = std::mem::replace(&mut self.forgotten, today) != today;
        let batch = meters.clone();
        let written = tokio::task::spawn_blocking(move || {
            let rows: Vec<_> = batch.iter().map(|meter| meter.row()).collect();
            if let Err(error) = store.write(&rows) {
                let unwritten = batch.iter().zip(&rows);
                unwritten.for_each(|(meter, row)| meter.put_back(row));
                return Err(error);
            }
            match forgets {
                true => store.forget(today.0),
                false => Ok(()),
            }
        });
        match written.await.unwrap_or(Err(StoreError::Closed)) {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::error!(%error, "what keys used cannot be written down; it is tried again");
                Err(meters)
            }
        }
    }
}
