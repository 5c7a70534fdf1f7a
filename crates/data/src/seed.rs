//! Randomness as a function of a seed and of what it is for.
//!
//! No generator is shared or global: whoever needs random numbers asks for a generator with
//! [`rng`], naming the purpose and, say, the epoch. So a draw depends on nothing but its name.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// First parts that keep this crate's uses of one seed apart.
pub mod purpose {
    /// Choosing the rows of each split.
    pub const SPLIT: u64 = 1;
    /// Dealing rows to folds.
    pub const FOLD: u64 = 2;
    /// The order of an epoch.
    pub const SHUFFLE: u64 = 3;
    /// Choosing rows under a limit.
    pub const LIMIT: u64 = 4;
    /// Changing a sample on its way into a batch.
    pub const AUGMENT: u64 = 31;
    /// The rows of an epoch in which classes are equally frequent.
    pub const BALANCE: u64 = 32;
}

const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// The output function of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators", 2014).
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A new seed from `seed` and the parts of a name, such as `[purpose, epoch, sample]`.
///
/// Each part is mixed in by one step of SplitMix64, so the order and the number of parts count.
/// The result is part of what this crate promises: it does not change between versions.
///
/// ```
/// use brasa_data::seed::derive;
/// assert_ne!(derive(42, &[1, 2]), derive(42, &[2, 1]));
/// assert_ne!(derive(42, &[]), derive(42, &[0]));
/// ```
#[must_use]
pub fn derive(seed: u64, parts: &[u64]) -> u64 {
    let first = mix(seed.wrapping_add(GOLDEN_GAMMA));
    parts.iter().fold(first, |state, &part| {
        mix(state.wrapping_add(GOLDEN_GAMMA) ^ mix(part.wrapping_add(GOLDEN_GAMMA)))
    })
}

/// A generator for the given purpose: ChaCha with 8 rounds, whose 256-bit key comes from [`derive()`].
#[must_use]
pub fn rng(seed: u64, parts: &[u64]) -> ChaCha8Rng {
    let base = derive(seed, parts);
    let mut key = [0_u8; 32];
    for (word, chunk) in (0_u64..).zip(key.chunks_exact_mut(8)) {
        chunk.copy_from_slice(&derive(base, &[word]).to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

/// A uniform draw from `0..bound` (Lemire's multiply-shift with rejection); 0 when `bound` is 0.
pub fn below(rng: &mut ChaCha8Rng, bound: usize) -> usize {
    let bound = bound as u64;
    if bound == 0 {
        return 0;
    }
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let product = u128::from(rng.next_u64()) * u128::from(bound);
        if product as u64 >= threshold {
            return (product >> 64) as usize;
        }
    }
}

/// A uniform draw from [0, 1).
pub fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Puts `items` into a uniformly random order (Fisher-Yates, from the back).
///
/// Written here rather than taken from a library, so that the order of a recorded run survives
/// every upgrade.
pub fn shuffle<T>(items: &mut [T], rng: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(rng, last + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mix_is_splitmix64() {
        // First outputs of the reference splitmix64.c for the seed 1234567.
        assert_eq!(mix(1_234_567_u64.wrapping_add(GOLDEN_GAMMA)), 6_457_827_717_110_365_317);
        let second = 1_234_567_u64.wrapping_add(GOLDEN_GAMMA.wrapping_mul(2));
        assert_eq!(mix(second), 3_203_168_211_198_807_973);
    }

    #[test]
    fn derived_seeds_are_pinned() {
        // From a second implementation in Python.
        assert_eq!(derive(42, &[]), 0xBDD7_3226_2FEB_6E95);
        assert_eq!(derive(42, &[1, 2]), 0x3EA2_9E87_66AC_82CA);
        assert_eq!(derive(0, &[0]), 0xD827_DD1C_5E91_8336);
    }

    #[test]
    fn shuffles_are_uniform() {
        // 6 orders of 3 items, 12,000 draws: each near 2,000 (five standard deviations: 204).
        let mut counts = std::collections::BTreeMap::new();
        let mut rng = rng(7, &[]);
        for _ in 0..12_000 {
            let mut items = [0, 1, 2];
            shuffle(&mut items, &mut rng);
            *counts.entry(items).or_insert(0_i32) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|&count| (count - 2_000).abs() < 204), "{counts:?}");
    }
}
