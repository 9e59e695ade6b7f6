//! What the runtime API says of the proxies, as far as it says anything.

use base::{Duration, Epoch, Instant};
use engine::Shared;
use engine::settings::AccessLevel;
use runtime::{Overview, Process, Session};
use std::fmt::Write;

/// Rows with the columns that are neither empty nor 0, then one line of facts about the process.
pub fn counted(shared: &Shared, now: Instant) -> String {
    let mut text = format!("after {} s:\n", now.as_millis() / 1_000);
    let stat = ask(shared, now, "show stat");
    let rows = stat
        .lines()
        .map(|line| line.trim_start_matches("# ").split(','));
    let mut rows = rows.map(|row| row.collect::<Vec<_>>());
    let header = rows.next().expect("a header");
    for row in rows.filter(|row| row.len() == header.len()) {
        let values = header.iter().zip(&row).filter(|(name, value)| {
            let counts = !CONFIGURED.contains(name) && !name.starts_with("h1_");
            counts && !matches!(**value, "" | "0" | "-")
        });
        let values: Vec<String> = values
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        if !values.is_empty() {
            let _ = writeln!(text, "  {}/{}: {}", row[0], row[1], values.join(", "));
        }
    }
    let info = ask(shared, now, "show info");
    let facts = info.lines().filter(|line| {
        let (name, value) = line.split_once(": ").unwrap_or_default();
        HAPPENED.contains(&name) && value != "0"
    });
    let facts: Vec<String> = facts.map(|line| line.replace(": ", " ")).collect();
    let _ = writeln!(text, "  info: {}", facts.join(", "));
    text
}

fn ask(shared: &Shared, now: Instant, command: &str) -> String {
    let mut session = Session::new(now, AccessLevel::Admin, Duration::from_secs(10));
    session.receive(now, format!("{command}\n").as_bytes());
    let overview = Overview {
        shared,
        workers: &shared.workers,
        captures: &shared.captures,
        process: &Process::default(),
        now,
        epoch: Epoch(0),
    };
    let mut answer = Vec::new();
    loop {
        session.advance(&overview);
        let said = session.output();
        if said.is_empty() {
            return String::from_utf8(answer).expect("text");
        }
        answer.extend_from_slice(said);
        let sent = said.len();
        session.consume(now, sent);
    }
}

/// Columns that tell how the service is built, or say the same as others.
const CONFIGURED: &[&str] = &[
    "pxname", "svname", "slim", "status", "weight", "act", "bck", "lastchg", "downtime", "qlimit",
    "pid", "iid", "sid", "type", "lastsess", "addr", "mode", "algo", "uweight", "proto",
    "conn_tot", "h1sess", "h1req", "reqbin", "resbout", "srv_icur",
];

/// Lines of `show info` that tell what happened.
const HAPPENED: &[&str] = &[
    "CurrConns",
    "CumConns",
    "CumReq",
    "ConnRate",
    "MaxConnRate",
    "SessRate",
    "MaxSessRate",
    "Tasks",
    "TotalBytesOut",
    "MaxconnReached",
    "CurrStreams",
    "CumStreams",
];
