//! The intended differences between the two, each with its reason.

use super::super::compare;
use super::peer::Step;
use super::side::Act;
use http2::Violation;

/// What a side made of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grade {
    /// It took it, or ignored it.
    Takes,
    /// It gave a stream up, with this code.
    Resets(u32),
    /// It gave the connection up, with this code.
    Ends(u32),
}

impl Grade {
    pub(super) fn of(acts: &[Act]) -> Self {
        match acts.last() {
            // An end without a reason follows from the end of the last stream.
            Some(Act::End(0)) if acts.len() > 1 => Self::of(&acts[..acts.len() - 1]),
            Some(Act::End(code)) => Self::Ends(*code),
            Some(Act::Reset(_, code)) => Self::Resets(*code),
            None => Self::Takes,
        }
    }
}

/// The two made different things of a step.
#[derive(Debug)]
pub(super) struct Difference<'a> {
    pub(super) step: &'a Step,
    pub(super) ours: Grade,
    pub(super) theirs: Grade,
    /// What we found wrong, if that is known.
    pub(super) violation: Option<Violation>,
    /// The message of the stream, as we took it, has bytes that their types cannot hold.
    pub(super) beyond_types: bool,
    /// Both had given up the stream before.
    pub(super) late: bool,
    /// A GOAWAY of the server has left the stream to be asked elsewhere (RFC 9113 §6.8).
    pub(super) disowned: bool,
    /// The peer has said GOAWAY.
    pub(super) parting: bool,
}

impl Difference<'_> {
    /// Whether it is one of those below.
    pub(super) fn is_intended(&self) -> bool {
        let ours = |rows: &[(Violation, &str)]| match self.violation {
            Some(violation) => rows.iter().any(|(it, _)| *it == violation),
            None => match self.ours {
                Grade::Resets(code) | Grade::Ends(code) => {
                    rows.iter().any(|(it, _)| it.code() as u32 == code)
                }
                Grade::Takes => false,
            },
        };
        match (self.ours, self.theirs) {
            // Behind GOAWAY each side closes when it likes: they with the last stream, we leave it to a
            // client, and wait for what a server still answers.
            (Grade::Ends(0), _) | (_, Grade::Ends(0)) => self.parting,
            (ours, theirs) if ours == theirs => self.parting,
            (Grade::Takes, _) => TAKEN.iter().any(|(meant, _)| meant(self)),
            (_, Grade::Takes) => ours(REFUSED) || ours(compare::REFUSED),
            // One stream is enough to us; ending the connection is allowed (RFC 9113 §5.4.2).
            (Grade::Resets(_), Grade::Ends(_)) => true,
            (Grade::Ends(_), Grade::Resets(_)) => ours(ENDED),
            (Grade::Ends(_), Grade::Ends(_)) | (Grade::Resets(_), Grade::Resets(_)) => ours(CODES),
        }
    }
}

/// We refuse what they take, beside what is in the fields of a request.
const REFUSED: &[(Violation, &str)] = &[
    (
        Violation::PseudoMissing,
        "a response without a status, and a request without a path",
    ),
    (
        Violation::PseudoUnknown,
        "pseudo-fields of requests in responses, and the other way round",
    ),
    (Violation::PseudoLate, "pseudo-fields in trailers"),
    (
        Violation::Status,
        "101, which HTTP/2 has not (RFC 9113 §8.6), and numbers of two digits",
    ),
    (
        Violation::InterimEnd,
        "an interim response that ends its stream (RFC 9113 §8.1)",
    ),
    (
        Violation::ContentLength,
        "a length that is no number, in a response",
    ),
    (
        Violation::BodyLength,
        "a response that is shorter or longer than it says, bodiless ones included",
    ),
    (
        Violation::ConnectionField,
        "fields of HTTP/1 connections in trailers",
    ),
    (
        Violation::SettingSwitch,
        "a server that allows pushes (RFC 9113 §6.5.2)",
    ),
    (
        Violation::Push,
        "a promise on a stream that was given up, or whose head is not whole",
    ),
    (
        Violation::StreamWindowOverflow,
        "too large a window for a stream on which nothing is to be sent",
    ),
    (
        Violation::SettingWindow,
        "an initial window that makes that of a stream too large (RFC 9113 §6.9.2)",
    ),
    (
        Violation::OpenTrailers,
        "HEADERS behind those of a CONNECT (RFC 9113 §8.5)",
    ),
    (
        Violation::BlockInterrupted,
        "a frame within a header block: they forget the block when its beginning is malformed",
    ),
    (
        Violation::AfterReset,
        "HEADERS or DATA behind the peer's own RST_STREAM",
    ),
    (
        Violation::Closed,
        "more behind the end of a stream that they have forgotten",
    ),
];

