//! How a peer broke off its stream: what `fs.aborted`, `fs.rst_code` and those of servers tell.

use message::{Code, Reset};

/// How a peer broke off its stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Abort {
    /// It did not.
    #[default]
    No,
    /// Its connection closed or failed, or it gave no reason.
    Plain,
    /// It reset the stream with this code.
    With(Code),
}

impl Abort {
    /// The peer reset its stream.
    pub fn by(reset: Reset) -> Self {
        match reset {
            Reset::Told(code) => Self::With(code),
            // What broke the protocol was given up by the proxy.
            Reset::Broken(_) | Reset::GivenUp => Self::No,
            Reset::Aborted | Reset::Refused | Reset::Raced => Self::Plain,
        }
    }

    /// The stream ended with its connection, unless it was reset before.
    pub fn note(&mut self) {
        if *self == Self::No {
            *self = Self::Plain;
        }
    }

    /// The code of the reset.
    pub fn code(self) -> Option<u32> {
        match self {
            Self::With(code) => Some(code.0),
            Self::No | Self::Plain => None,
        }
    }
}
