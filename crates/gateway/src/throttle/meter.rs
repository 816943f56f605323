//! What one key has used of one plan: its bucket, its buckets of methods, its quota and the requests of the day. A meter lives as
//! long as the key is in the plan, whatever happens to tables, plans and deployments meanwhile.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tollgate_model::quota::{Day, Period};
use tollgate_store::{DayRow, MemberKey, QuotaRow, UsageRow};

use super::bucket::Bucket;

/// A key's use of a plan.
#[derive(Debug)]
pub(crate) struct Meter {
    /// Whose it is.
    member: MemberKey,
    /// Of the plan's throttle.
    pub(crate) bucket: Bucket,
    /// Of the plan's throttles of methods, made when they are first needed.
    methods: OnceLock<Box<MethodBuckets>>,
    /// Requests of the period: see [`Used`].
    quota: AtomicU64,
    /// What was left of the quota after the last request; [`NO_QUOTA`] where there is none.
    remaining: AtomicI64,
    /// Requests of the day: the day above, the count below.
    today: AtomicU64,
    /// The last day that ended before its count was written down, and what was left then.
    ended: AtomicU64,
    ended_remaining: AtomicI64,
    /// Whether it waits to be written down.
    is_noted: AtomicBool,
}

/// Buckets by number: each chunk holds twice as many as the one before, and is made when one of them is needed.
#[derive(Debug, Default)]
struct MethodBuckets([OnceLock<Box<[Bucket]>>; CHUNKS]);

const CHUNKS: usize = 8;
const FIRST_CHUNK: usize = 8;
/// So many methods of a plan can have limits of their own at once.
pub(crate) const METHODS_MAX: usize = FIRST_CHUNK * ((1 << CHUNKS) - 1);

/// A quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Requests of a period.
    pub(crate) limit: i64,
    /// Requests that the first period has less.
    pub(crate) offset: i64,
    /// A day of the first period.
    pub(crate) since: Day,
    /// How long a period is.
    pub(crate) period: Period,
}

/// What was used of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    /// Which kind of period it was counted in.
    pub(crate) period: Period,
    /// The period's first day.
    pub(crate) start: Day,
    /// Requests; below zero where more was granted than the limit.
    pub(crate) count: i64,
}

/// A quota that is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exceeded {
    pub(crate) used: i64,
    pub(crate) limit: i64,
    pub(crate) period: Period,
}

/// A day and its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) day: Day,
    pub(crate) requests: u64,
}

impl Quota {
    /// What the period that begins on `start` may use.
    fn limit_from(&self, start: Day) -> i64 {
        match start <= self.since && self.offset > 0 {
            true => self.limit - self.offset,
            false => self.limit,
        }
    }
}

/// A plan that limits no sum of requests.
const NO_QUOTA: i64 = i64::MIN;

const COUNT_BITS: u32 = 46;
const COUNT_MASK: u64 = (1 << COUNT_BITS) - 1;
/// Counts are kept with this added, so that they may be negative.
const BIAS: i64 = 1 << (COUNT_BITS - 1);
const TODAY_BITS: u32 = 48;
const TODAY_MASK: u64 = (1 << TODAY_BITS) - 1;

impl Used {
    fn pack(self) -> u64 {
        let kind = match self.period {
            Period::Day => 1,
            Period::Week => 2,
            Period::Month => 3,
        };
        let count = (self.count.clamp(-BIAS, BIAS - 1) + BIAS) as u64;
        kind << 62 | u64::from(self.start.0) << COUNT_BITS | count
    }

    fn unpack(word: u64) -> Option<Self> {
        let period = match word >> 62 {
            1 => Period::Day,
            2 => Period::Week,
            3 => Period::Month,
            _ => return None,
        };
        Some(Self {
            period,
            start: Day((word >> COUNT_BITS) as u16),
            count: (word & COUNT_MASK) as i64 - BIAS,
        })
    }
}

