//! Servers that speak HTTP/2: on one connection many clients may meet.

use super::World;
use http2::Limits;
use http2::frame::PREFACE;
use message::{Event, Framing, Head, Machine, Part, Role, StreamId, Version};
use proptests::harness::nowhere::settings;
use proptests::pair::{Closed, Dial, Mute, Pace, Pair, Peer, Say};
use proptests::speaker::Speaker;

/// A server that answers with the number of its connection; one that is asked for `/slow` waits until
/// it is asked for anything else.
pub(super) struct Origin {
    number: String,
    speaker: Speaker,
    read: usize,
    slow: Vec<StreamId>,
}

impl Origin {
    pub(super) fn new(number: String, streams_max: u32) -> Self {
        let limits = Limits {
            streams_max,
            ..Limits::default()
        };
        Self {
            number,
            speaker: Speaker::new(Role::Accepting, limits),
            read: 0,
            slow: Vec::new(),
        }
    }

    /// One that connects by itself, and says the preface that it then does not hear.
    pub(super) fn reversed(number: String) -> Device {
        let mut origin = Self::new(number, 100);
        origin.speaker.hear(PREFACE);
        Device {
            origin,
            preface: Some(PREFACE.to_vec()),
        }
    }

    fn work(&mut self) {
        while let Some(event) = self.speaker.with(|machine, cx| machine.poll_event(cx)) {
            let (Event::Opened(stream) | Event::Readable(stream)) = event else {
                continue;
            };
            while let Some(part) = self.speaker.with(|machine, cx| machine.read(cx, stream)) {
                if let Part::Head(head) = part {
                    if head.origin_target() == b"/slow" {
                        self.slow.push(stream);
                    } else {
                        self.respond(stream, head.origin_target() == b"/ntlm");
                        for stream in std::mem::take(&mut self.slow) {
                            self.respond(stream, false);
                        }
                    }
                }
            }
        }
    }

    fn respond(&mut self, stream: StreamId, ntlm: bool) {
        let mut head = Head::default();
        head.set_response(if ntlm { 401 } else { 200 }, b"", Version::Http2);
        if ntlm {
            head.push(b"www-authenticate", b"NTLM");
        }
        head.push(b"content-length", self.number.len().to_string().as_bytes());
        head.framing = Framing::Length(self.number.len() as u64);
        self.speaker
            .with(|machine, cx| machine.send_head(cx, stream, &head));
        let mut data = self.speaker.pool.take();
        data.spare()[..self.number.len()].copy_from_slice(self.number.as_bytes());
        data.advance(self.number.len());
        self.speaker
            .with(|machine, cx| machine.send_data(cx, stream, data));
        self.speaker
            .with(|machine, cx| machine.send_end(cx, stream));
    }
}

impl Peer for Origin {
    fn hears(&mut self, heard: &[u8], _ended: bool) -> Vec<Say> {
        while self.read < heard.len() {
            self.read += self.speaker.hear(&heard[self.read..]);
            self.work();
        }
        let mut says = Vec::new();
        while let Some(bytes) = self.speaker.say() {
            self.work();
            says.push(Say::Bytes(bytes));
        }
        says
    }
}

/// A server that connects to the proxy (reverse HTTP).
pub(super) struct Device {
    origin: Origin,
    preface: Option<Vec<u8>>,
}

impl Peer for Device {
    fn hears(&mut self, heard: &[u8], ended: bool) -> Vec<Say> {
        let preface = self.preface.take().map(Say::Bytes);
        let mut says: Vec<Say> = preface.into_iter().collect();
        says.extend(self.origin.hears(heard, ended));
        if ended {
            says.push(Say::Fin);
        }
        says
    }
}

/// A proxy whose server speaks HTTP/2 and takes so many streams on a connection.
fn world(mode: &str, streams_max: u32) -> World {
    world_with(mode, streams_max, "")
}

fn world_with(mode: &str, streams_max: u32, options: &str) -> World {
    let mut number = 0;
    world_of(mode, options, move || {
        number += 1;
        Box::new(Origin::new(number.to_string(), streams_max))
    })
}

fn world_of(
    mode: &str,
    options: &str,
    mut origin: impl FnMut() -> Box<dyn Peer> + 'static,
) -> World {
    let config = format!(
        "defaults\n mode http\n timeout client 1h\n timeout server 1h\n timeout connect 1s\n\
         listen in\n bind 127.0.0.1:80\n http-reuse {mode}\n server a 127.0.0.1:81 proto h2 {options}\n"
    );
    let mut world = World::new("");
    world.pair = Pair::new(settings(&config), Pace::in_order(16_384), move |_| {
        Dial::Accepted(origin())
    });
    world
}

