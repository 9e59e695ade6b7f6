//! Connections without streams that are asked whether they live (`idle-ping`).

use crate::bench::{Bench, END, GET, OK};
use base::Duration;
use http2::Limits;
use message::{Framing, Machine, Role, Shutdown};

const SECOND: Duration = Duration::from_secs(1);

fn bench(role: Role) -> Bench {
    let limits = Limits {
        idle_ping: Some(SECOND),
        ..Limits::default()
    };
    Bench::new(role, limits)
}

/// Lets the timer come due.
fn wait(bench: &mut Bench) -> Vec<String> {
    let due = bench.machine.poll_timeout().expect("a timer");
    bench.at(due.at);
    bench.sent()
}

#[test]
fn a_peer_that_answers_is_asked_again_and_one_that_does_not_is_left() {
    for role in [Role::Accepting, Role::Opening] {
        let mut bench = bench(role);
        for _ in 0..3 {
            assert_eq!(wait(&mut bench), ["ping ack=false"]);
            bench.frame(6, 1, 0, b"are you?");
        }
        assert_eq!(wait(&mut bench), ["ping ack=false"]);
        // An answer to something else is none.
        bench.frame(6, 1, 0, b"whatever");
        assert_eq!(wait(&mut bench), [""; 0]);
        assert_eq!(bench.events(), ["finished"]);
        assert_eq!(bench.machine.shutdown(), Shutdown::Close);
        assert_eq!(bench.machine.poll_timeout(), None);
    }
}

#[test]
fn nobody_is_asked_while_a_stream_is_open_or_before_its_time() {
    let mut bench = bench(Role::Accepting);
    let first = bench.machine.poll_timeout().expect("a timer");
    bench.headers(END, 1, GET);
    assert_eq!(bench.machine.poll_timeout(), None);
    bench.answer(1, Framing::None);
    bench.end(1);
    bench.sent();
    let second = bench.machine.poll_timeout().expect("a timer");
    assert_eq!(first, second);
    bench.at(bench.now + SECOND / 2);
    assert_eq!(bench.sent(), [""; 0]);
}

#[test]
fn a_server_is_asked_once_the_last_stream_has_ended() {
    let mut bench = bench(Role::Opening);
    bench.ask("GET");
    assert_eq!(bench.machine.poll_timeout(), None);
    bench.sent();
    bench.headers(END, 1, OK);
    bench.parts(1);
    bench.events();
    assert_eq!(wait(&mut bench), ["ping ack=false"]);
}

#[test]
fn a_connection_that_is_over_asks_nobody() {
    let mut bench = bench(Role::Accepting);
    bench.frame(6, 0, 9, &[0; 8]);
    assert_eq!(bench.sent(), ["go away 0 PROTOCOL_ERROR"]);
    assert_eq!(bench.machine.poll_timeout(), None);
}
