//! Cookies and rules that bind clients to servers, beside what haproxy 3.5-dev did (`observed.tsv`).
//!
//! The columns: lines of the section, with ` ;; ` between them; the method; lines of the request, with
//! `||` between them: the value of Cookie, or behind `H:` a whole line; lines of the answer, the first
//! maybe `STATUS` with a number; the server that was tried last; the termination state; what the server
//! saw in Cookie; what the client got. `{N}` is the date N seconds from now as cookies have it.
//!
//! The servers: `a`, `b` and `d` have the cookies `A`, `B` and `D`; `d` is in maintenance. `n` has none.
//! `r` has `R`, and refuses connections. `@n` among the lines is one more without a cookie, in front.

use base::Duration;
use proptests::harness::nowhere::settings;
use proptests::pair::{Address, Dial, Mute, Pace, Pair, Say};
use std::fmt::Write;

const OBSERVED: &str = include_str!("../../cases/persist/observed.tsv");
/// The time, seconds since 1970.
const NOW: i64 = 400_000;
/// The port that refuses.
const DEAD: u16 = 1;

#[test]
fn requests_are_bound_to_servers_as_haproxy_binds_them() {
    let mut wrong = String::new();
    let mut count = 0;
    for line in OBSERVED.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [section, method, request, response, observed @ ..] = &columns[..] else {
            panic!("columns are missing: {line}");
        };
        let ours = play(section, method, request, response);
        let observed: Vec<String> = observed.iter().map(|column| dated(column)).collect();
        if ours[..] != observed[..] {
            let _ = writeln!(
                wrong,
                "{line}\n  observed {observed:?}\n  ours     {ours:?}"
            );
        }
        count += 1;
    }
    assert!(count > 500, "only {count} lines");
    assert!(wrong.is_empty(), "{wrong}");
}

/// What the four columns on the right would say of us.
fn play(section: &str, method: &str, request: &str, response: &str) -> [String; 4] {
    let mut text = BEGINNING.to_string();
    let mut servers = SERVERS.to_string();
    for line in section.split(" ;; ") {
        match line {
            "@n" => servers = format!(" server m 127.0.0.1:80\n{servers}"),
            line => text += &format!(" {line}\n"),
        }
    }
    let dial = |to: &Address| match to {
        Address::Ip(address) if address.port() == DEAD => Dial::Refused,
        _ => Dial::Accepted(Box::new(Mute)),
    };
    let mut pair = Pair::new(
        settings(&(text + &servers)),
        Pace::in_order(usize::MAX),
        dial,
    );
    pair.pass_for(Duration::from_secs(NOW as u64));
    let client = pair.connect(Mute);
    let mut head = format!("{method} / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n");
    for line in dated(request).split("||").filter(|line| !line.is_empty()) {
        let line = match line.strip_prefix("H:") {
            Some(line) => line.to_string(),
            None => format!("Cookie: {line}"),
        };
        head += &format!("{line}\r\n");
    }
    pair.say(client, Say::Bytes((head + "\r\n").into()));
    pair.run();
    if server(&pair).is_none() {
        // Another attempt is made after a second.
        pair.pass_for(Duration::from_secs(3));
    }
    let saw = match server(&pair) {
        Some(at) => {
            pair.say(at, Say::Bytes(answer(&dated(response)).into()));
            pair.run();
            let heard = String::from_utf8_lossy(&pair.sockets()[at].heard).into_owned();
            let cookies = heard
                .split("\r\n")
                .filter_map(|line| line.strip_prefix("Cookie: "));
            cookies.collect::<Vec<_>>().join("||")
        }
        None => "?".to_string(),
    };
    let heard = String::from_utf8_lossy(&pair.sockets()[client].heard).into_owned();
    let log = pair.logs().last().expect("a line").clone();
    let mut log = log.trim_end().rsplit(' ');
    let letters = log.next().unwrap_or_default().to_string();
    let tried = log.next().unwrap_or_default().to_string();
    [tried, letters, saw, got(&heard)]
}

/// The youngest connection to a server that has heard something.
fn server(pair: &Pair) -> Option<usize> {
    let sockets = pair.sockets().iter();
    let mut sockets = sockets.map(|socket| socket.to.is_some() && !socket.heard.is_empty());
    sockets.rposition(|heard| heard)
}

fn answer(lines: &str) -> String {
    let mut status = "200";
    let mut fields = String::new();
    for line in lines.split("||").filter(|line| !line.is_empty()) {
        match line.strip_prefix("STATUS ") {
            Some(other) => status = other,
            None => fields += &format!("{line}\r\n"),
        }
    }
    format!("HTTP/1.1 {status} OK\r\n{fields}Content-Length: 0\r\n\r\n")
}

/// The fields of an answer but those of its connection and its length, names in lower case.
fn got(heard: &str) -> String {
    let head = heard.split("\r\n\r\n").next().unwrap_or_default();
    let fields = head
        .split("\r\n")
        .skip(1)
        .filter_map(|line| line.split_once(':'));
    let fields = fields.map(|(name, value)| format!("{}:{value}", name.to_lowercase()));
    let fields = fields.filter(|field| !field.starts_with("con"));
    fields.collect::<Vec<_>>().join("||")
}

/// The text with dates as cookies have them.
fn dated(text: &str) -> String {
    let mut pieces = text.split('{');
    let mut dated = pieces.next().unwrap_or_default().to_string();
    for piece in pieces {
        let (shift, rest) = piece.split_once('}').expect("a brace");
        let seconds = NOW + shift.parse::<i64>().expect("seconds");
        let number = usize::try_from(seconds / 4).expect("a time");
        dated.extend([24, 18, 12, 6, 0].map(|shift| char::from(DIGITS[number >> shift & 63])));
        dated += rest;
    }
    dated
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const BEGINNING: &str = "\
defaults
 mode http
 log 127.0.0.1:514 local0
 log-format \"%s %tsc\"
 timeout client 5s
 timeout server 5s
 timeout connect 1s
 retries 1
listen l
 bind 127.0.0.1:80
 balance first
";

const SERVERS: &str = " server a 127.0.0.1:81 cookie A
 server b 127.0.0.1:82 cookie B
 server d 127.0.0.1:83 cookie D disabled
 server n 127.0.0.1:84
 server r 127.0.0.1:1 cookie R
";
