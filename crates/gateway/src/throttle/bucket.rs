//! Token buckets, exact across cores: the whole state of one is a single atomic word.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
//!
//! The word is the time at which the bucket is full again (the generic cell rate algorithm): a request moves it on by what one
//! request takes to drain, unless that would be further away than the burst allows. So in any span no more requests pass than
//! rate × time + burst, whatever cores they are on. A rate is kept to the nanosecond between two requests, rounded up.

use std::sync::atomic::{AtomicU64, Ordering};

/// How fast a bucket fills and how much it holds. All buckets of a limit share one, outside of every plan and table: a change of it
/// acts at once, and no bucket is filled by it.
#[derive(Debug)]
pub(crate) struct Rate {
    /// Which of `paces` holds.
    generation: AtomicU64,
    /// Those of before are needed to understand words that were written under them.
    paces: [Pace; GENERATIONS],
}

#[derive(Debug, Default)]
struct Pace {
    /// Between two requests; [`NEVER`] where none passes.
    interval_ns: AtomicU64,
    burst: AtomicU64,
    /// The rate as it was given, in the bits of an `f64`.
    rate: AtomicU64,
}

/// A power of two, so that it has bits of its own in a word.
const GENERATIONS: usize = 16;
const GENERATION_BITS: u32 = GENERATIONS.trailing_zeros();
const NEVER: u64 = u64::MAX;
/// As late as a word can say: 36 years after the start of the process.
const LATEST_NS: u64 = u64::MAX >> GENERATION_BITS;

/// A limit as it was given.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limit {
    /// Requests per second.
    pub rate: f64,
    /// Requests that may come at once.
    pub burst: u64,
}

/// A bucket.
#[derive(Debug, Default)]
pub(crate) struct Bucket(AtomicU64);

/// A token that was taken, as it must be known to be given back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    full_at_ns: u64,
    generation: u64,
}

/// A bucket that had no token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Empty {
    pub(crate) limit: Limit,
    /// Tokens that were in it: less than one.
    pub(crate) level: f64,
}

impl Rate {
    pub(crate) fn new(limit: Limit) -> Self {
        let rate = Self {
            generation: AtomicU64::new(0),
            paces: Default::default(),
        };
        rate.paces[0].set(limit);
        rate
    }

    /// Changes the limit, and says whether it is another one. Every bucket has to be [renewed](Bucket::renew) then, before it is
    /// changed again. One change at a time: whoever makes them is one task.
    pub(crate) fn set(&self, limit: Limit) -> bool {
        let (generation, pace) = self.now();
        if pace.limit() == limit {
            return false;
        }
        let next = (generation + 1) % GENERATIONS as u64;
        self.paces[next as usize].set(limit);
        self.generation.store(next, Ordering::Release);
        true
    }

    fn now(&self) -> (u64, &Pace) {
        let generation = self.generation.load(Ordering::Acquire);
        (generation, &self.paces[generation as usize])
    }
}

impl Pace {
    fn set(&self, limit: Limit) {
        let blocks = limit.burst == 0 || limit.rate <= 0.0;
        let interval_ns = match blocks {
            true => NEVER,
            // Rounded up, and never nothing: the rate is not gone beyond.
            false => ((1e9 / limit.rate).ceil() as u64).clamp(1, LATEST_NS),
        };
        self.interval_ns.store(interval_ns, Ordering::Relaxed);
        self.burst.store(limit.burst, Ordering::Relaxed);
        self.rate.store(limit.rate.to_bits(), Ordering::Relaxed);
    }

    fn limit(&self) -> Limit {
        Limit {
            rate: f64::from_bits(self.rate.load(Ordering::Relaxed)),
            burst: self.burst.load(Ordering::Relaxed),
        }
    }

    /// The time that a full bucket takes to drain.
    fn depth_ns(&self, interval_ns: u64) -> u64 {
        let burst = self.burst.load(Ordering::Relaxed);
        interval_ns.saturating_mul(burst).min(LATEST_NS)
    }
}

