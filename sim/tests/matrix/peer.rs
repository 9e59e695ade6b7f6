//! One stream of one connection, seen alike whatever the protocol.

use super::cell::{Ended, Proto};
use super::h1::H1;
use super::h2::H2;
use super::net::Io;

/// A head to be sent.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// Empty in a response.
    pub method: &'static str,
    /// 0 in a request.
    pub status: u16,
    /// Goes into the target.
    pub name: String,
    /// `Content-Length`
    pub length: Option<usize>,
    /// A body follows whose length nobody says.
    pub chunked: bool,
    pub websocket: bool,
    /// `Sec-WebSocket-Accept`, where the protocol has it.
    pub accept: Option<String>,
}

/// A piece of what the other end sends.
#[derive(Debug)]
pub enum Part {
    Interim(u16),
    /// The method or the status.
    Head(String),
    Data(Vec<u8>),
    Trailers,
    Over(Ended),
}

pub enum Peer {
    H1(H1),
    H2(Box<H2>),
}

impl Peer {
    pub async fn client(proto: Proto, io: Io, slow: bool) -> Self {
        match proto {
            Proto::H1 => Self::H1(H1::client(io, slow)),
            Proto::H2 => Self::H2(Box::new(H2::client(io, slow).await)),
        }
    }

    /// A server's end; none if the connection ends without a request.
    pub async fn server(proto: Proto, io: Io) -> Option<Self> {
        match proto {
            Proto::H1 => Some(Self::H1(H1::server(io))),
            Proto::H2 => Some(Self::H2(Box::new(H2::server(io).await?))),
        }
    }

    pub async fn read(&mut self) -> Part {
        match self {
            Self::H1(peer) => peer.read().await,
            Self::H2(peer) => peer.read().await,
        }
    }

    pub async fn send_head(&mut self, message: &Message, ends: bool) {
        match self {
            Self::H1(peer) => peer.send_head(message, ends).await,
            Self::H2(peer) => peer.send_head(message, ends).await,
        }
    }

    pub async fn send_interim(&mut self) {
        match self {
            Self::H1(peer) => peer.send_interim().await,
            Self::H2(peer) => peer.send_interim(),
        }
    }

    pub async fn send_data(&mut self, data: &[u8], ends: bool) {
        match self {
            Self::H1(peer) => peer.send_data(data, ends).await,
            Self::H2(peer) => peer.send_data(data, ends).await,
        }
    }

    pub async fn send_end(&mut self) {
        match self {
            Self::H1(peer) => peer.send_end().await,
            Self::H2(peer) => peer.send_end(),
        }
    }

    /// Trailers, where possible behind an empty frame.
    pub async fn send_trailers(&mut self, behind_empty: bool) {
        match self {
            Self::H1(peer) => peer.send_trailers().await,
            Self::H2(peer) => peer.send_trailers(behind_empty),
        }
    }

    /// Everything is sent; the connection stays for as long as the protocol wants.
    pub async fn finish(self) {
        if let Self::H1(peer) = self {
            peer.finish().await;
        }
    }

    /// A client goes away: with a reset of its connection, or of its stream.
    pub fn abort(self) {
        match self {
            Self::H1(peer) => peer.reset(),
            Self::H2(mut peer) => peer.reset(h2::Reason::CANCEL),
        }
    }

    /// A server goes away in the middle: it resets the stream, or closes its connection, with a reset
    /// where FIN would be an ordinary end.
    pub fn break_off(self, with_reset: bool) {
        match self {
            Self::H1(peer) if with_reset => peer.reset(),
            Self::H1(peer) => drop(peer),
            Self::H2(mut peer) => peer.reset(h2::Reason::INTERNAL_ERROR),
        }
    }

    /// How the other end went away.
    pub async fn wait_for_abort(&mut self) -> Ended {
        match self {
            Self::H1(peer) => peer.wait_for_abort().await,
            Self::H2(peer) => peer.wait_for_abort().await,
        }
    }

    /// What answers a request for WebSocket in HTTP/1.
    pub fn accept_key(&self) -> Option<String> {
        match self {
            Self::H1(peer) => peer.accept_key(),
            Self::H2(_) => None,
        }
    }
}
