//! Which timer an exchange runs in which situation, and what would be logged if it ended there.

use base::{Duration, Instant, TimerSlot};
use message::StreamId;
use session::pace::{Meter, Pace, Pacing, Rank, Way};
use session::settings::{ProxyIndex, Timeouts};
use session::{
    Ahead, Cause, ConnId, Exchange, Flow, Link, Phase, Termination, Times, Unsent, Wait,
};
use std::fmt::Write;

#[test]
fn deadlines_in_every_situation() {
    crate::cases::beside("exchange", || insta::assert_snapshot!("deadlines", table()));
}

/// One line a situation: with every timeout set, and with those alone that every proxy has.
fn table() -> String {
    let mut text = format!(
        "{:<11} {:<5} {:<5} {:<9} | {:<16} {:<16} {}\n",
        "phase", "up", "down", "unsent", "all timeouts", "basic timeouts", "ended by a client"
    );
    for (phase, tunnel) in phases() {
        for (upload, download) in flows(phase, tunnel) {
            for unsent in unsent(phase) {
                let exchange = exchange(phase, tunnel, upload, download);
                let _ = writeln!(
                    text,
                    "{:<11} {:<5} {:<5} {:<9} | {:<16} {:<16} {}",
                    name(phase, tunnel),
                    format!("{upload:?}"),
                    format!("{download:?}"),
                    waiting(unsent),
                    due(&exchange, all(), unsent),
                    due(&exchange, basic(), unsent),
                    ended(exchange),
                );
            }
        }
    }
    text
}

/// The same while a limit holds bytes back that came from one side, or from both: it lets no more pass for
/// 9,000 seconds.
#[test]
fn deadlines_under_a_limit() {
    crate::cases::beside("exchange", || {
        insta::assert_snapshot!("deadlines-under-a-limit", held_table());
    });
}

fn held_table() -> String {
    let mut text = format!(
        "{:<11} {:<5} {:<5} {:<9} | {:<12} | {:<16} {}\n",
        "phase", "up", "down", "unsent", "held back", "all timeouts", "basic timeouts"
    );
    for tunnel in [false, true] {
        let phase = Phase::Forwarding;
        for (upload, download) in flows(phase, tunnel) {
            for unsent in unsent(phase) {
                let ways = [Way::Upload, Way::Download];
                for held in [&ways[..1], &ways[1..], &ways[..]] {
                    let gone = |way: &Way| match way {
                        Way::Upload => upload == Flow::Done,
                        Way::Download => download != Flow::Body,
                    };
                    if held.iter().any(gone) {
                        continue;
                    }
                    let mut exchange = exchange(phase, tunnel, upload, download);
                    exchange.pacing = Some(Box::new(holding(held)));
                    let _ = writeln!(
                        text,
                        "{:<11} {:<5} {:<5} {:<9} | {:<12} | {:<16} {}",
                        name(phase, tunnel),
                        format!("{upload:?}"),
                        format!("{download:?}"),
                        waiting(unsent),
                        match held {
                            [Way::Upload] => "from client",
                            [Way::Download] => "from server",
                            _ => "both",
                        },
                        due(&exchange, all(), unsent),
                        due(&exchange, basic(), unsent),
                    );
                }
            }
        }
    }
    text
}

/// Limits that let one byte pass, and not another before the end of a long period.
fn holding(ways: &[Way]) -> Pacing {
    let mut pacing = Pacing::default();
    for way in ways {
        let rank = Rank {
            in_backend: false,
            line: 0,
        };
        let pace = Pace {
            bytes_max: 1,
            period: Duration::from_secs(9_000),
            min_bytes: 0,
        };
        let lane = pacing.lane(*way);
        lane.set(rank, pace, Meter::Own(None), seconds(0));
        assert_eq!(lane.pass(2, seconds(0)), 1);
        lane.left(1);
        lane.wake(seconds(1));
        assert_eq!(lane.pass(1, seconds(1)), 0);
    }
    pacing
}

fn phases() -> [(Phase, bool); 10] {
    let since = seconds(3);
    let conn = ConnId::default();
    [
        (Phase::Buffering, false),
        (waits(Wait::Content), false),
        (waits(Wait::Tarpit), false),
        (Phase::Queued { since }, false),
        (Phase::Connecting { since, conn }, false),
        (Phase::Asking { since }, false),
        (Phase::Pausing { until: seconds(4) }, false),
        (Phase::Forwarding, false),
        (Phase::Forwarding, true),
        (Phase::Closing, false),
    ]
}