/// We end the connection where they give up a stream.
const ENDED: &[(Violation, &str)] = &[
    (
        Violation::BlockInterrupted,
        "a frame within a header block they have forgotten, as above",
    ),
    (
        Violation::StreamNumber,
        "a stream of the other side, or below the last (RFC 9113 §5.1.1)",
    ),
    (
        Violation::Idle,
        "an answer to what was not asked (RFC 9113 §5.1)",
    ),
    (
        Violation::Push,
        "a promise that was not allowed (RFC 9113 §8.4)",
    ),
    (
        Violation::Closed,
        "more behind an end that both sides know of (RFC 9113 §5.1)",
    ),
    (
        Violation::Compression,
        "a table size within a block, where a CONTINUATION begins (RFC 7541 §4.2): they decode by pieces",
    ),
];

/// Both refuse alike, and name it otherwise.
const CODES: &[(Violation, &str)] = &[
    (
        Violation::BlockInterrupted,
        "a frame within a header block they have forgotten, as above",
    ),
    (
        Violation::FrameLength,
        "FRAME_SIZE_ERROR (RFC 9113 §4.2); to them it is PROTOCOL_ERROR",
    ),
    (
        Violation::SettingWindow,
        "FLOW_CONTROL_ERROR (RFC 9113 §6.5.2), likewise",
    ),
    (
        Violation::Compression,
        "COMPRESSION_ERROR (RFC 9113 §4.3), likewise",
    ),
    (Violation::Closed, "STREAM_CLOSED (RFC 9113 §5.1), likewise"),
    (
        Violation::Method,
        "a request that is answered before its stream is reset (RFC 9113 §8.1.1)",
    ),
    (Violation::Scheme, "likewise"),
    (
        Violation::AfterReset,
        "STREAM_CLOSED; they look at the message first",
    ),
    (
        Violation::HalfClosed,
        "STREAM_CLOSED; they look at the message first",
    ),
];

type Predicate = fn(&Difference<'_>) -> bool;

/// We take, or leave alone, what they refuse.
const TAKEN: &[(Predicate, &str)] = &[
    (
        |it| it.step.is_goaway() && it.theirs == Grade::Ends(1),
        "a last stream above that of an earlier GOAWAY: nothing depends on it any more",
    ),
    (
        |it| it.step.is_settings_ack() && it.theirs == Grade::Ends(1),
        "an acknowledgement of nothing: no error is named for it",
    ),
    (
        |it| it.step.is_unfinished_head() && it.theirs != Grade::Takes,
        "a header block is decoded when it is whole",
    ),
    (
        |it| it.beyond_types && it.theirs != Grade::Takes,
        "control characters that end no line, and the like, as in the table for heads alone",
    ),
    (
        |it| it.late && it.theirs != Grade::Takes,
        "what comes on a stream that was given up is decoded and dropped; they look at it",
    ),
    (
        |it| it.disowned && it.theirs != Grade::Takes,
        "what comes on a stream that a GOAWAY disowned is decoded and dropped; they look at it",
    ),
    (
        |it| it.theirs == Grade::Resets(5),
        "of a stream that is long gone nobody here knows how it ended: what comes on it is late",
    ),
];
