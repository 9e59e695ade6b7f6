//! `use_backend` and `use-server`.

use super::Spot;
use crate::settings::ProxyIndex;
use alloc::boxed::Box;
use balance::ServerIndex;
use sample::condition::Condition;
use sample::format::Format;
use sample::{For, ServerChoice, Switching};

/// A rule that chooses a backend.
#[derive(Clone, Debug)]
pub struct SwitchRule {
    /// `if` or `unless`; always without one.
    pub condition: Option<Condition>,
    /// Which one.
    pub to: Choice<ProxyIndex>,
    /// Where it stands.
    pub spot: Spot,
}

/// A rule that chooses a server.
#[derive(Clone, Debug)]
pub struct ServerRule {
    /// `if` or `unless`; always without one.
    pub condition: Option<Condition>,
    /// Which one.
    pub to: Choice<ServerIndex>,
}

/// A choice that is known, or a name that is worked out for each request.
#[derive(Clone, Debug)]
pub enum Choice<T> {
    /// This one.
    This(T),
    /// The one of that name, if there is one.
    Named(Format),
}

/// `use_backend` rules in order.
pub type Switches = For<Switching, Box<[SwitchRule]>>;

/// `use-server` rules in order.
pub type ServerRules = For<ServerChoice, Box<[ServerRule]>>;

/// `force-persist` and `ignore-persist` in order.
pub type PersistRules = For<ServerChoice, Box<[PersistRule]>>;

/// A rule about persistence.
#[derive(Clone, Debug)]
pub struct PersistRule {
    /// `if` or `unless`.
    pub condition: Option<Condition>,
    /// `force-persist`, `ignore-persist`, `force-be-switch`.
    pub kind: Persist,
}

/// What a rule about persistence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persist {
    /// `force-persist`: to servers that are down as well.
    Force,
    /// `ignore-persist`: no cookie counts.
    Ignore,
}
