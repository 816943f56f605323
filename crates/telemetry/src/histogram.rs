//! A histogram of durations with fixed buckets, written by one core.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use crate::counters::{add, read};

/// The upper bounds of the buckets in microseconds, and as Prometheus shows them, in seconds. The last is beyond 29 s,
/// the longest that an integration of a REST API may take by default.
pub(crate) const BOUNDS: [(u64, &str); 16] = [
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (2_500_000, "2.5"),
    (5_000_000, "5"),
    (10_000_000, "10"),
    (20_000_000, "20"),
    (30_000_000, "30"),
];

/// Counts per bucket, the one past the last bound included, and their sum.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    counts: [AtomicU64; BOUNDS.len() + 1],
    sum_us: AtomicU64,
}

/// What histograms of several cores add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) counts: [u64; BOUNDS.len() + 1],
    pub(crate) sum_us: u64,
}

impl Histogram {
    pub(crate) fn add(&self, duration: Duration) {
        let us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.partition_point(|(bound, _text)| *bound < us);
        add(&self.counts[bucket], 1);
        add(&self.sum_us, us);
    }

    pub(crate) fn add_to(&self, sum: &mut Sum) {
        for (total, count) in sum.counts.iter_mut().zip(&self.counts) {
            *total += read(count);
        }
        sum.sum_us = sum.sum_us.wrapping_add(read(&self.sum_us));
    }
}

impl Sum {
    pub(crate) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_grow_and_belong_to_their_own_bucket() {
        assert!(BOUNDS.is_sorted_by(|one, other| one.0 < other.0));
        for (number, (bound, text)) in BOUNDS.iter().enumerate() {
            assert_eq!(text.parse::<f64>().unwrap() * 1e6, *bound as f64, "{text}");
            let histogram = Histogram::default();
            histogram.add(Duration::from_micros(*bound));
            histogram.add(Duration::from_micros(bound + 1));
            let mut sum = Sum::default();
            histogram.add_to(&mut sum);
            assert_eq!(
                (sum.counts[number], sum.counts[number + 1]),
                (1, 1),
                "{text}"
            );
            assert_eq!((sum.count(), sum.sum_us), (2, 2 * bound + 1));
        }
    }

    #[test]
    fn a_duration_without_end_is_counted() {
        let histogram = Histogram::default();
        histogram.add(Duration::MAX);
        let mut sum = Sum::default();
        histogram.add_to(&mut sum);
        assert_eq!(sum.counts[BOUNDS.len()], 1);
    }
}
