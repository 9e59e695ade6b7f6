//! Who talks to the engine: scripted bytes and answers, none of it our own parser.

use crate::wire::{self, Expect, Message};
use base::Rng;

/// One end of a connection that is not ours.
pub trait Peer {
    /// Told at the start of the connection, and whenever more was heard or the proxy closed its
    /// sending side (`ended`). `heard` is everything since the start. Returns what is said to that.
    fn hears(&mut self, heard: &[u8], ended: bool) -> Vec<Say>;
}

/// What a peer does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Say {
    /// Sends bytes.
    Bytes(Vec<u8>),
    /// Closes its sending side.
    Fin,
    /// Resets the connection: what is under way in either direction is lost.
    Reset,
}

impl Say {
    /// One of the two ways to end a connection.
    pub fn any_end(rng: &mut Rng) -> Self {
        if rng.chance(1, 2) {
            Self::Fin
        } else {
            Self::Reset
        }
    }
}

/// A peer that says nothing by itself; see [`super::Pair::say`].
#[derive(Clone, Copy, Debug)]
pub struct Mute;

impl Peer for Mute {
    fn hears(&mut self, _heard: &[u8], _ended: bool) -> Vec<Say> {
        Vec::new()
    }
}

/// A client that says everything at once, and closes when the proxy does.
#[derive(Debug)]
pub struct Talker {
    script: Vec<Say>,
}

impl Talker {
    /// Says `script` as soon as it is connected.
    pub fn new(script: Vec<Say>) -> Self {
        Self { script }
    }

    /// Says `bytes` as soon as it is connected.
    pub fn saying(bytes: &[u8]) -> Self {
        Self::new(vec![Say::Bytes(bytes.into())])
    }
}

impl Peer for Talker {
    fn hears(&mut self, _heard: &[u8], ended: bool) -> Vec<Say> {
        let mut says = std::mem::take(&mut self.script);
        if ended {
            says.push(Say::Fin);
        }
        says
    }
}

/// A server that answers each complete request as `answer` says, and closes when the proxy does.
pub struct Answerer<F> {
    answer: F,
    read: usize,
}

impl<F: FnMut(&Message) -> Vec<Say>> Answerer<F> {
    /// Answers with what `answer` makes of a request.
    pub fn new(answer: F) -> Self {
        Self { answer, read: 0 }
    }
}

impl<F: FnMut(&Message) -> Vec<Say>> Peer for Answerer<F> {
    fn hears(&mut self, heard: &[u8], ended: bool) -> Vec<Say> {
        let mut says = Vec::new();
        while let Ok(Some((request, used))) = wire::read(&heard[self.read..], Expect::Request) {
            if !request.complete {
                break;
            }
            self.read += used;
            says.extend((self.answer)(&request));
        }
        if ended {
            says.push(Say::Fin);
        }
        says
    }
}
