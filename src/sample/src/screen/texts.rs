//! Texts: which of many patterns are where they have to be in one.

use super::fold;
use super::grams::{Grams, Pattern, WIDTH_MAX};
use super::marks::Marks;
use crate::pattern::Tree;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Patterns by where they have to be. Whether case counts is not looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    /// What is for any text.
    any: Marks,
    front: Tree,
    /// Of each pattern in `front`: what is for texts that begin so, and for those that are just that.
    begun: Box<[(Marks, Marks)]>,
    /// Ends, from their last byte on.
    back: Tree,
    ended: Box<[Marks]>,
    /// Patterns that may be anywhere: those of one, two and three bytes each for themselves.
    within: Box<[Grams]>,
}

/// Patterns while they are collected, folded.
#[derive(Debug, Default)]
pub(super) struct TextsDraft {
    any: Marks,
    front: BTreeMap<Vec<u8>, (Marks, Marks)>,
    back: BTreeMap<Vec<u8>, Marks>,
    within: BTreeMap<Vec<u8>, Marks>,
}

impl TextsDraft {
    pub(super) fn whole(&mut self, text: &[u8], rule: usize) {
        if let Some(key) = self.key(text, rule) {
            self.front.entry(key).or_default().1.add(rule);
        }
    }

    pub(super) fn begins(&mut self, text: &[u8], rule: usize) {
        if let Some(key) = self.key(text, rule) {
            self.front.entry(key).or_default().0.add(rule);
        }
    }

    pub(super) fn ends(&mut self, text: &[u8], rule: usize) {
        if let Some(mut key) = self.key(text, rule) {
            key.reverse();
            self.back.entry(key).or_default().add(rule);
        }
    }

    pub(super) fn within(&mut self, text: &[u8], rule: usize) {
        if let Some(key) = self.key(text, rule) {
            self.within.entry(key).or_default().add(rule);
        }
    }

    /// A pattern folded. One without a byte is looked for nowhere.
    fn key(&mut self, text: &[u8], rule: usize) -> Option<Vec<u8>> {
        if text.is_empty() {
            self.any.add(rule);
            return None;
        }
        Some(text.iter().map(fold).collect())
    }

    pub(super) fn finish(self) -> Texts {
        let mut within: BTreeMap<usize, Vec<Pattern>> = BTreeMap::new();
        for (text, marks) in self.within {
            let width = text.len().min(WIDTH_MAX);
            within.entry(width).or_default().push((text.into(), marks));
        }
        let (front, begun) = tree(self.front);
        let (back, ended) = tree(self.back);
        Texts {
            any: self.any,
            front,
            begun,
            back,
            ended,
            within: within.into_values().map(Grams::new).collect(),
        }
    }
}

fn tree<T>(of: BTreeMap<Vec<u8>, T>) -> (Tree, Box<[T]>) {
    let mut tree = Tree::default();
    for (text, number) in of.keys().zip(0..) {
        tree.add(text, number);
    }
    (tree, of.into_values().collect())
}

impl Texts {
    /// Marks what is for the patterns that are where they have to be.
    pub(super) fn find(&self, text: &[u8], marks: &mut Marks) {
        marks.add_all(&self.any);
        if let [first, .., last] | [first @ last] = text {
            if self.front.begins(fold(first)) {
                self.front.walk(text.iter().map(fold), |length, number| {
                    let (begins, is) = &self.begun[number as usize];
                    marks.add_all(begins);
                    if length == text.len() {
                        marks.add_all(is);
                    }
                });
            }
            if self.back.begins(fold(last)) {
                self.back.walk(text.iter().rev().map(fold), |_, number| {
                    marks.add_all(&self.ended[number as usize]);
                });
            }
        }
        for grams in &self.within {
            grams.find(text, marks);
        }
    }
}
