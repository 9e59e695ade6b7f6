//! What clients ask and servers answer in one run, and the bytes it is written in.

use proptest::prelude::*;

/// One run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which of the configurations.
    pub settings: usize,
    pub visits: Vec<Visit>,
    pub seed: u64,
    /// Bytes that move at once, at most.
    pub cut_max: usize,
}

/// One client connection.
#[derive(Clone, Debug)]
pub struct Visit {
    pub asks: Vec<Ask>,
    /// Everything is sent at once; otherwise each request waits for the answer to the one before.
    pub pipelined: bool,
    pub leaves: Leaves,
}

/// When a client goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// It closes when it has all its answers.
    Answered,
    /// It closes its sending side behind its last request, and waits (pipelined only).
    HalfClosed,
    /// It closes, or resets, when it has sent this part of everything, in 1/256.
    Early { part: u8, reset: bool },
}

/// A request, and how it is answered.
#[derive(Clone, Debug)]
pub struct Ask {
    pub method: &'static str,
    pub body: Body,
    /// HTTP/1.0.
    pub old: bool,
    /// `Connection: close`
    pub close: bool,
    pub answer: Answer,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Interim responses before it.
    pub interim: Vec<u16>,
    pub status: u16,
    pub body: Body,
    /// `Connection: close`, and the server closes.
    pub close: bool,
    pub fault: Fault,
}

#[derive(Clone, Debug)]
pub enum Body {
    None,
    Length(usize),
    /// Sizes of the chunks, and whether a trailer follows.
    Chunked(Vec<usize>, bool),
    /// Responses only.
    UntilClose(usize),
}

/// What a server does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// It answers when it has seen the head, and closes.
    Early,
    /// It closes or resets when this part of the answer was sent, in 1/256.
    BreakOff {
        part: u8,
        reset: bool,
    },
    /// The answer is complete, and the connection closed unannounced.
    CloseAfter,
    /// The first time it closes instead of answering.
    CloseFirst,
}

impl Body {
    pub fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Length(len) | Self::UntilClose(len) => *len,
            Self::Chunked(sizes, _) => sizes.iter().sum(),
        }
    }

    pub fn has_trailer(&self) -> bool {
        matches!(self, Self::Chunked(_, true))
    }

    fn declare(&self, head: &mut String) {
        match self {
            Self::None | Self::UntilClose(_) => {}
            Self::Length(len) => *head += &format!("Content-Length: {len}\r\n"),
            Self::Chunked(..) => *head += "Transfer-Encoding: chunked\r\n",
        }
    }

    fn write(&self, to: &mut Vec<u8>, content: &[u8]) {
        let Self::Chunked(sizes, trailer) = self else {
            return to.extend_from_slice(content);
        };
        let mut at = 0;
        for size in sizes.iter().filter(|size| **size > 0) {
            to.extend_from_slice(format!("{size:X};n=v\r\n").as_bytes());
            to.extend_from_slice(&content[at..at + size]);
            to.extend_from_slice(b"\r\n");
            at += size;
        }
        let end: &[u8] = if *trailer {
            b"0\r\nX-End: yes\r\n\r\n"
        } else {
            b"0\r\n\r\n"
        };
        to.extend_from_slice(end);
    }
}

impl Ask {
    pub fn bytes(&self, nonce: usize) -> Vec<u8> {
        let minor = u8::from(!self.old);
        let mut head = format!(
            "{} /{nonce} HTTP/1.{minor}\r\nHost: h\r\nX-Nonce: {nonce}\r\n",
            self.method
        );
        if self.close {
            head += "Connection: close\r\n";
        }
        self.body.declare(&mut head);
        let mut bytes = (head + "\r\n").into_bytes();
        self.body.write(&mut bytes, &self.content(nonce));
        bytes
    }

    /// Unlike that of any other message.
    pub fn content(&self, nonce: usize) -> Vec<u8> {
        content("ask", nonce, self.body.len())
    }

    /// Nothing is answered on this connection after it, whatever the answer.
    pub fn is_last(&self) -> bool {
        self.old || self.close
    }

    /// Its answer ends with the server's connection, and so with the client's, as HAProxy passes it on.
    pub fn ends_with_connection(&self) -> bool {
        matches!(self.answer.body, Body::UntilClose(_)) && self.method != "HEAD"
    }

    /// Sending it twice does no harm.
    pub fn is_repeatable(&self) -> bool {
        matches!(self.body, Body::None) && matches!(self.method, "GET" | "HEAD")
    }
}

impl Answer {
    /// The answer has content as far as its own head goes; it is not sent to HEAD.
    pub fn content(&self, nonce: usize, method: &str) -> Vec<u8> {
        if method == "HEAD" || matches!(self.status, 204 | 304) {
            return Vec::new();
        }
        content("answer", nonce, self.body.len())
    }

