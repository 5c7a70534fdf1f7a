//! The fixed kernels of MiniRocket, and what their dilations and quantiles are (Dempster et al. 2021).

use crate::{Result, RocketError};

/// Number of fixed kernels: all ways to place three weights of 2 among nine, the other six being -1.
pub const KERNELS: usize = 84;

/// Weights of a kernel.
pub const KERNEL_LENGTH: usize = 9;

/// The three places of weight 2 of each kernel, in lexicographic order.
pub const TRIPLES: [[usize; 3]; KERNELS] = triples();

const fn triples() -> [[usize; 3]; KERNELS] {
    let mut all = [[0; 3]; KERNELS];
    let (mut at, mut a) = (0, 0);
    while a < KERNEL_LENGTH {
        let mut b = a + 1;
        while b < KERNEL_LENGTH {
            let mut c = b + 1;
            while c < KERNEL_LENGTH {
                all[at] = [a, b, c];
                at += 1;
                c += 1;
            }
            b += 1;
        }
        a += 1;
    }
    all
}

/// The dilations of every kernel and how many features each gets, for series of the length `reference`: spread evenly
/// on a logarithmic scale from 1 to where a kernel is as long as the series.
pub(crate) fn spread(reference: usize, features: usize, max_dilations: usize) -> (Vec<u32>, Vec<u32>) {
    let per_kernel = (features / KERNELS).max(1);
    let points = per_kernel.min(max_dilations).max(1);
    let longest = reference.max(KERNEL_LENGTH) - 1;
    let exponent = libm::log2(longest as f64 / (KERNEL_LENGTH as f64 - 1.0));
    let step = exponent / (points.max(2) - 1) as f64;
    let (mut dilations, mut counts) = (Vec::<u32>::new(), Vec::<u32>::new());
    for point in 0..points {
        // The last in whole numbers: a power would be rounded to below it or not, as chance and processor have it.
        let last = point > 0 && point + 1 == points;
        let spread = libm::exp2(point as f64 * step) as usize;
        let dilation = if last { longest / (KERNEL_LENGTH - 1) } else { spread } as u32;
        match counts.last_mut() {
            Some(count) if dilations.last() == Some(&dilation) => *count += 1,
            _ => {
                dilations.push(dilation);
                counts.push(1);
            }
        }
    }
    let multiplier = per_kernel as f64 / points as f64;
    counts.iter_mut().for_each(|count| *count = (f64::from(*count) * multiplier) as u32);
    let missing = per_kernel - counts.iter().sum::<u32>() as usize;
    let dilation_count = counts.len();
    for extra in 0..missing {
        counts[extra % dilation_count] += 1;
    }
    (dilations, counts)
}

/// The first `count` numbers of the low-discrepancy sequence of the golden ratio.
pub(crate) fn quantiles(count: usize) -> Vec<f32> {
    let golden = (5.0_f64.sqrt() + 1.0) / 2.0;
    (1..=count).map(|one| (one as f64 * golden % 1.0) as f32).collect()
}

/// The quantile of ascending values, linear between two of them.
pub(crate) fn quantile(ascending: &[f32], quantile: f32) -> f32 {
    let place = f64::from(quantile) * (ascending.len() - 1) as f64;
    let lower = place as usize;
    let [low, high] = [lower, lower + 1].map(|at| f64::from(ascending[at.min(ascending.len() - 1)]));
    (low + (high - low) * (place - lower as f64)) as f32
}

/// Checks how many features are asked for, and how many dilations.
pub(crate) fn check_counts(key: &'static str, features: usize, max_dilations: usize) -> Result<()> {
    for (key, found, least, most) in
        [(key, features, KERNELS, 10_000_000), ("max_dilations", max_dilations, 1, 1_000)]
    {
        if !(least..=most).contains(&found) {
            let expected = format!("a number from {least} to {most}");
            return Err(RocketError::Config { key, expected, found: found.to_string() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn kernels_are_all_triples_of_nine() {
        assert_eq!(TRIPLES[0], [0, 1, 2]);
        assert_eq!(TRIPLES[83], [6, 7, 8]);
        assert!(TRIPLES.is_sorted() && TRIPLES.iter().all(|triple| triple.is_sorted()));
    }

    #[test]
    fn every_kernel_gets_its_features_whatever_the_length() {
        for reference in [1, 9, 10, 24, 150, 427, 5_000, 100_000] {
            for features in [84, 200, 6_250, 10_000, 50_000] {
                let (dilations, counts) = spread(reference, features, 32);
                assert_eq!(counts.iter().sum::<u32>() as usize, features / KERNELS, "{reference}");
                assert!(dilations.is_sorted() && dilations[0] == 1 && dilations.len() <= 32);
                assert!(dilations[dilations.len() - 1] as usize <= (reference.max(9) - 1) / 8);
                assert!(counts.iter().all(|&count| count > 0));
            }
        }
    }

    #[test]
    fn dilations_are_aeons() {
        #[derive(serde::Deserialize)]
        struct Fixture {
            dilations: Vec<Spread>,
        }
        #[derive(serde::Deserialize)]
        struct Spread {
            case: String,
            length: usize,
            features: usize,
            max_dilations: usize,
            dilations: Vec<u32>,
            counts: Vec<u32>,
        }
        let path =
            format!("{}/../../tests/fixtures/rocket.json", std::env::var("CARGO_MANIFEST_DIR").unwrap());
        let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for Spread { case, length, features, max_dilations, dilations, counts } in fixture.dilations {
            assert_eq!(spread(length, features, max_dilations), (dilations, counts), "{case}");
        }
    }

    #[test]
    fn quantiles_lie_between_the_values() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 1.0), 4.0);
        assert_eq!(quantile(&[5.0], 0.3), 5.0);
    }
}
