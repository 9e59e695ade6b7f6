//! Stopping: softly, letting everything that runs come to its end, or hard.

use crate::conn::{Leaving, Side};
use crate::engine::{Engine, Timer};
use crate::output::Output;
use crate::settings::CloseSpread;
use alloc::vec::Vec;
use base::{Duration, TimerSlot};
use session::{Cause, ConnId};

/// How far stopping has come.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    phase: Phase,
    /// Listeners are still to be closed: clients that have connected already may come.
    listening: bool,
    timer: TimerSlot,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Running,
    /// `grace`: listeners are still open.
    Grace,
    /// No new connections; those that are open come to their end.
    Stopping,
    /// All is over, and the driver was told.
    Stopped,
}

impl Stop {
    pub(crate) fn is_stopping(&self) -> bool {
        matches!(self.phase, Phase::Stopping | Phase::Stopped)
    }
}

impl Engine {
    pub(crate) fn on_soft_stop(&mut self) {
        if self.stop.phase != Phase::Running {
            return;
        }
        match self.shared.settings.global.grace {
            Some(grace) => {
                self.stop.phase = Phase::Grace;
                let at = self.now + grace;
                self.timers.arm(&mut self.stop.timer, Timer::Stop, at);
            }
            None => self.begin_stopping(),
        }
    }

    fn begin_stopping(&mut self) {
        self.stop.phase = Phase::Stopping;
        self.stop.listening = true;
        self.outputs.push_back(Output::Unlisten);
        self.stop_dialing();
        if let Some(limit) = self.shared.settings.global.hard_stop_after {
            let at = self.now + limit;
            self.timers.arm(&mut self.stop.timer, Timer::Stop, at);
        }
        let clients: Vec<ConnId> = self
            .conns
            .iter()
            .filter(|(_, conn)| matches!(conn.side, Side::Client(_)))
            .map(|(id, _)| id)
            .collect();
        for id in clients {
            let Some(conn) = self.conns.get_mut(id) else {
                continue;
            };
            if conn.lingers() {
                self.close(id, false);
                continue;
            }
            self.part_with(id);
        }
        self.drop_idle();
    }

    /// A client's connection ends, now or within the time given for that (`close-spread-time`).
    pub(crate) fn part_with(&mut self, id: ConnId) {
        let at = match self.shared.settings.global.close_spread {
            None => return self.dismiss(id),
            // By its timeouts alone.
            Some(CloseSpread::Never) => return,
            Some(CloseSpread::Over(time)) => {
                let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
                let nanos = self.rng.below(nanos.max(1));
                self.now + Duration::from_nanos(nanos)
            }
        };
        if let Side::Client(client) = &mut self.conns[id].side {
            client.leaving = Leaving::From(at);
        }
        self.stir(id);
    }

    pub(crate) fn on_unlistened(&mut self) {
        self.stop.listening = false;
        self.note_client_left();
    }

    pub(crate) fn on_stop_timer(&mut self) {
        match self.stop.phase {
            Phase::Grace => self.begin_stopping(),
            Phase::Stopping => self.kill_all(),
            Phase::Running | Phase::Stopped => {}
        }
    }

    /// `hard-stop-after`: what still runs is killed, and logged so.
    fn kill_all(&mut self) {
        self.shared.note_hard_stop();
        self.outputs.push_back(Output::HardStopped);
        let clients: Vec<ConnId> = self
            .conns
            .iter()
            .filter(|(_, conn)| matches!(conn.side, Side::Client(_)))
            .map(|(id, _)| id)
            .collect();
        for id in clients {
            if let Some(conn) = self.conns.get(id) {
                for exchange in conn.streams.iter() {
                    self.exchanges[exchange].terminate(Cause::Killed);
                }
                self.close(id, false);
            }
        }
    }

    /// Says so once the last client of a stopping worker is gone.
    pub(crate) fn note_client_left(&mut self) {
        if self.stop.phase == Phase::Stopping && !self.stop.listening && self.clients == 0 {
            self.stop.phase = Phase::Stopped;
            self.drop_idle();
            self.outputs.push_back(Output::Stopped);
        }
    }
}
