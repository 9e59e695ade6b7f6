//! Clients and servers that are not our code: raw ones that do as told, and hyper's.

mod client;
pub(crate) mod http2;
mod hyper_peers;
mod introduction;
mod mischief;
mod origin;
mod payload;
mod pipe;
mod rude;
mod strict;
mod wire;

pub use client::{Session, Style, Target};
pub use mischief::{Mischief, Mood};
pub(crate) use origin::TRAILING;
pub use origin::{Origin, Plan};
pub use payload::{Ask, Span};
pub use rude::{Rude, rude};
