//! {HTTP/1, HTTP/2} to {HTTP/1, HTTP/2}: every kind of message, every place of its end, everything that
//! can go wrong, on the simulated network and on loopback, from one table.

mod cell;
mod h1;
mod h2;
mod net;
mod peer;
mod play;

use cell::{Cell, Outcome, PROTOS, Proto};
use net::Net;
use play::Stage;

/// Cells that are possible, of 600.
const PLAYED: usize = 366;

/// So many wrong cells are worth reading at once; then the rest is not played.
const WRONG_MAX: usize = 12;

/// The termination state in a log line: the word before the five counts.
fn state_of(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let counts = words.iter().rposition(|word| word.split('/').count() == 5);
    let state = counts.and_then(|at| words.get(at.checked_sub(1)?));
    state.map_or_else(|| line.to_owned(), |state| (*state).to_owned())
}

async fn play(net: &Net, cell: Cell, number: usize) -> Result<Outcome, &'static str> {
    let stage = Stage::new(cell, number);
    let client = async {
        let io = net.connect().await;
        let (seen, _stays) = stage.clone().ask(io).await;
        (seen, net.line(&stage.name).await)
    };
    let server = async {
        let io = net.accept().await;
        stage.clone().answer(io).await
    };
    let both = async { tokio::join!(client, server) };
    match tokio::time::timeout(net.patience(), both).await {
        Ok(((client, line), server)) => Ok(Outcome {
            client,
            server,
            state: state_of(&line),
        }),
        Err(_) => Err("somebody waits for ever"),
    }
}

/// Plays all cells of a pair; those that are not as the table says.
async fn play_all(net: Net, client: Proto, server: Proto) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, cell) in Cell::all(client, server).into_iter().enumerate() {
        if cell.impossible().is_some() || wrong.len() >= WRONG_MAX {
            continue;
        }
        let expected = cell.expected();
        match play(&net, cell, number).await {
            Ok(outcome) if outcome == expected => {}
            Ok(outcome) => wrong.push(format!("{cell}\n  must {expected:?}\n  did  {outcome:?}")),
            Err(problem) => wrong.push(format!("{cell}\n  {problem}")),
        }
    }
    wrong
}

fn assert_none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn simulated(client: Proto, server: Proto) {
    assert_none(net::on_simulated(server, async |net| {
        play_all(net, client, server).await
    }));
}

fn loopback(client: Proto, server: Proto) {
    assert_none(net::on_loopback(server, async |net| {
        play_all(net, client, server).await
    }));
}

#[test]
fn simulated_http1_to_http1() {
    simulated(Proto::H1, Proto::H1);
}

#[test]
fn loopback_http1_to_http1() {
    loopback(Proto::H1, Proto::H1);
}

#[test]
fn simulated_http1_to_http2() {
    simulated(Proto::H1, Proto::H2);
}

#[test]
fn loopback_http1_to_http2() {
    loopback(Proto::H1, Proto::H2);
}

#[test]
fn simulated_http2_to_http1() {
    simulated(Proto::H2, Proto::H1);
}

#[test]
fn loopback_http2_to_http1() {
    loopback(Proto::H2, Proto::H1);
}

#[test]
fn simulated_http2_to_http2() {
    simulated(Proto::H2, Proto::H2);
}

#[test]
fn loopback_http2_to_http2() {
    loopback(Proto::H2, Proto::H2);
}

/// A cell that is no longer played shows here.
#[test]
fn every_combination_is_played_or_named_impossible() {
    let mut played = 0;
    for client in PROTOS {
        for server in PROTOS {
            for cell in Cell::all(client, server) {
                played += usize::from(cell.impossible().is_none());
            }
        }
    }
    assert_eq!(played, PLAYED);
}
