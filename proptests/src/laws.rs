//! The five laws of a core (`base::Core`), each as one generic check.
//!
//! A [`Subject`] says how a core is made, what can happen to it, and how its outputs are compared; the
//! laws then hold or [`check`] panics with the seed and the steps that break them.

pub mod engine;
pub mod http1;

use base::{Core, Duration, Instant, Rng};
use std::fmt::Debug;

/// A core under the laws.
pub trait Subject {
    /// The core.
    type Core: Core;
    /// Something that happens to it; owned, so that a run can be repeated.
    type Step: Clone + Debug;

    /// A fresh core of a seed.
    fn core(&self, seed: u64) -> Self::Core;
    /// A step that a peer or owner might take next.
    fn invent(&self, rng: &mut Rng) -> Self::Step;
    /// Gives the step to the core.
    fn feed(&self, core: &mut Self::Core, now: Instant, step: &Self::Step);
    /// The step as two, cut somewhere; `None` if it cannot be cut.
    fn cut(&self, step: &Self::Step, rng: &mut Rng) -> Option<(Self::Step, Self::Step)>;
    /// Outputs in a form that does not depend on how bytes were cut, one line each.
    fn shown(&self, outputs: Vec<<Self::Core as Core>::Output>) -> Vec<String>;
    /// Whether a line of [`Subject::shown`] is the last there may be.
    fn is_last(&self, line: &str) -> bool;
}

/// Checks all five laws on `runs` random runs.
pub fn check<S: Subject>(subject: &S, runs: u64) {
    for seed in 0..runs {
        let mut rng = Rng::from_u64(seed);
        let count = rng.between(1, STEPS_MAX);
        let steps: Vec<S::Step> = (0..count).map(|_| subject.invent(&mut rng)).collect();
        let case = Case {
            subject,
            seed,
            steps: &steps,
        };
        let whole: Vec<(u64, S::Step)> = (0..).zip(steps.iter().cloned()).collect();
        let said = case.play(&whole, Early::No);
        assert_eq!(case.play(&whole, Early::No), said, "replay: {case:?}");
        assert_eq!(
            case.play(&case.cut(&mut rng), Early::No),
            said,
            "splitting: {case:?}"
        );
        assert_eq!(
            case.play(&whole, Early::Yes),
            said,
            "early timeouts: {case:?}"
        );
        let last = said.iter().position(|line| subject.is_last(line));
        assert!(
            last.is_none_or(|at| at + 1 == said.len()),
            "silence: {said:?} {case:?}"
        );
    }
}

struct Case<'a, S: Subject> {
    subject: &'a S,
    seed: u64,
    steps: &'a [S::Step],
}

impl<S: Subject> Debug for Case<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "seed {}, {:?}", self.seed, self.steps)
    }
}

/// Whether timeouts come before they are due.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Early {
    No,
    Yes,
}

impl<S: Subject> Case<'_, S> {
    /// Each step at its time, with every timer that is due before it and long after the last.
    fn play(&self, steps: &[(u64, S::Step)], early: Early) -> Vec<String> {
        let mut core = self.subject.core(self.seed);
        let mut outputs = Vec::new();
        for (tick, step) in steps {
            let now = Instant::ZERO + TICK * *tick as u32;
            self.pass(&mut core, now, &mut outputs);
            self.subject.feed(&mut core, now, step);
            self.take(&mut core, &mut outputs);
            let due = core.poll_timeout().map(|it| it.at);
            if early == Early::Yes && due.is_none_or(|due| due > now) {
                core.handle_timeout(now);
                self.take(&mut core, &mut outputs);
                assert_eq!(
                    core.poll_timeout().map(|it| it.at),
                    due,
                    "early timeouts: {self:?}"
                );
            }
        }
        self.pass(&mut core, Instant::ZERO + END, &mut outputs);
        self.subject.shown(outputs)
    }

    /// Fires every timer that is due until `now`.
    fn pass(&self, core: &mut S::Core, now: Instant, outputs: &mut Vec<<S::Core as Core>::Output>) {
        while let Some(deadline) = core.poll_timeout().filter(|it| it.at <= now) {
            core.handle_timeout(deadline.at);
            self.take(core, outputs);
            let next = core.poll_timeout();
            assert!(
                next.is_none_or(|next| next.at > deadline.at),
                "quiet: still due after its time, {self:?}"
            );
        }
    }

    /// The outputs that are there: they end.
    fn take(&self, core: &mut S::Core, outputs: &mut Vec<<S::Core as Core>::Output>) {
        for _ in 0..OUTPUTS_MAX {
            match core.poll_output() {
                Some(output) => outputs.push(output),
                None => return,
            }
        }
        panic!("quiet: outputs do not end, {self:?}");
    }

    /// The steps with most of them cut; both parts happen at the time of the whole.
    fn cut(&self, rng: &mut Rng) -> Vec<(u64, S::Step)> {
        let mut all = Vec::new();
        for (tick, step) in (0..).zip(self.steps) {
            match self.subject.cut(step, rng) {
                Some((first, second)) if rng.chance(2, 3) => {
                    all.extend([(tick, first), (tick, second)]);
                }
                Some(_) | None => all.push((tick, step.clone())),
            }
        }
        all
    }
}

/// Steps of one run.
const STEPS_MAX: u64 = 12;
/// More outputs at once than this are too many.
const OUTPUTS_MAX: usize = 100_000;
/// Time between steps.
const TICK: Duration = Duration::from_millis(700);
/// When a run is over.
const END: Duration = Duration::from_secs(300);