    pub fn bytes(&self, nonce: usize, method: &str) -> Vec<u8> {
        let mut head = String::new();
        for status in &self.interim {
            head += &format!("HTTP/1.1 {status} Interim\r\nX-Nonce: {nonce}\r\n\r\n");
        }
        head += &format!("HTTP/1.1 {} Final\r\nX-Nonce: {nonce}\r\n", self.status);
        // The end of what has no content says nothing, so a close behind it has to be announced.
        let silent = method == "HEAD" && matches!(self.body, Body::UntilClose(_));
        if self.close || silent {
            head += "Connection: close\r\n";
        }
        if self.status != 204 {
            self.body.declare(&mut head);
        }
        let mut bytes = (head + "\r\n").into_bytes();
        if method != "HEAD" && !matches!(self.status, 204 | 304) {
            self.body.write(&mut bytes, &self.content(nonce, method));
        }
        bytes
    }

    /// The server closes behind it.
    pub fn closes(&self) -> bool {
        self.close
            || matches!(self.body, Body::UntilClose(_))
            || matches!(self.fault, Fault::CloseAfter | Fault::Early)
    }
}

impl Plan {
    /// Everybody does as they should and stays to the end.
    pub fn is_orderly(&self) -> bool {
        self.visits.iter().all(|visit| {
            !matches!(visit.leaves, Leaves::Early { .. })
                && visit.asks.iter().all(|ask| ask.answer.fault == Fault::None)
        })
    }

    /// The number of the first request of a visit; every request of a run has its own.
    pub fn first_nonce(&self, visit: usize) -> usize {
        self.visits[..visit]
            .iter()
            .map(|visit| visit.asks.len())
            .sum()
    }

    pub fn ask(&self, nonce: usize) -> Option<&Ask> {
        self.visits.iter().flat_map(|visit| &visit.asks).nth(nonce)
    }
}

fn content(what: &str, nonce: usize, len: usize) -> Vec<u8> {
    let word = format!("{what}-{nonce}.");
    word.bytes().cycle().take(len).collect()
}

pub fn plans() -> impl Strategy<Value = Plan> {
    (
        0..super::CONFIGURATIONS.len(),
        prop::collection::vec(visits(), 1..4),
        any::<u64>(),
        prop_oneof![1 => 1..30usize, 2 => 30..500usize, 2 => Just(100_000)],
    )
        .prop_map(|(settings, visits, seed, cut_max)| Plan {
            settings,
            visits,
            seed,
            cut_max,
        })
}

fn visits() -> impl Strategy<Value = Visit> {
    let leaves = prop_oneof![
        6 => Just(Leaves::Answered),
        2 => Just(Leaves::HalfClosed),
        1 => (any::<u8>(), any::<bool>()).prop_map(|(part, reset)| Leaves::Early { part, reset }),
    ];
    (prop::collection::vec(asks(), 1..5), any::<bool>(), leaves).prop_map(
        |(mut asks, pipelined, leaves)| Visit {
            asks: {
                if matches!(leaves, Leaves::Early { .. }) {
                    // Half a HEAD is answered as any half of a head is, with content.
                    asks.retain(|ask: &Ask| ask.method != "HEAD");
                }
                asks
            },
            pipelined: pipelined || leaves == Leaves::HalfClosed,
            leaves,
        },
    )
}

fn asks() -> impl Strategy<Value = Ask> {
    let what = prop_oneof![
        4 => Just(("GET", Body::None)),
        1 => Just(("HEAD", Body::None)),
        2 => lengths().prop_map(|len| ("POST", Body::Length(len))),
        2 => chunked().prop_map(|body| ("PUT", body)),
    ];
    let ends =
        prop_oneof![8 => Just((false, false)), 1 => Just((true, false)), 1 => Just((false, true))];
    (what, ends, answers()).prop_map(|((method, body), (old, close), answer)| Ask {
        method,
        old: old && !matches!(body, Body::Chunked(..)),
        body,
        close,
        answer,
    })
}

fn answers() -> impl Strategy<Value = Answer> {
    let interim =
        prop_oneof![4 => Just(vec![]), 1 => Just(vec![103]), 1 => Just(vec![100, 103, 102])];
    let status = prop_oneof![5 => Just(200), 1 => Just(204), 1 => Just(304), 1 => Just(404)];
    let body = prop_oneof![
        3 => lengths().prop_map(Body::Length),
        2 => chunked(),
        1 => lengths().prop_map(Body::UntilClose),
    ];
    let fault = prop_oneof![
        30 => Just(Fault::None),
        1 => Just(Fault::Early),
        1 => (any::<u8>(), any::<bool>()).prop_map(|(part, reset)| Fault::BreakOff { part, reset }),
        1 => Just(Fault::CloseAfter),
        1 => Just(Fault::CloseFirst),
    ];
    (interim, status, body, prop::bool::weighted(0.1), fault).prop_map(
        |(interim, status, body, close, fault)| Answer {
            interim,
            status,
            // Without content an end of the connection says nothing.
            body: match (status, body) {
                (204 | 304, Body::UntilClose(_)) => Body::None,
                (_, body) => body,
            },
            close,
            fault,
        },
    )
}

fn chunked() -> impl Strategy<Value = Body> {
    (prop::collection::vec(lengths(), 0..4), any::<bool>())
        .prop_map(|(sizes, trailer)| Body::Chunked(sizes, trailer))
}

fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![3 => 0..40usize, 1 => 900..1_100usize, 1 => 0..4_000usize]
}
