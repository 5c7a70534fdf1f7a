//! Mirror images.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::step::{Image, ImageStep, Scratch, always};

/// Left and right change places.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HorizontalFlip {
    /// Probability.
    #[serde(default = "always")]
    pub p: f64,
}

/// Top and bottom change places.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerticalFlip {
    /// Probability.
    #[serde(default = "always")]
    pub p: f64,
}

impl ImageStep for HorizontalFlip {
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    fn apply(&self, image: &mut Image<'_>, _: &mut ChaCha8Rng, _: &mut Scratch) {
        image.pixels.chunks_exact_mut(image.width).for_each(<[f32]>::reverse);
    }
}

impl ImageStep for VerticalFlip {
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

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