fn waits(on: Wait) -> Phase {
    Phase::Waiting {
        on,
        until: seconds(4),
    }
}

/// The states both directions can be in.
fn flows(phase: Phase, tunnel: bool) -> Vec<(Flow, Flow)> {
    let downloads: &[Flow] = match (phase, tunnel) {
        (Phase::Closing, _) => &[Flow::Done],
        (Phase::Forwarding, true) => &[Flow::Body, Flow::Done],
        (Phase::Forwarding, false) => &[Flow::Head, Flow::Body],
        (_, _) => &[Flow::Head],
    };
    let uploads = [Flow::Body, Flow::Done];
    let pair = |upload| downloads.iter().map(move |download| (upload, *download));
    uploads.into_iter().flat_map(pair).collect()
}

/// What can wait to be written; before there is a server, nothing for it.
fn unsent(phase: Phase) -> Vec<Unsent> {
    let mut all = Vec::new();
    for to_server in [false, true] {
        for to_client in [false, true] {
            let both = Unsent {
                to_client,
                to_server,
            };
            let possible = match phase {
                Phase::Forwarding => true,
                Phase::Closing => !to_server,
                Phase::Buffering
                | Phase::Waiting { .. }
                | Phase::Queued { .. }
                | Phase::Connecting { .. }
                | Phase::Asking { .. }
                | Phase::Pausing { .. } => !to_server && !to_client,
            };
            all.extend(possible.then_some(both));
        }
    }
    all
}

fn due(exchange: &Exchange, timeouts: Timeouts, unsent: Unsent) -> String {
    match exchange.deadline(&timeouts, &timeouts, unsent) {
        Some(deadline) => format!("{:?} {}s", deadline.why, deadline.at.as_millis() / 1_000),
        None => "-".into(),
    }
}

fn ended(mut exchange: Exchange) -> String {
    exchange.terminate(Cause::Client);
    let termination = exchange.termination.unwrap_or(Termination::NORMAL);
    String::from_utf8_lossy(&termination.letters()).into_owned()
}

fn name(phase: Phase, tunnel: bool) -> &'static str {
    match phase {
        Phase::Buffering => "buffering",
        Phase::Waiting {
            on: Wait::Tarpit, ..
        } => "tarpit",
        Phase::Waiting { .. } => "rules",
        Phase::Queued { .. } => "queued",
        Phase::Connecting { .. } => "connecting",
        Phase::Asking { .. } => "asking",
        Phase::Pausing { .. } => "pausing",
        Phase::Forwarding if tunnel => "tunnel",
        Phase::Forwarding => "forwarding",
        Phase::Closing => "closing",
    }
}

fn waiting(unsent: Unsent) -> &'static str {
    match (unsent.to_client, unsent.to_server) {
        (false, false) => "-",
        (true, false) => "to client",
        (false, true) => "to server",
        (true, true) => "both",
    }
}

/// Last heard of the client after one second, of the server after two.
fn exchange(phase: Phase, tunnel: bool, upload: Flow, download: Flow) -> Exchange {
    Exchange {
        client: Link {
            conn: ConnId::default(),
            stream: StreamId(0),
        },
        server: None,
        frontend: ProxyIndex(0),
        backend: ProxyIndex(0),
        listener: None,
        in_backend: false,
        slot: None,
        last_server: None,
        phase,
        request: None,
        upload,
        download,
        tunnel,
        first: true,
        replayable: false,
        ruled: Default::default(),
        held: std::collections::VecDeque::new(),
        withheld: None,
        pacing: None,
        body_sent: false,
        refused: 0,
        code: None,
        retries: 0,
        redispatched: false,
        ahead: Ahead::default(),
        status: 0,
        bytes_in: 0,
        bytes_out: 0,
        times: Times::default(),
        client_at: seconds(1),
        server_at: seconds(2),
        termination: None,
        silent: false,
        logged: false,
        number: 0,
        timer: TimerSlot::default(),
    }
}

/// Each its own, so that the sum tells them apart.
fn all() -> Timeouts {
    Timeouts {
        client_fin: Some(Duration::from_secs(100)),
        server_fin: Some(Duration::from_secs(200)),
        queue: Some(Duration::from_secs(300)),
        tunnel: Some(Duration::from_secs(400)),
        ..basic()
    }
}

fn basic() -> Timeouts {
    Timeouts {
        client: Some(Duration::from_secs(10)),
        server: Some(Duration::from_secs(20)),
        connect: Some(Duration::from_secs(30)),
        ..Timeouts::default()
    }
}

fn seconds(count: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(count)
}
