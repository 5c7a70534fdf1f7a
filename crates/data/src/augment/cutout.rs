//! Holes in images.

use rand_chacha::ChaCha8Rng;

use super::step::{Image, ImageStep, Scratch, acts};
use crate::keys::Bounds;
use crate::seed::below;

crate::table! {
    /// Covers rectangles of all channels with one value (DeVries and Taylor, "Improved regularization of convolutional neural
    /// networks with cutout", 2017). Their centres are anywhere; what would lie outside is cut off.
    pub struct Cutout = "cutout" {
        /// Sides of a hole as a fraction of the image's.
        size: f64, Bounds::within(0.0, 1.0);
        /// How many.
        holes: usize = 1, Bounds::within(0.0, 1000.0);
        /// What is put there, in pixel values.
        value: f32 = 0.0, Bounds::within(0.0, 255.0);
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

acts!(Cutout: Image);

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
