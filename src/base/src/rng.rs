//! Seeded randomness in named streams.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A deterministic random stream.
///
/// One 32-byte seed enters at the root; [`Rng::fork`] names a child stream. A child depends
/// on the seed and the name alone, never on how much was drawn elsewhere, so adding or
/// removing a consumer leaves all other draws as they were.
#[derive(Clone, Debug)]
pub struct Rng {
    seed: [u8; 32],
    stream: ChaCha8Rng,
}

impl Rng {
    /// The stream of `seed`.
    pub fn new(seed: [u8; 32]) -> Self {
        Self {
            seed,
            stream: ChaCha8Rng::from_seed(seed),
        }
    }

    /// The stream of a small seed, as people type it.
    pub fn from_u64(seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Self::new(bytes)
    }

    /// The child stream called `name`.
    pub fn fork(&self, name: &str) -> Self {
        // The child's seed is the parent's key stream read at a position derived from the name,
        // folded once more with the name so that two names on one position still differ.
        let mut hash = FNV_OFFSET;
        for byte in name.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
        let mut keyed = ChaCha8Rng::from_seed(self.seed);
        keyed.set_stream(hash | 1);
        let mut seed = [0; 32];
        keyed.fill_bytes(&mut seed);
        for (at, byte) in name.bytes().enumerate() {
            seed[at % 32] = seed[at % 32].rotate_left(3) ^ byte;
        }
        Self::new(seed)
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.stream.next_u64()
    }

    /// A number in `0..bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // Multiply-shift: the bias is below bound / 2^64, which no caller can notice.
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below((high - low).saturating_add(1))
    }

    /// True in `parts` cases out of `whole`.
    pub fn chance(&mut self, parts: u64, whole: u64) -> bool {
        self.below(whole) < parts
    }

    /// Fills `bytes`.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.stream.fill_bytes(bytes);
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn a_fork_does_not_depend_on_what_was_drawn_before() {
        let mut drawn = Rng::from_u64(7);
        drawn.next_u64();
        assert_eq!(
            drawn.fork("link").next_u64(),
            Rng::from_u64(7).fork("link").next_u64()
        );
    }

    #[test]
    fn names_and_seeds_give_different_streams() {
        let root = Rng::from_u64(7);
        assert_ne!(root.fork("a").next_u64(), root.fork("b").next_u64());
        assert_ne!(
            root.fork("a").next_u64(),
            Rng::from_u64(8).fork("a").next_u64()
        );
    }

    #[test]
    fn below_stays_below() {
        let mut rng = Rng::from_u64(1);
        assert!((0..1000).all(|_| rng.below(3) < 3));
        assert_eq!(rng.below(0), 0);
    }
}
