//! The rings of a configuration: those of sections, and those before log servers on streams.

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

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.rings.iter().map(|ring| &*ring.name)
    }

    /// The ring before the log server that a line names by its address.
    pub(super) fn before(&mut self, address: &Address, place: &Place) -> RingIndex {
        if let Some(ring) = self.before.get(&place.to_string()) {
            return *ring;
        }
        let name = format!("ring#{}", self.before.len() + 1);
        let ring = RingIndex(self.rings.len() as u32);
        self.rings.push(RingSettings {
            description: format!("of the log line at {place}").into(),
            format: SyslogFormat::Raw,
            len_max: u32::MAX,
            bytes_max: self.bufsize,
            connect_timeout: None,
            server_timeout: None,
            servers: vec![RingServer {
                name: name.as_str().into(),
                address: address.clone(),
                framing: Framing::Lines,
            }],
            name: name.into(),
        });
        self.before.insert(place.to_string(), ring);
        ring
    }

    pub(super) fn finish(self) -> Vec<RingSettings> {
        self.rings
    }
}
