//! A time on the wire.

/// A point in time, kept in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    ms: i64,
}

impl Timestamp {
    /// The time `ms` milliseconds after the start of 1970.
    pub fn from_ms(ms: u64) -> Self {
        Self {
            ms: i64::try_from(ms).unwrap_or(i64::MAX),
        }
    }

    /// The time `seconds` after the start of 1970, to the millisecond; what lies beyond any calendar is clamped.
    pub fn from_seconds(seconds: f64) -> Self {
        Self {
            ms: (seconds * 1000.0).round() as i64,
        }
    }

    /// Milliseconds since the start of 1970, negative before it.
    pub fn ms(self) -> i64 {
        self.ms
    }

    /// The same time without its fraction of a second.
    pub fn whole_seconds(self) -> Self {
        Self {
            ms: self.ms.div_euclid(1000).saturating_mul(1000),
        }
    }
}
