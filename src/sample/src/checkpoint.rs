//! Where expressions stand in the life of a request, and what exists there.
//!
//! The table in this file is made of types: a [`crate::Context`] of a checkpoint has exactly the fields
//! whose column says `Here`, so the engine cannot leave one out, and an expression is accepted at a
//! checkpoint exactly if what its fetch reads is `Here` (founding.md §1.1, R-1.1).

use crate::source::{Source, Sources};

/// A checkpoint, as a value: for messages and tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Its place on the timeline from 1 to 19; what is outside has none.
    pub step: Option<u8>,
    /// What stands there.
    pub name: &'static str,
}

/// A checkpoint, as a type.
pub trait Checkpoint: 'static {
    /// The same as a value.
    const PLACE: Place;
    /// From accept on: addresses, listener, frontend, tracked counters.
    type Client: Slot;
    /// What the client's connection and its protocol machine know.
    type ClientConn: Slot;
    /// Raw bytes of the request.
    type RequestBytes: Slot;
    /// Head of the request.
    type RequestHead: Slot;
    /// Body of the request.
    type RequestBody: Slot;
    /// What stays of the request, times and counts.
    type Transaction: Slot;
    /// The backend that was chosen.
    type Backend: Slot;
    /// The server that was chosen.
    type Server: Slot;
    /// Addresses of the server's connection, what it and its protocol machine know.
    type ServerConn: Slot;
    /// Raw bytes of the response.
    type ResponseBytes: Slot;
    /// Head of the response.
    type ResponseHead: Slot;
    /// What stays of the response.
    type ResponseLine: Slot;
    /// Body of the response.
    type ResponseBody: Slot;
    /// Times and counts of the response.
    type ResponseStats: Slot;
}

/// Whether something exists at a checkpoint.
pub trait Slot: 'static {
    /// What a context holds: the thing itself, or nothing.
    type Of<T: Copy>: Copy;
    /// Whether it exists.
    const HERE: bool;
    /// Holds the thing, if it exists.
    fn hold<T: Copy>(it: T) -> Self::Of<T>;
    /// The thing, if it exists.
    fn get<T: Copy>(held: Self::Of<T>) -> Option<T>;
}

/// It exists.
#[derive(Debug)]
pub enum Here {}

/// It does not exist yet, or not any more.
#[derive(Debug)]
pub enum Gone {}

impl Slot for Here {
    type Of<T: Copy> = T;
    const HERE: bool = true;

    fn hold<T: Copy>(it: T) -> T {
        it
    }

    fn get<T: Copy>(held: T) -> Option<T> {
        Some(held)
    }
}

impl Slot for Gone {
    type Of<T: Copy> = ();
    const HERE: bool = false;

    fn hold<T: Copy>(_: T) {}

    fn get<T: Copy>((): ()) -> Option<T> {
        None
    }
}

/// What exists at `C`.
pub fn sources_of<C: Checkpoint>() -> Sources {
    let mut sources = Sources::of(Source::Constant);
    // What the process knows exists wherever it runs; the parser of `.if` runs before it.
    sources.set(Source::Internal, C::PLACE.name != Parser::PLACE.name);
    for (source, here) in [
        (Source::Client, C::Client::HERE),
        (Source::ClientConn, C::ClientConn::HERE),
        (Source::RequestBytes, C::RequestBytes::HERE),
        (Source::RequestHead, C::RequestHead::HERE),
        (Source::RequestBody, C::RequestBody::HERE),
        (Source::Transaction, C::Transaction::HERE),
        (Source::Backend, C::Backend::HERE),
        (Source::Server, C::Server::HERE),
        (Source::ServerConn, C::ServerConn::HERE),
        (Source::ResponseBytes, C::ResponseBytes::HERE),
        (Source::ResponseHead, C::ResponseHead::HERE),
        (Source::ResponseLine, C::ResponseLine::HERE),
        (Source::ResponseBody, C::ResponseBody::HERE),
        (Source::ResponseStats, C::ResponseStats::HERE),
    ] {
        sources.set(source, here);
    }
    sources
}

