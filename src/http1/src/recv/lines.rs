//! Where lines end.

use memchr::memchr;

/// Length of the first line of `bytes`, line end included; `None` if it is not complete. `scanned` is
/// kept between calls, so that no byte is searched twice however small the pieces are.
pub(crate) fn line(bytes: &[u8], scanned: &mut usize) -> Option<usize> {
    match memchr(b'\n', &bytes[*scanned..]) {
        Some(found) => {
            let end = *scanned + found + 1;
            *scanned = 0;
            Some(end)
        }
        None => {
            *scanned = bytes.len();
            None
        }
    }
}

/// The same for a field line. One that the next line continues (obs-fold, RFC 9112 §5.2) is one line
/// with it, so one byte more than the line end is needed, except after the empty line that ends a head.
pub(crate) fn field_line(bytes: &[u8], scanned: &mut usize) -> Option<usize> {
    loop {
        let Some(found) = memchr(b'\n', &bytes[*scanned..]) else {
            *scanned = bytes.len();
            return None;
        };
        let end = *scanned + found + 1;
        let empty = end == 1 || (end == 2 && bytes[0] == b'\r');
        match bytes.get(end) {
            Some(b' ' | b'\t') if !empty => *scanned = end,
            None if !empty => {
                *scanned = end - 1;
                return None;
            }
            Some(_) | None => {
                *scanned = 0;
                return Some(end);
            }
        }
    }
}

/// A line without its end: a line feed alone is taken as one (RFC 9112 §2.2), as HAProxy does.
pub(crate) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_line_ends_with_its_line() {
        let mut scanned = 0;
        assert_eq!(line(b"GET", &mut scanned), None);
        assert_eq!(scanned, 3);
        assert_eq!(line(b"GET\n", &mut scanned), Some(4));
        assert_eq!(scanned, 0);
    }

    #[test]
    fn a_field_line_needs_the_byte_after_it() {
        let mut scanned = 0;
        assert_eq!(field_line(b"a: b\r\n", &mut scanned), None);
        assert_eq!(scanned, 5);
        assert_eq!(field_line(b"a: b\r\nc", &mut scanned), Some(6));
    }

    #[test]
    fn a_folded_line_is_one_line() {
        assert_eq!(field_line(b"a: b\r\n\tc\r\nd", &mut 0), Some(10));
    }

    #[test]
    fn the_empty_line_needs_nothing_after_it() {
        assert_eq!(field_line(b"\r\n", &mut 0), Some(2));
        assert_eq!(field_line(b"\n", &mut 0), Some(1));
        assert_eq!(field_line(b"\r\n body", &mut 0), Some(2));
    }
}
