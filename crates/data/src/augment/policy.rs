//! Policies that choose among the operations on images for themselves.

use rand_chacha::ChaCha8Rng;

use super::border::Border;
use super::operations::Operation;
use super::step::{Image, ImageStep, Scratch, acts};
use crate::keys::Bounds;
use crate::seed::{below, uniform};

crate::table! {
    /// One operation of fourteen on each image, of any strength (Müller and Hutter, "TrivialAugment: tuning-free yet state-of-the-art data
    /// augmentation", 2021, the wide space): shears, translations, turns, brightness, colour, contrast, sharpness, fewer bits, negatives,
    /// stretched or equalized values.
    pub struct TrivialAugment = "trivial-augment" {
        /// What lies outside.
        border: Border = Border::Constant(0.0);
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

crate::table! {
    /// So many operations of the same fourteen one after another, of one strength (Cubuk et al., "RandAugment: practical automated data
    /// augmentation with a reduced search space", 2020).
    pub struct RandAugment = "rand-augment" {
        /// Operations.
        count: usize = 2, Bounds::within(1.0, 14.0);
        /// Their strength, of at most 30.
        magnitude: f64 = 9.0, Bounds::within(0.0, 30.0);
        /// What lies outside.
        border: Border = Border::Constant(0.0);
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

acts!(TrivialAugment: Image);
acts!(RandAugment: Image);

/// The highest strength of the published scales, which have 31 steps.
const STRONGEST: f64 = 30.0;

/// How far each operation goes at full strength.
struct Space {
    shear: f64,
    /// Pixels of a side of so many.
    translation: fn(usize) -> f64,
    degrees: f64,
    factor: f64,
    /// Bits that are taken away.
    bits: f64,
}

const WIDE: Space = Space { shear: 0.99, translation: |_| 32.0, degrees: 135.0, factor: 0.99, bits: 6.0 };
/// The sides are those of the paper's images.
const RAND: Space = Space {
    shear: 0.3,
    translation: |side| side as f64 * 150.0 / 331.0,
    degrees: 30.0,
    factor: 0.9,
    bits: 4.0,
};

impl Space {
    /// What `operation` takes as its strength at `share` of the full one.
    fn strength(&self, operation: Operation, share: f64, image: &Image<'_>) -> f64 {
        match operation {
            Operation::Identity | Operation::Autocontrast | Operation::Equalize => 0.0,
            Operation::ShearX | Operation::ShearY => share * self.shear,
            Operation::TranslateX => share * (self.translation)(image.width),
            Operation::TranslateY => share * (self.translation)(image.height),
            Operation::Rotate => share * self.degrees,
            Operation::Brightness | Operation::Colour | Operation::Contrast | Operation::Sharpness => {
                share * self.factor
            }
            Operation::Posterize => 8.0 - (share * self.bits).round(),
            Operation::Solarize => 255.0 * (1.0 - share),
        }
    }

    /// Draws an operation and its sign, and does it.
    fn one(
        &self,
        share: f64,
        image: &mut Image<'_>,
        border: Border,
        rng: &mut ChaCha8Rng,
        scratch: &mut Scratch,
    ) {
        let Some(&operation) = Operation::ALL.get(below(rng, Operation::ALL.len())) else { return };
        let sign = if operation.has_sign() && uniform(rng) < 0.5 { -1.0 } else { 1.0 };
        operation.apply(sign * self.strength(operation, share, image), image, border, scratch);
    }
}

impl ImageStep for TrivialAugment {
    fn check(&self) -> Result<(), String> {
        self.border.check()
    }

    fn apply(&self, image: &mut Image<'_>, rng: &mut ChaCha8Rng, scratch: &mut Scratch) {
        let share = below(rng, STRONGEST as usize + 1) as f64 / STRONGEST;
        WIDE.one(share, image, self.border, rng, scratch);
    }
}

impl ImageStep for RandAugment {
    fn check(&self) -> Result<(), String> {
        self.border.check()
    }

    fn apply(&self, image: &mut Image<'_>, rng: &mut ChaCha8Rng, scratch: &mut Scratch) {
        for _ in 0..self.count {
            RAND.one(self.magnitude / STRONGEST, image, self.border, rng, scratch);
        }
    }
}
