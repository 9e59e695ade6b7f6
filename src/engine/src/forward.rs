//! Messages of others (`log-forward`): taken apart, and passed on to log servers.

use crate::engine::Engine;
use crate::log::filled;
use crate::output::{LogRoute, Output};
use alloc::vec::Vec;
use base::Instant;
use core::fmt::Write;
use core::net::IpAddr;
use session::log::Received;
use session::settings::LogWhere;

impl Engine {
    /// A message came to a `log-forward` section, from an address if it came over IP.
    pub fn forward(&mut self, now: Instant, section: u32, source: Option<IpAddr>, message: &[u8]) {
        self.now = now;
        let shared = self.lent.clone();
        let settings = &shared.settings.forwards[section as usize];
        let received = match settings.unread {
            true => Received::unread(message),
            false => Received::read(message),
        };
        let Some(received) = received else {
            return;
        };
        let clock = shared.identity.clock(self.epoch, self.now);
        let mut address = Address(Vec::new());
        if let Some(source) = source {
            let written = write!(address, "{}", source.to_canonical());
            debug_assert!(written.is_ok(), "a buffer takes everything");
        }
        let source = source.map(|_| &*address.0);
        for (number, target) in settings.targets.iter().enumerate() {
            let Some(severity) = target.target.severity(received.severity()) else {
                continue;
            };
            let sampler = &shared.forward_samplers[section as usize][number];
            let sample = target.target.sample.as_ref();
            if sample.is_some_and(|sample| !sampler.admits(sample)) {
                continue;
            }
            let mut out = Vec::new();
            received.pass_on(&mut out, target, severity, settings.hosts, source, clock);
            let mut route = LogRoute::Forwarded {
                section,
                target: number as u32,
            };
            if let LogWhere::Backend(backend) = target.target.to {
                let chosen = shared.log_server(backend, received.text, &mut self.work);
                let Some((server, _)) = chosen else {
                    shared.workers[usize::from(self.worker)].dropped_logs.add(1);
                    continue;
                };
                route = LogRoute::Server { backend, server };
            }
            self.outputs.push_back(Output::Log {
                route,
                line: filled(&mut self.pool, &out),
            });
        }
    }
}

/// Text of an address.
struct Address(Vec<u8>);

impl Write for Address {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
