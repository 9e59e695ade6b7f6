//! The twelve `timeout` keywords.

use base::Duration;

/// Timeouts of a proxy; `None` is unset or zero, which means no limit.
///
/// Which one applies when is in `exchange` and `founding.md` §3.3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// `check`.
    pub check: Option<Duration>,
    /// `client`.
    pub client: Option<Duration>,
    /// `client-fin`.
    pub client_fin: Option<Duration>,
    /// `client-hs`.
    pub client_hs: Option<Duration>,
    /// `connect`.
    pub connect: Option<Duration>,
    /// `http-keep-alive`.
    pub http_keep_alive: Option<Duration>,
    /// `http-request`.
    pub http_request: Option<Duration>,
    /// `queue`.
    pub queue: Option<Duration>,
    /// `server`.
    pub server: Option<Duration>,
    /// `server-fin`.
    pub server_fin: Option<Duration>,
    /// `tarpit`.
    pub tarpit: Option<Duration>,
    /// `tunnel`.
    pub tunnel: Option<Duration>,
}
