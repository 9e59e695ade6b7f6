//! `balance roundrobin`: in turn by weight, as evenly as whole turns allow.
//!
//! A round is as many steps long as the weights sum up to. A server of weight `w` in a round of `n`
//! steps has its turns `n / w` steps apart, counted from its first. Those who have not had a turn in
//! this round stand in line by weight, heaviest first. At each step goes whoever is due; if nobody is,
//! the first of the line has its first turn; if the line is empty, whoever is due next goes early.
//! Whose next turn lies beyond the round stands in line for the next one.

use crate::ServerIndex;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::mem;

#[derive(Debug)]
pub(super) struct RoundRobin {
    lanes: Vec<Lane>,
    /// Those with a turn to come in this round.
    running: BTreeSet<(Turn, Seq, ServerIndex)>,
    /// Those who have not had a turn in this round, and those who wait for the next.
    line: Line,
    next_line: Line,
    /// Steps of this round, and how many are done.
    round: u32,
    step: u32,
    /// The weights of all who take requests: steps of the next round.
    total: u32,
    next_seq: Seq,
    /// Those passed over in one choice; kept for its memory.
    passed: Vec<ServerIndex>,
}

/// By weight, heaviest first, then by when they joined.
type Line = BTreeSet<(u32, Seq, ServerIndex)>;
/// Breaks ties: who came first.
type Seq = u64;

/// When a server's turn is: at this step, and how urgent among those of one step.
type Turn = (u32, u32);

#[derive(Clone, Debug)]
struct Lane {
    /// In units of a [`GRAIN`]th.
    weight: u32,
    place: Place,
    /// The step of its next turn and the part of a step it is late by then, in `weight`ths; `None`
    /// before its first turn in a round.
    due: Option<(u32, u32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It takes no requests, or its turn is being decided.
    Out,
    Line(Seq),
    NextLine(Seq),
    Running(Turn, Seq),
}

impl RoundRobin {
    pub(super) fn new(weights: &[u32]) -> Self {
        let lane = |&weight| Lane {
            weight: weight * GRAIN,
            place: Place::Out,
            due: None,
        };
        Self {
            lanes: weights.iter().map(lane).collect(),
            running: BTreeSet::new(),
            line: Line::new(),
            next_line: Line::new(),
            round: 0,
            step: 0,
            total: 0,
            next_seq: 0,
            passed: Vec::new(),
        }
    }

    /// A server that comes in the middle of a round has its first turn when its share of what is left
    /// of the round has passed.
    pub(super) fn start(&mut self, server: ServerIndex) {
        let lane = &mut self.lanes[server.0 as usize];
        self.total += lane.weight;
        let left = self.total.saturating_sub(self.step);
        let late = lane.due.map_or(0, |(_, late)| late);
        lane.due = Some((self.step + left / lane.weight, late));
        self.place(server);
    }

    pub(super) fn stop(&mut self, server: ServerIndex) {
        self.total -= self.lanes[server.0 as usize].weight;
        self.take_out(server);
    }

    pub(super) fn pick(
        &mut self,
        is_open: &dyn Fn(ServerIndex) -> bool,
        avoid: Option<ServerIndex>,
    ) -> Option<ServerIndex> {
        if let [alone] = &self.lanes[..] {
            let server = ServerIndex(0);
            return (alone.place != Place::Out && is_open(server)).then_some(server);
        }
        let mut new_round = false;
        let mut avoided = None;
        let mut picked = None;
        while picked.is_none() {
            let Some(server) = self.next_in_turn() else {
                if new_round {
                    break;
                }
                new_round = true;
                self.begin_round();
                continue;
            };
            self.take_out(server);
            self.move_on(server);
            self.step += 1;
            if is_open(server) {
                if Some(server) != avoid {
                    picked = Some(server);
                    break;
                }
                avoided = Some(server);
            }
            self.passed.push(server);
        }
        let picked = picked.or(avoided);
        if let Some(server) = picked {
            self.place(server);
        }
        let mut passed = mem::take(&mut self.passed);
        // The last one passed over is placed first.
        for server in passed.drain(..).rev().filter(|&one| Some(one) != picked) {
            if new_round {
                // Its turn belonged to the round before: only its weight counts now.
                self.join_line(server);
            } else {
                self.place(server);
            }
        }
        self.passed = passed;
        picked
    }

    /// Whose turn it is in this round.
    fn next_in_turn(&mut self) -> Option<ServerIndex> {
        let running = self.running.first().copied();
        if let Some(((due, _), _, server)) = running
            && due <= self.step
        {
            return Some(server);
        }
        match self.line.first() {
            Some(&(_, _, server)) => Some(server),
            None => running.map(|(_, _, server)| server),
        }
    }

    fn begin_round(&mut self) {
        mem::swap(&mut self.line, &mut self.next_line);
        for &(_, seq, server) in &self.line {
            let lane = &mut self.lanes[server.0 as usize];
            lane.place = Place::Line(seq);
            lane.due = None;
        }
        self.round = self.total;
        self.step = 0;
    }

    /// Puts the next turn of a server that has just had one a weight's distance further.
    fn move_on(&mut self, server: ServerIndex) {
        let total = self.total;
        let lane = &mut self.lanes[server.0 as usize];
        let (due, late) = lane.due.unwrap_or((self.step, 0));
        let late = late + total % lane.weight;
        lane.due = Some((
            due + total / lane.weight + late / lane.weight,
            late % lane.weight,
        ));
    }

    /// Puts a server where its next turn belongs.
    fn place(&mut self, server: ServerIndex) {
        let lane = &mut self.lanes[server.0 as usize];
        match lane.due {
            Some((due, late)) if due < self.round.min(self.total) => {
                // Of those due at one step the heavier go first, then those who are late by less.
                let turn = (due, (WEIGHT_MAX + late - lane.weight) / GRAIN);
                let seq = self.next_seq;
                self.next_seq += 1;
                lane.place = Place::Running(turn, seq);
                self.running.insert((turn, seq, server));
            }
            Some(_) | None => self.join_next_line(server),
        }
    }

    fn join_line(&mut self, server: ServerIndex) {
        let seq = self.next_seq;
        self.next_seq += 1;
        let lane = &mut self.lanes[server.0 as usize];
        lane.place = Place::Line(seq);
        lane.due = None;
        self.line.insert((WEIGHT_MAX - lane.weight, seq, server));
    }

    fn join_next_line(&mut self, server: ServerIndex) {
        let seq = self.next_seq;
        self.next_seq += 1;
        let lane = &mut self.lanes[server.0 as usize];
        lane.place = Place::NextLine(seq);
        lane.due = None;
        self.next_line
            .insert((WEIGHT_MAX - lane.weight, seq, server));
    }

    fn take_out(&mut self, server: ServerIndex) {
        let lane = &mut self.lanes[server.0 as usize];
        let rank = WEIGHT_MAX - lane.weight;
        match mem::replace(&mut lane.place, Place::Out) {
            Place::Out => {}
            Place::Line(seq) => {
                self.line.remove(&(rank, seq, server));
            }
            Place::NextLine(seq) => {
                self.next_line.remove(&(rank, seq, server));
            }
            Place::Running(turn, seq) => {
                self.running.remove(&(turn, seq, server));
            }
        }
    }
}

/// Weights count in this many parts, so that a round has that many turns for each unit of weight.
const GRAIN: u32 = 16;
/// The greatest weight, in parts.
const WEIGHT_MAX: u32 = 256 * GRAIN;