#[test]
fn clients_meet_on_a_connection_only_where_the_mode_lets_them() {
    // The first request of each is under way when the next one comes.
    let meet = |mode: &str| {
        let mut world = world(mode, 100);
        world.trace("A? B? C?");
        world.open().len()
    };
    assert_eq!(meet("never"), 3);
    assert_eq!(meet("safe"), 3);
    assert_eq!(meet("aggressive"), 3);
    assert_eq!(meet("always"), 1);
}

#[test]
fn a_connection_without_room_is_not_found_until_a_stream_ends() {
    let mut world = world("always", 2);
    // What the server takes at most it says only in its first answer.
    world.trace("A B? C?");
    assert_eq!(world.open(), [1]);
    assert_eq!(world.trace("D"), "2");
    assert_eq!(world.open(), [1, 2]);
}

#[test]
fn a_connection_on_which_an_upgrade_waits_for_settings_is_not_found_by_the_next_request() {
    let mut world = world_of("always", "", || Box::new(Mute));
    world.trace("A?");
    assert_eq!(world.open(), [1]);
    let client = world.pair.connect(Mute);
    // Both are taken in before the connection to the server is looked after.
    let both = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0".to_vec(),
        headers(
            1,
            false,
            b"\x02\x07CONNECT\x86\x84\x41\x01h\x00\x09:protocol\x09websocket",
        ),
        headers(3, true, b"\x82\x86\x84\x41\x01h"),
    ];
    world.pair.say(client, Say::Bytes(both.concat()));
    world.pair.run();
    assert_eq!(world.open(), [1, 2]);
}

/// A HEADERS frame.
fn headers(stream: u8, end: bool, block: &[u8]) -> Vec<u8> {
    let flags = 0x4 | u8::from(end);
    let begin = [0, 0, block.len() as u8, 1, flags, 0, 0, 0, stream];
    [&begin[..], block].concat()
}

#[test]
fn an_idle_connection_has_borne_reuse_from_its_first_stream_on() {
    assert_eq!(world("safe", 100).trace("A A- B B- C"), "1 2 3");
    assert_eq!(world("aggressive", 100).trace("A A- B B- C"), "1 1 1");
}

#[test]
fn ntlm_on_a_shared_connection_leaves_it_shared() {
    let mut world = world("always", 100);
    world.trace("B?");
    // One of two clients is told to authenticate the connection: the other one is on it.
    assert_eq!(world.trace("A!"), "1");
    assert_eq!(world.trace("B A C"), "1 1 1");
    world.trace("A-");
    assert_eq!(world.open(), [1]);
    assert_eq!(world.trace("B C"), "1 1");
}

#[test]
fn ntlm_on_a_reserved_connection_keeps_it_for_its_client() {
    let mut world = world("safe", 100);
    assert_eq!(world.trace("A! A B B"), "1 1 2 2");
    world.trace("A-");
    assert_eq!(world.open(), [2]);
}

#[test]
fn a_client_that_leaves_in_the_middle_leaves_the_connection_to_the_others() {
    let mut world = world("always", 100);
    world.trace("A? B?");
    world.trace("A-");
    assert_eq!(world.open(), [1]);
    assert_eq!(world.gauges(), [1, 0, 0, 0]);
    assert_eq!(world.trace("C"), "1");
    let closed = world.pair.servers().next().map(|socket| socket.closed);
    assert_eq!(closed, Some(Closed::Open));
    assert_eq!(world.gauges(), [0, 0, 1, 0]);
}

#[test]
fn idle_ping_closes_a_connection_whose_server_is_silent_and_keeps_one_that_answers() {
    let options = "idle-ping 5s pool-purge-delay 1h";
    let mut world = world_with("always", 100, options);
    assert_eq!(world.trace("A"), "1");
    let at = world.pair.sockets().iter().position(|one| one.to.is_some());
    let at = at.expect("a server");
    let heard = world.pair.sockets()[at].heard.len();
    world.trace("60s");
    assert_eq!(world.open(), [1]);
    let asked = world.pair.sockets()[at].heard.len() - heard;
    assert_eq!(asked, 12 * 17, "a PING every five seconds");
    world.pair.stop_reading(at);
    // The next question stays without an answer.
    world.trace("9s");
    assert_eq!(world.open(), [1]);
    world.trace("2s");
    assert_eq!(world.open(), [] as [usize; 0]);
    assert_eq!(world.gauges(), [0; 4]);
    assert_eq!(world.trace("B"), "2");
}
