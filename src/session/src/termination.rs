//! How an exchange ended: the first two letters of the termination state in a log line.

/// What ended it: the first letter. The first terminal event decides (founding.md ).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// `-`: everything was complete.
    Normal,
    /// `C`: the client aborted.
    Client,
    /// `S`: the server aborted or refused.
    Server,
    /// `P`: the proxy refused or the protocol was broken.
    Proxy,
    /// `L`: the proxy answered by itself.
    Local,
    /// `R`: a resource ran out.
    Resource,
    /// `I`: an internal error.
    Internal,
    /// `K`: killed by an operator or a hard stop.
    Killed,
    /// `c`: a timeout on the client side.
    ClientTimeout,
    /// `s`: a timeout on the server side.
    ServerTimeout,
}

/// What was going on then: the second letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum During {
    /// `-`: nothing any more.
    Nothing,
    /// `R`: waiting for a complete request.
    Request,
    /// `Q`: waiting in the queue.
    Queue,
    /// `C`: connecting to the server.
    Connect,
    /// `H`: waiting for the head of the response.
    Head,
    /// `D`: forwarding data.
    Data,
    /// `L`: the last data was on its way to the client.
    Last,
    /// `T`: tarpitted.
    Tarpit,
}

/// Both letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Termination {
    /// What ended it.
    pub cause: Cause,
    /// When.
    pub during: During,
}

impl Termination {
    /// `--`
    pub const NORMAL: Self = Self {
        cause: Cause::Normal,
        during: During::Nothing,
    };

    /// Both letters as in a log line.
    pub const fn letters(self) -> [u8; 2] {
        let cause = match self.cause {
            Cause::Normal => b'-',
            Cause::Client => b'C',
            Cause::Server => b'S',
            Cause::Proxy => b'P',
            Cause::Local => b'L',
            Cause::Resource => b'R',
            Cause::Internal => b'I',
            Cause::Killed => b'K',
            Cause::ClientTimeout => b'c',
            Cause::ServerTimeout => b's',
        };
        let during = match self.during {
            During::Nothing => b'-',
            During::Request => b'R',
            During::Queue => b'Q',
            During::Connect => b'C',
            During::Head => b'H',
            During::Data => b'D',
            During::Last => b'L',
            During::Tarpit => b'T',
        };
        [cause, during]
    }
}
