//! A fitted scaling, ready for samples of one shape.

use super::ColumnScale;
#[cfg(doc)]
use super::Scaler;
use crate::{Samples, Values};

/// A [`Scaler`] for samples of one shape.
#[derive(Debug, Clone)]
pub struct PreparedScaler(pub(super) Inner);

/// What is done to each value.
#[derive(Debug, Clone)]
pub(super) enum Inner {
    Identity,
    /// Columns that repeat along the sample.
    Standard {
        mean: Vec<f64>,
        std: Vec<f64>,
    },
    Robust(Vec<ColumnScale>),
    Pixels {
        plane: usize,
        channels: Vec<Channel>,
    },
}

/// `(value / 255 - mean) / std` as one product and one sum, which the processor does for many pixels at once; a
/// table of the 256 results would be looked up one by one.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    factor: f32,
    offset: f32,
}

impl Channel {
    pub(super) fn new(mean: f32, std: f32) -> Self {
        let (mean, std) = (f64::from(mean), f64::from(std));
        Self { factor: (1.0 / (255.0 * std)) as f32, offset: (-mean / std) as f32 }
    }

    fn scale(&self, value: f32) -> f32 {
        value * self.factor + self.offset
    }
}

impl PreparedScaler {
    /// Writes the scaled values of one sample to `out`, as many as both hold.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn transform_into(&self, samples: &Samples, row: usize, out: &mut [f32]) {
        let len = samples.sample_len();
        let range = row * len..(row + 1) * len;
        match samples.values() {
            Values::U8(values) => self.bytes(&values[range], out),
            Values::F64(values) => self.wide(&values[range], out),
            Values::F32(values) => self.floats(&values[range], out),
            Values::U32(values) => {
                for (out, &id) in out.iter_mut().zip(&values[range]) {
                    *out = id as f32;
                }
            }
        }
    }

    /// As [`transform_into`](Self::transform_into), to the end of `out`: values are written once, not zeroed first.
    ///
    /// # Panics
    /// When there is no such row.
    pub(crate) fn append(&self, samples: &Samples, row: usize, out: &mut Vec<f32>) {
        if let (Inner::Pixels { plane, channels }, Some(bytes)) = (&self.0, samples.u8_row(row)) {
            for (bytes, channel) in bytes.chunks(*plane).zip(channels) {
                out.extend(bytes.iter().map(|&byte| channel.scale(f32::from(byte))));
            }
            return;
        }
        let start = out.len();
        if samples.f64_row(row).is_some() {
            out.resize(start + samples.sample_len(), 0.0);
            return self.transform_into(samples, row, &mut out[start..]);
        }
        samples.append_row(row, out);
        self.scale(&mut out[start..]);
    }

    fn bytes(&self, row: &[u8], out: &mut [f32]) {
        match &self.0 {
            Inner::Pixels { plane, channels } => {
                let planes = out.chunks_mut(*plane).zip(row.chunks(*plane)).zip(channels);
                for ((out, row), channel) in planes {
                    for (out, &byte) in out.iter_mut().zip(row) {
                        *out = channel.scale(f32::from(byte));
                    }
                }
            }
            _ => {
                for (out, &byte) in out.iter_mut().zip(row) {
                    *out = f32::from(byte);
                }
                self.standardise(out);
            }
        }
    }

    /// Numbers are rounded after they are scaled: large ones that differ by little stay apart.
    pub(super) fn wide(&self, row: &[f64], out: &mut [f32]) {
        match &self.0 {
            Inner::Standard { mean, std } => {
                let scales = mean.iter().zip(std).cycle();
                for ((out, &value), (mean, std)) in out.iter_mut().zip(row).zip(scales) {
                    *out = ((value - mean) / std) as f32;
                }
            }
            Inner::Robust(columns) => {
                for ((out, &value), column) in out.iter_mut().zip(row).zip(columns) {
                    *out = column.scale(value);
                }
            }
            _ => {
                out.iter_mut().zip(row).for_each(|(out, &value)| *out = value as f32);
                self.scale(out);
            }
        }
    }

    fn floats(&self, row: &[f32], out: &mut [f32]) {
        for (out, &value) in out.iter_mut().zip(row) {
            *out = value;
        }
        self.scale(out);
    }

    /// Scales the values of one sample where they are.
    pub(crate) fn scale(&self, sample: &mut [f32]) {
        match &self.0 {
            Inner::Pixels { plane, channels } => {
                for (out, channel) in sample.chunks_mut(*plane).zip(channels) {
                    out.iter_mut().for_each(|value| *value = channel.scale(*value));
                }
            }
            Inner::Robust(columns) => {
                for (value, column) in sample.iter_mut().zip(columns) {
                    *value = column.scale(f64::from(*value));
                }
            }
            _ => self.standardise(sample),
        }
    }

    /// What the values are divided by, in their order and repeating; empty where nothing tells columns apart.
    pub(crate) fn deviations(&self) -> &[f64] {
        match &self.0 {
            Inner::Standard { std, .. } => std,
            _ => &[],
        }
    }

    fn standardise(&self, out: &mut [f32]) {
        if let Inner::Standard { mean, std } = &self.0 {
            for step in out.chunks_mut(mean.len().max(1)) {
                for ((value, mean), std) in step.iter_mut().zip(mean).zip(std) {
                    *value = ((f64::from(*value) - mean) / std) as f32;
                }
            }
        }
    }
}
