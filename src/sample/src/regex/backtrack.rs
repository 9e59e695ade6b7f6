//! Runs a program by trying one way after the other, as PCRE2 does: for what no automaton can say, and
//! for the few texts where an automaton would say something else.

use super::Begin;
use super::node::{Case, Edge, Wanted};
use super::program::{Program, Step};
use super::set::{Set, is_word};
use alloc::vec;
use alloc::vec::Vec;

/// Where the groups of the first match are, two places each; nothing if there is none, or if it was not
/// found within [`TRIES_MAX`], of which `tries` were made before.
pub(super) fn find(
    program: &Program,
    text: &[u8],
    begin: Begin,
    tries: &mut usize,
) -> Option<Vec<Option<usize>>> {
    let mut run = Run {
        program,
        text,
        begin,
        slots: vec![None; program.slots],
        ways: Vec::new(),
        tries,
    };
    let last = if program.anchored { 0 } else { text.len() };
    for start in 0..=last {
        match run.from(0, start) {
            Ok(Some(_)) => return Some(run.slots),
            Ok(None) => {}
            Err(GivenUp) => return None,
        }
    }
    None
}

struct Run<'a> {
    program: &'a Program,
    text: &'a [u8],
    begin: Begin,
    slots: Vec<Option<usize>>,
    /// What else can be tried, and what has to be taken back on the way there.
    ways: Vec<Way>,
    tries: &'a mut usize,
}

/// It took too long.
struct GivenUp;

/// What to do when nothing goes on.
enum Way {
    /// Go on with this step at this place.
    Step(usize, usize),
    /// Take one byte less, down to `least`, and go on with this step.
    Fewer {
        step: usize,
        least: usize,
        at: usize,
    },
    /// Take one byte more, up to `most`, and go on with this step.
    More { step: usize, most: usize, at: usize },
    /// Put back what was saved.
    Slot(usize, Option<usize>),
}

