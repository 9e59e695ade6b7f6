//! Dates and durations as the answers show them.

use alloc::format;
use alloc::string::String;

/// `04/Mar/2009:15:46:56.081`, in UTC: the core knows no time zone.
pub(crate) fn date(wall_nanos: u64) -> String {
    let millis = wall_nanos / 1_000_000;
    let seconds = millis / 1000;
    let (year, month, day) = civil(seconds / 86_400);
    let name = MONTHS.get(month).copied().unwrap_or_default();
    format!(
        "{day:02}/{name}/{year:04}:{:02}:{:02}:{:02}.{:03}",
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
        millis % 1000,
    )
}

/// `0d 1h01m28s`, as in `show info`.
pub(crate) fn uptime(seconds: u64) -> String {
    format!(
        "{}d {}h{:02}m{:02}s",
        seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    )
}

/// `0:01:01:28`, as in a timed prompt.
pub(crate) fn uptime_short(seconds: u64) -> String {
    format!(
        "{}:{:02}:{:02}:{:02}",
        seconds / 86_400,
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60,
    )
}

/// Year, month from 0 and day of the month, `days` after 1970-01-01, in the Gregorian calendar.
///
/// Years are taken to begin in March, so that the leap day is a year's last.
fn civil(days: u64) -> (u64, usize, u64) {
    let from_march = days + DAYS_FROM_0000_03_01;
    let (era, day_of_era) = (from_march / 146_097, from_march % 146_097);
    let leap_days = day_of_era / 1460 + day_of_era / 146_096 - day_of_era / 36_524;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = (march_month + 2) % 12;
    let year = era * 400 + year_of_era + u64::from(month < 2);
    (year, month as usize, day)
}

const DAYS_FROM_0000_03_01: u64 = 719_468;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::{date, uptime, uptime_short};

    fn at(seconds: u64) -> alloc::string::String {
        date(seconds * 1_000_000_000)
    }

    #[test]
    fn dates_around_leap_days_and_new_years() {
        assert_eq!(at(0), "01/Jan/1970:00:00:00.000");
        assert_eq!(at(951_782_399), "28/Feb/2000:23:59:59.000");
        assert_eq!(at(951_782_400), "29/Feb/2000:00:00:00.000");
        assert_eq!(at(1_709_251_199), "29/Feb/2024:23:59:59.000");
        assert_eq!(at(1_735_689_599), "31/Dec/2024:23:59:59.000");
        assert_eq!(at(4_107_542_400), "01/Mar/2100:00:00:00.000");
        assert_eq!(date(1_236_181_616_081_999_999), "04/Mar/2009:15:46:56.081");
    }

    #[test]
    fn an_uptime_has_days_beyond_a_day() {
        assert_eq!(uptime(88), "0d 0h01m28s");
        assert_eq!(uptime(90_061), "1d 1h01m01s");
        assert_eq!(uptime_short(90_061), "1:01:01:01");
    }
}