impl Meter {
    /// A meter that goes on where another ended.
    pub(crate) fn resumed(member: MemberKey, used: Option<Used>, today: Option<Count>) -> Self {
        let today = today.map_or(0, |it| pack_today(it.day, it.requests));
        Self {
            member,
            bucket: Bucket::default(),
            methods: OnceLock::new(),
            quota: AtomicU64::new(used.map_or(0, Used::pack)),
            remaining: AtomicI64::new(NO_QUOTA),
            today: AtomicU64::new(today),
            ended: AtomicU64::new(0),
            ended_remaining: AtomicI64::new(NO_QUOTA),
            is_noted: AtomicBool::new(false),
        }
    }

    /// The bucket of a method with a limit of its own.
    pub(crate) fn method(&self, number: usize) -> &Bucket {
        let methods = self.methods.get_or_init(Box::default);
        let chunk = (number / FIRST_CHUNK + 1).ilog2() as usize;
        let first = FIRST_CHUNK * ((1 << chunk) - 1);
        let make = || {
            let length = FIRST_CHUNK << chunk;
            std::iter::repeat_with(Bucket::default)
                .take(length)
                .collect()
        };
        &methods.0[chunk].get_or_init(make)[number - first]
    }

    /// The buckets of a method, if one was ever needed.
    pub(crate) fn method_if_any(&self, number: usize) -> Option<&Bucket> {
        let methods = self.methods.get()?;
        let chunk = (number / FIRST_CHUNK + 1).ilog2() as usize;
        let first = FIRST_CHUNK * ((1 << chunk) - 1);
        methods.0.get(chunk)?.get()?.get(number - first)
    }

    /// Counts a request against a quota. A period that has ended leaves nothing behind.
    pub(crate) fn use_quota(&self, quota: &Quota, day: Day) -> Result<(), Exceeded> {
        let start = quota.period.start(day);
        let mut word = self.quota.load(Ordering::Relaxed);
        loop {
            let mut used = at(word, quota.period, start);
            let limit = quota.limit_from(used.start);
            if used.count >= limit {
                return Err(Exceeded {
                    used: used.count,
                    limit,
                    period: quota.period,
                });
            }
            used.count += 1;
            match self.swap_quota(word, used.pack()) {
                Ok(_) => {
                    self.remaining.store(limit - used.count, Ordering::Relaxed);
                    return Ok(());
                }
                Err(other) => word = other,
            }
        }
    }

    /// What was left of the quota after the last request.
    pub(crate) fn left(&self) -> i64 {
        self.remaining.load(Ordering::Relaxed)
    }

    /// There is no quota, if there ever was one.
    pub(crate) fn leave_quota(&self) {
        if self.left() != NO_QUOTA {
            self.remaining.store(NO_QUOTA, Ordering::Relaxed);
        }
    }

    /// Takes back what a request was counted that something else refuses.
    pub(crate) fn return_quota(&self, quota: &Quota, day: Day) {
        let start = quota.period.start(day);
        let mut word = self.quota.load(Ordering::Relaxed);
        while let Some(mut used) = Used::unpack(word).filter(|used| used.start <= start) {
            used.count -= 1;
            match self.swap_quota(word, used.pack()) {
                Ok(_) => return,
                Err(other) => word = other,
            }
        }
    }

    /// What was used of the quota.
    pub(crate) fn used(&self) -> Option<Used> {
        Used::unpack(self.quota.load(Ordering::Relaxed))
    }

    /// Says what was used on a day of a period, whatever was counted.
    pub(crate) fn set_used(&self, quota: &Quota, day: Day, count: i64) {
        let start = quota.period.start(day);
        let used = Used {
            period: quota.period,
            start,
            count,
        };
        self.quota.store(used.pack(), Ordering::Relaxed);
        let left = quota.limit_from(start) - count;
        self.remaining.store(left, Ordering::Relaxed);
        // The day has to be told of, though nobody may have asked for anything on it yet.
        if self.today().is_none_or(|today| today.day != day) {
            self.roll(pack_today(day, 0), left);
        }
    }

    /// Lets so many requests more pass in the period of this day.
    pub(crate) fn set_remaining(&self, quota: &Quota, day: Day, remaining: i64) {
        let limit = quota.limit_from(quota.period.start(day));
        self.set_used(quota, day, limit - remaining);
    }

