//! Gaussian noise on pixels.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use super::span::Span;
use super::step::{Image, ImageStep, Scratch, always};

/// Adds independent normal noise to every value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// Standard deviation in pixel values (0 to 255); a range is drawn from once per image.
    pub std: Span,
    /// Probability.
    #[serde(default = "always")]
    pub p: f64,
}

impl ImageStep for Noise {
    fn check(&self) -> Result<(), String> {
        self.std.exactly().check("std", 0.0, 255.0)
    }

    fn apply(&self, image: &mut Image<'_>, rng: &mut ChaCha8Rng, _: &mut Scratch) {
        let std = self.std.exactly().draw(rng) as f32;
        for pixel in image.pixels.iter_mut() {
            let draw: f32 = StandardNormal.sample(rng);
            *pixel = (*pixel + std * draw).clamp(0.0, 255.0);
        }
    }
}
