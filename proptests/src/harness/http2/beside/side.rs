//! What a side of the comparison shows: the messages it took, and what it did about those it did not.

use super::super::wire::Wire;
use http::HeaderValue;
use http::uri::{Authority, PathAndQuery};
use std::collections::{BTreeMap, VecDeque};

/// Something a side did about a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Act {
    /// RST_STREAM on this stream, with this code.
    Reset(u32, u32),
    /// GOAWAY with this code, or the end of the connection without one.
    End(u32),
}

/// The message of one stream, as far as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    /// `None` until the final head came. Fields are in order of their names.
    pub(super) head: Option<Vec<(Vec<u8>, Vec<u8>)>>,
    pub(super) body: Vec<u8>,
    pub(super) trailers: Option<Vec<(Vec<u8>, Vec<u8>)>>,
    pub(super) ended: bool,
    /// The stream was given up, by whom ever.
    pub(super) lost: bool,
}

impl Message {
    /// A request for a tunnel: to us it ends with its head, and what follows waits for the answer.
    pub(super) fn is_connect(&self) -> bool {
        let lines = self.head.iter().flatten();
        let mut methods = lines.filter(|(name, _)| name == b":method");
        methods.any(|(_, method)| method == b"CONNECT")
    }
}

impl Message {
    /// A field of it has bytes that the types of the `http` crate cannot hold.
    pub(super) fn is_beyond_types(&self) -> bool {
        let mut fields = self.head.iter().chain(&self.trailers).flatten();
        fields.any(|(name, value)| match &name[..] {
            b":path" => PathAndQuery::try_from(&value[..]).is_err(),
            b":authority" => Authority::try_from(&value[..]).is_err(),
            _ => HeaderValue::from_bytes(value).is_err(),
        })
    }
}

/// One implementation.
pub(super) trait Side {
    /// Takes in bytes, and does what follows from them.
    fn hear(&mut self, bytes: &[u8]);

    /// Answers a request that has ended, or ends its own.
    fn answer(&mut self, stream: u32);

    /// What was taken so far, by stream.
    fn messages(&self) -> &BTreeMap<u32, Message>;

    /// What it said to the peer since the last time.
    fn said(&mut self) -> Vec<u8>;

    /// It closed the connection without a word.
    fn is_over(&self) -> bool;
}

/// What a side says, frame by frame.
#[derive(Debug, Default)]
pub(super) struct Ear {
    bytes: Vec<u8>,
}

impl Ear {
    /// What it did by saying `bytes`.
    pub(super) fn acts(&mut self, side: &mut dyn Side) -> Vec<Act> {
        self.bytes.extend(side.said());
        let mut acts = Vec::new();
        while let Some((&[a, b, c, kind, _, s, t, u, v], rest)) = self.bytes.split_first_chunk() {
            if [a, b, c, kind] == *b"PRI " {
                self.bytes.drain(..PREFACE_BYTES);
                continue;
            }
            let length = u32::from_be_bytes([0, a, b, c]) as usize;
            let Some(payload) = rest.get(..length) else {
                break;
            };
            let number = |at| payload.get(at..at + 4).map_or(0, be);
            let stream = be(&[s, t, u, v]);
            match kind {
                RST_STREAM => acts.push(Act::Reset(stream, number(0))),
                GOAWAY if number(4) != 0 => acts.push(Act::End(number(4))),
                _ => {}
            }
            self.bytes.drain(..FRAME_HEAD_BYTES + length);
        }
        if side.is_over() && !acts.iter().any(|act| matches!(act, Act::End(_))) {
            acts.push(Act::End(0));
        }
        acts.sort();
        acts
    }
}

fn be(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

/// Bytes that a peer in memory has said.
pub(super) fn drain(wire: &Wire) -> Vec<u8> {
    let queue: VecDeque<u8> = std::mem::take(&mut *wire.from_peer.borrow_mut());
    queue.into()
}

const PREFACE_BYTES: usize = 24;
const FRAME_HEAD_BYTES: usize = 9;
const RST_STREAM: u8 = 3;
const GOAWAY: u8 = 7;
