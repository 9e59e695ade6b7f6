//! Log lines and captures: what is told to the operator.

use crate::engine::Engine;
use crate::shared::Shared;
use base::Buf;
use message::Fault;
use session::ExchangeId;
use session::settings::ProxyIndex;

/// What logging remembers between lines.
#[derive(Debug)]
pub(crate) struct LogState {}

impl LogState {
    pub(crate) fn new(_shared: &Shared) -> Self {
        Self {}
    }

    pub(crate) fn note_bad_request(&mut self, _frontend: ProxyIndex, _fault: Fault) {}

    pub(crate) fn note_bad_response(&mut self, _backend: ProxyIndex, _fault: Fault) {}
}

impl Engine {
    /// The driver is done with a log line; `sent` is false if it had to be dropped.
    pub fn logged(&mut self, line: Buf, _sent: bool) {
        self.pool.give(line);
    }

    pub(crate) fn log_exchange(&mut self, _exchange: ExchangeId) {}
}
