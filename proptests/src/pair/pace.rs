//! The order of things: which move is next, and how bytes are cut.

use base::Rng;

/// In what order and in what pieces things happen.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Which of the possible moves is next; without it, the one of the oldest connection.
    pub rng: Option<Rng>,
    /// Bytes that arrive in one piece, at most; drawn anew for each piece if there is an `rng`.
    pub cut_max: usize,
}

impl Pace {
    /// Everything in order and in pieces of `cut_max` bytes.
    pub fn in_order(cut_max: usize) -> Self {
        Self { rng: None, cut_max }
    }

    /// Anything at random.
    pub fn random(rng: Rng, cut_max: usize) -> Self {
        Self {
            rng: Some(rng),
            cut_max,
        }
    }

    pub(super) fn cut(&mut self, available: usize) -> usize {
        let most = available.min(self.cut_max);
        match &mut self.rng {
            Some(rng) => rng.between(1, most as u64) as usize,
            None => most,
        }
    }
}
