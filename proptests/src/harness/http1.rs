//! HTTP/1: any bytes as a request, a response, a chunked body, or as the script of a whole connection.

mod chunks;
mod compare;
mod drive;
mod script;

pub use chunks::chunked;
pub use script::connection;

use drive::{Outcome, answered, asked};

/// Any bytes from a client: the first head is judged as `httparse` judges it, the differences of
/// `compare` apart, and everything is the same however the bytes are cut.
pub fn request(input: &[u8]) {
    let input = &input[..input.len().min(INPUT_BYTES_MAX)];
    let complete = [input, END_OF_HEAD].concat();
    compare::request(&complete);
    same_however_cut(input, asked);
}

/// Any bytes from a server, in the same way.
pub fn response(input: &[u8]) {
    let input = &input[..input.len().min(INPUT_BYTES_MAX)];
    let complete = [input, END_OF_HEAD].concat();
    compare::response(&complete);
    for method in ["GET", "HEAD", "CONNECT"] {
        same_however_cut(input, |pieces| answered(method, pieces));
    }
}

/// Behind any bytes, this ends a head: a verdict on it is due.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// Compares the whole with single bytes and with two cuts that depend on the bytes.
fn same_however_cut(input: &[u8], run: impl Fn(&[&[u8]]) -> Outcome) {
    let whole = run(&[input]);
    let single: Vec<&[u8]> = input.chunks(1).collect();
    assert_eq!(run(&single), whole, "{}", input.escape_ascii());
    let seed = input.iter().fold(7usize, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(usize::from(*byte))
    });
    let (a, b) = input.split_at(seed % (input.len() + 1));
    let (b, c) = b.split_at(seed / 7 % (b.len() + 1));
    assert_eq!(run(&[a, b, c]), whole, "{}", input.escape_ascii());
}

/// Longest input that is looked at, in bytes.
const INPUT_BYTES_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests;
