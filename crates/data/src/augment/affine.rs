//! Turning, shifting, scaling and shearing, each alone or in one resampling.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::border::Border;
use super::span::Span;
use super::step::{Image, ImageStep, Scratch, always};
use super::warp::{Motion, warp};

/// Turns the image about its centre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotate {
    /// Angle in degrees, anticlockwise; one number `x` is from `-x` to `x`.
    pub degrees: Span,
    /// What lies outside.
    #[serde(default)]
    pub border: Border,
    /// Probability.
    #[serde(default = "always")]
    pub p: f64,
}

/// Shifts the image along both axes, each drawn on its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// Fraction of the width and of the height; one number `x` is from `-x` to `x`.
    pub shift: Span,
    /// What lies outside.
    #[serde(default)]
    pub border: Border,
    /// Probability.
    #[serde(default = "always")]
    pub p: f64,
}

/// Enlarges or shrinks the image about its centre; its size stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Factor; one number `x` is from `1 - x` to `1 + x`.
    pub scale: Span,
    /// What lies outside.
    #[serde(default)]
    pub border: Border,
    /// Probability.
    #[serde(default = "always")]
    pub p: f64,
}

/// Shears, turns, scales and shifts with one resampling, which blurs less than one after another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Affine {
    /// As in [`Rotate`].
    #[serde(default = "nothing")]
    pub degrees: Span,
    /// As in [`Shift`].
    #[serde(default = "nothing")]
    pub shift: Span,
    /// As in [`Scale`].
    #[serde(default = "nothing")]
    pub scale: Span,
    /// Angle by which upright lines lean, degrees; one number `x` is from `-x` to `x`.
    #[serde(default = "nothing")]
    pub shear: Span,
    /// What lies outside.
    #[serde(default)]
    pub border: Border,
    /// Probability.
    #[serde(default = "always")]
    pub p: f64,
}

fn nothing() -> Span {
    Span::One(0.0)
}

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
                    degrees: nothing(),
                    shift: nothing(),
                    scale: nothing(),
                    shear: nothing(),
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
