//! Values through converters: what the fuzz target asserts, of values that are drawn.

use proptest::prelude::*;
use proptests::harness::convert::bytes_through_converters;

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_passes_any_converters_or_ends(input in prop::collection::vec(any::<u8>(), 0..400)) {
        bytes_through_converters(&input);
    }

    #[test]
    fn any_text_passes_any_converters_or_ends(text in "[-a-zA-Z0-9_.:;,&=?%+/\"\\[\\]{}\\\\ \n]{0,80}", rest in prop::collection::vec(any::<u8>(), 0..60)) {
        let mut input = vec![7, text.len() as u8];
        input.extend_from_slice(text.as_bytes());
        input.extend_from_slice(&rest);
        bytes_through_converters(&input);
    }
}
