//! What binds TCP sessions to servers: stick tables that learn what those say (`stick store-response`),
//! cookies of RDP.

use base::{Duration, Instant};
use proptests::harness::nowhere::settings;
use proptests::pair::{Address, Dial, Pace, Pair, Peer, Say, Talker};
use tables::{DataType, KeyRef};

/// Greets, in pieces, with two characters and what tells its address.
struct Greeter(u16);

impl Peer for Greeter {
    fn hears(&mut self, heard: &[u8], _: bool) -> Vec<Say> {
        match heard {
            b"" => vec![
                Say::Bytes(b"o".to_vec()),
                Say::Bytes(format!("k{}", self.0).into()),
            ],
            _ => Vec::new(),
        }
    }
}

/// A proxy between two servers, with these lines behind those of its table.
fn proxy(lines: &str, cut: usize) -> Pair {
    let text = format!(
        "listen l\n bind 127.0.0.1:80\n timeout client 9s\n timeout server 9s\n timeout connect 1s\n \
         stick-table type string len 8 size 10\n{lines} server a 127.0.0.1:81\n server b 127.0.0.1:82\n"
    );
    Pair::new(settings(&text), Pace::in_order(cut), |to| {
        let port = match to {
            Address::Ip(to) => to.port(),
            other => panic!("{other:?}"),
        };
        Dial::Accepted(Box::new(Greeter(port)))
    })
}

/// The number of the server that the table knows for a key.
fn learnt(pair: &Pair, key: &[u8]) -> Option<i64> {
    let entry = pair.engine().shared().tables[0].lookup(KeyRef::Bytes(key), Instant::ZERO)?;
    entry.number(DataType::ServerId, 0, Instant::ZERO)
}

const WAITING: &str = " tcp-response inspect-delay 5s\n tcp-response content accept if { res.len ge 4 }\n \
    stick store-response res.payload(0,4)\n";

#[test]
fn a_table_learns_what_a_server_says_once_the_rules_have_waited_for_it() {
    for cut in [1, 16_384] {
        let mut pair = proxy(WAITING, cut);
        for _ in 0..2 {
            pair.connect(Talker::saying(b""));
            pair.run();
        }
        assert_eq!(
            (learnt(&pair, b"ok81"), learnt(&pair, b"ok82")),
            (Some(1), Some(2))
        );
    }
}

#[test]
fn who_brings_what_a_server_said_is_sent_to_it() {
    let lines = format!(
        " tcp-request inspect-delay 5s\n tcp-request content accept if {{ req.len ge 4 }}\n \
         stick match req.payload(0,4)\n{WAITING}"
    );
    let mut pair = proxy(&lines, 16_384);
    for _ in 0..2 {
        pair.connect(Talker::saying(b"none"));
        pair.run();
    }
    for _ in 0..3 {
        let client = pair.connect(Talker::saying(b"ok82"));
        pair.run();
        assert_eq!(pair.sockets()[client].heard, b"ok82");
    }
}

#[test]
fn what_does_not_come_in_time_or_is_not_waited_for_is_not_learnt() {
    let mut pair = proxy(&WAITING.replace("ge 4", "ge 40"), 16_384);
    let client = pair.connect(Talker::saying(b""));
    pair.run();
    assert_eq!(learnt(&pair, b"ok81"), None);
    assert!(pair.sockets()[client].heard.is_empty(), "it waits");
    pair.pass_for(Duration::from_secs(6));
    // What has come by then is all there is.
    assert_eq!(learnt(&pair, b"ok81"), Some(1));
    assert_eq!(pair.sockets()[client].heard, b"ok81");
    let mut pair = proxy(" stick store-response res.payload(0,4)\n", 16_384);
    pair.connect(Talker::saying(b""));
    pair.run();
    assert_eq!(learnt(&pair, b"ok81"), None);
}

#[test]
fn a_cookie_of_rdp_names_its_server_while_that_can_be_used() {
    let lines = " tcp-request inspect-delay 5s\n tcp-request content accept if RDP_COOKIE\n persist rdp-cookie\n";
    let hello = |cookie: &str| {
        let cookie = format!("Cookie: {cookie}\r\n");
        [b"\x03\0\0\x2f\x2a\xe0\0\0\0\0\0", cookie.as_bytes()].concat()
    };
    let mut pair = proxy(lines, 16_384);
    let server = |cookie: &str, pair: &mut Pair| {
        let client = pair.connect(Talker::saying(&hello(cookie)));
        pair.run();
        String::from_utf8_lossy(&pair.sockets()[client].heard).into_owned()
    };
    for _ in 0..3 {
        assert_eq!(server("msts=16777343.20992.0000", &mut pair), "ok82");
    }
    // Nobody's, none, and that of somebody else: they take turns.
    let others = [
        "msts=16777343.1.0000",
        "mstshash=u",
        "other=16777343.20992.0000",
    ];
    let turns = others.map(|cookie| server(cookie, &mut pair));
    assert_ne!(turns[0], turns[1]);
    assert_ne!(turns[1], turns[2]);
}
