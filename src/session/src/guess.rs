//! What the first bytes of a client look like in TCP mode, where nobody has to speak HTTP.

use alloc::boxed::Box;
use message::Head;

/// What the first bytes of a client look like.
#[derive(Debug, Default)]
pub enum Guess {
    /// Too little has arrived to tell.
    #[default]
    Open,
    /// A request of HTTP/1.
    Http {
        /// Its head.
        head: Box<Head>,
        /// How many bytes the head took.
        bytes: usize,
    },
    /// Something else.
    Other,
}

impl Guess {
    /// The head, if it is a request.
    pub fn head(&self) -> Option<&Head> {
        match self {
            Self::Http { head, .. } => Some(head),
            Self::Open | Self::Other => None,
        }
    }
}
