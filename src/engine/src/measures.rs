//! What the system measures of connections (`fc_rtt` and its like): asked of the driver only if the
//! configuration reads it, before the engine hears of an event that rules may look at it for.

use crate::Measures;
use crate::conn::Side;
use crate::engine::Engine;
use alloc::boxed::Box;
use alloc::vec::Vec;
use session::ConnId;

impl Engine {
    /// Whether anything reads [`Measures`].
    pub fn wants_measures(&self) -> bool {
        self.shared.settings.measures
    }

    /// Whose transports are to be measured before an event of `id`: its own, and those of the clients
    /// whose exchanges are on it.
    pub fn to_measure(&self, id: ConnId) -> Vec<ConnId> {
        let mut all = Vec::from([id]);
        if let Some(conn) = self.conns.get(id)
            && let Side::Server(_) = conn.side
        {
            let exchanges = conn.streams.iter();
            all.extend(exchanges.filter_map(|it| Some(self.exchanges.get(it)?.client.conn)));
        }
        all
    }

    /// What was measured of a connection.
    pub fn measured(&mut self, id: ConnId, measures: Measures) {
        if let Some(conn) = self.conns.get_mut(id) {
            match &mut conn.measures {
                Some(before) => **before = measures,
                none => *none = Some(Box::new(measures)),
            }
        }
    }
}
