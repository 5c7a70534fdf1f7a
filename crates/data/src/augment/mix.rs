//! Mixing the samples of a batch and their targets.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Beta, Distribution};
use serde::{Deserialize, Serialize};

use super::cutout::Patch;
use super::step::{MixStep, always};

/// Weighted means of two samples and of their targets (Zhang et al., "mixup: beyond empirical risk minimization", 2018).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixup {
    /// Both parameters of the Beta distribution of the weight: near 0 hardly mixes, 1 mixes evenly.
    pub alpha: f64,
    /// Probability, of each sample.
    #[serde(default = "always")]
    pub p: f64,
}

/// A rectangle of another image, the targets weighted by area (Yun et al., "CutMix: regularization strategy to train
/// strong classifiers with localizable features", 2019).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cutmix {
    /// Both parameters of the Beta distribution of the share that stays.
    pub alpha: f64,
    /// Probability, of each sample.
    #[serde(default = "always")]
    pub p: f64,
}

fn check(alpha: f64) -> Result<(), String> {
    match (0.0..=1000.0).contains(&alpha) && alpha > 0.0 {
        true => Ok(()),
        false => Err(format!("`alpha`: expected a number above 0, at most 1000, found {alpha}")),
    }
}

fn share(alpha: f64, rng: &mut ChaCha8Rng) -> f64 {
    Beta::new(alpha, alpha).map_or(1.0, |beta| beta.sample(rng))
}

impl MixStep for Mixup {
    fn check(&self) -> Result<(), String> {
        check(self.alpha)
    }

    fn needs_image(&self) -> bool {
        false
    }

    fn mix(&self, sample: &mut [f32], partner: &[f32], _: &[usize], rng: &mut ChaCha8Rng) -> f32 {
        let share = share(self.alpha, rng) as f32;
        sample.iter_mut().zip(partner).for_each(|(value, other)| *value += (other - *value) * (1.0 - share));
        share
    }
}

impl MixStep for Cutmix {
    fn check(&self) -> Result<(), String> {
        check(self.alpha)
    }

    fn needs_image(&self) -> bool {
        true
    }

    fn mix(&self, sample: &mut [f32], partner: &[f32], shape: &[usize], rng: &mut ChaCha8Rng) -> f32 {
        let &[_, height, width] = shape else { return 1.0 };
        let cut = (1.0 - share(self.alpha, rng)).sqrt();
        let size = [height, width].map(|side| (side as f64 * cut) as usize);
        let piece = Patch::draw(rng, [height, width], size);
        let planes = sample.chunks_exact_mut(height * width).zip(partner.chunks_exact(height * width));
        for (plane, partner) in planes {
            let others = partner.chunks_exact(width).skip(piece.rows[0]);
            for (row, other) in piece.rows(plane, width).zip(others) {
                row.copy_from_slice(&other[piece.columns[0]..piece.columns[1]]);
            }
        }
        1.0 - (piece.area() as f64 / (height * width) as f64) as f32
    }
}