impl Bucket {
    /// Takes a token.
    pub(crate) fn take(&self, rate: &Rate, now_ns: u64) -> Result<Taken, Empty> {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let (generation, pace) = rate.now();
            let interval_ns = pace.interval_ns.load(Ordering::Relaxed);
            let full_at_ns = full_at(word, rate, generation, interval_ns, now_ns);
            let since_ns = full_at_ns.max(now_ns);
            let next_ns = since_ns.saturating_add(interval_ns);
            if interval_ns == NEVER || next_ns - now_ns > pace.depth_ns(interval_ns) {
                return Err(pace.empty(since_ns - now_ns, interval_ns));
            }
            let new = pack(next_ns, generation);
            match self.swap(word, new) {
                Ok(_) => {
                    return Ok(Taken {
                        full_at_ns: next_ns,
                        generation,
                    });
                }
                Err(other) => word = other,
            }
        }
    }

    /// Gives a token back that was taken for a request which another bucket refuses. One that has drained meanwhile is gone already, and
    /// after a change of the limit it is let go: never may more pass than the limit says.
    pub(crate) fn give_back(&self, taken: Taken, rate: &Rate, now_ns: impl Fn() -> u64) {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let (generation, pace) = rate.now();
            if generation != taken.generation || generation_of(word) != generation {
                return;
            }
            // Since the token was taken the bucket was never full, or it is too late.
            if now_ns() >= taken.full_at_ns {
                return;
            }
            let interval_ns = pace.interval_ns.load(Ordering::Relaxed);
            let new = pack(time_of(word).saturating_sub(interval_ns), generation);
            match self.swap(word, new) {
                Ok(_) => return,
                Err(other) => word = other,
            }
        }
    }

    /// Writes the word anew under the limit that holds now: what was taken stays taken.
    pub(crate) fn renew(&self, rate: &Rate, now_ns: u64) {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let (generation, pace) = rate.now();
            let interval_ns = pace.interval_ns.load(Ordering::Relaxed);
            // While nothing passes nothing is written, so that the next limit finds the word as it was.
            if generation_of(word) == generation || interval_ns == NEVER {
                return;
            }
            let full_at_ns = full_at(word, rate, generation, interval_ns, now_ns);
            match self.swap(word, pack(full_at_ns, generation)) {
                Ok(_) => return,
                Err(other) => word = other,
            }
        }
    }

    fn swap(&self, word: u64, new: u64) -> Result<u64, u64> {
        let (success, failure) = (Ordering::Relaxed, Ordering::Relaxed);
        self.0.compare_exchange_weak(word, new, success, failure)
    }
}

impl Pace {
    #[cold]
    fn empty(&self, debt_ns: u64, interval_ns: u64) -> Empty {
        let limit = self.limit();
        let level = match interval_ns {
            NEVER => 0.0,
            interval => limit.burst as f64 - debt_ns as f64 / interval as f64,
        };
        Empty {
            limit,
            level: level.max(0.0),
        }
    }
}

/// When the bucket is full again, under the present limit. A word of another generation tells how many requests are still in the
/// bucket, and these take their time anew.
#[inline]
fn full_at(word: u64, rate: &Rate, generation: u64, interval_ns: u64, now_ns: u64) -> u64 {
    match generation_of(word) == generation {
        true => time_of(word),
        false => converted(word, rate, interval_ns, now_ns),
    }
}

#[cold]
fn converted(word: u64, rate: &Rate, interval_ns: u64, now_ns: u64) -> u64 {
    let debt_ns = u128::from(time_of(word).saturating_sub(now_ns));
    let before = &rate.paces[generation_of(word) as usize];
    let before_ns = u128::from(before.interval_ns.load(Ordering::Relaxed));
    // It was written under the limit of something that is gone, whose place this bucket took.
    if before_ns == 0 {
        return now_ns;
    }
    // Both fit 64 bits, so their product fits 128. Rounded up.
    let debt_ns = (debt_ns * u128::from(interval_ns)).div_ceil(before_ns);
    let debt_ns = u64::try_from(debt_ns).unwrap_or(u64::MAX);
    now_ns.saturating_add(debt_ns).min(LATEST_NS)
}

fn pack(time_ns: u64, generation: u64) -> u64 {
    (time_ns.min(LATEST_NS) << GENERATION_BITS) | generation
}

fn time_of(word: u64) -> u64 {
    word >> GENERATION_BITS
}

