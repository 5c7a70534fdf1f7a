//! Mirror images.

use rand_chacha::ChaCha8Rng;

use super::step::{Image, ImageStep, Scratch, acts};
use crate::keys::Bounds;

crate::table! {
    /// Left and right change places.
    pub struct HorizontalFlip = "horizontal-flip" {
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

crate::table! {
    /// Top and bottom change places.
    pub struct VerticalFlip = "vertical-flip" {
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

acts!(HorizontalFlip: Image);
acts!(VerticalFlip: Image);

impl ImageStep for HorizontalFlip {
    fn apply(&self, image: &mut Image<'_>, _: &mut ChaCha8Rng, _: &mut Scratch) {
        image.pixels.chunks_exact_mut(image.width).for_each(<[f32]>::reverse);
    }
}

impl ImageStep for VerticalFlip {
    fn apply(&self, image: &mut Image<'_>, _: &mut ChaCha8Rng, _: &mut Scratch) {
        let width = image.width;
        for plane in image.planes() {
            let mut rows = plane.chunks_exact_mut(width);
            while let (Some(upper), Some(lower)) = (rows.next(), rows.next_back()) {
                upper.swap_with_slice(lower);
            }
        }
    }
}
