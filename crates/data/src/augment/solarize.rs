//! Pixels beyond a brightness turned into their negatives.

use rand_chacha::ChaCha8Rng;

use super::span::Span;
use super::step::{Image, ImageStep, Scratch, acts};
use crate::keys::Bounds;

crate::table! {
    /// Turns pixels from a threshold on into their negatives, `255 - value`, as Pillow's `ImageOps.solarize`; from 0 on, the
    /// whole image.
    pub struct Solarize = "solarize" {
        /// Pixel value from which on they are turned; a range is drawn from once per image.
        threshold: Span = Span::One(128.0);
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

acts!(Solarize: Image);

impl ImageStep for Solarize {
    fn check(&self) -> Result<(), String> {
        self.threshold.exactly().check("threshold", 0.0, 256.0)
    }

    fn apply(&self, image: &mut Image<'_>, rng: &mut ChaCha8Rng, _: &mut Scratch) {
        solarize(image, self.threshold.exactly().draw(rng) as f32);
    }
}

/// Turns pixels from `threshold` on into their negatives.
pub(super) fn solarize(image: &mut Image<'_>, threshold: f32) {
    for pixel in image.pixels.iter_mut().filter(|pixel| **pixel >= threshold) {
        *pixel = 255.0 - *pixel;
    }
}