fn generation_of(word: u64) -> u64 {
    word & (GENERATIONS as u64 - 1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn rate(per_second: f64, burst: u64) -> Rate {
        Rate::new(limit(per_second, burst))
    }

    fn limit(rate: f64, burst: u64) -> Limit {
        Limit { rate, burst }
    }

    fn taken(bucket: &Bucket, rate: &Rate, now_ns: u64) -> usize {
        (0..100_000)
            .take_while(|_| bucket.take(rate, now_ns).is_ok())
            .count()
    }

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let (bucket, rate) = (Bucket::default(), rate(10.0, 5));
        assert_eq!(taken(&bucket, &rate, SECOND), 5);
        let empty = bucket.take(&rate, SECOND).unwrap_err();
        assert_eq!((empty.limit, empty.level), (limit(10.0, 5), 0.0));
        assert_eq!(taken(&bucket, &rate, SECOND + SECOND / 20), 0);
        assert_eq!(taken(&bucket, &rate, SECOND + SECOND / 10), 1);
        assert_eq!(taken(&bucket, &rate, SECOND + SECOND / 2), 4);
        assert_eq!(taken(&bucket, &rate, 100 * SECOND), 5, "it holds no more");
    }

    #[test]
    fn nothing_passes_without_rate_or_burst() {
        for blocked in [limit(0.0, 5), limit(5.0, 0), limit(-1.0, 5)] {
            let bucket = Bucket::default();
            assert_eq!(
                taken(&bucket, &Rate::new(blocked), 9 * SECOND),
                0,
                "{blocked:?}"
            );
        }
    }

    #[test]
    fn a_change_of_the_limit_fills_nothing() {
        for between in [
            &[][..],
            &[limit(0.0, 0)],
            &[limit(1e6, 10), limit(0.001, 3)],
        ] {
            let (bucket, rate) = (Bucket::default(), rate(100.0, 100));
            assert_eq!(taken(&bucket, &rate, SECOND), 100);
            for limit in between {
                assert!(rate.set(*limit));
                bucket.renew(&rate, SECOND);
            }
            assert!(rate.set(limit(1.0, 100)));
            bucket.renew(&rate, SECOND);
            assert_eq!(taken(&bucket, &rate, SECOND), 0, "{between:?}");
            assert_eq!(taken(&bucket, &rate, 3 * SECOND), 2, "{between:?}");
        }
    }

    #[test]
    fn more_burst_is_had_at_once_and_less_too() {
        let (bucket, rate) = (Bucket::default(), rate(1.0, 10));
        assert_eq!(taken(&bucket, &rate, SECOND), 10);
        assert!(rate.set(limit(1.0, 15)));
        assert_eq!(taken(&bucket, &rate, SECOND), 5);
        assert!(rate.set(limit(1.0, 2)));
        assert_eq!(
            taken(&bucket, &rate, 14 * SECOND),
            0,
            "thirteen are still in it"
        );
        assert_eq!(taken(&bucket, &rate, 16 * SECOND), 2);
        assert!(!rate.set(limit(1.0, 2)), "the same is no change");
    }

    #[test]
    fn a_token_that_is_given_back_can_be_taken_once() {
        let (bucket, rate) = (Bucket::default(), rate(1.0, 2));
        let first = bucket.take(&rate, SECOND).unwrap();
        bucket.give_back(first, &rate, || SECOND);
        assert_eq!(taken(&bucket, &rate, SECOND), 2);
        // By now it has drained: giving it back is too late.
        let bucket = Bucket::default();
        let first = bucket.take(&rate, SECOND).unwrap();
        assert_eq!(taken(&bucket, &rate, 10 * SECOND), 2);
        bucket.give_back(first, &rate, || 10 * SECOND);
        assert_eq!(taken(&bucket, &rate, 10 * SECOND), 0);
    }

    #[test]
    fn threads_take_no_more_than_one_would() {
        let (bucket, rate) = (Arc::new(Bucket::default()), Arc::new(rate(1_000.0, 500)));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (bucket, rate) = (bucket.clone(), rate.clone());
                std::thread::spawn(move || {
                    let at = |step: u64| SECOND + step * 1_000_000;
                    (0..1_000)
                        .map(|step| usize::from(bucket.take(&rate, at(step)).is_ok()))
                        .sum::<usize>()
                })
            })
            .collect();
        let sum: usize = threads.into_iter().map(|it| it.join().unwrap()).sum();
        // One second passes: clocks of threads that lag behind take from what is left, never more.
        assert!(sum <= 1_500, "{sum}");
        assert!(sum >= 1_400, "{sum}");
    }

    proptest! {
        /// Requests at any times: in no span do more pass than rate × time + burst, and one that could pass does.
        #[test]
        fn never_above_rate_times_time_plus_burst(
            per_second in 0.01_f64..50_000.0,
            burst in 1_u64..50,
            gaps in prop::collection::vec(0_u64..2_000_000_000, 1..300),
        ) {
            let (bucket, rate) = (Bucket::default(), rate(per_second, burst));
            let (mut now, mut passed, mut level) = (SECOND, Vec::new(), burst as f64);
            for gap in gaps {
                now += gap;
                level = (level + gap as f64 / 1e9 * per_second).min(burst as f64);
                match bucket.take(&rate, now) {
                    Ok(_) => {
                        passed.push(now);
                        level -= 1.0;
                        prop_assert!(level > -0.001, "{level} tokens were there");
                    }
                    Err(_) => prop_assert!(level < 1.001, "refused with {level} tokens"),
                }
            }
            for (first, from) in passed.iter().enumerate() {
                for (last, to) in passed.iter().enumerate().skip(first) {
                    let allowed = (to - from) as f64 / 1e9 * per_second + burst as f64;
                    prop_assert!((last - first + 1) as f64 <= allowed + 1e-6);
                }
            }
        }
    }
}
