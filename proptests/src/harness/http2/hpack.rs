//! Bytes as header blocks, beside an independent decoder, and as the head of a request, beside an
//! independent server.

use super::{INPUT_BYTES_MAX, compare};
use http2::hpack::{Decoder, Encoder, Error};

/// Any bytes as blocks one behind the other, each of the length that its first byte says: where both
/// decoders take them, they are the same fields, and what we encode of them both read back.
pub fn hpack(input: &[u8]) {
    let mut input = &input[..input.len().min(INPUT_BYTES_MAX)];
    compare::request(input);
    let mut ours = Decoder::new();
    let mut theirs = fluke_hpack::Decoder::new();
    let mut encoder = Encoder::new();
    let (mut our_reader, mut their_reader) = (Decoder::new(), fluke_hpack::Decoder::new());
    while let [length, rest @ ..] = input {
        let (block, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        input = rest;
        let read = match decode(&mut ours, block) {
            Ok(read) => read,
            // Nothing may follow: the tables differ.
            Err(_) => return,
        };
        let Ok(same) = theirs.decode(block) else {
            return;
        };
        assert_eq!(read, same, "{}", block.escape_ascii());
        let mut again = Vec::new();
        encoder.begin(&mut again);
        for (name, value) in &read {
            encoder.field(name, value, &mut again);
        }
        assert_eq!(decode(&mut our_reader, &again).as_ref(), Ok(&read));
        assert_eq!(their_reader.decode(&again).ok(), Some(read));
    }
}

type Fields = Vec<(Vec<u8>, Vec<u8>)>;

fn decode(decoder: &mut Decoder, block: &[u8]) -> Result<Fields, Error> {
    let mut fields = Vec::new();
    let listed = decoder.decode(block, u32::MAX, |field| {
        fields.push((field.name.to_vec(), field.value.to_vec()));
    })?;
    assert_eq!(listed.left_out, 0);
    let bytes: usize = fields.iter().map(|it| it.0.len() + it.1.len() + 32).sum();
    assert_eq!(listed.bytes, bytes as u64);
    Ok(fields)
}
