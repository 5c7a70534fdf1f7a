//! Randomness as a function of a seed and of what it is for: no generator is shared, so no draw depends on what was
//! drawn before it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// First parts that keep the uses of one seed apart.
pub(crate) mod purpose {
    /// Values of a trial, drawn uniformly.
    pub(crate) const UNIFORM: u64 = 1;
    /// Scrambling of a dimension of the Sobol sequence.
    pub(crate) const SCRAMBLE: u64 = 2;
    /// Candidates of TPE.
    pub(crate) const CANDIDATES: u64 = 3;
    /// The bracket of a trial.
    pub(crate) const BRACKET: u64 = 4;
}

/// The output function of SplitMix64 (Steele, Lea and Flood, 2014).
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A new seed from `seed` and the parts of a name; the order and the number of parts count.
pub(crate) fn derive(seed: u64, parts: &[u64]) -> u64 {
    const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
    let first = mix(seed.wrapping_add(GOLDEN_GAMMA));
    parts.iter().fold(first, |state, &part| {
        mix(state.wrapping_add(GOLDEN_GAMMA) ^ mix(part.wrapping_add(GOLDEN_GAMMA)))
    })
}

/// A ChaCha stream for the given purpose.
pub(crate) fn rng(seed: u64, parts: &[u64]) -> ChaCha8Rng {
    let base = derive(seed, parts);
    let mut key = [0_u8; 32];
    for (word, chunk) in (0_u64..).zip(key.chunks_exact_mut(8)) {
        chunk.copy_from_slice(&derive(base, &[word]).to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

/// A number that stands for a key, so that its draws do not depend on the keys beside it (FNV-1a).
pub(crate) fn name(key: &str) -> u64 {
    key.bytes()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// A uniform draw from [0, 1).
pub(crate) fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn derived_seeds_are_those_of_the_rest_of_brasa() {
        // The same pins as in `brasa_data::seed`, from a second implementation in Python.
        assert_eq!(derive(42, &[]), 0xBDD7_3226_2FEB_6E95);
        assert_eq!(derive(42, &[1, 2]), 0x3EA2_9E87_66AC_82CA);
        assert_eq!(derive(0, &[0]), 0xD827_DD1C_5E91_8336);
    }

    #[test]
    fn keys_have_numbers_of_their_own() {
        assert_eq!(name(""), 0xCBF2_9CE4_8422_2325);
        // From the reference test vectors of FNV-1a.
        assert_eq!(name("foobar"), 0x8594_4171_F739_67E8);
    }
}
