use super::{LINE_BYTES_MAX, OUTPUT_BYTES_LOW, PAYLOAD_BYTES_MAX, Session};
use crate::fixture::Fake;
use crate::order::Order;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use balance::{ServerIndex, ServerState};
use base::{Duration, Instant};
use engine::settings::AccessLevel;
use session::settings::ProxyIndex;

const IDLE: Duration = Duration::from_secs(10);

fn session(level: AccessLevel) -> Session {
    Session::new(Instant::ZERO, level, IDLE)
}

/// Everything the session answers until it has nothing more to say.
fn drain(session: &mut Session, view: &Fake) -> String {
    let mut answer = Vec::new();
    loop {
        session.advance(view);
        if session.output().is_empty() {
            break;
        }
        let sent = session.output().len();
        answer.extend_from_slice(session.output());
        session.consume(Instant::ZERO, sent);
    }
    String::from_utf8(answer).expect("text")
}

/// What a client of this level gets that sends `input` and closes its side.
fn answer_at(level: AccessLevel, input: &str) -> String {
    let view = Fake::new();
    let mut session = session(level);
    let mut input = input.as_bytes();
    let mut answer = String::new();
    while !input.is_empty() {
        input = &input[session.receive(Instant::ZERO, input)..];
        answer += &drain(&mut session, &view);
    }
    session.end_of_input();
    answer += &drain(&mut session, &view);
    assert!(session.is_over(), "the connection stays open");
    answer
}

fn answer(input: &str) -> String {
    answer_at(AccessLevel::Admin, input)
}

#[test]
fn one_line_is_answered_and_the_connection_closes() {
    assert_eq!(answer("show version\nshow version\n"), "1.2.3\n\n");
}

#[test]
fn a_line_without_its_end_is_no_command() {
    assert_eq!(answer("show version"), "");
}

#[test]
fn commands_of_a_line_are_answered_in_turn() {
    assert_eq!(
        answer("show version;;show cli level\n"),
        "1.2.3\n\n\nadmin\n\n"
    );
    assert_eq!(answer("\n"), "\n");
    assert_eq!(answer("show version\r\n"), "1.2.3\n\n");
}

#[test]
fn interactive_mode_takes_lines_until_the_end() {
    assert_eq!(
        answer("prompt i\nshow version\nshow version\n"),
        "\n1.2.3\n\n1.2.3\n\n"
    );
}

#[test]
fn prompt_mode_asks_for_each_line() {
    assert_eq!(answer("prompt\nshow version\n"), "\n> 1.2.3\n\n> ");
    assert_eq!(
        answer("prompt\nprompt;show version\nquit\n"),
        "\n> \n1.2.3\n\n"
    );
    assert_eq!(answer("prompt timed\n"), "\n[1:01:01:01]> ");
}

#[test]
fn quit_ends_the_line_and_the_connection() {
    assert_eq!(answer("show version;quit;show version\n"), "1.2.3\n\n");
}

#[test]
fn a_payload_is_not_taken_for_commands() {
    assert_eq!(answer("show version <<\nquit\n\n"), "1.2.3\n\n");
    assert_eq!(
        answer("prompt\nshow version <<END\n\nquit\nEND\nquit\n"),
        "\n> + + + 1.2.3\n\n> "
    );
}

#[test]
fn a_payload_that_never_ends_is_not_answered() {
    assert_eq!(answer("show version <<\nfoo\n"), "");
}

#[test]
fn a_payload_has_a_limit() {
    let line = format!("{}\n", "a".repeat(1023));
    let within = line.repeat(PAYLOAD_BYTES_MAX / line.len());
    assert_eq!(answer(&format!("show version <<\n{within}\n")), "1.2.3\n\n");
    assert_eq!(
        answer(&format!("show version <<\n{within}{line}\n")),
        "The payload is larger than 131072 bytes.\n"
    );
    let one_line = "a".repeat(PAYLOAD_BYTES_MAX + LINE_BYTES_MAX);
    assert_eq!(
        answer(&format!("show version <<\n{one_line}\n\n")),
        "The payload is larger than 131072 bytes.\n"
    );
}

#[test]
fn a_line_has_a_limit() {
    let command = "show version ";
    let longest = "a".repeat(LINE_BYTES_MAX - command.len() - 1);
    assert_eq!(answer(&format!("{command}{longest}\n")), "1.2.3\n\n");
    assert_eq!(
        answer(&format!("{command}{longest}a\n")),
        "The command line is longer than 16384 bytes.\n"
    );
}

