//! A connection between a peer and the engine, and what can happen to it next.

use super::Peer;
use balance::{Address, LocalEnd};
use engine::ConnectError;
use session::ConnId;
use std::collections::VecDeque;

/// A connection, seen from its far end.
pub struct Socket {
    /// The engine's name for it.
    pub(super) id: ConnId,
    /// Where the engine connected to; none for a client.
    pub to: Option<Address>,
    /// The end of the engine that connected.
    pub from: LocalEnd,
    pub(super) peer: Box<dyn Peer>,
    pub(super) link: LinkState,
    /// Said by the peer and not arrived.
    pub(super) under_way: VecDeque<u8>,
    pub(super) end: Option<End>,
    pub(super) paused: bool,
    pub(super) writes: bool,
    /// The peer takes nothing any more.
    pub(super) stuck: bool,
    /// Something came that the peer has not looked at.
    pub(super) unseen: bool,
    /// Everything the peer heard.
    pub heard: Vec<u8>,
    /// How the proxy closed it.
    pub closed: Closed,
}

/// How far the proxy has closed a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Not at all.
    Open,
    /// Its sending side.
    Write,
    /// Entirely.
    Both,
    /// By a reset.
    Reset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkState {
    /// The engine waits for it to be established.
    Dialled,
    Failed(ConnectError),
    /// Nobody will ever answer.
    Dead,
    Up,
    /// One of both ends is gone.
    Gone,
}

/// How a peer ends; told to the engine once everything before has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Fin,
    Reset,
    Told,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// The connection attempt is decided.
    Establish,
    /// Bytes of the peer arrive.
    Arrive,
    /// The end of the peer arrives.
    ArriveEnd,
    /// Bytes of the proxy leave.
    Leave,
    /// The peer looks at what came.
    Look,
}

impl Socket {
    /// Whether the proxy has closed it entirely.
    pub fn is_closed(&self) -> bool {
        matches!(self.closed, Closed::Both | Closed::Reset)
    }

    /// What can happen to it next; the earlier the sooner when all goes in order.
    pub(super) fn moves(&self) -> impl Iterator<Item = Move> {
        let up = self.link == LinkState::Up;
        let dialled = matches!(self.link, LinkState::Dialled | LinkState::Failed(_));
        let lost = self.end == Some(End::Reset);
        let ends = lost || self.end == Some(End::Fin);
        let waits = !self.under_way.is_empty();
        [
            (up && self.writes && !self.stuck && !lost, Move::Leave),
            (self.unseen, Move::Look),
            (dialled, Move::Establish),
            (up && !self.paused && waits, Move::Arrive),
            (
                up && (lost || !self.paused) && !waits && ends,
                Move::ArriveEnd,
            ),
        ]
        .into_iter()
        .filter_map(|(can, kind)| can.then_some(kind))
    }
}
