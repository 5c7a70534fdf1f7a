//! Holes in images.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::step::{Image, ImageStep, Scratch, always};
use crate::seed::below;

/// Covers rectangles of all channels with one value (DeVries and Taylor, "Improved regularization of convolutional neural
/// networks with cutout", 2017). Their centres are anywhere; what would lie outside is cut off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cutout {
    /// Sides of a hole as a fraction of the image's.
    pub size: f64,
    /// How many.
    #[serde(default = "one")]
    pub holes: usize,
    /// What is put there, 0 to 255.
    #[serde(default)]
    pub value: f32,
    /// Probability.
    #[serde(default = "always")]
    pub p: f64,
}

fn one() -> usize {
    1
}

/// A rectangle of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patch {
    pub columns: [usize; 2],
    pub rows: [usize; 2],
}

impl Patch {
    /// A patch of `size` (height, width) about a random centre, as far as it is inside.
    pub fn draw(rng: &mut ChaCha8Rng, [height, width]: [usize; 2], size: [usize; 2]) -> Self {
        let mut side = |whole: usize, part: usize| {
            let start = below(rng, whole) as i64 - part as i64 / 2;
            [start, start + part as i64].map(|end| end.clamp(0, whole as i64) as usize)
        };
        let rows = side(height, size[0]);
        Self { rows, columns: side(width, size[1]) }
    }

    /// Pixels of one plane.
    pub fn area(&self) -> usize {
        (self.columns[1] - self.columns[0]) * (self.rows[1] - self.rows[0])
    }

    /// The patch in each row of one plane.
    pub fn rows<'a>(&self, plane: &'a mut [f32], width: usize) -> impl Iterator<Item = &'a mut [f32]> {
        let ([left, right], [top, bottom]) = (self.columns, self.rows);
        plane.chunks_exact_mut(width).take(bottom).skip(top).filter_map(move |row| row.get_mut(left..right))
    }
}

impl ImageStep for Cutout {
    fn check(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.size) {
            return Err(format!("`size`: expected a fraction of the sides, found {}", self.size));
        }
        if self.holes > 1000 {
            return Err(format!("`holes`: expected at most 1000, found {}", self.holes));
        }
        match (0.0..=255.0).contains(&self.value) {
            true => Ok(()),
            false => Err(format!("`value`: expected a number from 0 to 255, found {}", self.value)),
        }
    }

    fn apply(&self, image: &mut Image<'_>, rng: &mut ChaCha8Rng, _: &mut Scratch) {
        let (height, width) = (image.height, image.width);
        let size = [height, width].map(|side| (side as f64 * self.size).round() as usize);
        for _ in 0..self.holes {
            let hole = Patch::draw(rng, [height, width], size);
            for plane in image.planes() {
                hole.rows(plane, width).for_each(|row| row.fill(self.value));
            }
        }
    }
}
