//! Values among patterns: what is marked is what a look at each pattern marks.

use super::fold;
use super::marks::Marks;
use super::spans::Spans;
use super::texts::TextsDraft;
use alloc::string::String;
use alloc::vec::Vec;
use proptest::prelude::*;

/// Where a pattern has to be.
#[derive(Clone, Copy, Debug)]
enum Place {
    Whole,
    Begins,
    Ends,
    Within,
}

impl Place {
    fn is(self, text: &[u8], pattern: &[u8]) -> bool {
        let folded = |text: &[u8]| text.iter().map(fold).collect::<Vec<u8>>();
        let (text, pattern) = (folded(text), folded(pattern));
        match self {
            Self::Whole => text == pattern,
            Self::Begins => text.starts_with(&pattern),
            Self::Ends => text.ends_with(&pattern),
            Self::Within => text.windows(pattern.len()).any(|window| window == pattern),
        }
    }
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        Just(Place::Whole),
        Just(Place::Begins),
        Just(Place::Ends),
        Just(Place::Within),
    ]
}

fn marked(marks: &Marks) -> Vec<usize> {
    (0..8).filter(|&rule| marks.has(rule)).collect()
}

proptest! {
    #[test]
    fn the_patterns_that_are_where_they_have_to_be_are_found(
        patterns in prop::collection::vec((place(), "[aAbB/]{1,7}", 0..8_usize), 0..12),
        texts in prop::collection::vec("[aAbB/]{0,12}", 1..16),
    ) {
        let mut draft = TextsDraft::default();
        for (place, pattern, rule) in &patterns {
            let pattern = pattern.as_bytes();
            match place {
                Place::Whole => draft.whole(pattern, *rule),
                Place::Begins => draft.begins(pattern, *rule),
                Place::Ends => draft.ends(pattern, *rule),
                Place::Within => draft.within(pattern, *rule),
            }
        }
        let all = draft.finish();
        for text in texts {
            let text = text.as_bytes();
            let mut found = Marks::default();
            all.find(text, &mut found);
            let mut expected = Marks::default();
            for (place, pattern, rule) in &patterns {
                if place.is(text, pattern.as_bytes()) {
                    expected.add(*rule);
                }
            }
            let text = String::from_utf8_lossy(text);
            prop_assert_eq!(marked(&found), marked(&expected), "{:?} of {:?}", text, &patterns);
        }
    }

    #[test]
    fn the_ranges_that_a_number_is_in_are_found(
        ranges in prop::collection::vec((any::<u8>(), any::<u8>(), 0..8_usize), 0..12),
    ) {
        let ranges: Vec<_> = ranges
            .into_iter()
            .map(|(a, b, rule)| (a.min(b), a.max(b), rule))
            .collect();
        let spans = Spans::new(&ranges, |it: u8| it.checked_add(1));
        for number in 0..=u8::MAX {
            let mut found = Marks::default();
            spans.find(number, &mut found);
            let mut expected = Marks::default();
            for (from, to, rule) in &ranges {
                if (from..=to).contains(&&number) {
                    expected.add(*rule);
                }
            }
            prop_assert_eq!(marked(&found), marked(&expected), "{} of {:?}", number, &ranges);
        }
    }
}
