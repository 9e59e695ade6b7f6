//! The Huffman code of strings (RFC 7541 §5.2 and Appendix B).
//!
//! The code is canonical, so the lengths of its words say everything; the rest is computed from them
//! when this is compiled.

use super::Error;
use alloc::vec::Vec;

/// Bytes that `text` takes when encoded.
pub(super) fn encoded_len(text: &[u8]) -> usize {
    let bits: usize = text
        .iter()
        .map(|byte| usize::from(LENGTHS[usize::from(*byte)]))
        .sum();
    bits.div_ceil(8)
}

/// Appends `text` in code.
pub(super) fn encode(text: &[u8], out: &mut Vec<u8>) {
    let (mut bits, mut count) = (0_u64, 0);
    for byte in text {
        let length = u32::from(LENGTHS[usize::from(*byte)]);
        bits = bits << length | u64::from(WORDS[usize::from(*byte)]);
        count += length;
        while count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    if count > 0 {
        // Padded with the first bits of the end, which are ones.
        out.push((bits << (8 - count)) as u8 | 0xff >> count);
    }
}

/// Appends the text that `code` stands for.
pub(super) fn decode(code: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    let mut node = 0;
    for byte in code {
        for half in [byte >> 4, byte & 0xf] {
            let step = STEPS[node][usize::from(half)];
            if step.end {
                return Err(Error::Huffman);
            }
            if step.speaks {
                out.push(step.symbol);
            }
            node = usize::from(step.node);
        }
    }
    if PADDING[node] {
        Ok(())
    } else {
        Err(Error::Huffman)
    }
}

/// What half a byte does at a node of the tree. No word is shorter than five bits, so it completes at
/// most one.
#[derive(Clone, Copy)]
struct Step {
    node: u8,
    symbol: u8,
    /// A word was completed: `symbol`.
    speaks: bool,
    /// The word was the end, which never stands in a string.
    end: bool,
}

/// The inner nodes of the tree, the root first: where a zero and a one lead.
const NODES: [[Branch; 2]; NODE_COUNT] = {
    let mut nodes = [[Branch::Nowhere; 2]; NODE_COUNT];
    let mut used = 1;
    let mut symbol = 0;
    while symbol < SYMBOLS {
        let mut node = 0;
        let mut left = LENGTHS[symbol];
        while left > 1 {
            left -= 1;
            let bit = (WORDS[symbol] >> left & 1) as usize;
            if let Branch::Node(next) = nodes[node][bit] {
                node = next as usize;
            } else {
                nodes[node][bit] = Branch::Node(used as u8);
                node = used;
                used += 1;
            }
        }
        nodes[node][(WORDS[symbol] & 1) as usize] = Branch::Symbol(symbol as u16);
        symbol += 1;
    }
    assert!(used == NODE_COUNT);
    nodes
};

#[derive(Clone, Copy)]
enum Branch {
    Nowhere,
    Node(u8),
    Symbol(u16),
}

static STEPS: [[Step; 16]; NODE_COUNT] = {
    let nothing = Step {
        node: 0,
        symbol: 0,
        speaks: false,
        end: false,
    };
    let mut steps = [[nothing; 16]; NODE_COUNT];
    let mut from = 0;
    while from < NODE_COUNT {
        let mut half = 0;
        while half < 16 {
            let mut step = nothing;
            let mut node = from;
            let mut bit = 4;
            while bit > 0 {
                bit -= 1;
                match NODES[node][half >> bit & 1] {
                    Branch::Node(next) => node = next as usize,
                    Branch::Symbol(symbol) => {
                        step.end = step.end || symbol == END;
                        step.symbol = symbol as u8;
                        step.speaks = true;
                        node = 0;
                    }
                    Branch::Nowhere => unreachable!(),
                }
            }
            step.node = node as u8;
            steps[from][half] = step;
            half += 1;
        }
        from += 1;
    }
    steps
};

/// Whether a string may end at a node: up to seven ones behind a word.
static PADDING: [bool; NODE_COUNT] = {
    let mut may = [false; NODE_COUNT];
    let mut node = 0;
    let mut ones = 0;
    while ones <= 7 {
        may[node] = true;
        if let Branch::Node(next) = NODES[node][1] {
            node = next as usize;
        }
        ones += 1;
    }
    may
};

/// Words in order of length, then of symbol.
static WORDS: [u32; SYMBOLS] = {
    let mut words = [0; SYMBOLS];
    let mut word = 0;
    let mut length = 1;
    while length <= LENGTH_MAX {
        let mut symbol = 0;
        while symbol < SYMBOLS {
            if LENGTHS[symbol] == length {
                words[symbol] = word;
                word += 1;
            }
            symbol += 1;
        }
        word <<= 1;
        length += 1;
    }
    words
};

/// The bytes, and the end.
const SYMBOLS: usize = 257;
const END: u16 = 256;
/// A tree of two branches has one inner node less than leaves.
const NODE_COUNT: usize = SYMBOLS - 1;
/// Longest word in bits.
const LENGTH_MAX: u8 = 30;

/// Length of each symbol's word in bits.
static LENGTHS: [u8; SYMBOLS] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5,
    5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6,
    6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22,
    23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22,
    21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20,
    22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19,
    21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22,
    22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn every_byte_comes_back_and_the_length_is_known() {
        for byte in 0..=255 {
            let text = vec![byte; 7];
            let mut code = Vec::new();
            encode(&text, &mut code);
            assert_eq!(code.len(), encoded_len(&text));
            let mut back = Vec::new();
            assert_eq!(decode(&code, &mut back), Ok(()));
            assert_eq!(back, text);
        }
    }

    #[test]
    fn padding_of_eight_bits_or_of_zeros_is_refused() {
        let mut out = Vec::new();
        // "0" is five zeros; RFC 7541 §5.2 wants the three bits behind it to be ones.
        assert_eq!(decode(&[0b0000_0111], &mut out), Ok(()));
        assert_eq!(decode(&[0b0000_0110], &mut out), Err(Error::Huffman));
        assert_eq!(decode(&[0b0000_0111, 0xff], &mut out), Err(Error::Huffman));
        assert_eq!(decode(&[0xff], &mut out), Err(Error::Huffman));
    }

    #[test]
    fn the_end_is_no_symbol() {
        let mut out = Vec::new();
        let end = [0xff, 0xff, 0xff, 0xff];
        assert_eq!(decode(&end, &mut out), Err(Error::Huffman));
    }
}
