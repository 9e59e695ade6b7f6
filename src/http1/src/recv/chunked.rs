//! The chunked transfer coding (RFC 9112 §7.1), undone in place.

use crate::Violation;
use base::Buf;

/// Where in the coding the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chunk {
    /// In the digits of a size.
    Size { value: u64, digits: u8 },
    /// Behind the digits; `line` counts the bytes since then, for the bound on extensions.
    Extension { value: u64, line: u16, quiet: bool },
    /// At the line feed of a size line.
    SizeEnd { value: u64 },
    /// In the data.
    Data { left: u64 },
    /// At the carriage return behind the data.
    DataReturn,
    /// At the line feed behind the data.
    DataFeed,
    /// Behind the last chunk: trailer fields or the empty line.
    Trailers,
}

impl Chunk {
    /// Before the first chunk.
    pub(crate) const START: Self = Self::Size {
        value: 0,
        digits: 0,
    };
}

/// Undoes the coding in all of `buf` from offset `*ready` on.
///
/// The data is moved to the front, so that one received buffer yields one piece of data: `*ready` grows
/// to cover it, and only bytes that are not part of the chunks (trailers and what follows) stay behind
/// it. After an error the offending byte stands there. Nothing moves if a chunk fills the whole buffer.
pub(crate) fn decode(state: &mut Chunk, buf: &mut Buf, ready: &mut usize) -> Result<(), Violation> {
    let mut at = *ready;
    let outcome = loop {
        if *state == Chunk::Trailers || at == buf.len() {
            break Ok(());
        }
        if let Chunk::Data { left } = *state {
            let count = (buf.len() - at).min(usize::try_from(left).unwrap_or(usize::MAX));
            if *ready == 0 {
                buf.consume(at);
                at = 0;
            } else {
                buf.move_down(at, *ready, count);
            }
            at += count;
            *ready += count;
            *state = match left - count as u64 {
                0 => Chunk::DataReturn,
                left => Chunk::Data { left },
            };
            continue;
        }
        match step(*state, buf[at]) {
            Ok(next) => *state = next,
            Err(violation) => break Err(violation),
        }
        at += 1;
    };
    // What is left stands right behind the data again.
    let rest = buf.len() - at;
    if *ready == 0 {
        buf.consume(at);
    } else {
        buf.move_down(at, *ready, rest);
        buf.truncate(*ready + rest);
    }
    outcome
}

/// One byte outside of the data.
fn step(state: Chunk, byte: u8) -> Result<Chunk, Violation> {
    match state {
        Chunk::Size { value, digits } => match (char::from(byte).to_digit(16), byte) {
            (Some(digit), _) => {
                if digits == SIZE_DIGITS_MAX {
                    return Err(Violation::ChunkSizeTooLarge);
                }
                Ok(Chunk::Size {
                    value: value << 4 | u64::from(digit),
                    digits: digits + 1,
                })
            }
            (None, _) if digits == 0 => Err(Violation::ChunkSize),
            (None, b'\r') => Ok(Chunk::SizeEnd { value }),
            (None, b';') => Ok(Chunk::Extension {
                value,
                line: 0,
                quiet: false,
            }),
            (None, b' ' | b'\t') => Ok(Chunk::Extension {
                value,
                line: 0,
                quiet: true,
            }),
            (None, _) => Err(Violation::ChunkSize),
        },
        Chunk::Extension { value, line, quiet } => match byte {
            b'\r' => Ok(Chunk::SizeEnd { value }),
            b'\n' | 0 => Err(Violation::ChunkExtension),
            // Blanks may stand before the first semicolon or the line end, nothing else may.
            b';' | b' ' | b'\t' if quiet => Ok(Chunk::Extension {
                value,
                line: bounded(line)?,
                quiet: byte != b';',
            }),
            _ if quiet => Err(Violation::ChunkSize),
            _ => Ok(Chunk::Extension {
                value,
                line: bounded(line)?,
                quiet: false,
            }),
        },
        Chunk::SizeEnd { value } => match (byte, value) {
            (b'\n', 0) => Ok(Chunk::Trailers),
            (b'\n', left) => Ok(Chunk::Data { left }),
            _ => Err(Violation::ChunkExtension),
        },
        Chunk::DataReturn if byte == b'\r' => Ok(Chunk::DataFeed),
        Chunk::DataFeed if byte == b'\n' => Ok(Chunk::START),
        Chunk::DataReturn | Chunk::DataFeed => Err(Violation::ChunkEnd),
        Chunk::Data { .. } | Chunk::Trailers => Ok(state),
    }
}