#[test]
fn rights_can_only_be_given_up() {
    assert_eq!(
        answer("operator;show cli level;user;operator;show cli level\n"),
        "\noperator\n\n\nPermission denied\n\nuser\n\n"
    );
    assert_eq!(
        answer_at(AccessLevel::User, "show errors\n"),
        "Permission denied\n\n"
    );
}

#[test]
fn remarks_say_how_serious_they_are_if_asked() {
    assert_eq!(
        answer(
            "set severity-output number;show errors none;set severity-output string;set timeout\n"
        ),
        "\n[3]: No such proxy.\n\n\n[err]: 'set timeout' only supports 'cli'.\n\n"
    );
}

#[test]
fn a_timeout_is_a_number_of_seconds_or_has_a_unit() {
    for (delay, expected) in [
        ("3", "\n"),
        ("5m", "\n"),
        ("0", "Invalid timeout value.\n\n"),
        ("-1", "Invalid timeout value.\n\n"),
        ("5x", "Invalid timeout value.\n\n"),
        ("99999999999999999999", "Invalid timeout value.\n\n"),
        ("", "Expects an integer value.\n\n"),
    ] {
        assert_eq!(
            answer(&format!("set timeout cli {delay}\n")),
            expected,
            "{delay}"
        );
    }
}

#[test]
fn an_idle_connection_is_closed_when_its_time_is_up() {
    let view = Fake::new();
    let mut session = session(AccessLevel::User);
    let late = Instant::ZERO + Duration::from_secs(5);
    assert_eq!(session.receive(late, b"prompt i;set timeout cli 60\n"), 28);
    assert_eq!(drain(&mut session, &view), "\n\n");
    // The answer was taken at the origin of the clock, the last input came later.
    let due = session.poll_timeout().expect("an idle timer");
    assert_eq!(due.at, Instant::ZERO + Duration::from_secs(60));
    session.handle_timeout(late);
    assert!(!session.is_over());
    session.handle_timeout(due.at);
    assert!(session.is_over());
    assert_eq!(session.poll_timeout(), None);
}

#[test]
fn help_lists_what_the_level_may_do() {
    let all = answer("help\n");
    assert!(all.starts_with("The following commands are valid at this level:\n"));
    assert!(all.contains("\n  show errors [<px>] [request|response]   : "));
    assert!(!answer_at(AccessLevel::User, "help\n").contains("show errors"));
    let version = answer("help show ver\n");
    let usages: Vec<&str> = version
        .lines()
        .filter_map(|line| Some(line.split_once(':')?.0.trim()))
        .collect();
    assert_eq!(
        usages,
        [
            "The following commands are valid at this level",
            "show version",
            "help [<command>]",
            "prompt [help | n | i | p | timed ]*",
            "quit"
        ]
    );
}

#[test]
fn an_unknown_command_is_answered_with_the_near_ones_or_all() {
    let near = answer("show foo\n");
    assert!(near.starts_with("Unknown command: 'show'"), "{near}");
    let all = answer("foo bar\n");
    assert!(
        all.starts_with("Unknown command: 'foo'. Please enter"),
        "{all}"
    );
    assert!(all.contains("  show stat "), "{all}");
    assert!(answer("sho\n").contains("better match:\n  show acl "));
}

#[test]
fn a_dump_waits_for_a_slow_reader() {
    let mut view = Fake::new();
    let last = view.settings.proxies.len() - 1;
    view.settings.proxies[last].disabled = false;
    view.settings.proxies[last].servers =
        alloc::vec![view.settings.proxies[1].servers[0].clone(); 1000];
    let mut session = session(AccessLevel::Admin);
    session.receive(Instant::ZERO, b"prompt i;show stat;show version\n");
    let mut seen = Vec::new();
    let mut most = 0;
    while !seen.ends_with(b"\n\n1.2.3\n\n") {
        session.advance(&view);
        most = most.max(session.output().len());
        let sent = session.output().len().min(100);
        assert!(sent > 0, "the answer ends before its end");
        seen.extend_from_slice(&session.output()[..sent]);
        session.consume(Instant::ZERO, sent);
    }
    assert!(most < OUTPUT_BYTES_LOW + 1000, "{most} bytes were buffered");
    assert!(seen.len() > 200_000);
}

#[test]
fn input_waits_while_a_line_is_buffered() {
    let mut session = session(AccessLevel::Admin);
    let much = alloc::vec![b'\n'; LINE_BYTES_MAX + 1];
    assert_eq!(session.receive(Instant::ZERO, &much), LINE_BYTES_MAX);
    assert!(!session.wants_input());
    drain(&mut session, &Fake::new());
    assert!(session.is_over());
    assert_eq!(
        session.receive(Instant::ZERO, b"more"),
        4,
        "it is thrown away"
    );
}

