//! What the decoder takes and refuses. The vectors of RFC 7541 are in `tests/vectors.rs`.

use super::*;
use alloc::string::String;
use alloc::vec;

/// The fields of blocks that follow each other, and what became of the last.
fn decoded(decoder: &mut Decoder, block: &[u8]) -> Result<Vec<String>, Error> {
    let mut fields = Vec::new();
    decoder.decode(block, u32::MAX, |Field { name, value, .. }| {
        let field = [name, b"=", value].concat();
        fields.push(String::from_utf8(field).expect("text"));
    })?;
    Ok(fields)
}

fn check(block: &[u8], outcome: Result<&[&str], Error>) {
    let fields = decoded(&mut Decoder::new(), block);
    let fields = fields.as_ref().map(Vec::as_slice).map_err(|error| *error);
    match (fields, outcome) {
        (Ok(fields), Ok(expected)) => assert_eq!(fields, expected),
        (fields, expected) => assert_eq!(fields.err(), expected.err(), "{block:x?}"),
    }
}

#[test]
fn indexes_beyond_the_tables_are_refused() {
    check(&[0x82], Ok(&[":method=GET"]));
    check(&[0x80], Err(Error::Index));
    check(&[0x80 | 62], Err(Error::Index));
    check(&[0xff, 0xff, 0xff, 0xff, 0x7f], Err(Error::Index));
    check(&[0x7f, 0x20, 1, b'v'], Err(Error::Index));
}

#[test]
fn a_block_that_ends_within_a_field_is_refused() {
    let whole = [0x40, 1, b'a', 0x81, 0x1f];
    check(&whole, Ok(&["a=a"]));
    for cut in 1..whole.len() {
        check(&whole[..cut], Err(Error::Truncated));
    }
}

#[test]
fn size_updates_stand_in_front_and_within_what_was_announced() {
    check(&[0x20, 0x82], Ok(&[":method=GET"]));
    check(&[0x3f, 0xe1, 0x1f, 0x82], Ok(&[":method=GET"]));
    check(&[0x3f, 0xe2, 0x1f], Err(Error::UpdateTooLarge));
    check(&[0x82, 0x20], Err(Error::UpdateLate));
}

#[test]
fn a_smaller_table_has_to_be_confirmed() {
    let mut decoder = Decoder::new();
    decoder.set_table_bytes_max(100);
    assert_eq!(decoded(&mut decoder, &[0x82]), Err(Error::UpdateMissing));
    let mut decoder = Decoder::new();
    decoder.set_table_bytes_max(100);
    let confirmed = decoded(&mut decoder, &[0x3f, 100 - 31, 0x82]);
    assert_eq!(confirmed, Ok(vec![String::from(":method=GET")]));
    assert!(decoded(&mut decoder, &[0x82]).is_ok());
}

#[test]
fn an_update_evicts() {
    let mut decoder = Decoder::new();
    assert!(decoded(&mut decoder, &[0x40, 1, b'a', 1, b'b', 0xbe]).is_ok());
    assert_eq!(decoded(&mut decoder, &[0x20, 0xbe]), Err(Error::Index));
}

#[test]
fn a_list_that_is_too_large_is_cut_and_counted_while_the_table_goes_on() {
    let mut decoder = Decoder::new();
    let mut names = 0;
    // One entry of 35 bytes, a thousand times.
    let mut bomb = vec![0x40, 1, b'a', 2, b'b', b'c'];
    bomb.extend([0xbe; 999]);
    bomb.extend([0x40, 1, b'z', 1, b'z']);
    let listed = decoder.decode(&bomb, 350, |_| names += 1);
    let expected = Listed {
        bytes: 35 * 1000 + 34,
        left_out: 991,
    };
    assert_eq!((listed, names), (Ok(expected), 10));
    let next = decoded(&mut decoder, &[0xbe]);
    assert_eq!(next, Ok(vec![String::from("z=z")]));
}
