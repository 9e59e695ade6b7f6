//! What must be true of every connection that is handed out, from plain maps of what happened.

use super::toy::SessionKey;
use crate::{Reuse, Target};
use std::collections::{BTreeMap, BTreeSet};
use std::format;
use std::string::String;

/// What happened to connections, by serial number.
#[derive(Debug, Default)]
pub(super) struct Oracle {
    /// Made for this server and name.
    pub(super) keys: BTreeMap<u32, (u8, u8)>,
    /// Private to this session, for ever.
    pub(super) private: BTreeMap<u32, SessionKey>,
    /// An exchange broke off on it, or the peer said goodbye.
    pub(super) spoiled: BTreeSet<u32>,
    /// Closed.
    pub(super) gone: BTreeSet<u32>,
    /// Exchanges on it now.
    pub(super) carries: BTreeMap<u32, u32>,
    /// Exchanges on it ever.
    pub(super) carried: BTreeMap<u32, u32>,
    /// Who used it.
    pub(super) users: BTreeMap<u32, BTreeSet<SessionKey>>,
    /// Servers in maintenance.
    pub(super) maintenance: BTreeSet<Target>,
}

/// Something that must not happen, as the oracle calls it.
pub(super) type Fault = String;

impl Oracle {
    /// A connection is given to a session that asks for this key; `streams_max` fit on it at once, and
    /// `exchanges_max` ever.
    pub(super) fn lease(
        &mut self,
        serial: u32,
        session: SessionKey,
        key: (u8, u8),
        reuse: Reuse,
        careful: bool,
        bounds: (u32, u32),
    ) -> Result<(), Fault> {
        let carried = *self.carried.entry(serial).or_default();
        let carries = self.carries.entry(serial).or_default();
        let mine = self.users.entry(serial).or_default();
        let known = carried > 0;
        let first_may = match reuse {
            Reuse::Never => false,
            // One that carries others' streams was chosen by those.
            Reuse::Safe => *carries > 0,
            Reuse::Aggressive => carried > 1 || *carries > 0 || bounds.0 > 1,
            Reuse::Always => true,
        };
        let private = self.private.get(&serial);
        let fault = if self.gone.contains(&serial) {
            "gone"
        } else if self.spoiled.contains(&serial) {
            "spoiled"
        } else if private.is_some_and(|owner| *owner != session) {
            "private to another session"
        } else if self.keys.get(&serial) != Some(&key) {
            "of another key"
        } else if *carries >= bounds.0 || carried >= bounds.1 {
            "full"
        } else if self.maintenance.contains(&Target(key.0.into())) && known {
            "in maintenance"
        } else if known && careful && !first_may && !mine.contains(&session) {
            "not for a first request"
        } else if known && reuse == Reuse::Never && !mine.contains(&session) {
            "never to be shared"
        } else {
            mine.insert(session);
            *carries += 1;
            self.carried.insert(serial, carried + 1);
            return Ok(());
        };
        Err(format!("connection handed out: {fault}"))
    }

    pub(super) fn released(&mut self, serial: u32) {
        if let Some(carries) = self.carries.get_mut(&serial) {
            *carries -= 1;
        }
    }
}
