//! Times as signatures write them: `20260101T120000Z`, ISO 8601's basic format, to the second.

use std::fmt;

/// A second, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    seconds: u64,
}

const DAY: u64 = 86_400;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// The last year with four digits, so that every moment can be written.
const YEAR_MAX: u64 = 9999;
const SECONDS_MAX: u64 = 253_402_300_799;

impl Moment {
    /// Of milliseconds since 1970.
    pub fn from_ms(ms: u64) -> Self {
        Self::from_seconds(ms / 1000)
    }

    fn from_seconds(seconds: u64) -> Self {
        Self {
            seconds: seconds.min(SECONDS_MAX),
        }
    }

    /// Reads `YYYYMMDDTHHMMSSZ`.
    pub fn read_basic(text: &str) -> Option<Self> {
        let is_shaped = text.len() == 16 && text.is_ascii();
        if !is_shaped || &text[8..9] != "T" || &text[15..] != "Z" {
            return None;
        }
        let part = |from, to| number(&text[from..to]);
        Self::of(
            [part(0, 4)?, part(4, 6)?, part(6, 8)?],
            [part(9, 11)?, part(11, 13)?, part(13, 15)?],
        )
    }

    /// Reads the form of HTTP's `Date` header, `Thu, 01 Jan 2026 12:00:00 GMT`.
    pub(crate) fn read_http(text: &str) -> Option<Self> {
        let (_weekday, rest) = text.split_once(", ")?;
        let parts: Vec<&str> = rest.split(' ').collect();
        let [day, month, year, time, "GMT"] = parts.as_slice() else {
            return None;
        };
        let month = MONTHS.iter().position(|known| known == month)? as u64 + 1;
        let time: Vec<Option<u64>> = time.split(':').map(number).collect();
        let [hour, minute, second] = time.as_slice() else {
            return None;
        };
        Self::of(
            [number(year)?, month, number(day)?],
            [(*hour)?, (*minute)?, (*second)?],
        )
    }

    fn of([year, month, day]: [u64; 3], [hour, minute, second]: [u64; 3]) -> Option<Self> {
        let is_date = (1970..=YEAR_MAX).contains(&year) && (1..=12).contains(&month);
        if !is_date || !(1..=days_of(year, month)).contains(&day) {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let years: u64 = (1970..year).map(days_of_year).sum();
        let months: u64 = (1..month).map(|month| days_of(year, month)).sum();
        let days = years + months + day - 1;
        Some(Self::from_seconds(
            days * DAY + hour * 3600 + minute * 60 + second,
        ))
    }

    /// `YYYYMMDD`, as a credential scope begins.
    pub fn day(self) -> String {
        let (year, month, day) = self.date();
        format!("{year:04}{month:02}{day:02}")
    }

    pub(crate) fn plus_minutes(self, minutes: u32) -> Self {
        Self::from_seconds(self.seconds.saturating_add(u64::from(minutes) * 60))
    }

    pub(crate) fn minus_minutes(self, minutes: u32) -> Self {
        Self::from_seconds(self.seconds.saturating_sub(u64::from(minutes) * 60))
    }

    pub(crate) fn minus_seconds(self, seconds: u32) -> Self {
        Self::from_seconds(self.seconds.saturating_sub(u64::from(seconds)))
    }

    fn date(self) -> (u64, u64, u64) {
        let mut days = self.seconds / DAY;
        let mut year = 1970;
        while days >= days_of_year(year) {
            days -= days_of_year(year);
            year += 1;
        }
        let mut month = 1;
        while days >= days_of(year, month) {
            days -= days_of(year, month);
            month += 1;
        }
        (year, month, days + 1)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.seconds % DAY;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(out, "{}T{hour:02}{minute:02}{second:02}Z", self.day())
    }
}

fn number(digits: &str) -> Option<u64> {
    let is_number =
        !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of_year(year: u64) -> u64 {
    365 + u64::from(is_leap(year))
}

fn days_of(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            "19700101T000000Z",
            "20000229T235959Z",
            "20150830T123600Z",
            "20261231T000001Z",
            "99991231T235959Z",
        ] {
            assert_eq!(Moment::read_basic(text).expect(text).to_string(), text);
        }
        assert_eq!(
            Moment::from_ms(1_440_938_160_999).to_string(),
            "20150830T123600Z"
        );
        assert_eq!(Moment::from_ms(u64::MAX).to_string(), "99991231T235959Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "20150830",
            "20150830T123600",
            "20150830 123600Z",
            "2015-08-30T12:36:00Z",
            "20150229T000000Z",
            "20151301T000000Z",
            "20150830T243600Z",
            "20150830T126000Z",
            "+0150830T123600Z",
            "19691231T235959Z",
            "2015083éT123600Z",
        ] {
            assert_eq!(Moment::read_basic(text), None, "{text}");
        }
    }

    #[test]
    fn dates_of_http_are_read() {
        let read = |text| Moment::read_http(text).map(|moment| moment.to_string());
        assert_eq!(
            read("Sun, 30 Aug 2015 12:36:00 GMT").as_deref(),
            Some("20150830T123600Z")
        );
        for text in [
            "Sun, 30 Aug 2015 12:36:00 +0000",
            "30 Aug 2015",
            "Sun, 30 Foo 2015 12:36:00 GMT",
            "Sun, 30 Aug 2015 12:36 GMT",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn minutes_are_added_within_what_can_be_written() {
        let moment = Moment::read_basic("20151231T235900Z").expect("a time");
        assert_eq!(moment.plus_minutes(5).to_string(), "20160101T000400Z");
        assert_eq!(Moment::from_ms(0).minus_minutes(5), Moment::from_ms(0));
    }
}
