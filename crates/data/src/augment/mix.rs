//! Mixing the samples of a batch and their targets.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Beta, Distribution};

use super::cutout::Patch;
use super::step::{MixStep, acts};
use crate::keys::Bounds;

crate::table! {
    /// Weighted means of two samples and of their targets (Zhang et al., "mixup: beyond empirical risk minimization", 2018).
    pub struct Mixup = "mixup" {
        /// Both parameters of the Beta distribution of the weight: near 0 hardly mixes, 1 mixes evenly.
        alpha: f64, Bounds::up_to(0.0, 1000.0);
        /// Probability, of each sample.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

crate::table! {
    /// A rectangle of another image, the targets weighted by area (Yun et al., "CutMix: regularization strategy to train
    /// strong classifiers with localizable features", 2019).
    pub struct Cutmix = "cutmix" {
        /// Both parameters of the Beta distribution of the share that stays.
        alpha: f64, Bounds::up_to(0.0, 1000.0);
        /// Probability, of each sample.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

acts!(Mixup: Mix);
acts!(Cutmix: Mix);

fn share(alpha: f64, rng: &mut ChaCha8Rng) -> f64 {
    Beta::new(alpha, alpha).map_or(1.0, |beta| beta.sample(rng))
}

impl MixStep for Mixup {
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
