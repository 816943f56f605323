//! Days and the periods in which requests of a quota are counted. All of it is UTC.
//! <https://docs.aws.amazon.com/apigateway/latest/api/API_QuotaSettings.html>
//!
//! Guess: a day ends at midnight, a week begins on Sunday, a month on its first day.

use std::fmt;

const MS_OF_DAY: u64 = 24 * 60 * 60 * 1_000;

/// A day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u16);

/// In which a quota's requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// `DAY`
    Day,
    /// `WEEK`
    Week,
    /// `MONTH`
    Month,
}

impl Day {
    /// The day of a moment, in milliseconds since 1970. Days after 2149 are the last one.
    pub fn of_ms(ms: u64) -> Self {
        Self(u16::try_from(ms / MS_OF_DAY).unwrap_or(u16::MAX))
    }

    /// The day of a date such as `2026-11-25`, if there is one.
    pub fn of_date(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits)?;
            let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| part.parse::<i64>().ok()).flatten()
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        if parts.next().is_some() || !(1..=12).contains(&month) || day == 0 {
            return None;
        }
        let found = Self(u16::try_from(days_before(year, month) + day - 1).ok()?);
        // The thirtieth of February would be another month's day.
        (found.date() == (year, month, day)).then_some(found)
    }

    /// Year, month and day.
    fn date(self) -> (i64, i64, i64) {
        // Years are counted from March, so that a leap day is the last of its year; eras have 400 years.
        let days = i64::from(self.0) + DAYS_FROM_MARCH_0;
        let (era, of_era) = (days / DAYS_OF_ERA, days % DAYS_OF_ERA);
        let year_of_era =
            (of_era - of_era / 1_460 + of_era / 36_524 - of_era / (DAYS_OF_ERA - 1)) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = era * 400 + year_of_era + i64::from(month <= 2);
        (year, month, day)
    }
}

const DAYS_OF_ERA: i64 = 146_097;
/// From the first of March of the year 0 to 1970.
const DAYS_FROM_MARCH_0: i64 = 719_468;

/// Days from 1970 to the first of a month.
fn days_before(year: i64, month: i64) -> i64 {
    let (year, from_march) = match month > 2 {
        true => (year, month - 3),
        false => (year - 1, month + 9),
    };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * from_march + 2) / 5;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * DAYS_OF_ERA + of_era - DAYS_FROM_MARCH_0
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

impl Period {
    /// The period of this name.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "DAY" => Some(Self::Day),
            "WEEK" => Some(Self::Week),
            "MONTH" => Some(Self::Month),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
        }
    }

    /// The first day of the period that `day` is in.
    pub fn start(self, day: Day) -> Day {
        match self {
            Self::Day => day,
            // 1970 began on a Thursday.
            Self::Week => Day(day.0.saturating_sub((day.0 + 4) % 7)),
            Self::Month => Day(day.0.saturating_sub(day.date().2 as u16 - 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::of_date(text).expect(text)
    }

    #[test]
    fn every_day_has_one_date() {
        let mut before = String::new();
        for number in 0..=u16::MAX - 1 {
            let text = Day(number).to_string();
            assert!(text > before, "{text} after {before}");
            assert_eq!(day(&text), Day(number), "{text}");
            before = text;
        }
        assert_eq!(Day(0).to_string(), "1970-01-01");
        assert_eq!(Day::of_ms(1_767_225_600_000).to_string(), "2026-01-01");
        assert_eq!(Day::of_ms(1_767_225_599_999).to_string(), "2025-12-31");
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "2026",
            "2026-1-1",
            "2026-13-01",
            "2026-00-01",
            "2026-02-29",
            "2026-04-31",
            "2026-01-00",
            "2026-01-01-01",
            "1969-12-31",
            "+026-01-01",
            "2026-01-0１",
            "9999-01-01",
        ] {
            assert_eq!(Day::of_date(text), None, "{text}");
        }
        assert!(Day::of_date("2024-02-29").is_some());
    }

    #[test]
    fn periods_begin_at_midnight_on_sunday_and_on_the_first() {
        for (period, now, start) in [
            (Period::Day, "2026-11-25", "2026-11-25"),
            (Period::Week, "2026-11-25", "2026-11-22"),
            (Period::Week, "2026-11-22", "2026-11-22"),
            (Period::Week, "2026-11-28", "2026-11-22"),
            (Period::Month, "2026-11-25", "2026-11-01"),
            (Period::Month, "2024-02-29", "2024-02-01"),
            (Period::Month, "2026-03-01", "2026-03-01"),
        ] {
            assert_eq!(period.start(day(now)), day(start), "{period:?} {now}");
            assert_eq!(Period::of(period.name()), Some(period));
        }
        assert_eq!(Period::of("YEAR"), None);
    }
}
