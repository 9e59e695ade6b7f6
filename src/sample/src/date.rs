//! Dates: the calendar, and how log lines and syslog headers write them.

use crate::text::put_padded;
use alloc::vec::Vec;

/// Wall-clock time and where on Earth it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Nanoseconds since 1970-01-01 UTC.
    pub wall_nanos: u64,
    /// What local time is ahead of UTC, minutes.
    pub utc_offset_minutes: i32,
}

/// A date and time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// After Christ.
    pub year: u32,
    /// From 1.
    pub month: u32,
    /// Of the month, from 1.
    pub day: u32,
    /// Of the day.
    pub hour: u32,
    /// Of the hour.
    pub minute: u32,
    /// Of the minute.
    pub second: u32,
    /// Of the second, millionths.
    pub micros: u32,
}

impl Clock {
    /// The same moment in UTC.
    pub fn utc(self) -> Self {
        Self {
            utc_offset_minutes: 0,
            ..self
        }
    }

    /// Milliseconds of the second.
    pub fn millis(self) -> u32 {
        (self.wall_nanos / 1_000_000 % 1_000) as u32
    }

    /// `06/Feb/2009:12:14:14`
    pub fn put_log_date(self, out: &mut Vec<u8>) {
        let date = self.civil();
        put_padded(out, date.day, 2, b'0');
        out.push(b'/');
        out.extend_from_slice(date.month_name());
        out.push(b'/');
        put_padded(out, date.year, 4, b'0');
        out.push(b':');
        date.put_time(out);
    }

    /// `06/Feb/2009:12:14:14 +0100`
    pub fn put_log_date_zone(self, out: &mut Vec<u8>) {
        self.put_log_date(out);
        out.push(b' ');
        self.put_zone(out, b"");
    }

    /// `06/Feb/2009:12:14:14.655`
    pub fn put_log_date_millis(self, out: &mut Vec<u8>) {
        self.put_log_date(out);
        out.push(b'.');
        put_padded(out, self.millis(), 3, b'0');
    }

    /// `Feb  6 12:14:14` (RFC 3164 §4.1.2).
    pub fn put_rfc3164_date(self, out: &mut Vec<u8>) {
        let date = self.civil();
        out.extend_from_slice(date.month_name());
        out.push(b' ');
        put_padded(out, date.day, 2, b' ');
        out.push(b' ');
        date.put_time(out);
    }

    /// `2009-02-06T12:14:14.655000+01:00` (RFC 5424 §6.2.3).
    pub fn put_iso_date(self, out: &mut Vec<u8>) {
        let date = self.civil();
        put_padded(out, date.year, 4, b'0');
        out.push(b'-');
        put_padded(out, date.month, 2, b'0');
        out.push(b'-');
        put_padded(out, date.day, 2, b'0');
        out.push(b'T');
        date.put_time(out);
        out.push(b'.');
        put_padded(out, date.micros, 6, b'0');
        self.put_zone(out, b":");
    }

    /// `+0100`, with `between` between hours and minutes.
    fn put_zone(self, out: &mut Vec<u8>, between: &[u8]) {
        let ahead = self.utc_offset_minutes;
        out.push(if ahead < 0 { b'-' } else { b'+' });
        put_padded(out, ahead.unsigned_abs() / 60, 2, b'0');
        out.extend_from_slice(between);
        put_padded(out, ahead.unsigned_abs() % 60, 2, b'0');
    }

    /// The date and time of day where it is read.
    pub fn civil(self) -> Civil {
        let utc_seconds = self.wall_nanos / 1_000_000_000;
        let seconds = utc_seconds.saturating_add_signed(i64::from(self.utc_offset_minutes) * 60);
        let of_day = (seconds % 86_400) as u32;
        let day = Day::after_1970((seconds / 86_400) as i64);
        Civil {
            year: day.year as u32,
            month: day.month,
            day: day.day,
            hour: of_day / 3_600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            micros: (self.wall_nanos / 1_000 % 1_000_000) as u32,
        }
    }
}

