//! Dates by a format, as `strftime` of the GNU C library writes them in the C locale.

use crate::date::Day;
use crate::text::put_padded;
use alloc::vec::Vec;

/// A date and time of day, and where on Earth it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) day: Day,
    /// Of the day.
    seconds: u32,
    /// Days after 1970-01-01.
    days: i64,
    /// What it is ahead of UTC, minutes.
    utc_offset_minutes: i32,
    /// The name of the time zone, if it is not made of its offset.
    zone: Option<&'static [u8]>,
    /// What `%s` takes the zone of the moment to be ahead of UTC, minutes.
    assumed_offset_minutes: i32,
}

impl Moment {
    /// So many seconds after 1970 UTC; nothing if the year has more than 32 bits.
    pub(crate) fn of(seconds: i64, utc_offset_minutes: i32) -> Option<Self> {
        let local = seconds.checked_add(i64::from(utc_offset_minutes) * 60)?;
        let days = local.div_euclid(86_400);
        let day = Day::after_1970(days);
        i32::try_from(day.year - 1_900).ok()?;
        Some(Self {
            day,
            seconds: local.rem_euclid(86_400) as u32,
            days,
            utc_offset_minutes,
            zone: (utc_offset_minutes == 0).then_some(b"UTC"),
            assumed_offset_minutes: utc_offset_minutes,
        })
    }

    /// The same in a zone of another name. `%s` takes it for local time, `assumed_offset_minutes`
    /// ahead of UTC.
    pub(crate) fn in_zone(self, zone: &'static [u8], assumed_offset_minutes: i32) -> Self {
        Self {
            zone: Some(zone),
            assumed_offset_minutes,
            ..self
        }
    }

    /// Three letters.
    pub(crate) fn weekday_name(&self) -> &'static [u8] {
        &WEEKDAYS[self.weekday()][..3]
    }

    /// Three letters.
    pub(crate) fn month_name(&self) -> &'static [u8] {
        &self.month()[..3]
    }

    /// `12:14:14`
    pub(crate) fn put_time(&self, out: &mut Vec<u8>) {
        put_padded(out, self.hour(), 2, b'0');
        out.push(b':');
        put_padded(out, self.minute(), 2, b'0');
        out.push(b':');
        put_padded(out, self.second(), 2, b'0');
    }

    fn month(&self) -> &'static [u8] {
        MONTHS[self.day.month as usize - 1]
    }

    /// From 0, Sunday.
    fn weekday(&self) -> usize {
        // 1970-01-01 was a Thursday.
        (self.days + 4).rem_euclid(7) as usize
    }

    /// From 0.
    fn day_of_year(&self) -> i64 {
        let first = Day {
            year: self.day.year,
            month: 1,
            day: 1,
        };
        self.days - first.days_after_1970()
    }

    /// The week of the year that begins with the first day `start` (0 is Sunday).
    fn week(&self, start: i64) -> i64 {
        let weekday = (self.weekday() as i64 - start).rem_euclid(7);
        (self.day_of_year() + 7 - weekday) / 7
    }

    /// The year and the week of ISO 8601, whose first week has the year's first Thursday.
    fn iso_week(&self) -> (i64, i64) {
        let from_monday = (self.weekday() as i64 + 6) % 7;
        let thursday = Day::after_1970(self.days - from_monday + 3);
        let first = Day {
            year: thursday.year,
            month: 1,
            day: 1,
        };
        let day_of_year = thursday.days_after_1970() - first.days_after_1970();
        (thursday.year, day_of_year / 7 + 1)
    }

    const fn hour(&self) -> u32 {
        self.seconds / 3_600
    }

    const fn minute(&self) -> u32 {
        self.seconds / 60 % 60
    }

    const fn second(&self) -> u32 {
        self.seconds % 60
    }

    /// Of twelve.
    const fn half_hour(&self) -> u32 {
        match self.hour() % 12 {
            0 => 12,
            hour => hour,
        }
    }

    /// Seconds after 1970 UTC.
    fn epoch(&self) -> i64 {
        let assumed = i64::from(self.assumed_offset_minutes) * 60;
        (self.days * 86_400 + i64::from(self.seconds)).saturating_sub(assumed)
    }
}

/// Adds `moment` by `format` to `out`; nothing at all if that would be `most` bytes or more.
pub(crate) fn put(moment: &Moment, format: &[u8], most: usize, out: &mut Vec<u8>) {
    let start = out.len();
    let mut rest = format;
    while let [byte, after @ ..] = rest {
        rest = after;
        let fits = if *byte == b'%' {
            let (specifier, behind) = Specifier::read(after, format);
            rest = behind;
            specifier.put(moment, most, out).is_some()
        } else {
            out.push(*byte);
            true
        };
        if !fits || out.len() - start >= most {
            out.truncate(start);
            return;
        }
    }
}

