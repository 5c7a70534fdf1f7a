//! One step of the `[augment]` table.

use rand_chacha::ChaCha8Rng;

use super::AugmentStep;

/// What every step of the `[augment]` table tells of itself.
pub(super) trait Step {
    /// Its probability.
    fn p(&self) -> f64;
    /// What it does.
    fn action(&self) -> Action<'_>;
}

/// Says which of the [`Action`]s a step is.
macro_rules! acts {
    ($kind:ident: $action:ident) => {
        impl $crate::augment::step::Step for $kind {
            fn p(&self) -> f64 {
                self.p
            }

            fn action(&self) -> $crate::augment::step::Action<'_> {
                $crate::augment::step::Action::$action(self)
            }
        }
    };
}
pub(super) use acts;

/// What a step works on.
pub(super) enum Action<'a> {
    Image(&'a dyn ImageStep),
    Series(&'a dyn SeriesStep),
    Mix(&'a dyn MixStep),
}

/// A change of one image.
pub(super) trait ImageStep {
    /// What is wrong with a key beyond its range, if anything.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
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
    /// What is wrong with a key beyond its range, if anything.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
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
    /// Whether it mixes samples and their targets.
    pub(super) fn mixes(&self) -> bool {
        matches!(self.kind().action(), Action::Mix(_))
    }

    /// Checks the keys; what depends on the sample, too, where its `shape` is known.
    pub(super) fn check(&self, shape: Option<&[usize]>) -> Result<(), String> {
        self.check_ranges().map_err(|fault| fault.to_string())?;
        let image = shape.is_none_or(|shape| shape.len() == 3);
        let series = shape.is_none_or(|shape| shape.len() == 2);
        let needs = |fits: bool, what: &str| match fits {
            true => Ok(()),
            false => Err(format!("it needs {what}; the samples have the shape {:?}", shape.unwrap_or(&[]))),
        };
        match self.kind().action() {
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
