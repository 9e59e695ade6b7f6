//! Somebody who changes lists and maps by the runtime API while requests come, and writes down what
//! stood there when.
//!
//! What is in which list is agreed upon with the configuration: each version of `virt@routes` has the
//! same value for all of [`KEYS`], which names the version and a backend; `virt@single` has one entry or
//! none; `virt@gate` has its own name or has not.

use super::proxy::Proxy;
use crate::canary::Canary;
use crate::journal::Journal;
use crate::net::Network;
use base::{Duration, Instant, Rng};
use std::cell::Cell;
use std::rc::Rc;

/// The operator of one run.
pub(super) struct Operator {
    pub(super) network: Network,
    pub(super) proxy: Proxy,
    pub(super) journal: Journal,
    pub(super) rng: Rng,
    pub(super) canary: Option<Canary>,
}

/// What `virt@routes` is asked for.
const KEYS: [&str; 3] = ["a", "b", "c"];

/// Backends, in turn.
const BACKENDS: [&str; 2] = ["app", "alt"];

/// What `virt@gate` has when it is open.
const GATE: &str = "gate";

/// What is found as long as the lists are empty: the defaults in the configuration.
const AT_FIRST: [(&str, &str); 3] = [("routes", "0.app"), ("single", "0"), ("gate", "")];

/// Milliseconds between two commands at most.
const PAUSE_MS: u64 = 25;

impl Operator {
    /// Works until it is over.
    pub(super) async fn work(mut self, over: Rc<Cell<bool>>) {
        let mut number = 0;
        let mut open = false;
        for (list, what) in AT_FIRST {
            self.journal.stands(list, what, Instant::ZERO);
        }
        while !over.get() {
            number += 1;
            match self.rng.below(6) {
                0..=2 => self.route(number).await,
                3 => self.change_one_mind(number).await,
                4 => self.set_single(number).await,
                _ => {
                    open = !open;
                    self.turn_gate(open).await;
                }
            }
            self.pause().await;
        }
    }

    /// Puts a new version of the routes into use.
    async fn route(&mut self, number: u64) {
        let value = value_of(number);
        if self.canary == Some(Canary::MixesVersions) {
            for key in KEYS {
                self.say(&format!("del map virt@routes {key}"), None);
                self.say(&format!("add map virt@routes {key} {value}"), Some(""));
                self.pause().await;
            }
            return self.stands("routes", &value);
        }
        let version = self.prepare("map virt@routes");
        for key in KEYS {
            let add = format!("add map @{version} virt@routes {key} {value}");
            self.say(&add, Some(""));
            self.pause().await;
        }
        self.say(&format!("commit map @{version} virt@routes"), Some(""));
        self.stands("routes", &value);
    }

    /// Begins a version and gives it up.
    async fn change_one_mind(&mut self, number: u64) {
        let version = self.prepare("map virt@routes");
        let value = value_of(number);
        let add = format!("add map @{version} virt@routes {} {value}", KEYS[0]);
        self.say(&add, Some(""));
        self.pause().await;
        self.say(&format!("clear map @{version} virt@routes"), Some(""));
    }

    /// Gives one entry another value, or takes it away and puts it there again.
    async fn set_single(&mut self, number: u64) {
        let is_there = self
            .say("get map virt@single key", None)
            .contains("found=yes");
        if !is_there {
            self.say(&format!("add map virt@single key {number}"), Some(""));
        } else if self.rng.chance(1, 3) {
            self.say("del map virt@single key", Some(""));
            return self.stands("single", "0");
        } else {
            self.say(&format!("set map virt@single key {number}"), Some(""));
        }
        self.stands("single", &number.to_string());
    }

    /// Opens the gate or closes it, by an entry or by a version.
    async fn turn_gate(&mut self, open: bool) {
        if self.rng.chance(1, 2) {
            let version = self.prepare("acl virt@gate");
            if open {
                self.say(&format!("add acl @{version} virt@gate {GATE}"), Some(""));
            }
            self.pause().await;
            self.say(&format!("commit acl @{version} virt@gate"), Some(""));
        } else {
            let verb = if open { "add" } else { "del" };
            self.say(&format!("{verb} acl virt@gate {GATE}"), Some(""));
        }
        self.stands("gate", if open { "open" } else { "" });
    }

    /// Prepares a version of a list; its number.
    fn prepare(&self, list: &str) -> String {
        let answer = self.say(&format!("prepare {list}"), None);
        let number = answer.strip_prefix("New version created: ");
        number
            .unwrap_or_else(|| panic!("no version: {answer}"))
            .to_owned()
    }

    /// Says a command; its answer, which is a broken rule if it is another than is meant.
    fn say(&self, command: &str, meant: Option<&str>) -> String {
        let answer = self.proxy.command(command);
        if let Some(meant) = meant
            && answer != meant
        {
            let what = format!("`{command}` is answered with {answer:?}");
            let at = self.network.now();
            self.journal
                .write(|pages| pages.wrongs.push(("map.version", at, what)));
        }
        answer
    }

    fn stands(&self, list: &'static str, what: &str) {
        self.journal.stands(list, what, self.network.now());
    }

    async fn pause(&mut self) {
        let pause = Duration::from_millis(self.rng.between(0, PAUSE_MS));
        self.network.sleep_until(self.network.now() + pause).await;
    }
}

fn value_of(number: u64) -> String {
    format!("{number}.{}", BACKENDS[(number % 2) as usize])
}
