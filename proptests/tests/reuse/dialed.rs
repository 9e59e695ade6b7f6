//! Listeners that connect instead of listening: as many connections as `nbconn` says, opened one at a time,
//! opened anew when they end, and clients' once the peer has said how it speaks.

use base::{Duration, Epoch, Instant, Rng};
use engine::{Engine, Output, Shared};
use http2::Limits;
use http2::frame::PREFACE;
use message::{Event, Framing, Head, Machine, Part, Role, Version};
use proptests::harness::nowhere::settings;
use proptests::pair::{Closed, Dial, Mute, Pace, Pair, Peer, Say};
use proptests::speaker::Speaker;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";

/// Who is connected to, and asks on that connection.
struct Caller {
    speaker: Speaker,
    read: usize,
    /// What it asks for as soon as it can.
    target: Option<&'static str>,
    answers: Answers,
}

type Answers = Rc<RefCell<Vec<u16>>>;

impl Caller {
    fn asking(target: &'static str, answers: &Answers) -> Self {
        let mut speaker = Speaker::new(Role::Opening, Limits::default());
        speaker.with(|machine, cx| machine.transmitted(cx, PREFACE.len()));
        Self {
            speaker,
            read: 0,
            target: Some(target),
            answers: answers.clone(),
        }
    }

    fn work(&mut self) {
        if self.speaker.machine.is_settled()
            && let Some(target) = self.target.take()
        {
            let mut head = Head::default();
            head.set_request(b"GET", target.as_bytes(), Version::Http2);
            head.push(b"host", b"h");
            head.framing = Framing::None;
            let stream = self
                .speaker
                .with(|machine, cx| machine.open(cx))
                .expect("room");
            self.speaker
                .with(|machine, cx| machine.send_head(cx, stream, &head));
            self.speaker
                .with(|machine, cx| machine.send_end(cx, stream));
        }
        while let Some(event) = self.speaker.with(|machine, cx| machine.poll_event(cx)) {
            let Event::Readable(stream) = event else {
                continue;
            };
            while let Some(part) = self.speaker.with(|machine, cx| machine.read(cx, stream)) {
                if let Part::Head(head) = part {
                    self.answers.borrow_mut().push(head.status());
                }
            }
        }
    }
}

impl Peer for Caller {
    fn hears(&mut self, heard: &[u8], ended: bool) -> Vec<Say> {
        let greeted = heard.len().min(PREFACE.len());
        assert_eq!(heard[..greeted], PREFACE[..greeted]);
        self.read = self.read.max(greeted);
        while self.read < heard.len() {
            self.read += self.speaker.hear(&heard[self.read..]);
        }
        self.work();
        let mut says = Vec::new();
        while let Some(bytes) = self.speaker.say() {
            says.push(Say::Bytes(bytes));
        }
        if ended {
            says.push(Say::Fin);
        }
        says
    }
}

fn config(front: &str, bind: &str) -> String {
    format!(
        "global\n nbthread 2\n expose-experimental-directives\n\
         defaults\n mode http\n timeout client 1h\n timeout server 1h\n timeout connect 3s\n\
         frontend in\n bind rhttp@out/s {bind}\n {front}\n http-request return status 204\n\
         backend out\n server s 192.0.2.1:81 proto h2\n"
    )
}

/// A proxy whose first frontend connects to a server, which takes it as `dial` says.
fn world(front: &str, bind: &str, pace: Pace, mut dial: impl FnMut() -> Dial + 'static) -> Pair {
    Pair::new(settings(&config(front, bind)), pace, move |_| dial())
}

/// One whose server asks for something on each connection, and what it is answered.
fn asked(front: &str, bind: &str) -> (Pair, Answers) {
    let answers = Answers::default();
    let heard = answers.clone();
    let pair = world(front, bind, Pace::in_order(16_384), move || {
        Dial::Accepted(Box::new(Caller::asking("/", &heard)))
    });
    (pair, answers)
}

