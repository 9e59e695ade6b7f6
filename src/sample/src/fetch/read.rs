//! What fetches are given: the sources as types.

use super::action::{Action, Certainty, Each};
use crate::args::Args;
use crate::facts::{self, Arrival, AsConn, AsTransaction, Facts, Process};
use crate::source::{Source, Sources};
use crate::value::{Fetched, Value};
use crate::work::Work;
use message::Head;

/// A source as a type: what its fetches are given.
pub trait Readable: 'static {
    /// What is lent to a fetch.
    type View<'a>: Copy;
    /// The same as a value; of several the one that comes last.
    const SOURCE: Source;
    /// All that has to exist.
    const NEEDS: Sources;
    /// Lends it.
    fn of<'a>(facts: &Facts<'a>) -> Arrival<Self::View<'a>>;
}

/// What a fetch reads of `S`.
pub type Read<'a, S> = <S as Readable>::View<'a>;

macro_rules! sources {
    ($($(#[$doc:meta])* $name:ident ($source:ident $(, $more:ident)*): $view:ty = |$facts:ident| $of:expr;)*) => {
        /// The sources as types.
        pub mod from {
            use super::*;
            $($(#[$doc])* #[derive(Debug)] pub enum $name {}

            impl Readable for $name {
                type View<'a> = $view;
                const SOURCE: Source = Source::$source;
                const NEEDS: Sources = Sources::of(Source::$source)$(.union(Sources::of(Source::$more)))*;

                fn of<'a>($facts: &Facts<'a>) -> Arrival<$view> {
                    $of
                }
            })*
        }

        /// What a fetch does.
        #[derive(Clone, Copy)]
        pub enum Run {
            $($(#[$doc])* $name(Action<from::$name>),)*
        }

        impl Run {
            /// What it reads; of several sources the one that comes last.
            pub const fn source(&self) -> Source {
                match self {
                    $(Self::$name(_) => from::$name::SOURCE,)*
                }
            }

            /// All that has to exist.
            pub const fn needs(&self) -> Sources {
                match self {
                    $(Self::$name(_) => from::$name::NEEDS,)*
                }
            }

            /// Whether it has one value at most.
            pub const fn is_single(&self) -> bool {
                match self {
                    $(Self::$name(action) => matches!(action, Action::One(_)),)*
                }
            }

            /// Its value where one is asked for.
            pub fn value<'a>(&self, facts: &Facts<'a>, args: &'a Args, work: &mut Work) -> Fetched<Value<'a>> {
                match self {
                    $(Self::$name(action) => action.value(facts, args, work),)*
                }
            }

            /// Shows each of its values.
            pub fn each<'a>(&self, facts: &Facts<'a>, args: &'a Args, work: &mut Work, see: Each<'_, 'a>) -> Certainty {
                match self {
                    $(Self::$name(action) => action.each(facts, args, work, see),)*
                }
            }
        }
    };
}

sources! {
    /// Nothing but the arguments.
    Constant (Constant): () = |_facts| Arrival::Here(());
    /// Whatever there is: what is asked for may ask for anything, and finds nothing where that is not.
    Everything (Constant): Facts<'a> = |facts| Arrival::Here(*facts);
    /// What the process knows of itself from its start on.
    Host (Constant): facts::Host<'a> = |facts| Arrival::Here(facts.process.host());
    /// The state of the process.
    Internal (Internal): &'a dyn Process = |facts| Arrival::Here(facts.process);
    /// The client's addresses and where it came in.
    Client (Client): (&'a facts::Client<'a>, &'a dyn Process) = |facts| with_process(facts, facts.client);
    /// The client's connection.
    ClientConn (ClientConn): &'a facts::Conn = |facts| conn(facts.client_conn);
    /// What the client said of itself before its first message.
    Greeting (ClientConn, Client): &'a facts::Client<'a> = |facts| here(facts.client);
    /// Raw bytes of the request.
    RequestBytes (RequestBytes): facts::Window<'a> = |facts| facts.request_bytes;
    /// Head of the request.
    RequestHead (RequestHead): &'a Head = |facts| facts.request_head;
    /// Head of the request, and the process with its user lists.
    Credentials (RequestHead): (&'a Head, &'a dyn Process) = |facts| {
        facts.request_head.map(|head| (head, facts.process))
    };
    /// Head of the request, and who sent it.
    Asked (RequestHead, Client): (&'a Head, &'a facts::Client<'a>) = |facts| match facts.client {
        Some(client) => facts.request_head.map(|head| (head, client)),
        None => Arrival::Never,
    };
    /// Body of the request.
    RequestBody (RequestBody): facts::Body<'a> = |facts| facts.request_body;
    /// What stays of the request, times and counts.
    Transaction (Transaction): &'a facts::Transaction<'a> = |facts| transaction(facts.transaction);
    /// The backend's place among the proxies.
    Backend (Backend): (u32, &'a dyn Process) = |facts| with_process(facts, facts.backend);
    /// Times and counts once a backend is chosen.
    Assigned (Backend, Transaction): &'a facts::Transaction<'a> = |facts| transaction(facts.transaction);
    /// The server.
    Server (Server): (facts::Server, &'a dyn Process) = |facts| with_process(facts, facts.server);
    /// The server's connection.
    ServerConn (ServerConn): &'a facts::Conn = |facts| conn(facts.server_conn);
    /// Times and counts once a server is connected.
    Served (ServerConn, Transaction): &'a facts::Transaction<'a> = |facts| transaction(facts.transaction);
    /// Raw bytes of the response.
    ResponseBytes (ResponseBytes): facts::Window<'a> = |facts| facts.response_bytes;
    /// Head of the response.
    ResponseHead (ResponseHead): &'a Head = |facts| facts.response_head;
    /// What stays of the response.
    ResponseLine (ResponseLine): facts::ResponseLine<'a> = |facts| here(facts.response_line);
    /// Times and counts once there is a response.
    Answered (ResponseLine, Transaction): &'a facts::Transaction<'a> = |facts| transaction(facts.transaction);
    /// Body of the response.
    ResponseBody (ResponseBody): facts::Body<'a> = |facts| facts.response_body;
    /// Times and counts of the response.
    ResponseStats (ResponseStats): &'a facts::Transaction<'a> = |facts| transaction(facts.response_stats);
}

fn here<T>(found: Option<T>) -> Arrival<T> {
    found.map_or(Arrival::Never, Arrival::Here)
}

fn conn(found: Option<&dyn AsConn>) -> Arrival<&facts::Conn> {
    here(found.map(AsConn::as_conn))
}

fn transaction<'a>(found: Option<&'a dyn AsTransaction>) -> Arrival<&'a facts::Transaction<'a>> {
    here(found.map(AsTransaction::as_transaction))
}

fn with_process<'a, T>(facts: &Facts<'a>, found: Option<T>) -> Arrival<(T, &'a dyn Process)> {
    here(found.map(|found| (found, facts.process)))
}
