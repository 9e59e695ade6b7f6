//! TCP mode and tunnels: what goes in on one side comes out on the other, byte for byte, and the end
//! after the last byte (`tcp.pipe`).

use base::Rng;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use proptests::harness::nowhere::settings;
use proptests::pair::{Closed, Dial, Mute, Pace, Pair, Say};

const COMMON: &str = "\
global
    tune.bufsize 2048
    tune.maxrewrite 512
defaults
    timeout client 10s
    timeout server 10s
    timeout connect 1s
listen in
    bind 127.0.0.1:80
    server a 127.0.0.1:81
";

/// What each side says in one run, and who says it when.
#[derive(Clone, Debug)]
struct Talk {
    /// Pieces: from the client or not, and how many bytes.
    pieces: Vec<(bool, usize)>,
    client_ends_first: bool,
    tunnel: bool,
    seed: u64,
    cut_max: usize,
}

fn talks() -> impl Strategy<Value = Talk> {
    (
        prop::collection::vec((any::<bool>(), 1..5_000usize), 0..8),
        any::<bool>(),
        any::<bool>(),
        any::<u64>(),
        prop_oneof![1..30usize, 30..3_000usize, Just(100_000)],
    )
        .prop_map(|(pieces, client_ends_first, tunnel, seed, cut_max)| Talk {
            pieces,
            client_ends_first,
            tunnel,
            seed,
            cut_max,
        })
}

fn run(talk: &Talk) {
    let mode = if talk.tunnel { "http" } else { "tcp" };
    let text = format!("{COMMON}    mode {mode}\n");
    let pace = Pace::random(Rng::from_u64(talk.seed), talk.cut_max);
    let mut pair = Pair::new(settings(&text), pace, |_| Dial::Accepted(Box::new(Mute)));
    let client = pair.connect(Mute);
    let server = client + 1;
    if talk.tunnel {
        pair.say(client, Say::Bytes(ASK.into()));
    }
    pair.run();
    if talk.tunnel {
        pair.say(server, Say::Bytes(AGREE.into()));
        pair.run();
    }
    let before = [server, client].map(|at| pair.sockets()[at].heard.len());
    let mut said = [Vec::new(), Vec::new()];
    for (at, (from_client, length)) in talk.pieces.iter().enumerate() {
        let bytes: Vec<u8> = format!("{at},").bytes().cycle().take(*length).collect();
        said[usize::from(!from_client)].extend_from_slice(&bytes);
        pair.say(
            if *from_client { client } else { server },
            Say::Bytes(bytes),
        );
        // Some of it moves before the next piece comes.
        for _ in 0..length % 7 {
            pair.step();
        }
    }
    let (first, second) = match talk.client_ends_first {
        true => (client, server),
        false => (server, client),
    };
    pair.say(first, Say::Fin);
    pair.run();
    for (at, heard) in [server, client].into_iter().enumerate() {
        let heard = &pair.sockets()[heard].heard[before[at]..];
        assert!(
            heard == said[at],
            "tcp.pipe: {} of {} bytes",
            heard.len(),
            said[at].len()
        );
    }
    assert_eq!(
        pair.sockets()[second].closed,
        Closed::Write,
        "tcp.pipe: the end is passed on"
    );
    assert_eq!(
        pair.sockets()[first].closed,
        Closed::Open,
        "tcp.pipe: the other way stays open"
    );
    pair.say(second, Say::Bytes(LAST.into()));
    pair.say(second, Say::Fin);
    pair.run();
    let heard = &pair.sockets()[first].heard;
    assert!(
        heard.ends_with(LAST),
        "tcp.pipe: after a half-close comes {}",
        heard[heard.len().saturating_sub(40)..].escape_ascii()
    );
    for at in [first, second] {
        assert!(
            pair.sockets()[at].is_closed(),
            "live.timers: both ends are over"
        );
    }
    pair.assert_at_rest();
}

const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
const AGREE: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
const LAST: &[u8] = b"the last word";

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        rng_seed: RngSeed::Fixed(2),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn bytes_and_ends_pass_as_they_are(talk in talks()) {
        run(&talk);
    }
}
