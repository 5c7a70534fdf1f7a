//! Random changes of training samples, each a function of seed, epoch, sample and step.

mod affine;
mod axes;
mod blur;
mod border;
mod crop;
mod cutout;
mod flip;
mod light;
mod mix;
mod noise;
mod operations;
mod policy;
mod series;
mod solarize;
mod span;
mod step;
mod warp;

use serde::{Deserialize, Deserializer, Serialize};

pub use affine::{Affine, Rotate, Scale, Shift};
pub use axes::AxisRotation;
pub use blur::Blur;
pub use border::Border;
pub use crop::RandomCrop;
pub use cutout::Cutout;
pub use flip::{HorizontalFlip, VerticalFlip};
pub use light::{Brightness, Contrast};
pub use mix::{Cutmix, Mixup};
pub use noise::Noise;
pub use policy::{RandAugment, TrivialAugment};
pub use series::{ChannelScaling, Jitter, TimeShift};
pub use solarize::Solarize;
pub use span::Span;
pub(crate) use step::Scratch;

use crate::keys::{Entries, Fault, Location, described};
use crate::{DataError, Result, seed};
use step::{Action, Image, Series};

crate::kinds! {
    /// A step: in recipes a table with its `kind`, the keys of the kind, and the probability `p` (1 when absent).
    pub enum AugmentStep: pub(self) step::Step {
        HorizontalFlip(HorizontalFlip),
        VerticalFlip(VerticalFlip),
        Rotate(Rotate),
        Shift(Shift),
        Scale(Scale),
        Affine(Affine),
        Crop(RandomCrop),
        Brightness(Brightness),
        Contrast(Contrast),
        Blur(Blur),
        Noise(Noise),
        Cutout(Cutout),
        Mixup(Mixup),
        Cutmix(Cutmix),
        Jitter(Jitter),
        ChannelScaling(ChannelScaling),
        TimeShift(TimeShift),
        AxisRotation(AxisRotation),
        Solarize(Solarize),
        TrivialAugment(TrivialAugment),
        RandAugment(RandAugment),
    }
}

/// The `[augment]` table of a recipe: steps in the order in which they change a sample.
///
/// Samples are changed as they were read, before scaling. Pixels are numbers from 0 to 255: what a step would push
/// beyond is cut off; nothing is rounded to whole numbers in between.
///
/// ```
/// use std::sync::Arc;
///
/// use brasa_data::augment::AugmentConfig;
///
/// let config: AugmentConfig = toml::from_str(r#"
///     steps = [
///         { kind = "vertical-flip", p = 0.25 },
///         { kind = "rotate", degrees = 22, border = "reflect", p = 0.5 },
///         { kind = "noise", std = [0.0, 8.0] },
///     ]
/// "#)?;
/// let augment = Arc::new(config.check(&[1, 48, 48])?);
/// assert!(!augment.mixes());
///
/// let misfit = config.check(&[4]).unwrap_err().to_string();
/// assert!(misfit.starts_with("[augment] `steps[0]`: \"vertical-flip\": it needs images"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct AugmentConfig {
    /// The steps; none changes nothing.
    pub steps: Vec<AugmentStep>,
    /// Whether evaluation and prediction answer with the mean of the outputs for an image and for its mirror image (test-time augmentation).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub test_flip: bool,
}

impl AugmentConfig {
    /// Reads the table.
    ///
    /// # Errors
    /// A key or a kind that does not exist, a key that is missing, or a value of the wrong type.
    pub fn read(table: toml::Table) -> std::result::Result<Self, Fault> {
        let mut entries = Entries::new(table);
        entries.only("[augment]", &["steps", "test_flip"])?;
        let test_flip = entries.take("test_flip")?.unwrap_or_default();
        let list = match entries.take_value("steps") {
            None => Vec::new(),
            Some(toml::Value::Array(list)) => list,
            Some(one) => vec![one],
        };
        let step = |(place, value): (usize, toml::Value)| {
            let read = match value {
                toml::Value::Table(table) => AugmentStep::take(&mut Entries::new(table), &[]),
                other => Err(Fault::value("", "a table with a `kind`", described(&other))),
            };
            read.map_err(|fault| fault.within(&format!("steps[{place}]")))
        };
        let steps = list.into_iter().enumerate().map(step).collect::<std::result::Result<_, _>>()?;
        Ok(Self { steps, test_flip })
    }

