//! Notices on their way to stderr and to the log targets.

use crate::real::{Clock, LogSockets};
use engine::Shared;
use runtime::notices::Notice;
use session::log::write_message;
use session::settings::{Level, LogWhere};
use std::sync::Arc;

/// Who writes a line to stderr, with how grave it is.
pub type Stderr = Box<dyn Fn(Level, &str)>;

/// Tells notices.
pub(super) struct Teller {
    pub(super) shared: Arc<Shared>,
    pub(super) clock: Clock,
    pub(super) sockets: LogSockets,
    pub(super) stderr: Stderr,
}

impl Teller {
    pub(super) fn tell(&mut self, notices: &[Notice]) {
        for notice in notices {
            if let Some(level) = notice.stderr {
                (self.stderr)(level, &notice.text);
            }
            if let Some(level) = notice.log {
                self.log(notice, level);
            }
        }
    }

    fn log(&mut self, notice: &Notice, level: Level) {
        let targets = match notice.proxy {
            Some(proxy) => &self.shared.proxy(proxy).logs,
            None => &self.shared.settings.global.logs,
        };
        let sender = self.shared.sender(notice.proxy);
        let now = self
            .shared
            .identity
            .clock(self.clock.epoch(), self.clock.now());
        for target in targets {
            if let Some(severity) = target.severity(level) {
                let mut message = Vec::new();
                let line = notice.text.as_bytes();
                write_message(&mut message, target, &sender, now, severity, b"", line);
                // Nothing waits for a log target; what it cannot take now is lost.
                let to = match &target.to {
                    LogWhere::Backend(backend) => {
                        let rng = self.shared.command_rng(self.clock.now());
                        let mut work = self.shared.work(self.clock.epoch(), rng);
                        let chosen = self.shared.log_server(*backend, line, &mut work);
                        chosen.map(|(_, to)| to)
                    }
                    to => Some(to),
                };
                match to {
                    Some(LogWhere::Ring(ring)) => {
                        self.shared.rings[ring.0 as usize].push(&message);
                    }
                    Some(LogWhere::Socket(socket)) => {
                        self.sockets.send(socket, &message);
                    }
                    Some(LogWhere::Backend(_)) | None => {}
                }
            }
        }
    }
}
