//! Brightness and contrast.

use rand_chacha::ChaCha8Rng;

use super::span::Span;
use super::step::{Image, ImageStep, Scratch, acts};
use crate::keys::Bounds;

crate::table! {
    /// Makes all pixels lighter or darker by one amount.
    pub struct Brightness = "brightness" {
        /// What is added, as a fraction of 255; one number `x` is from `-x` to `x`.
        amount: Span;
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

crate::table! {
    /// Moves all pixels away from or towards the mean of the image's values.
    pub struct Contrast = "contrast" {
        /// Factor of the distance to the mean; one number `x` is from `1 - x` to `1 + x`.
        factor: Span;
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

acts!(Brightness: Image);
acts!(Contrast: Image);

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