#[test]
fn cutting_the_input_makes_no_difference() {
    let input = "prompt\nshow version <<E\na\nE\nshow info;show stat 3 4 2;help\nquit\n";
    let whole = answer(input);
    for size in [1, 2, 3, 7] {
        let view = Fake::new();
        let mut session = session(AccessLevel::Admin);
        let mut pieces = String::new();
        for piece in input.as_bytes().chunks(size) {
            session.receive(Instant::ZERO, piece);
            pieces += &drain(&mut session, &view);
        }
        assert_eq!(pieces, whole, "pieces of {size}");
    }
}

/// An invalid request with two lines.
fn capture(direction: session::Direction) -> session::Capture {
    session::Capture {
        at: Instant::ZERO + Duration::from_millis(1500),
        direction,
        frontend: ProxyIndex(0),
        backend: Some(ProxyIndex(1)),
        server: Some(ServerIndex(2)),
        source: Some(core::net::SocketAddr::from(([192, 0, 2, 1], 4321))),
        reason: "field name",
        bytes: b"GET / HTTP/1.1\r\nBad Name: \x01\r\n".into(),
        start: 0,
        position: 19,
    }
}

#[test]
fn invalid_messages_are_shown_with_where_they_passed() {
    let view = Fake::new();
    view.captures.keep(capture(session::Direction::Request));
    view.captures.keep(capture(session::Direction::Response));
    let show = |command: &str| {
        let mut session = session(AccessLevel::Operator);
        session.receive(Instant::ZERO, command.as_bytes());
        drain(&mut session, &view)
    };
    let title = "Total events captured on [05/Mar/2009:02:31:02.000] : 2\n";
    let bytes = concat!(
        ", src 192.0.2.1:4321\n",
        "  len 29, error at position 19 (field name):\n  \n",
        "  00000  GET / HTTP/1.1\\r\\n\n",
        "  00016  Bad Name: \\x01\\r\\n\n",
    );
    let request = format!(
        " \n[04/Mar/2009:01:30:01.500] frontend fe (#2): invalid request\n  \
         backend be (#3), server s3 (#3), event #0{bytes}"
    );
    let response = format!(
        " \n[04/Mar/2009:01:30:01.500] backend be (#3): invalid response\n  \
         frontend fe (#2), server s3 (#3), event #1{bytes}"
    );
    assert_eq!(
        show("show errors\n"),
        format!("{title}{request}{response}\n")
    );
    assert_eq!(show("show errors fe\n"), format!("{title}{request}\n"));
    assert_eq!(
        show("show errors -1 response\n"),
        format!("{title}{response}\n")
    );
    assert_eq!(show("show errors 3 request\n"), format!("{title}\n"));
    assert!(
        !show("show errors\n")
            .trim_end_matches('\n')
            .contains("\n\n")
    );
}

/// What a line of an admin leads the process to do, and what it answers.
fn orders(line: &str) -> (Vec<Order>, String) {
    let view = Fake::new();
    let mut session = session(AccessLevel::Admin);
    session.receive(Instant::ZERO, line.as_bytes());
    let mut orders = Vec::new();
    loop {
        session.advance(&view);
        match session.take_order() {
            Some(order) => orders.push(order),
            None => break,
        }
    }
    let answer = String::from_utf8(session.output().to_vec());
    (orders, answer.expect("text"))
}

fn order(server: u32, state: ServerState) -> Order {
    Order::SetServer {
        backend: ProxyIndex(1),
        server: ServerIndex(server),
        state,
    }
}

#[test]
fn servers_are_taken_out_of_use_and_brought_back_by_name_or_number() {
    use ServerState::{Drain, Maintenance, Up};
    for (line, server, state) in [
        ("disable server be/s1\n", 0, Maintenance),
        ("enable server be/s3\n", 2, Up),
        ("set server #3/#2 state drain\n", 1, Drain),
        ("set server be/#1 state ready\n", 0, Up),
        ("set server #3/s1 state maint\n", 0, Maintenance),
    ] {
        let expected = (Vec::from([order(server, state)]), "\n".into());
        assert_eq!(orders(line), expected, "{line}");
    }
}

#[test]
fn the_next_command_of_a_line_waits_until_the_one_before_is_done() {
    let view = Fake::new();
    let mut session = session(AccessLevel::Admin);
    session.receive(Instant::ZERO, b"disable server be/s1; show version\n");
    session.advance(&view);
    session.advance(&view);
    assert_eq!(session.output(), b"\n");
    assert!(session.take_order().is_some());
    session.advance(&view);
    assert_eq!(session.output(), b"\n1.2.3\n\n");
}

