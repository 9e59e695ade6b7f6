//! Headers of the PROXY protocol for any client: what the fuzz target asserts, and that they are read back.

use proptest::prelude::*;
use proptests::harness::proxied::{bytes_as_a_header, ends_as_a_header};
use session::Ends;
use std::net::{IpAddr, SocketAddr};

fn end() -> impl Strategy<Value = Option<SocketAddr>> {
    let end = (any::<IpAddr>(), any::<u16>()).prop_map(SocketAddr::from);
    prop::option::weighted(0.9, end)
}

/// Kinds whose values have no form of their own.
fn field() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let value = prop::collection::vec(any::<u8>(), 0..40);
    (
        0xe0..=0xef_u8,
        prop_oneof![9 => value, 1 => Just(vec![1; 9_000])],
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_servers_are_told_of_a_client_is_read_as_it_was_said(
        peer in end(),
        local in end(),
        fields in prop::collection::vec(field(), 0..4),
        checksum in any::<bool>(),
    ) {
        ends_as_a_header(Ends { peer, local }, &fields, checksum);
    }

    #[test]
    fn any_bytes_are_a_header_or_none_wherever_they_are_cut(
        input in prop::collection::vec(any::<u8>(), 0..60),
        behind in prop_oneof![Just(&b"PROXY TCP4 "[..]), Just(&b"\r\n\r\n\0\r\nQUIT\n!\x11"[..]), Just(&b""[..])],
    ) {
        bytes_as_a_header(&[behind, &input].concat());
    }

    #[test]
    fn any_packet_behind_a_magic_number_is_a_header_or_none_wherever_it_is_cut(
        magic in any::<[u8; 4]>(),
        legacy in any::<bool>(),
        len in prop_oneof![4 => 0..80_u16, 1 => any::<u16>()],
        first in prop_oneof![Just(0x45_u8), Just(0x46), Just(0x60), any::<u8>()],
        rest in prop::collection::vec(prop_oneof![Just(6_u8), any::<u8>()], 0..90),
    ) {
        let len = len.to_be_bytes();
        let lengths = match legacy {
            true => [&[0, 0], &len[..]].concat(),
            false => [&[0, 0, 0, 9, 0, 1], &len[..]].concat(),
        };
        bytes_as_a_header(&[&magic[..], &lengths, &[first], &rest].concat());
    }
}