fn saying(bytes: &'static [u8]) -> impl FnMut() -> Dial {
    struct Saying(Option<&'static [u8]>);
    impl Peer for Saying {
        fn hears(&mut self, _heard: &[u8], _ended: bool) -> Vec<Say> {
            let says = self.0.take().map(|bytes| Say::Bytes(bytes.to_vec()));
            says.into_iter().collect()
        }
    }
    move || Dial::Accepted(Box::new(Saying(Some(bytes))))
}

/// Clients the frontend has.
fn clients(pair: &Pair) -> u64 {
    let shared = pair.engine().shared();
    let counted = shared.counters[0][0].frontend.scur.get();
    assert_eq!(u64::from(shared.connections[0].now()), counted);
    counted
}

fn open(pair: &Pair) -> usize {
    let sockets = pair.sockets().iter();
    sockets.filter(|it| it.closed == Closed::Open).count()
}

fn pass(pair: &mut Pair, millis: u64) {
    pair.pass_for(Duration::from_millis(millis));
}

#[test]
fn who_is_connected_to_asks_and_is_answered() {
    let (mut pair, answers) = asked("", "");
    pass(&mut pair, 0);
    assert_eq!((open(&pair), clients(&pair)), (1, 1));
    assert_eq!(*answers.borrow(), [204]);
    pass(&mut pair, 60_000);
    assert_eq!(pair.sockets().len(), 1, "one is enough");
}

#[test]
fn a_client_that_was_connected_to_comes_from_the_address_of_the_server() {
    let rule = "http-request deny status 418 unless { src 192.0.2.1 } { src_port 81 } { so_id 1 }";
    let (mut pair, answers) = asked(rule, "");
    pass(&mut pair, 0);
    assert_eq!(*answers.borrow(), [204]);
}

#[test]
fn connections_are_as_many_as_nbconn_says_and_opened_one_at_a_time() {
    let (mut pair, answers) = asked("", "nbconn 3");
    pass(&mut pair, 0);
    assert_eq!((open(&pair), clients(&pair)), (3, 3));
    assert_eq!(*answers.borrow(), [204; 3]);
    // One that is not of use yet keeps the others waiting.
    let mut pair = world("", "nbconn 3", Pace::in_order(16_384), saying(b""));
    pass(&mut pair, 2_000);
    assert_eq!((pair.sockets().len(), clients(&pair)), (1, 0));
}

#[test]
fn a_server_that_refuses_is_tried_once_a_second() {
    let mut pair = world("", "nbconn 3", Pace::in_order(16_384), || Dial::Refused);
    pass(&mut pair, 9_500);
    assert_eq!((pair.sockets().len(), clients(&pair)), (10, 0));
}

#[test]
fn a_connection_that_is_not_of_use_in_time_is_given_up_for_another() {
    let late: [fn() -> Dial; 2] = [|| Dial::Silent, || Dial::Accepted(Box::new(Mute))];
    for dial in late {
        let mut pair = world("", "", Pace::in_order(16_384), dial);
        pass(&mut pair, 10_000);
        assert_eq!((pair.sockets().len(), open(&pair)), (4, 1));
        assert_eq!(clients(&pair), 0);
    }
}

#[test]
fn who_does_not_speak_http2_is_no_client() {
    let mut pair = world(
        "",
        "",
        Pace::in_order(16_384),
        saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    );
    pass(&mut pair, 9_500);
    assert_eq!(
        (pair.sockets().len(), open(&pair), clients(&pair)),
        (10, 0, 0)
    );
    assert!(pair.sockets()[0].heard.starts_with(PREFACE));
}

#[test]
fn a_connection_that_ends_is_replaced_at_once_and_one_that_ends_at_once_a_second_later() {
    let (mut pair, answers) = asked("", "");
    pass(&mut pair, 5_000);
    pair.say(0, Say::Fin);
    pass(&mut pair, 0);
    assert_eq!((pair.sockets().len(), clients(&pair)), (2, 1));
    assert_eq!(*answers.borrow(), [204; 2]);
    pair.say(1, Say::Reset);
    pass(&mut pair, 900);
    assert_eq!((pair.sockets().len(), clients(&pair)), (2, 0));
    pass(&mut pair, 100);
    assert_eq!((pair.sockets().len(), clients(&pair)), (3, 1));
}

#[test]
fn a_client_that_rules_turn_away_is_not_called_without_end() {
    let (mut pair, answers) = asked("tcp-request session reject", "nbconn 2");
    pass(&mut pair, 9_500);
    assert_eq!((pair.sockets().len(), open(&pair)), (10, 0));
    assert_eq!(*answers.borrow(), [0; 0]);
    let counted = &pair.engine().shared().counters[0][0].frontend;
    assert_eq!((counted.conn_tot.get(), counted.dses.get()), (10, 10));
}

#[test]
fn no_more_clients_are_called_than_the_frontend_may_have() {
    let (mut pair, _) = asked("maxconn 2", "nbconn 5");
    pass(&mut pair, 5_000);
    assert_eq!((open(&pair), clients(&pair)), (2, 2));
    pair.say(0, Say::Fin);
    pass(&mut pair, 2_000);
    assert_eq!((pair.sockets().len(), clients(&pair)), (3, 2));
}

#[test]
fn a_soft_stop_ends_calling() {
    // While it is served, while a connection is opened, and while it pauses.
    let (served, _) = asked("", "");
    let opened = world("", "", Pace::in_order(16_384), saying(b""));
    let pausing = world("", "", Pace::in_order(16_384), || Dial::Refused);
    for mut pair in [served, opened, pausing] {
        pass(&mut pair, 500);
        let before = pair.sockets().len();
        pair.soft_stop();
        pass(&mut pair, 10_000_000);
        assert!(pair.is_stopped());
        assert_eq!((pair.sockets().len(), open(&pair)), (before, 0));
        pair.assert_at_rest();
    }
}

#[test]
fn a_listener_that_connects_belongs_to_one_worker() {
    let config = config("", "").replace(
        "bind rhttp@out/s ",
        "bind rhttp@out/s nbconn 9\n bind rhttp@out/s name second\n bind rhttp@out/s",
    );
    let shared = Shared::new(settings(&config), 2, [7; 32], engine::Identity::default());
    let shared = Arc::new(shared);
    let dialed = [0, 1].map(|worker| {
        let mut engine = Engine::new(shared.clone(), worker, Epoch(0));
        engine.timeout(Instant::ZERO);
        let outputs = std::iter::from_fn(move || engine.next_output());
        outputs
            .filter(|it| matches!(it, Output::Connect { .. }))
            .count()
    });
    assert_eq!(dialed, [2, 1]);
}

/// Connections break at any time, with requests under way or before they are of use: the checkers look
/// on, calling goes on, and in the end nothing is left.
#[test]
fn calling_goes_on_whatever_breaks() {
    for seed in 0..60 {
        let mut rng = Rng::from_u64(seed);
        let pace = Pace::random(rng.fork("pace"), 1 + seed as usize * 3);
        let mut fate = rng.fork("fate");
        let answers = Answers::default();
        let heard = answers.clone();
        let mut pair = world("", "nbconn 3", pace, move || match fate.below(8) {
            0 => Dial::Refused,
            1 => Dial::Silent,
            2 => saying(b"")(),
            3 => saying(SETTINGS)(),
            _ => Dial::Accepted(Box::new(Caller::asking("/", &heard))),
        });
        for _ in 0..80 {
            for _ in 0..rng.below(30) {
                pair.step();
            }
            if !pair.sockets().is_empty() && rng.chance(1, 3) {
                let at = rng.below(pair.sockets().len() as u64) as usize;
                pair.say(at, Say::any_end(&mut rng));
            }
            if rng.chance(1, 2) {
                pair.pass();
            }
            assert!(clients(&pair) <= 3, "seed {seed}");
        }
        let complete = (0..200).any(|_| {
            pass(&mut pair, 1_000);
            clients(&pair) == 3
        });
        assert!(complete, "seed {seed}");
        assert!(!answers.borrow().is_empty(), "seed {seed}");
        pair.soft_stop();
        pass(&mut pair, 10_000_000);
        assert!(pair.is_stopped(), "seed {seed}");
        pair.assert_at_rest();
    }
}