impl Run<'_> {
    /// Runs from `step` at `at` until the steps are done; where that is comes back. If nothing matches,
    /// everything is as it was.
    fn from(&mut self, step: usize, at: usize) -> Result<Option<usize>, GivenUp> {
        let floor = self.ways.len();
        let (mut step, mut at) = (step, at);
        loop {
            *self.tries += 1;
            if *self.tries > TRIES_MAX || self.ways.len() > WAYS_MAX {
                return Err(GivenUp);
            }
            match self.step(step, at)? {
                Next::On(next, place) => (step, at) = (next, place),
                Next::Done => return Ok(Some(at)),
                Next::Fails => match self.back(floor) {
                    Some((next, place)) => (step, at) = (next, place),
                    None => return Ok(None),
                },
            }
        }
    }

    fn step(&mut self, step: usize, at: usize) -> Result<Next, GivenUp> {
        let program = self.program;
        let on_if = |yes: bool, at| {
            if yes {
                Next::On(step + 1, at)
            } else {
                Next::Fails
            }
        };
        Ok(match &program.steps[step] {
            Step::Byte(set) => {
                let byte = self.text.get(at);
                on_if(byte.is_some_and(|byte| set.has(*byte)), at + 1)
            }
            Step::Bytes {
                set,
                min,
                max,
                lazy,
            } => self.bytes(step + 1, at, set, *min, *max, *lazy),
            Step::Jump(to) => Next::On(*to, at),
            Step::Split(first, second) => {
                self.ways.push(Way::Step(*second, at));
                Next::On(*first, at)
            }
            Step::Save(slot) => {
                self.ways.push(Way::Slot(*slot, self.slots[*slot]));
                self.slots[*slot] = Some(at);
                Next::On(step + 1, at)
            }
            Step::Stuck(slot, to) => {
                let stuck = self.slots[*slot] == Some(at);
                Next::On(if stuck { *to } else { step + 1 }, at)
            }
            Step::Edge(edge) => on_if(self.is_at(*edge, at), at),
            Step::Back(slot, case) => match (self.slots[*slot], self.slots[*slot + 1]) {
                (Some(from), Some(to)) if from <= to => {
                    let group = &self.text[from..to];
                    let there = self.text[at..].get(..group.len());
                    let same = there.is_some_and(|there| match case {
                        Case::Counts => there == group,
                        Case::Ignored => there.eq_ignore_ascii_case(group),
                    });
                    on_if(same, at + group.len())
                }
                _ => Next::Fails,
            },
            Step::Ahead { wanted, end } => {
                let found = self.ask(step + 1, at, *wanted)?;
                if found == (*wanted == Wanted::Yes) {
                    Next::On(end + 1, at)
                } else {
                    Next::Fails
                }
            }
            Step::Behind {
                bytes,
                wanted,
                end,
                otherwise,
            } => {
                let found = match at.checked_sub(*bytes) {
                    Some(from) => self.ask(step + 1, from, *wanted)?,
                    None => false,
                };
                match (found, wanted, otherwise) {
                    (true, Wanted::Yes, _) | (false, Wanted::No, None) => Next::On(end + 1, at),
                    (true, Wanted::No, _) | (false, Wanted::Yes, None) => Next::Fails,
                    (false, _, Some(other)) => Next::On(*other, at),
                }
            }
            Step::Atomic { end } => {
                let floor = self.ways.len();
                match self.from(step + 1, at)? {
                    Some(place) => {
                        self.keep_slots(floor);
                        Next::On(end + 1, place)
                    }
                    None => Next::Fails,
                }
            }
            Step::Done => Next::Done,
        })
    }

    /// As many bytes of `set` as there are, or as few, and the other numbers as ways to come back to.
    fn bytes(
        &mut self,
        step: usize,
        at: usize,
        set: &Set,
        min: usize,
        max: usize,
        lazy: bool,
    ) -> Next {
        let rest = &self.text[at..];
        let limit = rest.len().min(max);
        let there = rest[..limit].iter().position(|byte| !set.has(*byte));
        let most = there.unwrap_or(limit);
        *self.tries += most / BYTES_A_TRY;
        if most < min {
            return Next::Fails;
        }
        if lazy {
            if most > min {
                let (at, most) = (at + min, at + most);
                self.ways.push(Way::More { step, most, at });
            }
            return Next::On(step, at + min);
        }
        if most > min {
            let (least, at) = (at + min, at + most);
            self.ways.push(Way::Fewer { step, least, at });
        }
        Next::On(step, at + most)
    }

    /// Whether the steps match at `at`; what they saved is kept if that is what was wanted.
    fn ask(&mut self, step: usize, at: usize, wanted: Wanted) -> Result<bool, GivenUp> {
        let floor = self.ways.len();
        let found = self.from(step, at)?.is_some();
        match wanted {
            Wanted::Yes => self.keep_slots(floor),
            Wanted::No => {
                while self.ways.len() > floor {
                    if let Some(Way::Slot(slot, before)) = self.ways.pop() {
                        self.slots[slot] = before;
                    }
                }
            }
        }
        Ok(found)
    }

    /// Forgets the ways from `floor` on, but not what has to be put back.
    fn keep_slots(&mut self, floor: usize) {
        let mut at = floor;
        for next in floor..self.ways.len() {
            if matches!(self.ways[next], Way::Slot(..)) {
                self.ways.swap(at, next);
                at += 1;
            }
        }
        self.ways.truncate(at);
    }

    /// The last way that is left above `floor`.
    fn back(&mut self, floor: usize) -> Option<(usize, usize)> {
        while self.ways.len() > floor {
            match self.ways.pop()? {
                Way::Step(step, at) => return Some((step, at)),
                Way::Slot(slot, before) => self.slots[slot] = before,
                Way::Fewer { step, least, at } => {
                    let at = at - 1;
                    if at > least {
                        self.ways.push(Way::Fewer { step, least, at });
                    }
                    return Some((step, at));
                }
                Way::More { step, most, at } => {
                    let at = at + 1;
                    if at < most {
                        self.ways.push(Way::More { step, most, at });
                    }
                    return Some((step, at));
                }
            }
        }
        None
    }

    fn is_at(&self, edge: Edge, at: usize) -> bool {
        let text = self.text;
        let word = |at: Option<usize>| {
            at.and_then(|at| text.get(at))
                .is_some_and(|it| is_word(*it))
        };
        let at_word_edge = || word(at.checked_sub(1)) != word(Some(at));
        let may_begin = at == 0 && self.begin == Begin::Start;
        match edge {
            Edge::Start => at == 0,
            Edge::Circumflex => may_begin,
            Edge::LineStart => may_begin || (at > 0 && at < text.len() && text[at - 1] == b'\n'),
            Edge::End => at == text.len(),
            Edge::Dollar => at == text.len() || text[at..] == *b"\n",
            Edge::LineEnd => at == text.len() || text[at] == b'\n',
            Edge::Word => at_word_edge(),
            Edge::NotWord => !at_word_edge(),
        }
    }
}

enum Next {
    On(usize, usize),
    Done,
    Fails,
}

/// Steps that are tried for one text before it counts as not matching.
pub(super) const TRIES_MAX: usize = 1_000_000;

/// Ways that are remembered at a time; beyond, the text counts as not matching.
const WAYS_MAX: usize = 65_536;

/// Bytes of one set that are as much work as one step.
const BYTES_A_TRY: usize = 64;
