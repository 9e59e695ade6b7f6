//! HTTP in TCP mode: rules may ask for a request where nobody has to send one.

use crate::engine::Engine;
use crate::machines::http1_limits;
use http1::Sniffed;
use message::{Part, Role};
use session::{ExchangeId, Guess};

impl Engine {
    /// Looks whether what has arrived of a TCP session is a request, unless that is known.
    pub(super) fn guess(&mut self, exchange: ExchangeId) {
        let x = &mut self.exchanges[exchange];
        if x.request.is_some() || !matches!(x.ruled.guess, Guess::Open) {
            return;
        }
        let Some(Part::Data(data)) = x.held.front() else {
            return;
        };
        let proxy = self.shared.proxy(x.frontend);
        let tune = &self.shared.settings.global.tune;
        let limits = http1_limits(proxy, tune, Role::Accepting);
        x.ruled.guess = match http1::sniff(data, &limits, &mut self.heads) {
            Sniffed::Request(head, bytes) => Guess::Http { head, bytes },
            Sniffed::Perhaps => Guess::Open,
            Sniffed::Other => Guess::Other,
        };
    }

    /// No rule asks any more.
    pub(crate) fn forget(&mut self, guess: Guess) {
        if let Guess::Http { head, .. } = guess {
            self.heads.give(head);
        }
    }
}
