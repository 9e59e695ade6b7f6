//! The rings of a configuration: those of sections, and those before log servers on streams.

use crate::draft::LogServer;
use crate::source::Place;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use balance::Address;
use session::settings::{Framing, RingIndex, RingServer, RingSettings, SyslogFormat};

/// The rings so far.
#[derive(Debug)]
pub(super) struct Rings {
    rings: Vec<RingSettings>,
    /// Those before log servers, by the lines they come from: whoever inherits a line has no ring of his
    /// own.
    before: BTreeMap<String, RingIndex>,
    /// `tune.bufsize`
    bufsize: u32,
}

impl Rings {
    /// Those of `ring` sections.
    pub(super) fn of(sections: Vec<RingSettings>, bufsize: u32) -> Self {
        Self {
            rings: sections,
            before: BTreeMap::new(),
            bufsize,
        }
    }

    pub(super) fn named(&self, name: &str) -> Option<(RingIndex, &RingSettings)> {
        let at = self.rings.iter().position(|ring| *ring.name == *name)?;
        Some((RingIndex(at as u32), &self.rings[at]))
    }

    pub(super) fn at(&self, at: RingIndex) -> (RingIndex, &RingSettings) {
        (at, &self.rings[at.0 as usize])
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.rings.iter().map(|ring| &*ring.name)
    }

    /// The ring before the log server that a line names by its address.
    pub(super) fn before(&mut self, address: &Address, place: &Place) -> RingIndex {
        if let Some(ring) = self.before.get(&place.to_string()) {
            return *ring;
        }
        let name = format!("ring#{}", self.before.len() + 1);
        let description = format!("of the log line at {place}");
        self.add(name, description, self.bufsize, address, Framing::Lines);
        let ring = self.last();
        self.before.insert(place.to_string(), ring);
        ring
    }

    /// `buf0`, where expressions write to that name nothing else.
    pub(super) fn buf0(&mut self) -> (RingIndex, &RingSettings) {
        self.rings.push(RingSettings {
            name: "buf0".into(),
            description: "in-memory ring buffer".into(),
            format: SyslogFormat::Timed,
            len_max: LOG_BYTES,
            bytes_max: self.bufsize,
            connect_timeout: None,
            server_timeout: None,
            servers: Vec::new(),
        });
        let at = self.rings.len() - 1;
        (RingIndex(at as u32), &self.rings[at])
    }

    /// The ring before a server of a log backend.
    pub(super) fn of_server(
        &mut self,
        name: &str,
        address: &Address,
        log: LogServer,
    ) -> &mut RingSettings {
        let bytes_max = log.bytes_max.unwrap_or(self.bufsize);
        let framing = log.framing.unwrap_or_default();
        let description = format!("of server {name}");
        self.add(name.into(), description, bytes_max, address, framing)
    }

    /// The ring that was added last.
    pub(super) fn last(&self) -> RingIndex {
        RingIndex(self.rings.len().saturating_sub(1) as u32)
    }

    /// A ring with one server, before which it stands.
    fn add(
        &mut self,
        name: String,
        description: String,
        bytes_max: u32,
        address: &Address,
        framing: Framing,
    ) -> &mut RingSettings {
        self.rings.push(RingSettings {
            description: description.into(),
            format: SyslogFormat::Raw,
            len_max: u32::MAX,
            bytes_max,
            connect_timeout: None,
            server_timeout: None,
            servers: vec![RingServer {
                name: name.as_str().into(),
                address: address.clone(),
                framing,
            }],
            name: name.into(),
        });
        let last = self.rings.len() - 1;
        &mut self.rings[last]
    }

    pub(super) fn finish(self) -> Vec<RingSettings> {
        self.rings
    }
}

/// A line is cut at this many bytes where nothing else is said.
pub(super) const LOG_BYTES: u32 = 1_024;