    /// Begins another day.
    fn roll(&self, today: u64, left_before: i64) {
        let ended = self.today.swap(today, Ordering::Relaxed);
        self.end(ended, left_before);
    }

    fn end(&self, ended: u64, left_before: i64) {
        if ended != 0 {
            self.ended_remaining.store(left_before, Ordering::Relaxed);
            self.ended.store(ended, Ordering::Release);
        }
    }

    /// Counts a request of the day. `left_before` was left of the quota before it.
    pub(crate) fn count(&self, day: Day, left_before: i64) {
        let mut word = self.today.load(Ordering::Relaxed);
        loop {
            let same = word >> TODAY_BITS == u64::from(day.0);
            let new = match same {
                true => word + 1,
                false => pack_today(day, 1),
            };
            let (success, failure) = (Ordering::Relaxed, Ordering::Relaxed);
            match self
                .today
                .compare_exchange_weak(word, new, success, failure)
            {
                Ok(_) if same => return,
                Ok(ended) => return self.end(ended, left_before),
                Err(other) => word = other,
            }
        }
    }

    /// The day's requests so far.
    pub(crate) fn today(&self) -> Option<Count> {
        unpack_today(self.today.load(Ordering::Relaxed))
    }

    /// The last day that ended, once.
    fn take_ended(&self) -> Option<Count> {
        unpack_today(self.ended.swap(0, Ordering::AcqRel))
    }

    /// What is to be written down.
    pub(crate) fn row(&self) -> UsageRow {
        let day = |count: Count, left: i64| DayRow {
            day: count.day.0,
            used: count.requests,
            remaining: (left != NO_QUOTA).then_some(left.max(0)),
        };
        let ended = self.take_ended();
        let ended = ended.map(|it| day(it, self.ended_remaining.load(Ordering::Relaxed)));
        let today = self.today().map(|it| day(it, self.left()));
        UsageRow {
            member: self.member.clone(),
            days: ended.into_iter().chain(today).collect(),
            quota: self.used().map(|used| QuotaRow {
                period: used.period.name().into(),
                start: used.start.0,
                used: used.count,
            }),
        }
    }

    /// Takes a day back that ended and could not be written down. All else is told again by the next row.
    pub(crate) fn put_back(&self, row: &UsageRow) {
        if let [ended, _] = row.days[..] {
            let left = ended.remaining.unwrap_or(NO_QUOTA);
            self.end(pack_today(Day(ended.day), ended.used), left);
        }
    }

    /// Lets it be written down, unless it waits for that already.
    pub(crate) fn note(self: &Arc<Self>, send: impl FnOnce(Arc<Self>)) {
        if !self.is_noted.load(Ordering::Relaxed) && !self.is_noted.swap(true, Ordering::AcqRel) {
            send(self.clone());
        }
    }

    /// It is about to be written down: what is counted from now on has to be noted again.
    pub(crate) fn taken_up(&self) {
        self.is_noted.store(false, Ordering::Release);
    }

    fn swap_quota(&self, word: u64, new: u64) -> Result<u64, u64> {
        let (success, failure) = (Ordering::Relaxed, Ordering::Relaxed);
        self.quota
            .compare_exchange_weak(word, new, success, failure)
    }
}

/// What counts on a day of the period that begins on `start`. What was counted under another kind of period counts on, until the
/// keeper of the table has counted anew.
fn at(word: u64, period: Period, start: Day) -> Used {
    match Used::unpack(word) {
        Some(used) if used.period != period || used.start >= start => used,
        Some(_) | None => Used {
            period,
            start,
            count: 0,
        },
    }
}

fn pack_today(day: Day, requests: u64) -> u64 {
    u64::from(day.0) << TODAY_BITS | requests & TODAY_MASK
}

