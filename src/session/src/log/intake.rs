//! Messages out of a stream (RFC 6587 §3.4).

use alloc::vec::Vec;

/// Tells the messages of one stream apart: those that begin with a digit come behind their length, those
/// that begin with `<` end with a line feed. Nothing else begins one.
#[derive(Debug)]
pub struct Intake {
    /// The beginning of a message that has not come whole.
    begun: Vec<u8>,
    /// How long a message may be, with what is in front of it or behind it.
    bytes_max: usize,
    /// `option assume-rfc6587-ntf`: every message ends with a line feed, however it begins.
    lines_only: bool,
}

/// The stream is not made of messages; nothing behind can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// What the bytes at hand begin with.
enum Next {
    /// A message, at this place in them, and how much of them it takes.
    Message(core::ops::Range<usize>, usize),
    /// Not a whole one.
    Partial,
}

impl Intake {
    /// Nothing has come yet.
    pub fn new(bytes_max: usize, lines_only: bool) -> Self {
        Self {
            begun: Vec::new(),
            bytes_max,
            lines_only,
        }
    }

    /// Takes in a piece of the stream, and hands each message to `take` that is whole now. What is left
    /// of a message at the end of a stream is none.
    pub fn receive(&mut self, bytes: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Malformed> {
        let mut all = core::mem::take(&mut self.begun);
        let mut rest = match all.is_empty() {
            true => bytes,
            false => {
                all.extend_from_slice(bytes);
                &all
            }
        };
        while !rest.is_empty() {
            match self.next(rest)? {
                Next::Message(at, taken) => {
                    take(&rest[at]);
                    rest = &rest[taken..];
                }
                Next::Partial => break,
            }
        }
        self.begun = rest.to_vec();
        Ok(())
    }

    fn next(&self, bytes: &[u8]) -> Result<Next, Malformed> {
        match bytes.first() {
            Some(b'1'..=b'9') if !self.lines_only => self.counted(bytes),
            Some(b'<') => self.line(bytes),
            Some(_) if self.lines_only => self.line(bytes),
            Some(_) => Err(Malformed),
            None => Ok(Next::Partial),
        }
    }

    /// `5 hello`
    fn counted(&self, bytes: &[u8]) -> Result<Next, Malformed> {
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit());
        let digits = digits.count();
        let length = bytes[..digits].iter().fold(0_usize, |length, digit| {
            length
                .saturating_mul(10)
                .saturating_add(usize::from(digit - b'0'))
        });
        let from = digits + 1;
        let end = from.saturating_add(length);
        if end > self.bytes_max {
            return Err(Malformed);
        }
        match bytes.get(digits) {
            None => Ok(Next::Partial),
            Some(b' ') if bytes.len() < end => Ok(Next::Partial),
            Some(b' ') => Ok(Next::Message(from..end, end)),
            Some(_) => Err(Malformed),
        }
    }

    /// A line; a carriage return at its end is no part of it.
    fn line(&self, bytes: &[u8]) -> Result<Next, Malformed> {
        let within = &bytes[..bytes.len().min(self.bytes_max)];
        match within.iter().position(|&byte| byte == b'\n') {
            Some(end) => {
                let is_return = end > 0 && bytes[end - 1] == b'\r';
                Ok(Next::Message(0..end - usize::from(is_return), end + 1))
            }
            None if bytes.len() >= self.bytes_max => Err(Malformed),
            None => Ok(Next::Partial),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Intake, Malformed};
    use alloc::string::String;
    use alloc::vec::Vec;

    fn messages(lines_only: bool, pieces: &[&[u8]]) -> (Vec<String>, Result<(), Malformed>) {
        let mut intake = Intake::new(20, lines_only);
        let mut messages = Vec::new();
        let mut take = |message: &[u8]| messages.push(String::from_utf8_lossy(message).into());
        let result = pieces
            .iter()
            .try_for_each(|piece| intake.receive(piece, &mut take));
        (messages, result)
    }

    #[track_caller]
    fn check(stream: &str, expected: &[&str], result: Result<(), Malformed>) {
        let expected: Vec<String> = expected.iter().copied().map(String::from).collect();
        let expected = (expected, result);
        let stream = stream.as_bytes();
        assert_eq!(messages(false, &[stream]), expected);
        for at in 0..=stream.len() {
            let (first, second) = stream.split_at(at);
            assert_eq!(messages(false, &[first, second]), expected, "cut at {at}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(messages(false, &bytes), expected, "byte by byte");
    }

    #[test]
    fn lines_and_counted_messages_may_take_turns() {
        check("<1>one\n<2>two\r\n", &["<1>one", "<2>two"], Ok(()));
        check(
            "6 <1>one<2>two\n7 <3>four",
            &["<1>one", "<2>two", "<3>four"],
            Ok(()),
        );
        check("3 a\nb3 <\nc", &["a\nb", "<\nc"], Ok(()));
    }

    #[test]
    fn what_is_not_whole_is_no_message() {
        check("<1>one\n<2>tw", &["<1>one"], Ok(()));
        check("9 <1>", &[], Ok(()));
        check("12", &[], Ok(()));
    }

    #[test]
    fn a_stream_that_is_not_made_of_messages_ends_at_once() {
        check("hello\n", &[], Err(Malformed));
        check("<1>one\n\n<2>two\n", &["<1>one"], Err(Malformed));
        check("06 <1>one", &[], Err(Malformed));
        check("6x<1>one", &[], Err(Malformed));
    }

    #[test]
    fn a_message_that_is_too_long_ends_the_stream() {
        check("<1>4567890123456789\n", &["<1>4567890123456789"], Ok(()));
        check("<1>45678901234567890\n", &[], Err(Malformed));
        check("17 <1>45678901234567", &["<1>45678901234567"], Ok(()));
        check("18 <1>456789012345678", &[], Err(Malformed));
        check("99999999999999999999999 ", &[], Err(Malformed));
    }

    #[test]
    fn lines_alone_may_begin_as_they_like() {
        let stream = b"hello\n6 <1>one\n\n<2>two\n";
        let (all, result) = messages(true, &[stream]);
        assert_eq!(all, ["hello", "6 <1>one", "", "<2>two"]);
        assert_eq!(result, Ok(()));
    }
}
