//! Turning, shifting, scaling and shearing, each alone or in one resampling.

use rand_chacha::ChaCha8Rng;

use super::border::Border;
use super::span::Span;
use super::step::{Image, ImageStep, Scratch, acts};
use super::warp::{Motion, warp};
use crate::keys::Bounds;

crate::table! {
    /// Turns the image about its centre.
    pub struct Rotate = "rotate" {
        /// Angle in degrees, anticlockwise; one number `x` is from `-x` to `x`.
        degrees: Span;
        /// What lies outside.
        border: Border = Border::default();
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

crate::table! {
    /// Shifts the image along both axes, each drawn on its own.
    pub struct Shift = "shift" {
        /// Fraction of the width and of the height; one number `x` is from `-x` to `x`.
        shift: Span;
        /// What lies outside.
        border: Border = Border::default();
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

crate::table! {
    /// Enlarges or shrinks the image about its centre; its size stays.
    pub struct Scale = "scale" {
        /// Factor; one number `x` is from `1 - x` to `1 + x`.
        scale: Span;
        /// What lies outside.
        border: Border = Border::default();
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

crate::table! {
    /// Shears, turns, scales and shifts with one resampling, which blurs less than one after another.
    pub struct Affine = "affine" {
        /// As in [`Rotate`].
        degrees: Span = Span::One(0.0);
        /// As in [`Shift`].
        shift: Span = Span::One(0.0);
        /// As in [`Scale`].
        scale: Span = Span::One(0.0);
        /// Angle by which upright lines lean, degrees; one number `x` is from `-x` to `x`.
        shear: Span = Span::One(0.0);
        /// What lies outside.
        border: Border = Border::default();
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

acts!(Rotate: Image);
acts!(Shift: Image);
acts!(Scale: Image);
acts!(Affine: Image);

impl Affine {
    fn draw(&self, image: &Image<'_>, rng: &mut ChaCha8Rng) -> Motion {
        let mut shift = |side: usize| self.shift.around(0.0).draw(rng) * side as f64;
        let shift = [shift(image.width), shift(image.height)];
        Motion {
            degrees: self.degrees.around(0.0).draw(rng),
            scale: self.scale.around(1.0).draw(rng),
            shear: self.shear.around(0.0).draw(rng),
            shift,
        }
    }
}

impl ImageStep for Affine {
    fn check(&self) -> Result<(), String> {
        self.degrees.around(0.0).check("degrees", -360.0, 360.0)?;
        self.shift.around(0.0).check("shift", -1.0, 1.0)?;
        self.scale.around(1.0).check("scale", 0.05, 20.0)?;
        self.shear.around(0.0).check("shear", -80.0, 80.0)?;
        self.border.check()
    }

    fn apply(&self, image: &mut Image<'_>, rng: &mut ChaCha8Rng, scratch: &mut Scratch) {
        let motion = self.draw(image, rng);
        warp(image, &motion, self.border, scratch);
    }
}

/// A kind that is an affine map of which the rest stands still.
macro_rules! part_of_affine {
    ($kind:ident, $key:ident) => {
        impl From<&$kind> for Affine {
            fn from(part: &$kind) -> Self {
                let still = Self {
                    degrees: Span::One(0.0),
                    shift: Span::One(0.0),
                    scale: Span::One(0.0),
                    shear: Span::One(0.0),
                    border: part.border,
                    p: part.p,
                };
                Self { $key: part.$key, ..still }
            }
        }

        impl ImageStep for $kind {
            fn check(&self) -> Result<(), String> {
                Affine::from(self).check()
            }

            fn apply(&self, image: &mut Image<'_>, rng: &mut ChaCha8Rng, scratch: &mut Scratch) {
                Affine::from(self).apply(image, rng, scratch);
            }
        }
    };
}

part_of_affine!(Rotate, degrees);
part_of_affine!(Shift, shift);
part_of_affine!(Scale, scale);
