//! What commands change: said by a session, done by the process.

use balance::{ServerIndex, ServerState};
use session::settings::ProxyIndex;

/// Something the process is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// A server is to be used like this from now on: see [`engine::Shared::set_server`].
    SetServer {
        /// Its backend.
        backend: ProxyIndex,
        /// The server.
        server: ServerIndex,
        /// What it is to be.
        state: ServerState,
    },
}