/// What follows a percent sign: flags, a width, a modifier, a letter.
struct Specifier<'f> {
    /// `_`, `-` or `0`, the last one.
    pad: Option<u8>,
    upper: bool,
    swap: bool,
    width: usize,
    modifier: Option<u8>,
    letter: Option<u8>,
    /// All of it, to be written as it is if it is none.
    text: &'f [u8],
}

impl<'f> Specifier<'f> {
    /// Reads what follows a percent sign at `after`, within `format`.
    fn read(after: &'f [u8], format: &'f [u8]) -> (Self, &'f [u8]) {
        let mut this = Self {
            pad: None,
            upper: false,
            swap: false,
            width: 0,
            modifier: None,
            letter: None,
            text: &[],
        };
        let mut rest = after;
        while let [flag @ (b'_' | b'-' | b'0' | b'^' | b'#'), behind @ ..] = rest {
            match flag {
                b'^' => this.upper = true,
                b'#' => this.swap = true,
                pad => this.pad = Some(*pad),
            }
            rest = behind;
        }
        while let [digit @ b'0'..=b'9', behind @ ..] = rest {
            let digit = usize::from(digit - b'0');
            this.width = this.width.saturating_mul(10).saturating_add(digit);
            rest = behind;
        }
        if let [modifier @ (b'E' | b'O'), behind @ ..] = rest {
            this.modifier = Some(*modifier);
            rest = behind;
        }
        if let [letter, behind @ ..] = rest {
            this.letter = Some(*letter);
            rest = behind;
        }
        // What is none is written from the last percent sign on.
        let end = format.len() - rest.len();
        let start = memchr::memrchr(b'%', &format[..end]).unwrap_or(end);
        this.text = &format[start..end];
        (this, rest)
    }

    /// Nothing if it does not fit.
    fn put(&self, moment: &Moment, most: usize, out: &mut Vec<u8>) -> Option<()> {
        if self.width >= most {
            return None;
        }
        let letter = self.letter.filter(|letter| match self.modifier {
            Some(b'E') => !b"adeghjklmwABDFGHIMSUVW%".contains(letter),
            Some(_) => !b"acxADFXY%".contains(letter),
            None => true,
        });
        let Some(letter) = letter else {
            self.put_text(self.text, out);
            return Some(());
        };
        let day = &moment.day;
        match letter {
            b'%' => self.put_text(b"%", out),
            b'n' => self.put_text(b"\n", out),
            b't' => self.put_text(b"\t", out),
            b'a' => self.put_name(&WEEKDAYS[moment.weekday()][..3], out),
            b'A' => self.put_name(WEEKDAYS[moment.weekday()], out),
            b'b' | b'h' => self.put_name(&moment.month()[..3], out),
            b'B' => self.put_name(moment.month(), out),
            b'p' | b'P' => self.put_half(letter, moment, out),
            b'c' => self.put_format(b"%a %b %e %H:%M:%S %Y", moment, most, out)?,
            b'D' | b'x' => self.put_format(b"%m/%d/%y", moment, most, out)?,
            b'F' => self.put_format(b"%Y-%m-%d", moment, most, out)?,
            b'r' => self.put_format(b"%I:%M:%S %p", moment, most, out)?,
            b'R' => self.put_format(b"%H:%M", moment, most, out)?,
            b'T' | b'X' => self.put_format(b"%H:%M:%S", moment, most, out)?,
            b'C' => self.put_number(day.year.div_euclid(100), 2, out),
            b'd' => self.put_number(day.day.into(), 2, out),
            b'e' => self.spaced().put_number(day.day.into(), 2, out),
            b'g' => self.put_number(moment.iso_week().0.rem_euclid(100), 2, out),
            b'G' => self.put_number(moment.iso_week().0, 1, out),
            b'H' => self.put_number(moment.hour().into(), 2, out),
            b'I' => self.put_number(moment.half_hour().into(), 2, out),
            b'k' => self.spaced().put_number(moment.hour().into(), 2, out),
            b'l' => self.spaced().put_number(moment.half_hour().into(), 2, out),
            b'j' => self.put_number(moment.day_of_year() + 1, 3, out),
            b'm' => self.put_number(day.month.into(), 2, out),
            b'M' => self.put_number(moment.minute().into(), 2, out),
            b's' => self.put_digits(moment.epoch(), 1, out),
            b'S' => self.put_number(moment.second().into(), 2, out),
            b'u' => self.put_number((moment.weekday() as i64 + 6) % 7 + 1, 1, out),
            b'U' => self.put_number(moment.week(0), 2, out),
            b'V' => self.put_number(moment.iso_week().1, 2, out),
            b'w' => self.put_number(moment.weekday() as i64, 1, out),
            b'W' => self.put_number(moment.week(1), 2, out),
            b'y' => self.put_number(day.year.rem_euclid(100), 2, out),
            b'Y' => self.put_number(day.year, 1, out),
            b'z' => self.put_offset(moment, out),
            b'Z' => self.put_zone(moment, out),
            _ => self.put_text(self.text, out),
        }
        Some(())
    }

