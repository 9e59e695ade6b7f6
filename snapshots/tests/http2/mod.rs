//! HTTP/2: what every frame does to a stream in every state, and what every violation means.

use http2::stream::{Kind, Next, Sender, State};
use http2::{Reach, Violation};
use std::fmt::Write;

#[test]
fn every_frame_in_every_state_of_a_stream() {
    crate::cases::beside("http2", || insta::assert_snapshot!("streams", streams()));
}

#[test]
fn violations_with_their_reach_and_code() {
    crate::cases::beside("http2", || {
        insta::assert_snapshot!("violations", violations())
    });
}

/// One line a frame, one column a state.
fn streams() -> String {
    let mut text = format!("{:<14}", "");
    for state in State::ALL {
        let _ = write!(text, " | {:<20}", name(state));
    }
    for (sender, who) in [(Sender::Peer, "<"), (Sender::Us, ">")] {
        for kind in Kind::ALL {
            text += "\n";
            let _ = write!(text, "{:<14}", format!("{who} {kind:?}"));
            for state in State::ALL {
                let _ = write!(text, " | {:<20}", outcome(state, sender, kind));
            }
        }
    }
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

fn outcome(state: State, sender: Sender, kind: Kind) -> String {
    match state.next(sender, kind) {
        Next::To(same) if same == state => String::from("="),
        Next::To(next) => name(next),
        Next::Ignored => String::from("ignored"),
        Next::Never => String::from("-"),
        Next::Broken(violation) => {
            let reach = match violation.reach() {
                Reach::Stream => "",
                Reach::Connection => "!",
            };
            format!("{reach}{}", violation.code().name())
        }
    }
}

fn name(state: State) -> String {
    match state {
        State::Closed(how) => format!("Closed({how:?})"),
        State::Idle | State::Open | State::HalfClosedLocal | State::HalfClosedRemote => {
            format!("{state:?}")
        }
    }
}

fn violations() -> String {
    let mut text = String::new();
    for violation in Violation::ALL {
        let _ = writeln!(
            text,
            "{:<26} {:<11} {:<18} {:<5} {}",
            format!("{violation:?}"),
            format!("{:?}", violation.reach()),
            violation.code().name(),
            format!("{:?}", violation.blame()),
            violation.what(),
        );
    }
    text
}
