//! One step of the `[augment]` table.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::affine::{Affine, Rotate, Scale, Shift};
use super::axes::AxisRotation;
use super::blur::Blur;
use super::crop::RandomCrop;
use super::cutout::Cutout;
use super::flip::{HorizontalFlip, VerticalFlip};
use super::light::{Brightness, Contrast};
use super::mix::{Cutmix, Mixup};
use super::noise::Noise;
use super::series::{ChannelScaling, Jitter, TimeShift};

/// A step: in recipes a table with its `kind`, the keys of the kind, and the probability `p` (1 when absent).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum AugmentStep {
    /// Images: left and right change places.
    HorizontalFlip(HorizontalFlip),
    /// Images: top and bottom change places.
    VerticalFlip(VerticalFlip),
    /// Images: turned about the centre.
    Rotate(Rotate),
    /// Images: shifted along both axes.
    Shift(Shift),
    /// Images: enlarged or shrunk.
    Scale(Scale),
    /// Images: turned, shifted, scaled and sheared in one resampling.
    Affine(Affine),
    /// Images: padded, and a random piece of the old size.
    Crop(RandomCrop),
    /// Images: lighter or darker.
    Brightness(Brightness),
    /// Images: more or less contrast.
    Contrast(Contrast),
    /// Images: Gaussian blur.
    Blur(Blur),
    /// Images: Gaussian noise.
    Noise(Noise),
    /// Images: covered rectangles.
    Cutout(Cutout),
    /// Images and series: weighted means of two samples and their targets.
    Mixup(Mixup),
    /// Images: a rectangle of another image, the targets by area.
    Cutmix(Cutmix),
    /// Series: Gaussian noise.
    Jitter(Jitter),
    /// Series: each channel times a factor.
    ChannelScaling(ChannelScaling),
    /// Series: earlier or later.
    TimeShift(TimeShift),
    /// Series: the axes of sensors turned.
    AxisRotation(AxisRotation),
}

/// The probability of a step without a `p`.
pub(super) fn always() -> f64 {
    1.0
}

/// What a step works on.
pub(super) enum Action<'a> {
    Image(&'a dyn ImageStep),
    Series(&'a dyn SeriesStep),
    Mix(&'a dyn MixStep),
}

/// A change of one image.
pub(super) trait ImageStep {
    /// What is wrong with a key, if anything.
    fn check(&self) -> Result<(), String>;
    fn apply(&self, image: &mut Image<'_>, rng: &mut ChaCha8Rng, scratch: &mut Scratch);
}

/// A change of one series.
pub(super) trait SeriesStep {
    /// What is wrong with a key, if anything, for series of so many channels.
    fn check(&self, channels: usize) -> Result<(), String>;
    fn apply(&self, series: &mut Series<'_>, rng: &mut ChaCha8Rng, scratch: &mut Scratch);
}

/// A mixture of two samples.
pub(super) trait MixStep {
    /// What is wrong with a key, if anything.
    fn check(&self) -> Result<(), String>;
    fn needs_image(&self) -> bool;
    /// Mixes `partner` into `sample`, both of `shape`; answers the share of the sample that is left.
    fn mix(&self, sample: &mut [f32], partner: &[f32], shape: &[usize], rng: &mut ChaCha8Rng) -> f32;
}

/// `[channels, height, width]`, values from 0 to 255.
pub(super) struct Image<'a> {
    pub pixels: &'a mut [f32],
    pub width: usize,
    pub height: usize,
}

impl Image<'_> {
    /// The channels.
    pub fn planes(&mut self) -> std::slice::ChunksExactMut<'_, f32> {
        self.pixels.chunks_exact_mut(self.width * self.height)
    }
}

/// `[time, channels]`.
pub(super) struct Series<'a> {
    pub values: &'a mut [f32],
    pub channels: usize,
    /// What the scaling divides the values by, in their order and repeating; empty for 1.
    pub units: &'a [f64],
}

/// Memory of one thread, used again for every sample.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scratch {
    pub(super) values: Vec<f32>,
    pub(super) line: Vec<f32>,
    pub(super) kernel: Vec<f32>,
    pub(super) batch: Vec<f32>,
    pub(super) soft: Vec<f32>,
}

impl Scratch {
    /// The values as they are now, for a step that reads and writes in another order.
    pub(super) fn copy(&mut self, values: &[f32]) -> &[f32] {
        self.values.clear();
        self.values.extend_from_slice(values);
        &self.values
    }
}

impl AugmentStep {
    /// The name in recipes, the probability, and what is done.
    pub(super) fn parts(&self) -> (&'static str, f64, Action<'_>) {
        use Action::{Image, Mix, Series};
        match self {
            Self::HorizontalFlip(step) => ("horizontal-flip", step.p, Image(step)),
            Self::VerticalFlip(step) => ("vertical-flip", step.p, Image(step)),
            Self::Rotate(step) => ("rotate", step.p, Image(step)),
            Self::Shift(step) => ("shift", step.p, Image(step)),
            Self::Scale(step) => ("scale", step.p, Image(step)),
            Self::Affine(step) => ("affine", step.p, Image(step)),
            Self::Crop(step) => ("crop", step.p, Image(step)),
            Self::Brightness(step) => ("brightness", step.p, Image(step)),
            Self::Contrast(step) => ("contrast", step.p, Image(step)),
            Self::Blur(step) => ("blur", step.p, Image(step)),
            Self::Noise(step) => ("noise", step.p, Image(step)),
            Self::Cutout(step) => ("cutout", step.p, Image(step)),
            Self::Mixup(step) => ("mixup", step.p, Mix(step)),
            Self::Cutmix(step) => ("cutmix", step.p, Mix(step)),
            Self::Jitter(step) => ("jitter", step.p, Series(step)),
            Self::ChannelScaling(step) => ("channel-scaling", step.p, Series(step)),
            Self::TimeShift(step) => ("time-shift", step.p, Series(step)),
            Self::AxisRotation(step) => ("axis-rotation", step.p, Series(step)),
        }
    }

    /// Checks the keys; what depends on the sample, too, where its `shape` is known.
    pub(super) fn check(&self, shape: Option<&[usize]>) -> Result<(), String> {
        let (_, p, action) = self.parts();
        if !(0.0..=1.0).contains(&p) {
            return Err(format!("`p`: expected a probability from 0 to 1, found {p}"));
        }
        let image = shape.is_none_or(|shape| shape.len() == 3);
        let series = shape.is_none_or(|shape| shape.len() == 2);
        let needs = |fits: bool, what: &str| match fits {
            true => Ok(()),
            false => Err(format!("it needs {what}; the samples have the shape {:?}", shape.unwrap_or(&[]))),
        };
        match action {
            Action::Image(step) => {
                needs(image, "images [channels, height, width]")?;
                step.check()
            }
            Action::Series(step) => {
                needs(series, "series [time, channels]")?;
                let channels = shape.and_then(|shape| shape.last().copied());
                step.check(channels.unwrap_or(usize::MAX))
            }
            Action::Mix(step) => {
                let (fits, what) = match step.needs_image() {
                    true => (image, "images [channels, height, width]"),
                    false => (image || series, "images [channels, height, width] or series [time, channels]"),
                };
                needs(fits, what)?;
                step.check()
            }
        }
    }
}