fn unpack_today(word: u64) -> Option<Count> {
    (word != 0).then_some(Count {
        day: Day((word >> TODAY_BITS) as u16),
        requests: word & TODAY_MASK,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::of_date(text).expect("a date")
    }

    fn meter() -> Meter {
        let member = MemberKey {
            account: "a".into(),
            region: "r".into(),
            plan: "p".into(),
            key: "k".into(),
        };
        Meter::resumed(member, None, None)
    }

    fn quota(limit: i64, offset: i64, period: Period) -> Quota {
        Quota {
            limit,
            offset,
            since: day("2026-11-25"),
            period,
        }
    }

    fn passed(meter: &Meter, quota: &Quota, on: &str) -> usize {
        (0..100)
            .take_while(|_| meter.use_quota(quota, day(on)).is_ok())
            .count()
    }

    #[test]
    fn periods_begin_anew_and_the_first_has_less() {
        for (period, days) in [
            (
                Period::Day,
                [("2026-11-25", 3), ("2026-11-26", 5), ("2026-11-26", 0)],
            ),
            (
                Period::Week,
                [("2026-11-25", 3), ("2026-11-28", 0), ("2026-11-29", 5)],
            ),
            (
                Period::Month,
                [("2026-11-25", 3), ("2026-11-30", 0), ("2026-12-01", 5)],
            ),
        ] {
            let (meter, quota) = (meter(), quota(5, 2, period));
            for (on, expected) in days {
                assert_eq!(passed(&meter, &quota, on), expected, "{period:?} {on}");
            }
        }
    }

    #[test]
    fn what_was_granted_counts_for_the_period() {
        let (meter, quota) = (meter(), quota(5, 0, Period::Day));
        assert_eq!(passed(&meter, &quota, "2026-11-26"), 5);
        let start = day("2026-11-26");
        meter.set_remaining(&quota, start, 8);
        assert_eq!(
            (meter.left(), meter.used().map(|it| it.count)),
            (8, Some(-3))
        );
        assert_eq!(passed(&meter, &quota, "2026-11-26"), 8);
        meter.return_quota(&quota, start);
        assert_eq!(passed(&meter, &quota, "2026-11-26"), 1);
        assert_eq!(passed(&meter, &quota, "2026-11-27"), 5);
    }

    /// Until it is counted anew, nothing is forgotten because a plan counts otherwise now.
    #[test]
    fn another_kind_of_period_does_not_begin_anew() {
        let meter = meter();
        assert_eq!(passed(&meter, &quota(5, 0, Period::Week), "2026-11-25"), 5);
        assert_eq!(passed(&meter, &quota(7, 0, Period::Day), "2026-11-26"), 2);
    }

    #[test]
    fn a_day_that_ends_is_kept_until_it_is_written_down() {
        let meter = Arc::new(meter());
        let mut noted = 0;
        for on in ["2026-11-25", "2026-11-25", "2026-11-26"] {
            meter.count(day(on), 3);
            meter.note(|_| noted += 1);
        }
        assert_eq!(noted, 1);
        let written = |row: UsageRow| -> Vec<_> {
            let days = row.days.iter();
            days.map(|it| (Day(it.day).to_string(), it.used, it.remaining))
                .collect()
        };
        let (first, second) = ("2026-11-25".to_owned(), "2026-11-26".to_owned());
        let unwritten = meter.row();
        assert_eq!(
            written(unwritten.clone()),
            [(first, 2, Some(3)), (second.clone(), 1, None)]
        );
        assert_eq!(
            written(meter.row()),
            [(second.clone(), 1, None)],
            "a day ends once"
        );
        meter.put_back(&unwritten);
        assert_eq!(written(meter.row()).len(), 2, "it could not be written");
        meter.taken_up();
        meter.note(|_| noted += 1);
        assert_eq!(noted, 2);
    }

    #[test]
    fn every_method_has_a_bucket_of_its_own() {
        let meter = meter();
        assert!(meter.method_if_any(0).is_none());
        let mut seen: Vec<_> = (0..METHODS_MAX)
            .map(|number| std::ptr::from_ref(meter.method(number)) as usize)
            .collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), METHODS_MAX);
        assert!(meter.method_if_any(METHODS_MAX - 1).is_some());
        assert!(meter.method_if_any(METHODS_MAX).is_none());
    }
}
