//! The patterns of a test one by one, for those who look for the patterns of many tests at once.

use super::acl::Acl;
use super::index::Parting;
use super::matching::Matching;
use super::network::Network;
use super::number::Range;
use super::reference::Reference;
use crate::regex::{Needed, Regex};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::ControlFlow;

/// What a value has to be like to match, at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// Any value.
    Found,
    /// `true`
    True,
    /// This text, but for the case of letters.
    Whole(Vec<u8>),
    /// A text that begins like this.
    Begins(Vec<u8>),
    /// A text that ends like this.
    Ends(Vec<u8>),
    /// A text with this in it.
    Within(Vec<u8>),
    /// A number in this range, both ends included.
    Range(i64, i64),
    /// An address in this network.
    Network(Network),
}

impl Acl {
    /// What of it a value has to have one of to match, as its lists are now, and these. Nothing if that
    /// cannot be said, or if a list is a file's: such lists are long, or change while traffic runs.
    pub(crate) fn keys(&self, fold: fn(&u8) -> u8) -> Option<(Vec<Key>, Vec<&Arc<Reference>>)> {
        match self.matching() {
            Matching::Found => return Some((Vec::from([Key::Found]), Vec::new())),
            Matching::Bool => return Some((Vec::from([Key::True]), Vec::new())),
            _ => {}
        }
        let lists: Vec<_> = self.lists().collect();
        let mut keys = Vec::new();
        let mut all_read = lists.iter().all(|list| list.name().is_none());
        for list in &lists {
            if !all_read {
                break;
            }
            list.show(
                None,
                None,
                &mut |entry| match key(self.matching(), entry.key(), fold) {
                    Some(key) => {
                        keys.push(key);
                        ControlFlow::Continue(())
                    }
                    None => {
                        all_read = false;
                        ControlFlow::Break(())
                    }
                },
            );
        }
        all_read.then_some((keys, lists))
    }
}

fn key(matching: Matching, pattern: &[u8], fold: fn(&u8) -> u8) -> Option<Key> {
    Some(match matching {
        Matching::Str | Matching::Method => Key::Whole(pattern.into()),
        Matching::Beg => Key::Begins(pattern.into()),
        Matching::End => Key::Ends(pattern.into()),
        Matching::Sub => Key::Within(pattern.into()),
        Matching::Dir => Key::Within(Parting::Path.trimmed(pattern).into()),
        Matching::Dom => Key::Within(Parting::Domain.trimmed(pattern).into()),
        Matching::Int => {
            let Range { from, to } = Range::parse(pattern).ok()?;
            Key::Range(from, to)
        }
        // The name of a host is none: what it stood for when it was read is not known any more.
        Matching::Ip => Key::Network(Network::parse(pattern).ok()?),
        Matching::Reg => {
            let text = core::str::from_utf8(pattern).ok()?;
            let Needed { at_start, bytes } = Regex::needed(text, fold)?;
            match at_start {
                true => Key::Begins(bytes),
                false => Key::Within(bytes),
            }
        }
        Matching::Found | Matching::Bool | Matching::Bin | Matching::Len | Matching::Version => {
            return None;
        }
    })
}
