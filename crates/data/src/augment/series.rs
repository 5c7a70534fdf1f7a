//! Changes of time series (Um et al., "Data augmentation of wearable sensor data for Parkinson's disease monitoring using
//! convolutional neural networks", 2017).

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::border::Border;
use super::span::Span;
use super::step::{Scratch, Series, SeriesStep, acts};
use crate::keys::Bounds;

crate::table! {
    /// Adds independent normal noise to every reading.
    pub struct Jitter = "jitter" {
        /// Standard deviation, in units of what the scaling divides each column by: of the readings themselves without one.
        /// A range is drawn from once per series.
        std: Span;
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

crate::table! {
    /// Multiplies each channel by a factor of its own.
    pub struct ChannelScaling = "channel-scaling" {
        /// Factor; one number `x` is from `1 - x` to `1 + x`.
        factor: Span;
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

crate::table! {
    /// Shifts all channels together by whole steps.
    pub struct TimeShift = "time-shift" {
        /// Fraction of the length, later if positive; one number `x` is from `-x` to `x`.
        shift: Span;
        /// What lies before the start and after the end.
        border: Border = Border::default();
        /// Probability.
        p: f64 = 1.0, Bounds::within(0.0, 1.0);
    }
}

acts!(Jitter: Series);
acts!(ChannelScaling: Series);
acts!(TimeShift: Series);

impl SeriesStep for Jitter {
    fn check(&self, _: usize) -> Result<(), String> {
        self.std.exactly().check("std", 0.0, 1e6)
    }

    fn apply(&self, series: &mut Series<'_>, rng: &mut ChaCha8Rng, _: &mut Scratch) {
        let std = self.std.exactly().draw(rng);
        let units = series.units.iter().copied().cycle().map(Some).chain(std::iter::repeat(None));
        for (value, unit) in series.values.iter_mut().zip(units) {
            let draw: f64 = StandardNormal.sample(rng);
            *value += (std * draw * unit.unwrap_or(1.0)) as f32;
        }
    }
}

impl SeriesStep for ChannelScaling {
    fn check(&self, _: usize) -> Result<(), String> {
        self.factor.around(1.0).check("factor", -100.0, 100.0)
    }

    fn apply(&self, series: &mut Series<'_>, rng: &mut ChaCha8Rng, scratch: &mut Scratch) {
        scratch.line.clear();
        scratch.line.extend((0..series.channels).map(|_| self.factor.around(1.0).draw(rng) as f32));
        for step in series.values.chunks_exact_mut(series.channels) {
            step.iter_mut().zip(&scratch.line).for_each(|(value, factor)| *value *= factor);
        }
    }
}

impl SeriesStep for TimeShift {
    fn check(&self, _: usize) -> Result<(), String> {
        self.shift.around(0.0).check("shift", -1.0, 1.0)?;
        self.border.check()
    }

    fn apply(&self, series: &mut Series<'_>, rng: &mut ChaCha8Rng, scratch: &mut Scratch) {
        let channels = series.channels;
        let length = series.values.len() / channels;
        let later = (self.shift.around(0.0).draw(rng) * length as f64).round() as i64;
        let source = scratch.copy(series.values);
        for (step, values) in (0..).zip(series.values.chunks_exact_mut(channels)) {
            match self.border.place(step - later, length) {
                Some(from) => values.copy_from_slice(&source[from * channels..(from + 1) * channels]),
                None => values.fill(self.border.value()),
            }
        }
    }
}
