//! Sequences observed from HAProxy 2.6, one worker, in the order the requests were sent.

use crate::testing::{ServerLine, backend, backend_with, server};
use crate::{Algorithm, Assigned, ServerIndex, ServerState, Ticket, Want};
use std::string::String;
use std::vec::Vec;
use std::{format, string::ToString};

/// Who serves `count` requests that come one after the other.
fn sequence(algorithm: Algorithm, weights: &[u32], count: usize) -> String {
    let servers = weights.iter().map(|&weight| server(1).weight(weight));
    let mut backend = backend(algorithm, servers);
    let ticket = Ticket {
        worker: 0,
        exchange: 0,
    };
    (0..count)
        .map(|_| match backend.assign(ticket, Want::default()) {
            Assigned::Server(server) => {
                backend.release(server);
                char::from(b'0' + server.0 as u8)
            }
            Assigned::Queued { .. } | Assigned::QueueFull(_) | Assigned::NoServer => '-',
        })
        .collect()
}

#[test]
fn roundrobin_takes_turns_as_haproxy_does() {
    for (weights, expected) in ROUND_ROBIN {
        assert_eq!(
            sequence(Algorithm::RoundRobin, weights, expected.len()),
            *expected,
            "{weights:?}"
        );
    }
}

#[test]
fn static_rr_takes_turns_as_haproxy_does() {
    for (weights, expected) in STATIC_RR {
        assert_eq!(
            sequence(Algorithm::StaticRr, weights, expected.len()),
            *expected,
            "{weights:?}"
        );
    }
}

#[test]
fn servers_that_are_busy_or_full_are_chosen_as_haproxy_does() {
    let lines = include_str!("observed.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let [algorithm, servers, script] = line
            .split(" | ")
            .collect::<Vec<_>>()
            .try_into()
            .expect("three columns");
        let seen = replay(algorithm, servers, script);
        assert_eq!(seen, script, "{algorithm} | {servers}");
    }
}

/// Does what an observed script says, and writes down what comes of it.
fn replay(algorithm: &str, servers: &str, script: &str) -> String {
    let algorithm = match algorithm {
        "roundrobin" => Algorithm::RoundRobin,
        "static-rr" => Algorithm::StaticRr,
        "leastconn" => Algorithm::LeastConn,
        "first" => Algorithm::First,
        other => panic!("algorithm {other}"),
    };
    let lines = servers.split(", ").enumerate();
    let lines = lines.map(|(at, words)| server_line(at, words));
    let mut backend = backend_with(algorithm, lines, |settings| settings.allbackups = true);
    let mut holds = Vec::new();
    let mut seen = Vec::new();
    for step in script.split(' ') {
        let ticket = Ticket {
            worker: 0,
            exchange: holds.len() as u64,
        };
        if let Some((state, server)) = change_of(step) {
            backend.set_state(server, state);
            seen.push(step.into());
            continue;
        }
        if let Some(hold) = step.strip_prefix('f') {
            let number = hold.split('>').next().unwrap_or_default();
            let hold: usize = number.parse().expect("a number");
            let handed = backend.release(holds[hold]);
            seen.push(match handed {
                Some((ticket, server)) => {
                    holds[ticket.exchange as usize] = server;
                    format!("f{hold}>{}:{}", ticket.exchange, server.0)
                }
                None => format!("f{hold}"),
            });
            continue;
        }
        let assigned = backend.assign(ticket, Want::default());
        let (name, server) = match assigned {
            Assigned::Server(server) => (server.0.to_string(), server),
            Assigned::Queued { .. } => ("-".into(), Default::default()),
            Assigned::QueueFull(_) | Assigned::NoServer => panic!("{assigned:?} at {step}"),
        };
        if step.starts_with('h') {
            holds.push(server);
        } else {
            backend.release(server);
        }
        seen.push(format!("{}{name}", &step[..1]));
    }
    seen.join(" ")
}

/// A server that goes down (`d`) or up (`u`).
fn change_of(step: &str) -> Option<(ServerState, ServerIndex)> {
    let state = match step.as_bytes()[0] {
        b'd' => ServerState::Maintenance,
        b'u' => ServerState::Up,
        _ => return None,
    };
    Some((state, ServerIndex(step[1..].parse().expect("a number"))))
}