    /// The same, filled up with spaces if nothing else was wished.
    fn spaced(&self) -> Self {
        let pad = match self.pad {
            pad @ Some(b'0' | b'-') => pad,
            _ => Some(b'_'),
        };
        Self { pad, ..*self }
    }

    /// A text, on the right of its width.
    fn put_text(&self, text: &[u8], out: &mut Vec<u8>) {
        let fill = if self.pad == Some(b'0') { b'0' } else { b' ' };
        out.resize(out.len() + self.width.saturating_sub(text.len()), fill);
        let start = out.len();
        out.extend_from_slice(text);
        if self.upper {
            out[start..].make_ascii_uppercase();
        }
    }

    /// A name; the other case of mixed letters is the upper one.
    fn put_name(&self, name: &[u8], out: &mut Vec<u8>) {
        let upper = self.upper || self.swap;
        Self { upper, ..*self }.put_text(name, out);
    }

    fn put_half(&self, letter: u8, moment: &Moment, out: &mut Vec<u8>) {
        let lower = letter == b'P' || self.swap;
        let name: &[u8] = match (moment.hour() < 12, lower) {
            (true, true) => b"am",
            (false, true) => b"pm",
            (true, false) => b"AM",
            (false, false) => b"PM",
        };
        let upper = self.upper && !lower;
        Self { upper, ..*self }.put_text(name, out);
    }

    fn put_zone(&self, moment: &Moment, out: &mut Vec<u8>) {
        match moment.zone {
            Some(name) => {
                let start = out.len();
                self.put_text(name, out);
                if self.swap {
                    out[start..].make_ascii_lowercase();
                }
            }
            None => {
                let hours = moment.utc_offset_minutes.unsigned_abs() / 60;
                let minutes = moment.utc_offset_minutes.unsigned_abs() % 60;
                out.push(if moment.utc_offset_minutes < 0 {
                    b'-'
                } else {
                    b'+'
                });
                put_padded(out, hours, 2, b'0');
                if minutes != 0 {
                    put_padded(out, minutes, 2, b'0');
                }
            }
        }
    }

    /// `+0100`; the sign and the number have the width each.
    fn put_offset(&self, moment: &Moment, out: &mut Vec<u8>) {
        let minutes = moment.utc_offset_minutes;
        self.put_text(if minutes < 0 { b"-" } else { b"+" }, out);
        let minutes = i64::from(minutes.unsigned_abs());
        self.put_number(minutes / 60 * 100 + minutes % 60, 4, out);
    }

    /// A number of at least so many digits, or as many as the width.
    fn put_number(&self, number: i64, digits: usize, out: &mut Vec<u8>) {
        self.put_digits(number, digits.max(self.width), out);
    }

    /// A number of at least so many digits.
    fn put_digits(&self, number: i64, digits: usize, out: &mut Vec<u8>) {
        let mut buffer = itoa::Buffer::new();
        let shown = buffer.format(number).as_bytes();
        let (sign, shown) = match shown {
            [b'-', shown @ ..] => (&b"-"[..], shown),
            shown => (&b""[..], shown),
        };
        let length = sign.len() + shown.len();
        let missing = digits.saturating_sub(length);
        let up_to_width = self.width.saturating_sub(length);
        let (blanks, zeros) = match self.pad {
            Some(b'-') => (up_to_width, 0),
            Some(b'_') => (up_to_width.max(missing), 0),
            Some(_) => (0, up_to_width.max(missing)),
            None => (up_to_width.saturating_sub(missing), missing),
        };
        out.resize(out.len() + blanks, b' ');
        out.extend_from_slice(sign);
        out.resize(out.len() + zeros, b'0');
        out.extend_from_slice(shown);
    }

    /// Another format within the width.
    fn put_format(
        &self,
        format: &[u8],
        moment: &Moment,
        most: usize,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let start = out.len();
        put(moment, format, most, out);
        let length = out.len() - start;
        let fill = if self.pad == Some(b'0') { b'0' } else { b' ' };
        let missing = self.width.saturating_sub(length);
        out.resize(start + length + missing, fill);
        out[start..].rotate_right(missing);
        if self.upper {
            out[start..].make_ascii_uppercase();
        }
        (length > 0).then_some(())
    }
}

/// From Sunday on; their first three letters are what they are called for short.
pub(crate) const WEEKDAYS: [&[u8]; 7] = [
    b"Sunday",
    b"Monday",
    b"Tuesday",
    b"Wednesday",
    b"Thursday",
    b"Friday",
    b"Saturday",
];

/// Their first three letters are what they are called for short.
pub(crate) const MONTHS: [&[u8]; 12] = [
    b"January",
    b"February",
    b"March",
    b"April",
    b"May",
    b"June",
    b"July",
    b"August",
    b"September",
    b"October",
    b"November",
    b"December",
];
