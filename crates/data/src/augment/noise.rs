//! Gaussian noise on pixels.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::span::Span;
use super::step::{Image, ImageStep, Scratch, acts};
use crate::keys::Bounds;

crate::table! {
    /// Adds independent normal noise to every value.
    pub struct Noise = "noise" {
        /// Standard deviation in pixel values (0 to 255); a range is drawn from once per image.
        std: Span;
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

acts!(Noise: Image);

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
