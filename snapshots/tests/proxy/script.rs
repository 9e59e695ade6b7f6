//! Plays a case file against a whole engine, and tells what everybody heard.
//!
//! ```text
//! cfg LINE          a line of the `listen` section; with a `server`, it is the only one
//! < BYTES           the client sends this (Rust's escapes)
//! > BYTES           the youngest server connection sends this
//! client closes     … or `resets`, or `stops reading`; the same of `server`
//! another client    connects, and is *the client* from here on
//! wait SECONDS      time goes on
//! soft stop         the process is told to stop
//! show stat         what the runtime API counts until now
//! ```
//!
//! Servers accept, but for port 1, which refuses, and port 2, which never answers; for port 3 we have no port
//! of our own, for port 4 not the address that connections come from.
//!
//! After every line everything moves until nothing moves any more. In the end the client closes, and time
//! passes until the proxy holds nothing.

use crate::counters::stat::counted;
use base::Duration;
use engine::ConnectError;
use proptests::harness::nowhere::settings;
use proptests::pair::{Address, Closed, Dial, LocalEnd, Mute, Pace, Pair, Say, Socket};
use std::fmt::Write;

/// What came of a case.
pub struct Outcome {
    /// All of it, to be read.
    pub text: String,
    /// What the runtime API said when it was asked.
    pub stat: String,
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
    let mut config = config.fold(PROXY.to_string(), |text, line| text + &line);
    if !config.contains("\n    server ") {
        config += "    server a 127.0.0.1:81\n";
    }
    let mut pair = Pair::new(settings(&config), Pace::in_order(usize::MAX), dial);
    let mut clients = vec![pair.connect(Mute)];
    let mut text = String::new();
    let mut stat = String::new();
    for step in steps {
        if step == "show stat" {
            stat += &counted(pair.engine().shared(), pair.now());
        } else {
            play_step(&mut pair, &mut clients, step);
        }
    }
    let mut heard = Vec::new();
    for client in &clients {
        let socket = &pair.sockets()[*client];
        let state = closed(socket);
        heard = socket.heard.clone();
        show(&mut text, "client heard", &heard);
        let _ = writeln!(text, "client connection: {state}");
    }
    if pair.is_stopped() {
        let _ = writeln!(text, "the process has stopped");
    }
    for client in clients {
        pair.say(client, Say::Fin);
    }
    pair.pass_for(Duration::from_secs(600));
    pair.assert_at_rest();
    for server in pair.servers() {
        let title = match &server.from {
            LocalEnd { address: None, .. } => "server heard".to_string(),
            LocalEnd {
                address: Some(address),
                foreign,
                ..
            } => {
                let whose = if *foreign { "another's " } else { "" };
                format!("server heard, of {whose}{address}")
            }
        };
        show(&mut text, &title, &server.heard);
        if server.closed == Closed::Reset {
            let _ = writeln!(text, "server connection: {}", closed(server));
        }
    }
    for (at, _, error) in pair.told() {
        let _ = writeln!(text, "told after {} ms: {error:?}", at.as_millis());
    }
    for line in pair.logs() {
        let _ = writeln!(text, "log: {}", line.trim_end());
    }
    Outcome {
        text,
        stat,
        heard,
        servers: pair.servers().count(),
        logs: pair.logs().len(),
    }
}

fn dial(to: &Address) -> Dial {
    match to {
        Address::Ip(address) if address.port() == 1 => Dial::Refused,
        Address::Ip(address) if address.port() == 2 => Dial::Silent,
        Address::Ip(address) if address.port() == 3 => Dial::Failed(ConnectError::NoPort),
        Address::Ip(address) if address.port() == 4 => {
            Dial::Failed(ConnectError::Source { foreign: false })
        }
        _ => Dial::Accepted(Box::new(Mute)),
    }
}

fn play_step(pair: &mut Pair, clients: &mut Vec<usize>, step: &str) {
    let client = *clients.last().expect("a client");
    let server = pair
        .sockets()
        .iter()
        .rposition(|socket| socket.to.is_some());
    let server = server.unwrap_or_default();
    let (at, say) = match step.split_once(' ') {
        Some(("another", "client")) => {
            clients.push(pair.connect(Mute));
            return pair.run();
        }
        Some(("soft", "stop")) => {
            pair.soft_stop();
            return pair.run();
        }
        Some(("<", bytes)) => (client, Say::Bytes(unescape(bytes))),
        Some((">", bytes)) => (server, Say::Bytes(unescape(bytes))),
        Some(("client", "stops reading")) => return pair.stop_reading(client),
        Some(("server", "stops reading")) => return pair.stop_reading(server),
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
";

const LINE_CHARS_MAX: usize = 200;
