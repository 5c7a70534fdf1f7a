//! Random pieces of a padded image.

use rand_chacha::ChaCha8Rng;

use super::border::Border;
use super::step::{Image, ImageStep, Scratch, acts};
use crate::keys::Bounds;
use crate::seed::below;

crate::table! {
    /// Pads the image on all sides and cuts a random piece of the old size out of it, as torchvision's `RandomCrop` with
    /// padding: a shift by whole pixels.
    pub struct RandomCrop = "crop" {
        /// Pixels on each side.
        padding: usize;
        /// What the padding is made of.
        border: Border = Border::default();
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

acts!(RandomCrop: Image);

/// No image is padded by more.
const WIDEST: usize = 4096;

impl ImageStep for RandomCrop {
    fn check(&self) -> Result<(), String> {
        if self.padding > WIDEST {
            return Err(format!("`padding`: expected at most {WIDEST} pixels, found {}", self.padding));
        }
        self.border.check()
    }

    fn apply(&self, image: &mut Image<'_>, rng: &mut ChaCha8Rng, scratch: &mut Scratch) {
        let mut offset = || below(rng, 2 * self.padding + 1) as i64 - self.padding as i64;
        let (right, down) = (offset(), offset());
        let (width, height, border) = (image.width, image.height, self.border);
        let source = scratch.copy(image.pixels);
        for (plane, source) in image.planes().zip(source.chunks_exact(width * height)) {
            for (row, line) in (0..).zip(plane.chunks_exact_mut(width)) {
                let from =
                    border.place(row + down, height).and_then(|row| source.chunks_exact(width).nth(row));
                for (column, pixel) in (0..).zip(line) {
                    let value = from.zip(border.place(column + right, width)).map(|(row, place)| row[place]);
                    *pixel = value.unwrap_or(border.value());
                }
            }
        }
    }
}