/// A day of the Gregorian calendar, which has no beginning here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// After Christ; 0 is the year before 1.
    pub year: i64,
    /// From 1.
    pub month: u32,
    /// Of the month, from 1.
    pub day: u32,
}

impl Day {
    /// The day so many days after 1970-01-01.
    pub const fn after_1970(days: i64) -> Self {
        // Years are counted from March, so that the leap day is the last of its year. In an era of 400
        // years there are 146,097 days.
        let days = days + DAYS_TO_1970;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
        let year_of_era = (day_of_era - leap_days) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // From March on, five months have 153 days, again and again.
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 {
            month_from_march + 3
        } else {
            month_from_march - 9
        };
        Self {
            year: era * 400 + year_of_era + (month <= 2) as i64,
            month: month as u32,
            day: day as u32,
        }
    }

    /// How many days after 1970-01-01 it is. A day beyond the end of its month is one of the next.
    pub const fn days_after_1970(self) -> i64 {
        let year = self.year - (self.month <= 2) as i64;
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let month_from_march = (self.month as i64 + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + self.day as i64 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - DAYS_TO_1970
    }
}

/// From 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

impl Civil {
    fn month_name(&self) -> &'static [u8] {
        MONTHS[self.month as usize - 1]
    }

    /// `12:14:14`
    fn put_time(&self, out: &mut Vec<u8>) {
        put_padded(out, self.hour, 2, b'0');
        out.push(b':');
        put_padded(out, self.minute, 2, b'0');
        out.push(b':');
        put_padded(out, self.second, 2, b'0');
    }
}

/// The months, as dates in logs call them.
pub const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

#[cfg(test)]
mod tests {
    use super::{Clock, Day};
    use alloc::vec::Vec;

    fn date(seconds: u64, utc_offset_minutes: i32) -> Vec<u8> {
        let mut out = Vec::new();
        Clock {
            wall_nanos: seconds * 1_000_000_000 + 7_000,
            utc_offset_minutes,
        }
        .put_iso_date(&mut out);
        out
    }

    #[test]
    fn days_are_those_of_the_gregorian_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00.000007+00:00"),
            (951_782_399, "2000-02-28T23:59:59.000007+00:00"),
            (951_782_400, "2000-02-29T00:00:00.000007+00:00"),
            (951_868_800, "2000-03-01T00:00:00.000007+00:00"),
            (1_704_067_199, "2023-12-31T23:59:59.000007+00:00"),
            (1_709_251_199, "2024-02-29T23:59:59.000007+00:00"),
            (4_107_542_400, "2100-03-01T00:00:00.000007+00:00"),
        ] {
            assert_eq!(date(seconds, 0), expected.as_bytes(), "{seconds}");
        }
    }

    #[test]
    fn local_time_may_be_another_day() {
        assert_eq!(date(951_782_399, 90), b"2000-02-29T01:29:59.000007+01:30");
        assert_eq!(date(951_782_400, -210), b"2000-02-28T20:30:00.000007-03:30");
    }

    #[test]
    fn a_day_has_one_place_in_the_calendar() {
        for (days, year, month, day) in [
            (0, 1970, 1, 1),
            (-1, 1969, 12, 31),
            (11_016, 2000, 2, 29),
            (-719_468, 0, 3, 1),
            (-719_469, 0, 2, 29),
            (-719_528, 0, 1, 1),
            (-719_529, -1, 12, 31),
            (2_932_896, 9999, 12, 31),
        ] {
            let wanted = Day { year, month, day };
            assert_eq!(Day::after_1970(days), wanted);
            assert_eq!(wanted.days_after_1970(), days);
        }
        for days in -800_000..800_000 {
            assert_eq!(Day::after_1970(days).days_after_1970(), days);
        }
    }
}
