//! Whole connections, frame by frame, beside the `h2` crate: what both take is the same, what one of them
//! refuses the other refuses likewise, or the difference is in a table with its reason.

mod ours;
mod peer;
mod side;
mod table;
mod theirs;

use message::Role;
use ours::Ours;
use peer::{Peer, Step};
use side::{Act, Ear, Message, Side};
use std::collections::BTreeSet;
use theirs::Theirs;

/// Any bytes as what a client sends, and when it is answered, against both servers.
pub fn server_beside_another(input: &[u8]) {
    play(Role::Accepting, input);
}

/// Any bytes as what a server sends to the requests in [`ASKS`], and when the last of them is complete,
/// against both clients.
pub fn client_beside_another(input: &[u8]) {
    play(Role::Opening, input);
}

fn play(role: Role, input: &[u8]) {
    let mut ours = Ours::new(role);
    let mut theirs = match role {
        Role::Accepting => Theirs::accepting(),
        Role::Opening => Theirs::opening(),
    };
    let (mut our_ear, mut their_ear) = (Ear::default(), Ear::default());
    let mut peer = Peer::new(role, &input[..input.len().min(super::INPUT_BYTES_MAX)]);
    let greeting = peer.greeting();
    ours.hear(&greeting);
    theirs.hear(&greeting);
    // Streams that one of the two has given up, or both.
    let mut given_up = BTreeSet::new();
    let mut parting = false;
    // Where a server's GOAWAYs draw the line.
    let mut kept = u32::MAX;
    let mut history = Vec::new();
    for _ in 0..STEPS_MAX {
        let Some(step) = peer.step() else {
            return;
        };
        history.push(format!("{step:?}"));
        parting |= step.is_goaway();
        if role == Role::Opening {
            kept = kept.min(step.last_kept().unwrap_or(u32::MAX));
        }
        match &step {
            Step::Frames(bytes) => {
                ours.hear(bytes);
                theirs.hear(bytes);
            }
            Step::Answer { stream } => {
                let ready = |side: &dyn Side| {
                    let message = side.messages().get(stream);
                    match role {
                        Role::Accepting => message.is_some_and(|it| it.ended && !it.lost),
                        Role::Opening => message.is_none_or(|it| !it.lost),
                    }
                };
                let can = role == Role::Accepting || *stream == UNFINISHED;
                let gone = given_up.contains(stream) || !ready(&ours) || !ready(&theirs);
                if !can || gone || !peer.answers(*stream) {
                    continue;
                }
                ours.answer(*stream);
                theirs.answer(*stream);
            }
        }
        if step.depends_on_itself() {
            // They leave the fields of a head unread, and do not know them when they are named later; a
            // stream that nobody opened is gone for them, and idle for us.
            return;
        }
        let (our_acts, their_acts) = (our_ear.acts(&mut ours), their_ear.acts(&mut theirs));
        let show = || {
            format!(
                "{history:#?}\nours {our_acts:?} {:?}, theirs {their_acts:?}",
                ours.violation()
            )
        };
        if our_acts != their_acts {
            let difference = table::Difference {
                step: &step,
                ours: table::Grade::of(&our_acts),
                theirs: table::Grade::of(&their_acts),
                violation: ours.violation(),
                beyond_types: step
                    .stream()
                    .and_then(|stream| ours.messages().get(&stream))
                    .is_some_and(Message::is_beyond_types),
                parting,
                disowned: step.stream().is_some_and(|stream| stream > kept),
                late: step
                    .stream()
                    .is_some_and(|stream| given_up.contains(&stream)),
            };
            assert!(difference.is_intended(), "{}", show());
            // From here on the two see different connections.
            return;
        }
        if our_acts.iter().any(|act| matches!(act, Act::End(_))) {
            return;
        }
        given_up.extend(our_acts.iter().filter_map(|act| match act {
            Act::Reset(stream, _) => Some(*stream),
            Act::End(_) => None,
        }));
        let none = Message::default();
        let streams = ours.messages().keys().chain(theirs.messages().keys());
        for stream in streams.filter(|stream| !given_up.contains(*stream)) {
            let of = |side: &dyn Side| side.messages().get(stream).unwrap_or(&none).clone();
            let (our, their) = (of(&ours), of(&theirs));
            if our.is_connect() && their.is_connect() {
                assert_eq!(our.head, their.head, "stream {stream}: {}", show());
            } else if our.ended && their.ended {
                // Who has a whole message looks no more at its stream.
                let their = Message {
                    lost: our.lost,
                    ..their
                };
                assert_eq!(our, their, "stream {stream}: {}", show());
            } else if !(our.lost && their.lost) {
                assert_eq!(our, their, "stream {stream}: {}", show());
            }
        }
    }
}

/// Requests that are under way when a server begins to speak: their methods, and whether they are complete.
const ASKS: [(&str, bool); 4] = [
    ("GET", true),
    ("POST", false),
    ("HEAD", true),
    ("GET", true),
];

/// The stream of the one that is not.
const UNFINISHED: u32 = 3;

/// So large that no script fills it: flow control is compared elsewhere.
const WINDOW_BYTES: u32 = 1 << 20;

const STEPS_MAX: usize = 64;
