//! Draws that are the same on every machine and with every version of a crate of distributions.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub(crate) fn seeded(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A number of [0, 1).
pub(crate) fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// A number below `count`; 0 where there is none.
pub(crate) fn below(rng: &mut ChaCha8Rng, count: usize) -> usize {
    ((u128::from(rng.next_u64()) * count as u128) >> 64) as usize
}

/// A number of the standard normal distribution, by Box and Muller.
pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * libm::log(1.0 - uniform(rng))).sqrt();
    radius * libm::cos(std::f64::consts::TAU * uniform(rng))
}

/// `count` different numbers below `most`.
pub(crate) fn choose(rng: &mut ChaCha8Rng, count: usize, most: usize) -> Vec<u32> {
    let mut all = (0..most as u32).collect::<Vec<_>>();
    for place in 0..count.min(most) {
        let other = place + below(rng, most - place);
        all.swap(place, other);
    }
    all.truncate(count);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_moments_they_should_have() {
        let mut rng = seeded(3);
        let draws = (0..100_000).map(|_| normal(&mut rng)).collect::<Vec<_>>();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        let below = (0..60_000).map(|_| below(&mut rng, 6)).collect::<Vec<_>>();
        for face in 0..6 {
            let share = below.iter().filter(|&&one| one == face).count() as f64 / 1e4;
            assert!((share - 1.0).abs() < 0.05, "{face}: {share}");
        }
    }

    #[test]
    fn chosen_numbers_differ() {
        let mut rng = seeded(4);
        for count in 0..=7 {
            let mut chosen = choose(&mut rng, count, 7);
            chosen.sort_unstable();
            chosen.dedup();
            assert_eq!(chosen.len(), count);
            assert!(chosen.iter().all(|&one| one < 7));
        }
    }
}
