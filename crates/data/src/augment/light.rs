//! Brightness and contrast.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::span::Span;
use super::step::{Image, ImageStep, Scratch, always};

/// Makes all pixels lighter or darker by one amount.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brightness {
    /// What is added, as a fraction of 255; one number `x` is from `-x` to `x`.
    pub amount: Span,
    /// Probability.
    #[serde(default = "always")]
    pub p: f64,
}

/// Moves all pixels away from or towards the mean of the image's values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contrast {
    /// Factor of the distance to the mean; one number `x` is from `1 - x` to `1 + x`.
    pub factor: Span,
    /// Probability.
    #[serde(default = "always")]
    pub p: f64,
}

impl ImageStep for Brightness {
    fn check(&self) -> Result<(), String> {
        self.amount.around(0.0).check("amount", -1.0, 1.0)
    }

    fn apply(&self, image: &mut Image<'_>, rng: &mut ChaCha8Rng, _: &mut Scratch) {
        let amount = (255.0 * self.amount.around(0.0).draw(rng)) as f32;
        image.pixels.iter_mut().for_each(|pixel| *pixel = (*pixel + amount).clamp(0.0, 255.0));
    }
}

impl ImageStep for Contrast {
    fn check(&self) -> Result<(), String> {
        self.factor.around(1.0).check("factor", 0.0, 100.0)
    }

    fn apply(&self, image: &mut Image<'_>, rng: &mut ChaCha8Rng, _: &mut Scratch) {
        let factor = self.factor.around(1.0).draw(rng) as f32;
        let sum = image.pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>();
        let mean = (sum / image.pixels.len() as f64) as f32;
        // Written so that the factor 1 adds nothing.
        let change = factor - 1.0;
        image
            .pixels
            .iter_mut()
            .for_each(|pixel| *pixel = (*pixel + (*pixel - mean) * change).clamp(0.0, 255.0));
    }
}
