//! Syslog messages of all kinds, in streams and rings, against the promises of the fuzz targets.

use proptest::collection::vec;
use proptest::prelude::*;
use proptests::harness::syslog::{bytes_as_a_message, bytes_as_a_stream, bytes_through_a_ring};

/// Pieces that headers are made of, and any bytes.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "<134>",
        "<13>",
        "<192>",
        "<",
        ">",
        "1 ",
        "- ",
        "-",
        "Feb  6 12:14:14 ",
        "Dec 31 23:59:59 ",
        "2009-02-06T12:14:14Z ",
        "2009-02-06T12:14:14.655000+00:00 ",
        "host ",
        "app[12]: ",
        "app: ",
        "[a b=\"c\"]",
        "[a b=\"\\]\"] ",
        "\n",
        "\r\n",
        "\0",
        "12 ",
        "3 ",
    ]);
    prop_oneof![
        6 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..9),
    ]
}

proptest! {
    #[test]
    fn a_stream_has_the_same_messages_however_it_is_cut(
        first: u8, pieces in vec(piece(), 0..24)
    ) {
        bytes_as_a_stream(&[vec![first], pieces.concat()].concat());
    }

    #[test]
    fn a_message_is_passed_on_within_its_bounds(pieces in vec(piece(), 0..12)) {
        bytes_as_a_message(&pieces.concat());
    }

    #[test]
    fn a_ring_loses_no_message_unnoticed(steps in vec(any::<u8>(), 0..600)) {
        bytes_through_a_ring(&steps);
    }
}
