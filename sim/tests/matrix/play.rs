//! Plays one cell: a client and a server that follow it, and what each of them sees.

use super::cell::{Cell, End, Ended, HALF, How, Kind, Proto, Seen};
use super::net::Io;
use super::peer::{Message, Part, Peer};
use std::cell::Cell as Slot;
use std::rc::Rc;
use tokio::sync::Notify;

/// One end waits here until the other has seen something.
#[derive(Default)]
pub struct Gate {
    is_open: Slot<bool>,
    bell: Notify,
}

impl Gate {
    fn open(&self) {
        self.is_open.set(true);
        self.bell.notify_waiters();
    }

    async fn pass(&self) {
        while !self.is_open.get() {
            self.bell.notified().await;
        }
    }
}

/// A cell that is being played.
#[derive(Clone)]
pub struct Stage {
    pub cell: Cell,
    /// A name that is found in the log.
    pub name: Rc<str>,
    /// The server has all that the client sends before it waits.
    request_seen: Rc<Gate>,
    /// The client has all that the server sends before it waits.
    reply_seen: Rc<Gate>,
}

impl Stage {
    pub fn new(cell: Cell, number: usize) -> Self {
        Self {
            cell,
            name: format!("cell{number}x").into(),
            request_seen: Rc::default(),
            reply_seen: Rc::default(),
        }
    }

    /// The client's part. Who counts bytes has all before the other end has said so: a client that did
    /// not go away stays for as long as what is returned does.
    pub async fn ask(self, io: Io) -> (Seen, Option<Peer>) {
        let cell = self.cell;
        let slow = cell.how == How::SlowReader;
        let mut peer = Peer::client(cell.client, io, slow).await;
        let mut seen = Seen::default();
        let bare = cell.request_body() == 0 && !cell.has_trailers();
        let ends = bare && !(cell.end == End::Empty && cell.client == Proto::H2);
        peer.send_head(&self.request(), ends).await;
        if cell.is_tunnel() {
            while seen.start.is_empty() && seen.ended == Ended::Not {
                self.take(peer.read().await, &mut seen);
            }
        }
        if cell.how == How::Early {
            peer.send_data(&bytes(HALF), false).await;
        } else if !ends {
            let body = bytes(cell.request_body());
            self.send_rest(&mut peer, &body, &self.request_seen).await;
        }
        let before_head = cell.how == How::ClientAborts && !cell.aborts_in_data();
        if before_head {
            match cell.kind {
                Kind::Interim => self.take(peer.read().await, &mut seen),
                _ => self.request_seen.pass().await,
            }
            peer.abort();
            return (seen, None);
        }
        while seen.ended == Ended::Not {
            let part = peer.read().await;
            self.take(part, &mut seen);
            let is_all = match cell.how {
                How::ClientAborts | How::ServerAborts => seen.body >= HALF,
                _ => seen.body >= cell.response_body(),
            };
            let interim = cell.kind == Kind::Interim && cell.how == How::ServerAborts;
            if (is_all && !seen.start.is_empty()) || (interim && !seen.interim.is_empty()) {
                self.reply_seen.open();
                if cell.how == How::ClientAborts {
                    peer.abort();
                    return (seen, None);
                }
            }
        }
        if seen.start == "502" {
            seen.body = 0;
            seen.intact = true;
        }
        (seen, Some(peer))
    }

