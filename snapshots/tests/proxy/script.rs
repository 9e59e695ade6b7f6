//! Plays a case file against a whole engine, and tells what everybody heard.
//!
//! ```text
//! cfg LINE          a line of the `listen` section
//! < BYTES           the client sends this (Rust's escapes)
//! > BYTES           the youngest server connection sends this
//! client closes     … or resets; `server closes`, `server resets`
//! wait SECONDS      time goes on
//! ```
//!
//! After every line everything moves until nothing moves any more. In the end the client closes, and time
//! passes until the proxy holds nothing.

use base::Duration;
use proptests::harness::nowhere::settings;
use proptests::pair::{Closed, Dial, Mute, Pace, Pair, Say, Socket};
use std::fmt::Write;

/// What came of a case.
pub struct Outcome {
    /// All of it, to be read.
    pub text: String,
    /// What the client heard.
    pub heard: Vec<u8>,
    /// How many connections to servers there were.
    pub servers: usize,
    /// How many log lines.
    pub logs: usize,
}

pub fn play(case: &str) -> Outcome {
    let (config, steps): (Vec<&str>, Vec<&str>) =
        case.lines().partition(|line| line.starts_with("cfg "));
    let config = config.iter().map(|line| format!("    {}\n", &line[4..]));
    let config = config.fold(PROXY.to_string(), |text, line| text + &line);
    let mut pair = Pair::new(settings(&config), Pace::in_order(usize::MAX), |_| {
        Dial::Accepted(Box::new(Mute))
    });
    let client = pair.connect(Mute);
    let mut text = String::new();
    for step in steps {
        play_step(&mut pair, client, step);
    }
    let socket = &pair.sockets()[client];
    let state = closed(socket);
    let heard = socket.heard.clone();
    show(&mut text, "client heard", &heard);
    let _ = writeln!(text, "client connection: {state}");
    pair.say(client, Say::Fin);
    pair.pass_for(Duration::from_secs(600));
    pair.assert_at_rest();
    for server in pair.servers() {
        show(&mut text, "server heard", &server.heard);
    }
    for line in pair.logs() {
        let _ = writeln!(text, "log: {}", line.trim_end());
    }
    Outcome {
        text,
        heard,
        servers: pair.servers().count(),
        logs: pair.logs().len(),
    }
}

fn play_step(pair: &mut Pair, client: usize, step: &str) {
    let server = pair.sockets().len() - 1;
    let (at, say) = match step.split_once(' ') {
        Some(("<", bytes)) => (client, Say::Bytes(unescape(bytes))),
        Some((">", bytes)) => (server, Say::Bytes(unescape(bytes))),
        Some(("client", "closes")) => (client, Say::Fin),
        Some(("client", "resets")) => (client, Say::Reset),
        Some(("server", "closes")) => (server, Say::Fin),
        Some(("server", "resets")) => (server, Say::Reset),
        Some(("wait", seconds)) => {
            let seconds = seconds.parse().expect("a number");
            return pair.pass_for(Duration::from_secs(seconds));
        }
        Some(_) | None => panic!("no step: {step}"),
    };
    pair.say(at, say);
    pair.run();
}

fn closed(socket: &Socket) -> &'static str {
    match socket.closed {
        Closed::Open => "open",
        Closed::Write => "closed for writing, what still comes is read",
        Closed::Both => "closed",
        Closed::Reset => "reset",
    }
}

/// One line of the wire a line.
fn show(text: &mut String, title: &str, bytes: &[u8]) {
    let _ = writeln!(text, "{title}:");
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let _ = writeln!(text, "    {}", shortened(&line.escape_ascii().to_string()));
    }
}

/// Long runs of one thing are not worth reading.
fn shortened(line: &str) -> String {
    if line.len() <= LINE_CHARS_MAX {
        return line.to_string();
    }
    format!("{} … {} in all", &line[..LINE_CHARS_MAX / 2], line.len())
}

/// `\r`, `\n`, `\t`, `\\`, `\xHH`, and `\{N*TEXT}` for N times TEXT.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let (escape, after) = rest[at + 1..].split_at(1);
        rest = after;
        match escape {
            "r" => bytes.push(b'\r'),
            "n" => bytes.push(b'\n'),
            "t" => bytes.push(b'\t'),
            "x" => {
                bytes.push(u8::from_str_radix(&rest[..2], 16).expect("two digits"));
                rest = &rest[2..];
            }
            "{" => {
                let (inside, after) = rest.split_once('}').expect("a brace");
                let (count, what) = inside.split_once('*').expect("a count");
                let count = count.parse().expect("a number");
                bytes.extend(unescape(what).repeat(count));
                rest = after;
            }
            _ => bytes.extend_from_slice(escape.as_bytes()),
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

const PROXY: &str = "\
defaults
    mode http
    log 127.0.0.1:514 local0
    option httplog
    timeout client 10s
    timeout server 20s
    timeout connect 1s
listen in
    bind 127.0.0.1:80
    server a 127.0.0.1:81
";

const LINE_CHARS_MAX: usize = 200;
