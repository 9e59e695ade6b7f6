use super::{
    Notice, grace_expired, hard_stopped, listening, server_turned, servers, stop_scheduled, stopped,
};
use crate::fixture::Fake;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use balance::{ServerIndex, ServerState};
use base::Duration;
use engine::Turn;
use session::settings::{Level, ProxyIndex};

/// One line a notice: whose log, how grave on stderr and in the log, the text.
fn check(notices: &[Notice], expected: &[&str]) {
    let level = |level: Option<Level>| match level {
        Some(Level::Warning) => 'W',
        Some(Level::Notice) => 'N',
        Some(Level::Alert) => 'A',
        Some(Level::Emerg) => 'E',
        None => '-',
        Some(other) => panic!("nothing is said at {other:?}"),
    };
    let lines: Vec<String> = notices
        .iter()
        .map(|notice| {
            let proxy = match notice.proxy {
                Some(ProxyIndex(index)) => format!("{index}"),
                None => "*".into(),
            };
            let (stderr, log) = (level(notice.stderr), level(notice.log));
            format!("{proxy} {stderr}{log} {}", notice.text)
        })
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn a_soft_stop_names_every_proxy_that_was_started() {
    let view = Fake::new();
    view.frontend.conn_tot.add(7);
    check(
        &stopped(&view),
        &[
            "0 WW Proxy fe stopped (cumulated conns: FE: 7, BE: 0).",
            "1 WW Proxy be stopped (cumulated conns: FE: 7, BE: 0).",
            "2 WW Proxy li stopped (cumulated conns: FE: 7, BE: 0).",
            "3 WW Proxy b3 stopped (cumulated conns: FE: 7, BE: 0).",
        ],
    );
}

#[test]
fn grace_is_announced_and_its_end_too() {
    check(
        &[stop_scheduled(Duration::from_millis(1500)), grace_expired()],
        &[
            "* NW Scheduling a soft-stop in 1500 ms.",
            "* NN Grace period expired, proceeding with soft-stop now.",
        ],
    );
}

#[test]
fn a_hard_stop_names_the_proxies_that_still_have_clients() {
    check(
        &hard_stopped(&Fake::new(), &[2, 0, 1, 0, 0]),
        &[
            "* WW soft-stop running for too long, performing a hard-stop.",
            "0 WW Proxy fe hard-stopped (2 remaining conns will be closed).",
            "2 WW Proxy li hard-stopped (1 remaining conns will be closed).",
        ],
    );
}

#[test]
fn only_proxies_with_listeners_pause_and_resume() {
    check(
        &listening(&Fake::new(), false),
        &["0 WW Paused frontend fe.", "2 WW Paused proxy li."],
    );
    check(
        &listening(&Fake::new(), true),
        &["0 WW Resumed frontend fe.", "2 WW Resumed proxy li."],
    );
}

#[test]
fn the_state_of_servers_is_told_server_by_server_and_summed_up() {
    check(
        &servers(&Fake::new()),
        &[
            "* W- SIGHUP received, dumping servers states.",
            "0 -N SIGHUP received, dumping servers states for proxy fe.",
            "0 WN SIGHUP: Proxy fe has no servers. \
             Conn: act(FE+BE): 0+0, 0 pend (0 unass), tot(FE+BE): 0+0.",
            "1 -N SIGHUP received, dumping servers states for proxy be.",
            "1 WN SIGHUP: Server be/s1 is UP. Conn: 0 act, 0 pend, 0 tot.",
            "1 WN SIGHUP: Server be/s2 is UP. Conn: 0 act, 0 pend, 0 tot.",
            "1 WN SIGHUP: Server be/s3 is DOWN. Conn: 0 act, 0 pend, 0 tot.",
            "1 WN SIGHUP: Proxy be has 1 active servers and 1 backup servers available. \
             Conn: act(FE+BE): 0+0, 0 pend (0 unass), tot(FE+BE): 0+0.",
            "2 -N SIGHUP received, dumping servers states for proxy li.",
            "2 WN SIGHUP: Server li/s1 is UP. Conn: 0 act, 0 pend, 0 tot.",
            "2 WN SIGHUP: Proxy li has 1 active servers and 0 backup servers available. \
             Conn: act(FE+BE): 0+0, 0 pend (0 unass), tot(FE+BE): 0+0.",
            "3 -N SIGHUP received, dumping servers states for proxy b3.",
            "3 WN SIGHUP: Proxy b3 has no servers. \
             Conn: act(FE+BE): 0+0, 0 pend (0 unass), tot(FE+BE): 0+0.",
        ],
    );
}

#[test]
fn a_proxy_whose_servers_are_all_away_or_backups_says_so() {
    let mut view = Fake::new();
    view.settings.proxies[1].servers[0].disabled = true;
    view.settings.proxies[2].servers[0].disabled = true;
    let told = servers(&view);
    let says = |text: &str| told.iter().any(|notice| notice.text.starts_with(text));
    assert!(says("SIGHUP: Proxy be is running on backup servers ! Conn"));
    assert!(says("SIGHUP: Proxy li has no server available ! Conn"));
}

/// A server of the backend was this and is that.
fn turn(server: u32, from: ServerState, to: ServerState) -> Turn {
    Turn {
        backend: ProxyIndex(1),
        server: ServerIndex(server),
        from,
        to,
        served: 3,
        requeued: 2,
        queued: 0,
        active: 1,
        backup: 1,
        was_last: false,
    }
}

fn told(turn: Turn) -> Vec<Notice> {
    server_turned(&Fake::new(), &turn)
}

#[test]
fn a_server_that_is_taken_out_of_use_is_told_with_what_is_left() {
    use ServerState::{Drain, Maintenance, Up};
    check(
        &told(turn(2, Up, Maintenance)),
        &[
            "1 WA Server be/s3 is going DOWN for maintenance. 1 active and 1 backup servers left. \
             3 sessions active, 2 requeued, 0 remaining in queue.",
        ],
    );
    check(
        &told(turn(0, Up, Drain)),
        &[
            "1 WN Server be/s1 enters drain state. 1 active and 1 backup servers online. \
             2 sessions requeued, 0 total in queue.",
        ],
    );
    check(
        &told(Turn {
            active: 0,
            ..turn(0, Drain, Maintenance)
        }),
        &[
            "1 WA Server be/s1 is going DOWN for maintenance. 0 active and 1 backup servers left. \
             Running on backup. 3 sessions active, 2 requeued, 0 remaining in queue.",
        ],
    );
    check(
        &told(Turn {
            active: 0,
            backup: 0,
            was_last: true,
            ..turn(1, Up, Maintenance)
        }),
        &[
            "1 WA Backup Server be/s2 is going DOWN for maintenance. 0 active and 0 backup servers \
             left. 3 sessions active, 2 requeued, 0 remaining in queue.",
            "1 A- backend 'be' has no server available!",
            "1 -E backend be has no server available!",
        ],
    );
}

#[test]
fn a_server_that_comes_back_says_from_where() {
    use ServerState::{Drain, Maintenance, Up};
    check(
        &told(turn(0, Maintenance, Up)),
        &["1 WN Server be/s1 is UP/READY (leaving forced maintenance)."],
    );
    check(
        &told(turn(0, Maintenance, Drain)),
        &[
            "1 WN Server be/s1 is UP/DRAIN (leaving forced maintenance).",
            "1 WN Server be/s1 remains in forced drain mode.",
        ],
    );
    check(
        &told(turn(0, Drain, Up)),
        &["1 WN Server be/s1 is UP (leaving forced drain)."],
    );
}
