//! Dates.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

/// The form of a date that ISO 8601 has: `2024-03-31`, with or without a time of day behind it.
pub(super) const ISO: &str = "%Y-%m-%d";

/// Forms that are looked for, the likeliest first.
pub(crate) const DATE_FORMS: [&str; 14] = [
    ISO,
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d %b %Y",
    "%b %d, %Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%Y%m%d",
];

/// What may stand behind a date.
const TIMES: [&str; 4] = ["%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M %p"];

/// The moment that a cell says in this form, a time of day behind it or not.
pub(crate) fn parse(cell: &str, form: &str) -> Option<NaiveDateTime> {
    if let Ok(date) = NaiveDate::parse_from_str(cell, form) {
        return sensible(date).then(|| date.and_time(NaiveTime::MIN));
    }
    if form == ISO
        && let Ok(moment) = DateTime::parse_from_rfc3339(cell)
    {
        return sensible(moment.date_naive()).then(|| moment.naive_local());
    }
    let (date, rest) = NaiveDate::parse_and_remainder(cell, form).ok()?;
    let rest = rest.strip_prefix(['T', 't', ' ']).or_else(|| rest.strip_prefix(", "))?.trim();
    let rest = rest.strip_suffix('Z').unwrap_or(rest);
    let time = TIMES.iter().find_map(|time| NaiveTime::parse_from_str(rest, time).ok())?;
    sensible(date).then(|| date.and_time(time))
}

/// The hours since midnight that a time of day says: `8:30`, `08:30:15`, `8:30 pm`. Minutes have two digits: `2:1` is a score.
pub(crate) fn hours(cell: &str) -> Option<f64> {
    let two_digits = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count() == 2;
    if !cell.split(':').skip(1).all(two_digits) {
        return None;
    }
    let time = TIMES.iter().find_map(|time| NaiveTime::parse_from_str(cell, time).ok())?;
    let seconds = f64::from(time.num_seconds_from_midnight()) + f64::from(time.nanosecond()) / 1e9;
    Some(seconds / 3_600.0)
}

/// A year of two digits is read as one of the first century.
fn sensible(date: NaiveDate) -> bool {
    (1000..=3000).contains(&date.year())
}

/// Days from the beginning of 2000, with the time of day as a fraction.
pub(super) fn days(moment: NaiveDateTime) -> f64 {
    let seconds = f64::from(moment.num_seconds_from_midnight());
    // 730,120 days lie between the first day of chrono's count and the beginning of 2000.
    f64::from(moment.num_days_from_ce() - 730_120) + seconds / 86_400.0
}

/// The number of the month, from 1, and of the weekday, Monday being 1.
pub(super) fn calendar(moment: NaiveDateTime) -> [u32; 2] {
    [moment.month(), moment.weekday().number_from_monday()]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn times_are_hours_since_midnight() {
        for (cell, time) in
            [("00:00", 0.0), ("8:30", 8.5), ("08:30:00", 8.5), ("8:30 PM", 20.5), ("12:00 am", 0.0)]
        {
            assert_eq!(hours(cell), Some(time), "{cell}");
        }
        assert!(hours("00:00:00.36").is_some_and(|time| (time * 3_600.0 - 0.36).abs() < 1e-9));
        for cell in
            ["", "24:00", "8", "8:60", "8:30 x", "1:30:00:00", "-1:00", "2:1", "16:9", "8:5 PM", "1:30:5"]
        {
            assert_eq!(hours(cell), None, "{cell}");
        }
    }

    #[test]
    fn dates_are_read_in_their_form_with_and_without_a_time() {
        for (cell, form, day) in [
            ("2000-01-01", ISO, 0.0),
            ("2000-01-02T12:00:00", ISO, 1.5),
            ("2000-01-02 06:00", ISO, 1.25),
            ("2000-01-02T00:00:00Z", ISO, 1.0),
            ("31.12.1999", "%d.%m.%Y", -1.0),
            ("02/01/2000", "%d/%m/%Y", 1.0),
            ("01/02/2000 6:00 PM", "%m/%d/%Y", 1.75),
            ("Jan 2, 2000", "%b %d, %Y", 1.0),
            ("January 2, 2000", "%B %d, %Y", 1.0),
            ("2 January 2000", "%d %B %Y", 1.0),
            ("20000102", "%Y%m%d", 1.0),
        ] {
            assert_eq!(parse(cell, form).map(days), Some(day), "{cell}");
        }
        for (cell, form) in [
            ("2000-13-01", ISO),
            ("12", "%Y%m%d"),
            ("", ISO),
            ("01.02.03", "%d.%m.%Y"),
            ("2000-01-02 x", ISO),
        ] {
            assert_eq!(parse(cell, form), None, "{cell}");
        }
        // A Monday in July.
        assert_eq!(calendar(parse("2024-07-01", ISO).unwrap()), [7, 1]);
    }
}
