//! Where a server connection is: exactly one place at any time, and the place owns it.

/// Where a server connection is. `S` names a session, the life of one client connection; `C` is the
/// connection itself, which moves from variant to variant and is never copied.
#[derive(Debug)]
pub enum Place<S, C> {
    /// Being established for one exchange of a session.
    New {
        /// The connection.
        conn: C,
        /// Who waits for it.
        session: S,
        /// It will be that session's alone.
        private: bool,
    },
    /// Carrying streams; nobody else can find it.
    Busy(C),
    /// Carrying streams, with room for more of anybody's.
    Available(C),
    /// Carrying streams of one session, which alone can find it.
    Session {
        /// The connection.
        conn: C,
        /// The session.
        session: S,
        /// Why it is that session's.
        bond: Bond,
    },
    /// Private to a session, without a stream.
    SessionIdle {
        /// The connection.
        conn: C,
        /// The session.
        session: S,
    },
    /// Without a stream, to be found by anybody; it has carried one exchange.
    Idle(C),
    /// As [`Place::Idle`], and known to bear reuse.
    Safe(C),
    /// Taken out of its place while an event on it is handled: nobody finds it, purges it or takes it.
    Io {
        /// The connection.
        conn: C,
        /// Where it was, and may be again.
        from: Parked<S>,
    },
    /// About to be closed, and never to be used again.
    Doomed {
        /// The connection.
        conn: C,
        /// Why.
        why: Doom,
        /// Where it is still counted, until it is closed.
        counted: Ledger,
    },
    /// Closed, or handed to another worker: what is left is a place in a table, about to be freed.
    Gone,
}

/// Why a connection is one session's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bond {
    /// For ever: `http-reuse never`, or an authentication that is the connection's (NTLM).
    Private,
    /// As long as it carries streams: one that is slow would hold up those of other sessions.
    Reserved,
}

/// A place for connections without streams that can be used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parked<S> {
    /// [`Place::Idle`].
    Idle,
    /// [`Place::Safe`].
    Safe,
    /// [`Place::SessionIdle`].
    Session(S),
}

/// Why a connection is about to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doom {
    /// It can carry no stream any more.
    Dead,
    /// Its pool has no room for it.
    Refused,
    /// Nobody needed it for a while.
    Purged,
    /// Its place is needed at once.
    Evicted,
    /// Its server is in maintenance.
    Maintenance,
    /// Its session ended.
    SessionOver,
}

/// In which of a server's gauges a connection is counted, beside the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ledger {
    /// In none.
    None,
    /// Carrying, or about to carry, streams of whomever.
    Used,
    /// In [`Place::Idle`], or just out of it.
    Idle,
    /// In [`Place::Safe`], or just out of it.
    Safe,
    /// In [`Place::SessionIdle`], or just out of it.
    SessionIdle,
}

/// The connection of a place, however the place is held.
macro_rules! conn_of {
    ($place:expr) => {
        match $place {
            Place::New { conn, .. }
            | Place::Busy(conn)
            | Place::Available(conn)
            | Place::Session { conn, .. }
            | Place::SessionIdle { conn, .. }
            | Place::Idle(conn)
            | Place::Safe(conn)
            | Place::Io { conn, .. }
            | Place::Doomed { conn, .. } => Some(conn),
            Place::Gone => None,
        }
    };
}

impl<S: Copy, C> Place<S, C> {
    /// The connection; `None` only of [`Place::Gone`].
    pub fn conn(&self) -> Option<&C> {
        conn_of!(self)
    }

    /// The connection, to be worked with in its place.
    pub fn conn_mut(&mut self) -> Option<&mut C> {
        conn_of!(self)
    }

    /// The connection, out of its place.
    pub(crate) fn into_conn(self) -> Option<C> {
        conn_of!(self)
    }

    /// The session whose connection this is, if it is one session's.
    pub fn session(&self) -> Option<S> {
        match *self {
            Self::New {
                session,
                private: true,
                ..
            }
            | Self::Session { session, .. }
            | Self::SessionIdle { session, .. }
            | Self::Io {
                from: Parked::Session(session),
                ..
            } => Some(session),
            Self::New { private: false, .. }
            | Self::Busy(_)
            | Self::Available(_)
            | Self::Idle(_)
            | Self::Safe(_)
            | Self::Io {
                from: Parked::Idle | Parked::Safe,
                ..
            }
            | Self::Doomed { .. }
            | Self::Gone => None,
        }
    }

    /// Whether it is one session's for ever.
    pub fn is_private(&self) -> bool {
        match self {
            Self::New { private, .. } => *private,
            Self::Session { bond, .. } => *bond == Bond::Private,
            Self::SessionIdle { .. }
            | Self::Io {
                from: Parked::Session(_),
                ..
            } => true,
            Self::Busy(_)
            | Self::Available(_)
            | Self::Idle(_)
            | Self::Safe(_)
            | Self::Io {
                from: Parked::Idle | Parked::Safe,
                ..
            }
            | Self::Doomed { .. }
            | Self::Gone => false,
        }
    }

    /// Whether it has no stream and can be found.
    pub fn is_parked(&self) -> bool {
        match self {
            Self::Idle(_) | Self::Safe(_) | Self::SessionIdle { .. } => true,
            Self::New { .. }
            | Self::Busy(_)
            | Self::Available(_)
            | Self::Session { .. }
            | Self::Io { .. }
            | Self::Doomed { .. }
            | Self::Gone => false,
        }
    }
}

impl<S> Parked<S> {
    /// Where a connection that was here is counted.
    pub(crate) fn ledger(&self) -> Ledger {
        match self {
            Self::Idle => Ledger::Idle,
            Self::Safe => Ledger::Safe,
            Self::Session(_) => Ledger::SessionIdle,
        }
    }
}
