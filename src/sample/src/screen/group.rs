//! The tests of one expression: it is evaluated once, and its value is looked for among all patterns.

use super::marks::Marks;
use super::reads::{Change, Reads};
use super::spans::{Span, Spans};
use super::texts::{Texts, TextsDraft};
use crate::address::within6;
use crate::expr::Expr;
use crate::facts::Facts;
use crate::pattern::{Key, Network, same_masked};
use crate::value::{Type, Value};
use crate::work::Work;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::Ipv4Addr;
use core::ops::ControlFlow;

/// An expression, and which rules its values are for.
#[derive(Clone, Debug)]
pub(super) struct Group {
    expr: Expr,
    reads: Reads,
    /// Those that have a test of it.
    rules: Marks,
    /// Those that any value is for.
    found: Marks,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Texts(Box<Texts>),
    Numbers(Spans<i64>),
    Addresses(Box<Addresses>),
    /// What is for `true`.
    Truth(Marks),
}

#[derive(Clone, Debug)]
struct Addresses {
    v4: Spans<u32>,
    v6: Option<Spans<u128>>,
    /// Networks whose masks are not first bits.
    masked: Box<[(Ipv4Addr, Ipv4Addr, usize)]>,
}

impl Group {
    /// Marks the rules that a value of the expression is for.
    pub(super) fn look(&self, facts: &Facts<'_>, work: &mut Work, marks: &mut Marks) {
        if marks.has_all(&self.rules) {
            return;
        }
        let mut see = |work: &mut Work, value: Value<'_>| {
            marks.add_all(&self.found);
            self.find(&value, marks);
            work.done(value);
            ControlFlow::Continue(())
        };
        if !self.expr.is_single() {
            self.expr.each(facts, work, &mut see);
        } else if let Some(value) = self.expr.value(facts, work).found() {
            let _ = see(work, value);
        }
    }

    fn find(&self, value: &Value<'_>, marks: &mut Marks) {
        match (&self.form, value) {
            (Form::Texts(texts), Value::Text(text) | Value::Method(text)) => {
                texts.find(text, marks);
            }
            (Form::Numbers(numbers), Value::Int(number)) => numbers.find(*number, marks),
            (Form::Addresses(all), Value::Ip4(address)) => {
                all.find4(*address, marks);
                if let Some(v6) = &all.v6 {
                    v6.find(address.to_ipv6_mapped().to_bits(), marks);
                }
            }
            (Form::Addresses(all), Value::Ip6(address)) => {
                if let Some(v6) = &all.v6 {
                    v6.find(address.to_bits(), marks);
                }
                if let Some(address) = within6(*address) {
                    all.find4(address, marks);
                }
            }
            (Form::Truth(_), Value::Bool(false)) => {}
            (Form::Truth(rules), Value::Bool(true)) => marks.add_all(rules),
            // It is not of the type that was foreseen.
            _ => marks.add_all(&self.rules),
        }
    }

    /// The rules whose tests of it may have another answer behind a change.
    pub(super) fn minding(&self, change: Change<'_>) -> Marks {
        match self.reads.minds(self.expr.args(), change) {
            true => self.rules,
            false => Marks::default(),
        }
    }
}

impl Addresses {
    fn find4(&self, address: Ipv4Addr, marks: &mut Marks) {
        self.v4.find(address.to_bits(), marks);
        for &(network, mask, rule) in &self.masked {
            if same_masked(network, address, mask) {
                marks.add(rule);
            }
        }
    }
}

/// A group while its tests are collected.
#[derive(Debug)]
pub(super) struct GroupDraft {
    expr: Expr,
    reads: Reads,
    rules: Marks,
    found: Marks,
    texts: TextsDraft,
    numbers: Vec<Span<i64>>,
    v4: Vec<Span<u32>>,
    v6: Vec<Span<u128>>,
    masked: Vec<(Ipv4Addr, Ipv4Addr, usize)>,
    truth: Marks,
}

impl GroupDraft {
    /// Nothing yet of an expression.
    pub(super) fn of(expr: &Expr, reads: Reads) -> Self {
        Self {
            expr: expr.clone(),
            reads,
            rules: Marks::default(),
            found: Marks::default(),
            texts: TextsDraft::default(),
            numbers: Vec::new(),
            v4: Vec::new(),
            v6: Vec::new(),
            masked: Vec::new(),
            truth: Marks::default(),
        }
    }

    /// Whether it is the group of this expression.
    pub(super) fn is_of(&self, expr: &Expr) -> bool {
        core::ptr::eq(self.expr.fetch(), expr.fetch())
            && self.expr.behind_keyword() == expr.behind_keyword()
    }

    /// Takes in the keys of a test of a rule.
    pub(super) fn add(&mut self, keys: &[Key], rule: usize) {
        self.rules.add(rule);
        for key in keys {
            match key {
                Key::Found => self.found.add(rule),
                Key::True => self.truth.add(rule),
                Key::Whole(text) => self.texts.whole(text, rule),
                Key::Begins(text) => self.texts.begins(text, rule),
                Key::Ends(text) => self.texts.ends(text, rule),
                Key::Within(text) => self.texts.within(text, rule),
                Key::Range(from, to) => self.numbers.push((*from, *to, rule)),
                Key::Network(Network::V4(address, bits)) => {
                    let rest = u32::MAX.checked_shr((*bits).into()).unwrap_or(0);
                    let address = address.to_bits();
                    self.v4.push((address & !rest, address | rest, rule));
                }
                Key::Network(Network::V6(address, bits)) => {
                    let rest = u128::MAX.checked_shr((*bits).into()).unwrap_or(0);
                    let address = address.to_bits();
                    self.v6.push((address & !rest, address | rest, rule));
                }
                Key::Network(Network::Masked(address, mask)) => {
                    self.masked.push((*address, *mask, rule));
                }
            }
        }
    }

    pub(super) fn finish(self) -> Group {
        let form = match self.expr.output() {
            Type::Int => Form::Numbers(Spans::new(&self.numbers, |it| it.checked_add(1))),
            Type::Bool => Form::Truth(self.truth),
            Type::Address | Type::Ip4 | Type::Ip6 => {
                let v6 = Spans::new(&self.v6, |it| it.checked_add(1));
                Form::Addresses(Box::new(Addresses {
                    v4: Spans::new(&self.v4, |it| it.checked_add(1)),
                    v6: (!self.v6.is_empty()).then_some(v6),
                    masked: self.masked.into(),
                }))
            }
            Type::Text | Type::Method | Type::Bytes | Type::Any => {
                Form::Texts(Box::new(self.texts.finish()))
            }
        };
        Group {
            expr: self.expr,
            reads: self.reads,
            rules: self.rules,
            found: self.found,
            form,
        }
    }
}

/// Whether values of an expression can be looked for by these keys without a cast.
pub(super) fn fits(expr: &Expr, keys: &[Key]) -> bool {
    keys.iter().all(|key| match key {
        Key::Found => true,
        Key::True => expr.output() == Type::Bool,
        Key::Whole(_) | Key::Begins(_) | Key::Ends(_) | Key::Within(_) => {
            matches!(expr.output(), Type::Text | Type::Method)
        }
        Key::Range(..) => expr.output() == Type::Int,
        Key::Network(_) => {
            matches!(expr.output(), Type::Address | Type::Ip4 | Type::Ip6)
        }
    })
}
