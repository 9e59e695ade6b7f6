//! How the entries of a list are found by a value: one index for each way of comparing that is used.

mod anchored;
mod exact;
mod expressions;
mod networks;
mod numbers;
mod parting;
mod pieces;
mod prefixes;
mod texts;
mod track;
mod tree;

pub(super) use exact::{Exact, Normal};
pub(super) use parting::Parting;
pub(crate) use tree::Tree;

use super::Resolve;
use super::entries::{Entries, HashKey, Slots};
use super::matching::{How, Matching};
use super::network::Network;
use super::number::Range;
use crate::regex::Regex;
use crate::value::Value;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use anchored::{Anchored, Place};
use core::net::IpAddr;
use expressions::Expressions;
use networks::Networks;
use numbers::Numbers;
use texts::Texts;

/// An index over the entries of a list.
#[derive(Clone, Debug)]
pub(super) struct Index {
    how: How,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    /// Patterns mean nothing.
    Nothing,
    /// The table of keys that every list has.
    Keys,
    Exact(Exact),
    Texts(Texts),
    Anchored(Anchored),
    Numbers(Numbers),
    Networks(Networks),
    Expressions(Expressions),
}

/// A pattern, read.
#[derive(Debug)]
pub(super) enum Pattern {
    /// It is used as it is written.
    Verbatim,
    Range(Range),
    Network(Network),
    /// What the name of a host stood for when it was read.
    Host(Network),
    Regex(Regex),
}

impl Pattern {
    /// Patterns that are kept near each other have numbers that are near each other, and patterns that are
    /// the same have the same number; those that are kept in order have 0.
    fn near(&self) -> u128 {
        match self {
            Self::Range(range) => range.single().map_or(0, |number| number as u128),
            Self::Network(network) | Self::Host(network) => networks::near(*network),
            Self::Verbatim | Self::Regex(_) => 0,
        }
    }
}

impl How {
    /// Reads a pattern; says what is wrong with it.
    pub(super) fn read(self, key: &[u8], resolve: Resolve<'_>) -> Result<Pattern, String> {
        match self.matching {
            Matching::Found
            | Matching::Bool
            | Matching::Str
            | Matching::Beg
            | Matching::Sub
            | Matching::Dir
            | Matching::Dom
            | Matching::End
            | Matching::Method => Ok(Pattern::Verbatim),
            Matching::Int | Matching::Len => Range::parse(key).map(Pattern::Range),
            Matching::Version => Range::parse_versions(key).map(Pattern::Range),
            Matching::Ip => match Network::parse(key) {
                Ok(network) => Ok(Pattern::Network(network)),
                Err(error) => Network::parse_host(key, resolve)
                    .map(Pattern::Host)
                    .ok_or(error),
            },
            Matching::Bin => check_hex(key).map(|()| Pattern::Verbatim),
            Matching::Reg => {
                let text = String::from_utf8_lossy(key);
                let regex = core::str::from_utf8(key)
                    .map_err(|_| String::from("it is not UTF-8"))
                    .and_then(|text| Regex::compile(text, self.ignore_case));
                regex
                    .map(Pattern::Regex)
                    .map_err(|why| format!("regex '{text}' is invalid: {why}"))
            }
        }
    }

    /// How `get acl` and `get map` say where an entry was found: in a tree or in a list.
    pub fn is_fast(self) -> bool {
        match self.matching {
            Matching::Found | Matching::Bool | Matching::Ip => true,
            Matching::Str | Matching::Beg => !self.ignore_case,
            Matching::Int
            | Matching::Version
            | Matching::Bin
            | Matching::Len
            | Matching::Sub
            | Matching::Dir
            | Matching::Dom
            | Matching::End
            | Matching::Reg
            | Matching::Method => false,
        }
    }
}

impl Index {
    /// An index for about so many entries.
    pub(super) fn new(how: How, hash_key: HashKey, expected: usize) -> Self {
        let anchored =
            |place| Form::Anchored(Anchored::new(place, how.ignore_case, hash_key, expected));
        let form = match how.matching {
            Matching::Found | Matching::Bool => Form::Nothing,
            Matching::Int | Matching::Len | Matching::Version => Form::Numbers(Numbers::default()),
            Matching::Ip => Form::Networks(Networks::default()),
            Matching::Bin => Form::Exact(Exact::new(Normal::Hex, hash_key, expected)),
            Matching::Str | Matching::Method => match how.ignore_case {
                true => Form::Exact(Exact::new(Normal::Folded, hash_key, expected)),
                false => Form::Keys,
            },
            Matching::Beg => anchored(Place::Beginning),
            Matching::Sub => Form::Texts(Texts::new(how.ignore_case)),
            Matching::Dir => anchored(Place::Between(Parting::Path)),
            Matching::Dom => anchored(Place::Between(Parting::Domain)),
            Matching::End => anchored(Place::End),
            Matching::Reg => Form::Expressions(Expressions::default()),
        };
        Self { how, form }
    }