/// Something that is done with a checkpoint as a type.
pub trait Visit {
    /// Does it with `C`.
    fn visit<C: Checkpoint>(&mut self);
}

macro_rules! checkpoints {
    ($($(#[$doc:meta])* $name:ident $step:expr, $text:literal:
        $client:ident $conn:ident | $rbytes:ident $rhead:ident $rbody:ident $txn:ident |
        $back:ident $srv:ident $sconn:ident | $pbytes:ident $phead:ident $pline:ident $pbody:ident
        $stats:ident;)*) => {
        $($(#[$doc])* #[derive(Debug)] pub enum $name {}

        impl Checkpoint for $name {
            const PLACE: Place = Place { step: $step, name: $text };
            type Client = $client;
            type ClientConn = $conn;
            type RequestBytes = $rbytes;
            type RequestHead = $rhead;
            type RequestBody = $rbody;
            type Transaction = $txn;
            type Backend = $back;
            type Server = $srv;
            type ServerConn = $sconn;
            type ResponseBytes = $pbytes;
            type ResponseHead = $phead;
            type ResponseLine = $pline;
            type ResponseBody = $pbody;
            type ResponseStats = $stats;
        })*

        /// Every checkpoint with what exists there, in order.
        pub fn all() -> [(Place, Sources); COUNT] {
            [$(($name::PLACE, sources_of::<$name>()),)*]
        }

        /// Does something with every checkpoint, in order.
        pub fn visit_all(with: &mut impl Visit) {
            $(with.visit::<$name>();)*
        }

        const COUNT: usize = [$($name::PLACE,)*].len();
    };
}

// Columns: client, its connection | request: bytes, head, body, what stays | backend, server, its
// connection | response: bytes, head, what stays, body, statistics
#[rustfmt::skip]
checkpoints! {
    /// `tcp-request connection`
    FrontendConnection Some(1), "'tcp-request connection' rule":  Here Gone | Gone Gone Gone Gone | Gone Gone Gone | Gone Gone Gone Gone Gone;
    /// `tcp-request session`
    FrontendSession Some(2), "'tcp-request session' rule":        Here Here | Gone Gone Gone Gone | Gone Gone Gone | Gone Gone Gone Gone Gone;
    /// `tcp-request content` of a frontend
    FrontendContent Some(3), "frontend 'tcp-request content' rule": Here Here | Here Here Gone Here | Gone Gone Gone | Gone Gone Gone Gone Gone;
    /// `http-request` of a frontend
    FrontendRequest Some(4), "frontend 'http-request' rule":      Here Here | Here Here Gone Here | Gone Gone Gone | Gone Gone Gone Gone Gone;
    /// `http-request` of a frontend once it has waited for the body
    FrontendBody Some(5), "frontend 'http-request' rule with a body": Here Here | Here Here Here Here | Gone Gone Gone | Gone Gone Gone Gone Gone;
    /// `use_backend`
    Switching Some(6), "'use_backend' rule":                      Here Here | Here Here Here Here | Gone Gone Gone | Gone Gone Gone Gone Gone;
    /// `tcp-request content` of a backend
    BackendContent Some(7), "backend 'tcp-request content' rule": Here Here | Here Here Here Here | Here Gone Gone | Gone Gone Gone Gone Gone;
    /// `http-request` of a backend
    BackendRequest Some(8), "backend 'http-request' rule":        Here Here | Here Here Here Here | Here Gone Gone | Gone Gone Gone Gone Gone;
    /// `http-request` of a backend once it has waited for the body
    BackendBody Some(9), "backend 'http-request' rule with a body": Here Here | Here Here Here Here | Here Gone Gone | Gone Gone Gone Gone Gone;
    /// `use-server`, `balance`, `stick match`, `stick on`
    ServerChoice Some(10), "server choice":                       Here Here | Here Here Here Here | Here Gone Gone | Gone Gone Gone Gone Here;
    /// `source`, `sni`, `pool-conn-name`
    Connecting Some(11), "'server' line":                         Here Here | Here Here Here Here | Here Here Gone | Gone Gone Gone Gone Here;
    /// `tcp-response content` of a backend
    BackendReply Some(12), "backend 'tcp-response content' rule": Here Here | Gone Gone Gone Here | Here Here Here | Here Here Here Gone Here;
    /// `http-response` of a backend
    BackendResponse Some(13), "backend 'http-response' rule":     Here Here | Gone Gone Gone Here | Here Here Here | Here Here Here Gone Here;
    /// `http-response` of a backend once it has waited for the body
    BackendResponseBody Some(14), "backend 'http-response' rule with a body": Here Here | Gone Gone Gone Here | Here Here Here | Here Here Here Here Here;
    /// `stick store-response`
    StoreResponse Some(15), "'stick store-response' rule":        Here Here | Gone Gone Gone Here | Here Here Here | Here Here Here Here Here;
    /// `tcp-response content` of a frontend
    FrontendReply Some(16), "frontend 'tcp-response content' rule": Here Here | Gone Gone Gone Here | Here Here Here | Here Here Here Here Here;
    /// `http-response` and `http-after-response` of a frontend
    FrontendResponse Some(17), "frontend 'http-response' rule":   Here Here | Gone Gone Gone Here | Here Here Here | Here Here Here Here Here;
    /// `http-response` of a frontend once it has waited for the body
    FrontendResponseBody Some(18), "frontend 'http-response' rule with a body": Here Here | Gone Gone Gone Here | Here Here Here | Here Here Here Here Here;
    /// `log-format` and its like
    Log Some(19), "log":                                          Here Here | Gone Gone Gone Here | Here Here Here | Gone Gone Here Gone Here;
    /// `http-check`, `tcp-check`
    Check None, "health check rule":                              Gone Gone | Gone Gone Gone Gone | Here Here Here | Here Here Here Here Gone;
    /// `.if`
    Parser None, "configuration condition":                       Gone Gone | Gone Gone Gone Gone | Gone Gone Gone | Gone Gone Gone Gone Gone;
    /// The runtime API
    Cli None, "command line":                                     Gone Gone | Gone Gone Gone Gone | Gone Gone Gone | Gone Gone Gone Gone Gone;
}

#[cfg(test)]
mod tests {
    use super::{Source, all};

    /// First and last step of each source, as the specification gives them.
    const SPANS: &[(Source, u8, u8, bool)] = &[
        (Source::Constant, 1, 19, true),
        (Source::Internal, 1, 19, true),
        (Source::Client, 1, 19, false),
        (Source::ClientConn, 2, 19, false),
        (Source::RequestBytes, 3, 11, false),
        (Source::RequestHead, 3, 11, false),
        (Source::RequestBody, 5, 11, false),
        (Source::Transaction, 3, 19, false),
        (Source::Backend, 7, 19, true),
        (Source::Server, 11, 19, true),
        (Source::ServerConn, 12, 19, true),
        (Source::ResponseBytes, 12, 18, true),
        (Source::ResponseHead, 12, 18, true),
        (Source::ResponseLine, 12, 19, true),
        (Source::ResponseBody, 14, 18, true),
        (Source::ResponseStats, 10, 19, false),
    ];

    #[test]
    fn every_source_exists_from_its_first_to_its_last_step() {
        for (place, sources) in all() {
            for &(source, first, last, in_checks) in SPANS {
                let expected = match (place.step, place.name) {
                    (Some(step), _) => (first..=last).contains(&step),
                    (None, "health check rule") => in_checks,
                    (None, "command line") => first == 1 && in_checks,
                    (None, _) => source == Source::Constant,
                };
                assert_eq!(sources.has(source), expected, "{source:?} at {place:?}");
            }
        }
    }
}