#[test]
fn a_command_about_no_server_says_why() {
    for (line, answer) in [
        ("disable server", "Require 'backend/server'."),
        ("disable server be", "Require 'backend/server'."),
        ("enable server x/s1", "No such backend."),
        // A number needs its mark, and frontends have no servers.
        ("enable server 3/s1", "No such backend."),
        ("enable server fe/s1", "No such backend."),
        ("set server be/s9 state maint", "No such server."),
        (
            "set server be/s1",
            "usage: set server <backend>/<server> state",
        ),
        (
            "set server be/s1 x",
            "usage: set server <backend>/<server> state",
        ),
        (
            "set server be/s1 weight 5",
            "'set server <srv> weight' is not supported yet.",
        ),
        (
            "set server be/s1 state up",
            "'set server <srv> state' expects 'ready', 'drain' and 'maint'.",
        ),
        ("show servers state fe", "Can't find backend."),
        ("show servers conn 3", "Can't find backend."),
    ] {
        let expected = (Vec::new(), format!("{answer}\n\n"));
        assert_eq!(orders(&format!("{line}\n")), expected, "{line}");
    }
}

#[test]
fn only_an_admin_changes_servers() {
    for command in ["disable server be/s1", "set server be/s1 state maint"] {
        let line = format!("{command}\n");
        let denied = answer_at(AccessLevel::Operator, &line);
        assert_eq!(denied, "Permission denied\n\n", "{command}");
    }
}

#[test]
fn the_state_of_servers_is_a_line_each() {
    let said = answer_at(AccessLevel::User, "show servers state be\n");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "1");
    assert!(lines[1].starts_with("# be_id be_name srv_id srv_name srv_addr srv_op_state "));
    assert_eq!(
        lines[2..],
        [
            "3 be 1 s1 127.0.0.1 2 0 1 1 1 1 0 0 0 0 0 0 - 18802 - 0 0 - - 0",
            "3 be 2 s2 127.0.0.1 2 0 3 3 1 1 0 0 0 0 0 0 - 18802 - 0 0 - - 0",
            "3 be 3 s3 127.0.0.1 0 5 1 1 1 1 0 0 8 0 0 0 - 18802 - 0 0 - - 0",
            "",
        ]
    );
    assert_eq!(lines[1].split(' ').count() - 1, lines[2].split(' ').count());
    let all = answer_at(AccessLevel::User, "show servers state\n");
    assert_eq!(
        all.lines().count(),
        7,
        "a disabled proxy is left out: {all}"
    );
}

#[test]
fn the_connections_of_servers_are_a_line_each() {
    let said = answer_at(AccessLevel::User, "show servers conn #4\n");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].ends_with(" idle_lim idle_cur idle_per_thr[2]"));
    let line = "li/s1 4/1 127.0.0.1 18802 - 5000 0 0 0 0 0 0 0 -1 0 0 0";
    assert_eq!(lines[1..], [line, ""]);
}

#[test]
fn messages_of_a_ring_are_shown_and_more_are_waited_for_without_end() {
    let view = Fake::new();
    let ring = &view.rings.rings[0];
    ring.push(b"one\n");
    ring.push(b"two \xff");
    let mut session = session(AccessLevel::Operator);
    session.receive(Instant::ZERO, b"show events r1 -w0; show version\n");
    session.advance(&view);
    assert_eq!(session.output(), b"one\0two \xff\0");
    assert!(session.poll_timeout().is_some(), "somebody takes nothing");
    session.consume(Instant::ZERO, 10);
    assert_eq!(session.poll_timeout(), None);
    let (at, place) = session.follows().expect("it waits");
    assert_eq!((at.0, place), (0, ring.newest()));
    ring.push(b"three");
    assert_eq!(drain(&mut session, &view), "three\0");
    session.receive(Instant::ZERO, b"enough\n");
    assert_eq!(drain(&mut session, &view), "\n1.2.3\n\n");
    assert!(session.is_over());
}

#[test]
fn a_ring_shows_what_it_has_and_its_name_may_be_wrong() {
    assert_eq!(answer("show events r1\n"), "\n");
    assert_eq!(answer("show events r2\n"), "No such event sink\n\n");
    assert_eq!(answer("show events r1 -x\n"), "unknown option\n\n");
    assert_eq!(
        answer("show events\n"),
        "Supported events sinks are listed below. Add -0(zero), -w(wait), -n(new). Any key to stop.\n\
         \x20   r1         : type=buffer, 0 dropped, My local buffer\n\n"
    );
    // Who has left waits no more.
    assert_eq!(answer("show events r1 -w\n"), "\n");
}