fn bounded(line: u16) -> Result<u16, Violation> {
    if line == EXTENSION_BYTES_MAX {
        return Err(Violation::ChunkExtension);
    }
    Ok(line + 1)
}

/// Longest extension of one chunk in bytes; they mean nothing to us and are left out. The sender
/// loses the connection when it goes beyond.
const EXTENSION_BYTES_MAX: u16 = 1024;

/// Most digits of a chunk size, leading zeros included: as many as 64 bits have.
const SIZE_DIGITS_MAX: u8 = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// Feeds `bytes` in pieces of `step` and returns the data and what stays behind it.
    fn run(bytes: &[u8], step: usize) -> Result<(Vec<u8>, Vec<u8>, Chunk), Violation> {
        let (mut state, mut data, mut rest) = (Chunk::START, Vec::new(), Vec::new());
        for piece in bytes.chunks(step) {
            rest.extend_from_slice(piece);
            let mut buf = Buf::copy_of(&rest);
            let mut ready = 0;
            decode(&mut state, &mut buf, &mut ready)?;
            data.extend_from_slice(&buf[..ready]);
            rest = buf[ready..].to_vec();
        }
        Ok((data, rest, state))
    }

    #[test]
    fn data_comes_together_however_it_is_cut() {
        let wire = b"5\r\nhello\r\n6;a=\"b\"\r\n world\r\n00\r\nx: y\r\n\r\nnext";
        for step in 1..=wire.len() {
            let (data, rest, state) = run(wire, step).expect("well formed");
            assert_eq!(data, b"hello world");
            assert_eq!(rest, b"x: y\r\n\r\nnext");
            assert_eq!(state, Chunk::Trailers);
        }
    }

    #[test]
    fn broken_codings_are_refused_however_they_are_cut() {
        for (wire, violation) in [
            (&b"x\r\n"[..], Violation::ChunkSize),
            (b"\r\n", Violation::ChunkSize),
            (b"-5\r\n", Violation::ChunkSize),
            (b"0x5\r\n", Violation::ChunkSize),
            (b"5\nhello\r\n", Violation::ChunkSize),
            (b"5 5\r\nhello\r\n", Violation::ChunkSize),
            (b"5;a\nhello\r\n", Violation::ChunkExtension),
            (b"5\rhello\r\n", Violation::ChunkExtension),
            (b"5\r\nhello!\r\n", Violation::ChunkEnd),
            (b"5\r\nhello\n", Violation::ChunkEnd),
            (b"5\r\nhello\r0", Violation::ChunkEnd),
            (b"10000000000000000\r\n", Violation::ChunkSizeTooLarge),
            (b"00000000000000001\r\n", Violation::ChunkSizeTooLarge),
        ] {
            for step in 1..=wire.len() {
                assert_eq!(run(wire, step), Err(violation), "{}", wire.escape_ascii());
            }
        }
    }

    #[test]
    fn extensions_are_bounded() {
        let mut wire = b"1;".to_vec();
        wire.resize(wire.len() + usize::from(EXTENSION_BYTES_MAX), b'a');
        assert!(run(&wire, wire.len()).is_ok());
        wire.push(b'a');
        assert_eq!(run(&wire, wire.len()), Err(Violation::ChunkExtension));
    }
}
