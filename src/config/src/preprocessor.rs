//! Which lines `.if` leaves in.

/// `.if` inside each other.
pub(crate) const NESTED_MAX: usize = 100;

/// One open `.if`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Level {
    /// Lines of the present branch count.
    taken: bool,
    /// No later branch can be taken: one was, or the whole `.if` is skipped.
    settled: bool,
    /// `.else` was seen.
    in_else: bool,
}

/// The open `.if` blocks of one file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditionals {
    levels: alloc::vec::Vec<Level>,
}

/// What is wrong with a directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misplaced {
    /// `.elif`, `.else` or `.endif` without `.if`.
    Lone,
    /// `.elif` or `.else` after `.else`.
    AfterElse,
    /// More than [`NESTED_MAX`] levels.
    TooDeep,
}

impl Conditionals {
    /// Whether the next ordinary line counts.
    pub(crate) fn taken(&self) -> bool {
        self.levels.last().is_none_or(|level| level.taken)
    }

    /// Whether the condition of the next `.elif` matters.
    pub(crate) fn elif_matters(&self) -> bool {
        self.levels.last().is_some_and(|level| !level.settled)
    }

    /// How many are open.
    pub(crate) fn depth(&self) -> usize {
        self.levels.len()
    }

    /// `.if`; the condition is only asked for where it matters.
    pub(crate) fn enter<E>(
        &mut self,
        condition: impl FnOnce() -> Result<bool, E>,
    ) -> Result<Result<(), Misplaced>, E> {
        if self.levels.len() == NESTED_MAX {
            return Ok(Err(Misplaced::TooDeep));
        }
        let outer = self.taken();
        // The level is opened even if the condition is bad, so that its `.endif` is not lone.
        self.levels.push(Level {
            taken: false,
            settled: true,
            in_else: false,
        });
        if outer {
            let taken = condition()?;
            if let Some(level) = self.levels.last_mut() {
                level.taken = taken;
                level.settled = taken;
            }
        }
        Ok(Ok(()))
    }

    /// `.elif`
    pub(crate) fn elif(&mut self, condition: bool) -> Result<(), Misplaced> {
        let level = self.levels.last_mut().ok_or(Misplaced::Lone)?;
        if level.in_else {
            return Err(Misplaced::AfterElse);
        }
        level.taken = !level.settled && condition;
        level.settled |= level.taken;
        Ok(())
    }

    /// `.else`
    pub(crate) fn otherwise(&mut self) -> Result<(), Misplaced> {
        let level = self.levels.last_mut().ok_or(Misplaced::Lone)?;
        if level.in_else {
            return Err(Misplaced::AfterElse);
        }
        level.in_else = true;
        level.taken = !level.settled;
        level.settled = true;
        Ok(())
    }

    /// `.endif`
    pub(crate) fn leave(&mut self) -> Result<(), Misplaced> {
        match self.levels.pop() {
            Some(_) => Ok(()),
            None => Err(Misplaced::Lone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::convert::Infallible;

    fn open(blocks: &mut Conditionals, value: bool) {
        let Ok(placed) = blocks.enter(|| Ok::<_, Infallible>(value));
        placed.unwrap();
    }

    #[test]
    fn exactly_one_branch_is_taken() {
        for (conditions, expected) in [
            ([true, true], [true, false, false]),
            ([false, true], [false, true, false]),
            ([false, false], [false, false, true]),
        ] {
            let mut blocks = Conditionals::default();
            open(&mut blocks, conditions[0]);
            let first = blocks.taken();
            blocks.elif(conditions[1]).unwrap();
            let second = blocks.taken();
            blocks.otherwise().unwrap();
            assert_eq!([first, second, blocks.taken()], expected);
            blocks.leave().unwrap();
            assert!(blocks.taken());
        }
    }

    #[test]
    fn nothing_inside_a_skipped_block_is_taken() {
        let mut blocks = Conditionals::default();
        open(&mut blocks, false);
        open(&mut blocks, true);
        assert!(!blocks.taken());
        blocks.otherwise().unwrap();
        assert!(!blocks.taken());
        blocks.leave().unwrap();
        blocks.otherwise().unwrap();
        assert!(blocks.taken());
    }

    #[test]
    fn directives_out_of_place_are_refused() {
        let mut blocks = Conditionals::default();
        assert_eq!(blocks.elif(true), Err(Misplaced::Lone));
        assert_eq!(blocks.otherwise(), Err(Misplaced::Lone));
        assert_eq!(blocks.leave(), Err(Misplaced::Lone));
        open(&mut blocks, true);
        blocks.otherwise().unwrap();
        assert_eq!(blocks.otherwise(), Err(Misplaced::AfterElse));
        assert_eq!(blocks.elif(true), Err(Misplaced::AfterElse));
    }

    #[test]
    fn the_depth_is_bounded() {
        let mut blocks = Conditionals::default();
        for _ in 0..NESTED_MAX {
            open(&mut blocks, true);
        }
        let Ok(placed) = blocks.enter(|| Ok::<_, Infallible>(true));
        assert_eq!(placed, Err(Misplaced::TooDeep));
    }
}