    /// The slot of the entry for a value, which was cast to what this way of comparing takes.
    pub(super) fn find(&self, value: &Value<'_>, entries: &Entries) -> Option<u32> {
        let slots = entries.slots();
        match (&self.form, value) {
            (Form::Keys, Value::Text(text) | Value::Method(text)) => entries.find(text),
            (Form::Exact(exact), Value::Text(text) | Value::Bytes(text) | Value::Method(text)) => {
                exact.find(text, slots)
            }
            (Form::Texts(texts), Value::Text(text)) => texts.find(text, slots),
            (Form::Anchored(anchored), Value::Text(text)) => anchored.find(text, slots),
            (Form::Numbers(numbers), Value::Int(number)) => numbers.find(*number, slots),
            (Form::Numbers(numbers), Value::Text(text)) => numbers.find(text.len() as i64, slots),
            (Form::Networks(networks), Value::Ip4(it)) => networks.find(IpAddr::V4(*it)),
            (Form::Networks(networks), Value::Ip6(it)) => networks.find(IpAddr::V6(*it)),
            (Form::Expressions(all), Value::Text(text)) => Some(all.find(text)?.0),
            _ => None,
        }
    }

    /// The same for a text and regular expressions, with the one that matched.
    pub(super) fn find_regex(&self, text: &[u8]) -> Option<(u32, &Regex)> {
        match &self.form {
            Form::Expressions(all) => all.find(text),
            _ => None,
        }
    }

    /// What a person would want to know about regular expressions, by their slots.
    pub(super) fn notes(&self) -> Vec<(u32, String)> {
        match &self.form {
            Form::Expressions(all) => all.notes(),
            _ => Vec::new(),
        }
    }

    /// Takes in entries that came after all others, with their patterns. It takes them in an order in which
    /// the memory it needs for one is where it was for the one before: a large list is not read in less
    /// than a third of the time otherwise.
    pub(super) fn load(&mut self, mut patterns: Vec<(Pattern, u32)>, slots: &Slots) {
        // The sort is stable, so those that are the same stay in order.
        match &self.form {
            Form::Texts(texts) => patterns.sort_by_cached_key(|it| texts.near(slots.key(it.1))),
            Form::Numbers(_) | Form::Networks(_) => patterns.sort_by_cached_key(|it| it.0.near()),
            Form::Nothing
            | Form::Keys
            | Form::Exact(_)
            | Form::Anchored(_)
            | Form::Expressions(_) => {}
        }
        for (pattern, slot) in patterns {
            self.add(pattern, slot, slots);
        }
    }

    /// Takes in the entry of a slot, which came after all others and was read as `pattern`.
    pub(super) fn add(&mut self, pattern: Pattern, slot: u32, slots: &Slots) {
        match (&mut self.form, pattern) {
            (Form::Exact(exact), Pattern::Verbatim) => exact.add(slot, slots),
            (Form::Texts(texts), Pattern::Verbatim) => texts.add(slots.key(slot), slot),
            (Form::Anchored(anchored), Pattern::Verbatim) => anchored.add(slot, slots),
            (Form::Numbers(numbers), Pattern::Range(range)) => numbers.add(range, slot),
            (Form::Networks(networks), Pattern::Network(network)) => networks.add(network, slot),
            (Form::Networks(networks), Pattern::Host(network)) => networks.add_host(network, slot),
            (Form::Expressions(all), Pattern::Regex(regex)) => all.add(regex, slot),
            _ => {}
        }
    }

    /// Forgets the entry of a slot, which is still there.
    pub(super) fn remove(&mut self, slot: u32, slots: &Slots) {
        let key = slots.key(slot);
        match &mut self.form {
            Form::Nothing | Form::Keys => {}
            Form::Exact(exact) => exact.remove(slot, slots),
            Form::Texts(texts) => texts.remove(key, slot),
            Form::Anchored(anchored) => anchored.remove(key, slot),
            Form::Expressions(all) => all.remove(slot),
            Form::Numbers(numbers) => {
                if let Ok(Pattern::Range(range)) = self.how.read(key, &mut |_| None) {
                    numbers.remove(range, slot);
                }
            }
            Form::Networks(networks) => match Network::parse(key) {
                Ok(network) => networks.remove(network, slot),
                Err(_) => networks.remove_host(slot),
            },
        }
    }
}

fn check_hex(digits: &[u8]) -> Result<(), String> {
    match digits.iter().find(|byte| !byte.is_ascii_hexdigit()) {
        Some(&byte) => Err(format!(
            "an hex digit is expected (found '{}')",
            char::from(byte)
        )),
        None if digits.len() % 2 == 1 => Err("an even number of hex digit is expected".into()),
        None => Ok(()),
    }
}
