//! Moments of conditions: the forms of ISO 8601 that W3C's note lists, or seconds since 1970.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date>
//! <https://www.w3.org/TR/NOTE-datetime>

const DAY_MS: i64 = 86_400_000;

/// Milliseconds since 1970 of what `text` says; beyond what fits, the first or last that does. IAM takes years of other lengths and
/// numbers of one digit as well, as moto's tests record. Guess: four digits alone are a year, as in the note, and not seconds.
pub(crate) fn read(text: &str) -> Option<i64> {
    let is_epoch = text.len() != 4 && text.bytes().all(|b| b.is_ascii_digit());
    if is_epoch {
        return text.parse::<i64>().ok().map(|s| s.saturating_mul(1000));
    }
    let (day, time) = match text.split_once(['T', 't']) {
        Some((day, "")) => (read_day(day)?, 0),
        Some((day, time)) => (read_day(day)?, read_time(time)?),
        None => (read_day(text)?, 0),
    };
    Some(day.saturating_mul(DAY_MS).saturating_add(time))
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as days since 1970.
fn read_day(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut parts = text.split('-');
    let year = sign * digits(parts.next()?, 9)?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| digits(part, 2))?;
    let is_date = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    (is_date && parts.next().is_none()).then(|| days_since_1970(year, month, day))
}

/// `hh`, `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s`, with `Z`, an offset, or nothing, which is UTC.
fn read_time(text: &str) -> Option<i64> {
    let at = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    let (time, zone) = text.split_at(at);
    let mut parts = time.split(':');
    let hour = digits(parts.next()?, 2)?;
    let minute = parts.next().map_or(Some(0), |part| digits(part, 2))?;
    let second = parts.next().map_or(Some(0), read_second_ms)?;
    let is_time = hour < 24 && minute < 60 && second < 60_000 && parts.next().is_none();
    let offset = read_zone(zone)?;
    is_time.then_some((hour * 60 + minute - offset) * 60_000 + second)
}

fn read_second_ms(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits =
        (1..=9).contains(&fraction.len()) && fraction.bytes().all(|b| b.is_ascii_digit());
    let first: String = fraction.chars().chain("00".chars()).take(3).collect();
    let ms = are_digits.then(|| first.parse::<i64>().ok()).flatten()?;
    Some(digits(whole, 2)? * 1000 + ms)
}

/// Minutes east of UTC.
fn read_zone(text: &str) -> Option<i64> {
    if matches!(text, "" | "Z" | "z") {
        return Some(0);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "00"));
    let is_whole = hours.len() == 2 && minutes.len() == 2;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (is_whole && hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn digits(text: &str, length_max: usize) -> Option<i64> {
    let are_digits = text.len() <= length_max && text.bytes().all(|b| b.is_ascii_digit());
    are_digits.then(|| text.parse().ok()).flatten()
}

fn days_of(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Years begin in March here, so that the day of a leap year is their last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + day_of_year - 719_468
}

/// `2026-01-01T00:00:00Z`, as AWS gives `aws:CurrentTime`; of a moment beyond four digits of years the seconds since 1970.
pub(crate) fn write(ms: i64) -> String {
    let (days, rest) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS) / 1000);
    let Some((year, month, day)) = date_of(days) else {
        return ms.div_euclid(1000).to_string();
    };
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn date_of(days: i64) -> Option<(i64, i64, i64)> {
    let shifted = days.checked_add(719_468)?;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = year + era * 400 + i64::from(month >= 10);
    let month = if month < 10 { month + 3 } else { month - 9 };
    (0..=9999).contains(&year).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form() {
        for (text, seconds) in [
            ("1970", 0),
            ("2020-01", 1_577_836_800),
            ("2020-02-29", 1_582_934_400),
            ("2020-01-01T00:00:01Z", 1_577_836_801),
            ("2020-01-01t00:00z", 1_577_836_800),
            ("2020-01-01T02:00+02:00", 1_577_836_800),
            ("2019-12-31T22:30:00-01:30", 1_577_836_800),
            ("1577836800", 1_577_836_800),
            ("2020-1-1T2+02", 1_577_836_800),
            ("2020-01-01T", 1_577_836_800),
            ("0000-03-01T00:00:00Z", -62_162_035_200),
        ] {
            assert_eq!(read(text), Some(seconds * 1000), "{text}");
        }
        assert_eq!(read("1970-01-01T00:00:00.25Z"), Some(250));
        assert_eq!(read("-292275055"), Some(i64::MIN));
        assert_eq!(read("9223372036854775807"), Some(i64::MAX));
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "today",
            "2020-13",
            "2020-02-30",
            "2021-02-29",
            "2020-01-01T24:00Z",
            "2020-01-01T00:00:60Z",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00+1",
            "2020-01-01T00:00+24",
            "2020-01-01T:00",
            "-",
            "--1",
            "99999999999999999999",
            "9999999999-01",
            "2020-01-01-01",
            "20é0",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for days in (-719_000..2_900_000).step_by(997) {
            let ms = days * DAY_MS + 3_661_000;
            assert_eq!(read(&write(ms)), Some(ms), "{}", write(ms));
        }
        assert_eq!(write(i64::MAX), (i64::MAX / 1000).to_string());
    }
}
