//! The runtime API: any bytes into a session.

use super::nowhere;
use base::{Duration, Epoch, Instant};
use engine::settings::AccessLevel;
use engine::{Identity, Shared};
use runtime::{OUTPUT_BYTES_LOW, Overview, Process, Session};
use session::{Captures, WorkerCounters};
use std::sync::OnceLock;

/// Whatever a client sends, the session neither panics nor buffers more than a row too much, says the
/// same however the bytes are cut, and is over once the client is done and everything is read.
///
/// The first byte of `input` chooses the rights, the second how the rest is cut.
pub fn bytes_into_a_session(input: &[u8]) {
    let [level, cut, bytes @ ..] = input else {
        return;
    };
    let level = match level % 3 {
        0 => AccessLevel::User,
        1 => AccessLevel::Operator,
        _ => AccessLevel::Admin,
    };
    let bytes = &bytes[..bytes.len().min(INPUT_BYTES_MAX)];
    let whole = converse(level, bytes, usize::MAX, usize::MAX);
    let pieces = converse(
        level,
        bytes,
        usize::from(cut % 16) + 1,
        usize::from(*cut) * 16 + 1,
    );
    assert!(whole == pieces, "cutting the bytes changes the answer");
}

/// The whole answer to `bytes`, of which at most `cut` come at once, while at most `read` bytes of the
/// answer are read at once.
fn converse(level: AccessLevel, bytes: &[u8], cut: usize, read: usize) -> Vec<u8> {
    static WORLD: OnceLock<World> = OnceLock::new();
    let view = WORLD.get_or_init(World::new).overview();
    let mut session = Session::new(Instant::ZERO, level, Duration::from_secs(10));
    let mut answer = Vec::new();
    let mut left = bytes;
    while !session.is_over() {
        let taken = session.receive(Instant::ZERO, &left[..left.len().min(cut)]);
        left = &left[taken..];
        if left.is_empty() {
            session.end_of_input();
        }
        session.advance(&view);
        // What it orders is done by nobody: the world stays as it is.
        while session.take_order().is_some() {
            session.advance(&view);
        }
        let output = session.output();
        assert!(
            output.len() <= OUTPUT_BYTES_LOW + ROW_BYTES_MAX,
            "too much is buffered"
        );
        assert!(
            taken > 0 || !output.is_empty() || session.is_over(),
            "the session waits for nothing"
        );
        let sent = output.len().min(read);
        answer.extend_from_slice(&output[..sent]);
        session.consume(Instant::ZERO, sent);
    }
    answer
}

/// A process with something to tell.
struct World {
    shared: Shared,
    workers: [WorkerCounters; 2],
    captures: Captures,
    process: Process,
}

impl World {
    fn new() -> Self {
        Self {
            shared: Shared::new(
                nowhere::settings(&configuration()),
                2,
                [0; 32],
                Identity::default(),
            ),
            workers: [WorkerCounters::default(), WorkerCounters::default()],
            captures: Captures::default(),
            process: Process::default(),
        }
    }

    fn overview(&self) -> Overview<'_> {
        Overview {
            shared: &self.shared,
            workers: &self.workers,
            captures: &self.captures,
            process: &self.process,
            now: Instant::ZERO,
            epoch: Epoch(0),
        }
    }
}

/// A frontend, and a backend whose rows are more than fit into the buffer at once.
fn configuration() -> String {
    let servers = (0..SERVERS).map(|n| format!("    server s{n} 127.0.0.1:81 maxconn {n}\n"));
    servers.fold(PROXIES.into(), |text: String, server| text + &server)
}

const SERVERS: usize = 60;

const PROXIES: &str = "\
defaults
    mode http
    option socket-stats
    timeout client 1s
    timeout server 1s
    timeout connect 1s
frontend in
    bind 127.0.0.1:80
    default_backend out
backend out
";

/// A line may ask for hundreds of dumps, so that a longer input only takes longer.
const INPUT_BYTES_MAX: usize = 512;

/// More than the longest row of `show stat json`.
const ROW_BYTES_MAX: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::{AccessLevel, bytes_into_a_session, converse};
    use base::Rng;

    #[test]
    fn a_configured_process_tells_of_its_proxies() {
        let answer = converse(AccessLevel::Admin, b"show stat 2 -1 -1\n", 1, 1);
        let answer = String::from_utf8(answer).expect("text");
        let rows: Vec<&str> = answer.lines().skip(1).collect();
        assert!(rows[0].starts_with("in,FRONTEND,"), "{answer}");
        assert!(rows[1].starts_with("in,sock-1,"), "{answer}");
        assert_eq!(rows[2..], [""]);
    }

    #[test]
    fn commands_in_any_order_keep_the_promises() {
        let commands: &[&[u8]] = &[
            b"show stat",
            b"show info",
            b"show errors",
            b"show version",
            b"show",
            b"help",
            b"user",
            b"operator",
            b"prompt i",
            b"prompt",
            b"quit",
            b"set timeout cli 9",
            b"set severity-output string",
            b"\xff\0",
            b"",
        ];
        let arguments: &[&[u8]] = &[
            b"",
            b"",
            b" json",
            b" typed",
            b" up",
            b" out 4 -1",
            b" timed",
            b" n",
            b"\\",
            b" ",
        ];
        let ends: &[&[u8]] = &[b"\n", b";", b"\r\n", b" <<\n", b" <<x\n\nx\n", b"", b"\n\n"];
        let mut rng = Rng::new([7; 32]);
        for _ in 0..300 {
            let mut input = vec![rng.below(256) as u8, rng.below(256) as u8];
            // Otherwise most would end at the first line.
            input.extend_from_slice(b"prompt i\n");
            for _ in 0..rng.below(8) {
                for words in [commands, arguments, arguments, ends] {
                    input.extend_from_slice(words[rng.below(words.len() as u64) as usize]);
                }
            }
            bytes_into_a_session(&input);
        }
    }

    #[test]
    fn a_long_answer_waits_for_its_reader() {
        let long = b"prompt i\nshow stat\nshow stat json;show stat typed\n";
        let answer = converse(AccessLevel::Admin, long, usize::MAX, 1000);
        assert!(answer.len() > 500_000, "{} bytes", answer.len());
    }
}
