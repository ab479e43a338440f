//! The date at which a cookie expires, in any of the forms that servers write
//! ([RFC 6265](https://www.rfc-editor.org/rfc/rfc6265#section-5.1.1), 5.1.1).

use std::time::{Duration, SystemTime};

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Reads a date. Days of the week and time zones mean nothing.
pub fn parse(text: &str) -> Option<SystemTime> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == ':' || !c.is_ascii();
    for word in text.split(|c| !is_part(c)) {
        let number = digits(word);
        if time.is_none() && word.contains(':') {
            time = clock(word);
        } else if let (None, Some(number), Some(1..=2)) = (day, number, length(word)) {
            day = Some(number);
        } else if let (None, Some(found)) = (month, month_of(word)) {
            month = Some(found);
        } else if let (None, Some(number), Some(2 | 4)) = (year, number, length(word)) {
            year = Some(match number {
                0..70 => number + 2000,
                70..100 => number + 1900,
                _ => number,
            });
        }
    }
    let (time, day, month, year) = (time?, day?, month?, year?);
    if !(1..=31).contains(&day) || year < 1601 {
        return None;
    }
    let days = days(year, month, day);
    let seconds = days.checked_mul(86_400)?.checked_add(time)?;
    // What was over before 1970 is over.
    let seconds = u64::try_from(seconds).unwrap_or(0);
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// The number at the beginning of a word.
fn digits(word: &str) -> Option<i64> {
    word.get(..length(word)?)?.parse().ok()
}

/// How many digits a word begins with; `None` if with none.
fn length(word: &str) -> Option<usize> {
    let length = word.bytes().take_while(u8::is_ascii_digit).count();
    (1..10).contains(&length).then_some(length)
}

fn month_of(word: &str) -> Option<i64> {
    let begin = word.get(..3)?;
    let place = MONTHS
        .iter()
        .position(|name| name.eq_ignore_ascii_case(begin));
    place.and_then(|place| i64::try_from(place + 1).ok())
}

/// The seconds of `10:18:14`.
fn clock(word: &str) -> Option<i64> {
    let mut parts = word.split(':').map(digits);
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let is_time = hours < 24 && minutes < 60 && seconds < 60;
    is_time.then_some(hours * 3600 + minutes * 60 + seconds)
}

/// The days from 1970 to this date, in years that begin in March, so that a leap day is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_form() {
        let expected = httpdate::parse_http_date("Tue, 09 Jun 2020 10:18:14 GMT").unwrap();
        for text in [
            "Tue, 09 Jun 2020 10:18:14 GMT",
            "Tuesday, 09-Jun-20 10:18:14 GMT",
            "Tue Jun  9 10:18:14 2020",
            "Wed, 9-Jun-2020 10:18:14",
            "9 june 2020 10:18:14 UTC",
            "10:18:14 2020 Jun 9th",
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for text in [
            "Thu, 01-Jan-1970 0:00:00 GMT",
            "Mon, 01 Jan 1900 00:00:00 GMT",
        ] {
            assert_eq!(parse(text), Some(SystemTime::UNIX_EPOCH), "{text}");
        }
        let leap = httpdate::parse_http_date("Tue, 29 Feb 2028 23:59:59 GMT").unwrap();
        assert_eq!(parse("29 Feb 28 23:59:59"), Some(leap));
        for text in [
            "",
            "0",
            "nonsense",
            "1 Jan 2020",
            "1 Jan 2020 24:00:00",
            "32 Jan 2020 1:00:00",
            "1 Jan 1600 1:00:00",
            "99999999999 Jan 9999999999 1:1:1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