    /// The server's part.
    pub async fn answer(self, io: Io) -> Seen {
        let cell = self.cell;
        let mut seen = Seen::default();
        let Some(mut peer) = Peer::server(cell.server, io).await else {
            return seen;
        };
        while seen.start.is_empty() && seen.ended == Ended::Not {
            self.take(peer.read().await, &mut seen);
        }
        if cell.is_tunnel() {
            peer.send_head(&self.response(peer.accept_key()), false)
                .await;
        }
        let early = cell.how == How::Early;
        let wanted = if early { HALF } else { cell.request_body() };
        // A tunnel that breaks does so while both directions are open.
        let open_tunnel =
            cell.is_tunnel() && matches!(cell.how, How::ClientAborts | How::ServerAborts);
        loop {
            if seen.body >= wanted && !seen.start.is_empty() {
                self.request_seen.open();
                if early || open_tunnel {
                    break;
                }
            }
            if seen.ended != Ended::Not {
                break;
            }
            self.take(peer.read().await, &mut seen);
        }
        if cell.kind == Kind::Interim {
            peer.send_interim().await;
            if cell.how == How::ServerAborts {
                self.reply_seen.pass().await;
            }
        }
        match cell.how {
            How::ServerAborts if !cell.aborts_in_data() => {
                peer.break_off(false);
                return seen;
            }
            How::ClientAborts if !cell.aborts_in_data() => {
                seen.ended = peer.wait_for_abort().await;
                return seen;
            }
            _ => {}
        }
        let bare = cell.response_body() == 0 && !cell.has_trailers();
        let empty_behind = cell.end == End::Empty && cell.server == Proto::H2;
        if !cell.is_tunnel() {
            let ends = bare && !empty_behind;
            peer.send_head(&self.response(None), ends).await;
            if ends {
                peer.finish().await;
                return seen;
            }
        }
        let body = bytes(cell.response_body());
        match cell.how {
            How::ServerAborts => {
                peer.send_data(&body[..HALF], false).await;
                self.reply_seen.pass().await;
                peer.break_off(cell.ends_with_fin());
            }
            How::ClientAborts => {
                peer.send_data(&body[..HALF], false).await;
                seen.ended = peer.wait_for_abort().await;
            }
            How::Clean | How::Early | How::SlowReader => {
                self.send_rest(&mut peer, &body, &self.reply_seen).await;
                if cell.how == How::SlowReader {
                    // The simulated kernel looks after a closed socket for a limited time only.
                    self.reply_seen.pass().await;
                }
                peer.finish().await;
            }
        }
        seen
    }

    /// Sends a body and its end where the cell says.
    async fn send_rest(&self, peer: &mut Peer, body: &[u8], other_saw: &Gate) {
        let cell = self.cell;
        // A tunnel that breaks off was not ended before.
        let open = cell.is_tunnel() && matches!(cell.how, How::ClientAborts | How::ServerAborts);
        let with_data = cell.end == End::Data && !cell.has_trailers() && !open;
        if !body.is_empty() {
            peer.send_data(body, with_data).await;
        }
        if with_data || open {
            return;
        }
        if cell.end == End::Empty {
            other_saw.pass().await;
        }
        if cell.has_trailers() {
            peer.send_trailers(cell.end == End::Empty).await;
        } else {
            peer.send_end().await;
        }
    }

    fn take(&self, part: Part, seen: &mut Seen) {
        match part {
            Part::Interim(status) => seen.interim.push(status),
            Part::Head(start) => seen.start = start,
            Part::Data(data) => {
                let expected = bytes(seen.body + data.len());
                seen.intact &= expected[seen.body..] == data[..];
                seen.body += data.len();
            }
            Part::Trailers => seen.trailers = true,
            Part::Over(ended) => seen.ended = ended,
        }
    }

    fn request(&self) -> Message {
        let cell = self.cell;
        let counted = match cell.kind {
            Kind::Length => true,
            Kind::Chunked | Kind::Trailers => false,
            _ => cell.how == How::Early,
        };
        let has_body = matches!(cell.kind, Kind::Length | Kind::Chunked | Kind::Trailers)
            || cell.how == How::Early;
        Message {
            method: cell.method(),
            status: 0,
            name: self.name.to_string(),
            length: (counted && has_body).then(|| cell.request_body()),
            chunked: has_body && !counted,
            websocket: cell.kind == Kind::WebSocket,
            accept: None,
        }
    }

    fn response(&self, accept: Option<String>) -> Message {
        let cell = self.cell;
        let length = match cell.kind {
            Kind::Length | Kind::Interim => Some(cell.response_body()),
            // What GET would get.
            Kind::Head => Some(777),
            _ => None,
        };
        Message {
            method: "",
            status: cell.status(),
            name: self.name.to_string(),
            length,
            chunked: matches!(cell.kind, Kind::Chunked | Kind::Trailers),
            websocket: cell.kind == Kind::WebSocket,
            accept,
        }
    }
}

/// The first bytes of every body.
fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|at| (at * 31 % 251) as u8).collect()
}