fn server_line(at: usize, words: &str) -> ServerLine {
    let mut line = server(at as u32 + 1);
    let (words, backup) = match words.strip_suffix(" backup") {
        Some(words) => (words, true),
        None => (words, false),
    };
    if backup {
        line = line.backup();
    }
    let words: Vec<&str> = words.split(' ').collect();
    for pair in words.chunks(2) {
        let value = pair[1].parse().expect("a number");
        line = match pair[0] {
            "id" => line.id(value),
            "weight" => line.weight(value),
            "maxconn" => line.maxconn(value),
            other => panic!("server option {other}"),
        };
    }
    line
}

const ROUND_ROBIN: &[(&[u32], &str)] = &[
    (&[1, 1, 1, 1], "012301230123"),
    (&[1, 2, 3], "212021212021212021"),
    (&[3, 2, 1], "010201010201010201"),
    (
        &[10, 20, 30, 40],
        "323123032132312303213231230321323123032132312303213231230321\
        323123032132312303213231230321323123032132312303213231230321323123032132312303213231230321",
    ),
    (&[1, 5], "111110111110111110"),
    (&[5, 1, 1], "000100200010020001002"),
    (&[7, 3, 2, 2], "010201030021003102010300210031020103002100"),
    (
        &[100, 1, 50],
        "002002002002002002002002002002002002002002002002002002002002\
        002002002002002010200200200200200200200200200200200200200200200200200200200200200200200200",
    ),
    (
        &[256, 255, 1],
        "010101010101010101010101010101010101010101010101010101010101\
        010101010101010101010101010101010101010101010101010101010101010101010101010101010101010101",
    ),
    (
        &[2, 2, 3, 3, 7],
        "424340243414204342143402434142043421434024341420434",
    ),
    (&[1, 1], "010101"),
    (
        &[13, 8, 5, 3, 2, 1],
        "010201304120010230105102041032100102013041200102301051020410\
        321001020130412001023010510204103210",
    ),
];

const STATIC_RR: &[(&[u32], &str)] = &[
    (&[1, 1, 1, 1], "012301230123"),
    (&[1, 2, 3], "021212021212021212"),
    (&[3, 2, 1], "001012001012001012"),
    (
        &[10, 20, 30, 40],
        "013231232301323123230132312323013231232301323123230132312323\
        013231232301323123230132312323013231232301323123230132312323013231232301323123230132312323",
    ),
    (&[1, 5], "011111011111011111"),
    (&[5, 1, 1], "000100200010020001002"),
    (&[7, 3, 2, 2], "001010230010230010102300102300101023001023"),
    (
        &[100, 1, 50],
        "001200200200200200200200200200200200200200200200200200200200\
        200200200200200200200200200200200200200200200200200200200200200200200200200200200200200200",
    ),
    (
        &[256, 255, 1],
        "001010101010101010101010101010101010101010101010101010101010\
        101010101010101010101010101010101010101010101010101010101010101010101010101010101010101010",
    ),
    (
        &[2, 2, 3, 3, 7],
        "014243240413424340142432404134243401424324041342434",
    ),
    (&[1, 1], "010101"),
    (
        &[13, 8, 5, 3, 2, 1],
        "010102201031020410301201023010450101022010310204103012010230\
        104501010220103102041030120102301045",
    ),
];

#[test]
fn random_draws_by_weight_and_prefers_who_is_less_busy() {
    let drawn = sequence(Algorithm::Random { draws: 1 }, &[1, 3, 0], 4000);
    let first = drawn.matches('0').count();
    assert!((900..1100).contains(&first), "{first} of 4000");
    assert!(!drawn.contains('2'), "a server without weight is not drawn");

    let mut held = backend(Algorithm::Random { draws: 16 }, (1..=4).map(server));
    for exchange in 0..40 {
        held.assign(
            Ticket {
                worker: 0,
                exchange,
            },
            Want::default(),
        );
    }
    for at in 0..4 {
        assert_eq!(held.server(ServerIndex(at)).served, 10);
    }
}