    /// Whether nothing is changed, in training or in evaluation.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && !self.test_flip
    }

    /// Whether a step mixes samples and their targets.
    #[must_use]
    pub fn mixes(&self) -> bool {
        self.steps.iter().any(AugmentStep::mixes)
    }

    /// Checks all that does not depend on the samples' shape.
    ///
    /// # Errors
    /// [`DataError::Config`] naming the step and the key.
    pub fn check_values(&self) -> Result<()> {
        self.check_steps(None)
    }

    /// The steps for samples of `shape`.
    ///
    /// # Errors
    /// [`DataError::Config`] naming the step: a value that cannot be, or a kind that does not fit the shape.
    pub fn check(&self, shape: &[usize]) -> Result<Augment> {
        self.check_steps(Some(shape))?;
        Ok(Augment { steps: self.steps.clone(), shape: shape.to_vec(), mixes: self.mixes() })
    }

    fn check_steps(&self, shape: Option<&[usize]>) -> Result<()> {
        if let Some(shape) = shape.filter(|shape| self.test_flip && shape.len() != 3) {
            let at = Location::key("test_flip").into();
            let problem =
                format!("it needs images [channels, height, width]; the samples have the shape {shape:?}");
            return Err(DataError::Config { table: "augment", at, problem });
        }
        for (place, step) in self.steps.iter().enumerate() {
            step.check(shape).map_err(|problem| DataError::augment(place, step.name(), problem))?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for AugmentConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Self::read(toml::Table::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Steps that fit the samples of one shape, for [`Loader::with_augment`](crate::Loader::with_augment).
#[derive(Debug, Clone, PartialEq)]
pub struct Augment {
    steps: Vec<AugmentStep>,
    shape: Vec<usize>,
    mixes: bool,
}

/// One appearance of a sample in an epoch: what its draws derive from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Appearance {
    pub epoch: u64,
    /// Row of the data set.
    pub row: usize,
    /// How often the row came before in this epoch; not 0 only where rows are drawn with replacement.
    pub copy: u64,
}

/// Samples of one batch.
pub(crate) struct Unscaled<'a> {
    /// `[len, sample_len]`.
    pub values: &'a mut [f32],
    /// `[len, classes]`; needed where a step [mixes](Augment::mixes).
    pub soft: Option<&'a mut [f32]>,
    /// As many as samples.
    pub appearances: &'a [Appearance],
    /// What the scaling divides the values by, in their order and repeating; empty for 1.
    pub units: &'a [f64],
}

impl Augment {
    /// The shape of the samples.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Whether a step mixes samples and their targets, so that batches have [soft targets](crate::BatchTargets::soft).
    #[must_use]
    pub fn mixes(&self) -> bool {
        self.mixes
    }

    pub(crate) fn apply(&self, seed: u64, batch: &mut Unscaled<'_>, scratch: &mut Scratch) {
        let mut first = 0;
        // Samples pass through all steps up to the next mixture one by one, while they are in the cache.
        for steps in self.steps.chunk_by(|a, b| !a.mixes() && !b.mixes()) {
            match steps {
                [step] if step.mixes() => self.mix(seed, step, first, batch, scratch),
                steps => self.change_each(seed, steps, first, batch, scratch),
            }
            first += steps.len();
        }
    }

    fn sample_len(&self) -> usize {
        self.shape.iter().product()
    }

    fn change_each(
        &self,
        seed: u64,
        steps: &[AugmentStep],
        first: usize,
        batch: &mut Unscaled<'_>,
        scratch: &mut Scratch,
    ) {
        for (values, appearance) in batch.values.chunks_exact_mut(self.sample_len()).zip(batch.appearances) {
            for (number, step) in (first..).zip(steps) {
                let step = step.kind();
                let mut rng = appearance.rng(seed, number);
                if seed::uniform(&mut rng) >= step.p() {
                    continue;
                }
                match (step.action(), &self.shape[..]) {
                    (Action::Image(step), &[_, height, width]) => {
                        step.apply(&mut Image { pixels: values, width, height }, &mut rng, scratch);
                    }
                    (Action::Series(step), &[_, channels]) => {
                        step.apply(&mut Series { values, channels, units: batch.units }, &mut rng, scratch);
                    }
                    // No other combination passes the check.
                    _ => {}
                }
            }
        }
    }

    /// Mixes each sample with one of its batch as it was before any was mixed.
    fn mix(
        &self,
        seed: u64,
        step: &AugmentStep,
        number: usize,
        batch: &mut Unscaled<'_>,
        scratch: &mut Scratch,
    ) {
        let p = step.kind().p();
        let (Some(soft), Action::Mix(step)) = (batch.soft.as_deref_mut(), step.kind().action()) else {
            return;
        };
        let (len, classes) = (self.sample_len(), soft.len() / batch.appearances.len().max(1));
        scratch.batch.clear();
        scratch.batch.extend_from_slice(batch.values);
        scratch.soft.clear();
        scratch.soft.extend_from_slice(soft);
        let samples = batch.values.chunks_exact_mut(len).zip(soft.chunks_exact_mut(classes.max(1)));
        for ((sample, target), appearance) in samples.zip(batch.appearances) {
            let mut rng = appearance.rng(seed, number);
            if seed::uniform(&mut rng) >= p {
                continue;
            }
            let partner = seed::below(&mut rng, batch.appearances.len());
            let other = &scratch.batch[partner * len..(partner + 1) * len];
            let share = step.mix(sample, other, &self.shape, &mut rng);
            let other = &scratch.soft[partner * classes..(partner + 1) * classes];
            target.iter_mut().zip(other).for_each(|(to, from)| *to += (from - *to) * (1.0 - share));
        }
    }
}

impl Appearance {
    fn rng(&self, seed: u64, step: usize) -> rand_chacha::ChaCha8Rng {
        let Self { epoch, row, copy } = *self;
        seed::rng(seed, &[seed::purpose::AUGMENT, epoch, row as u64, copy, step as u64])
    }
}
