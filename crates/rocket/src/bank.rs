//! The fitted numbers of a set of dilated kernels: what MiniRocket is, and MultiRocket twice.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::parts;
use crate::{KERNELS, Result};

/// The fitted numbers of the 84 kernels at some dilations, unchecked, to be stored and read. A combination is a kernel
/// at a dilation; they are ordered `[dilations][84]`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelParts {
    /// Channels of a series.
    pub channels: u32,
    /// Whether every other combination leaves out the places where the kernel hangs over an end of the series. Fitting
    /// sets it where all series have one length; for uneven ones the authors pad everywhere.
    pub alternate_padding: bool,
    /// The dilations.
    pub dilations: Vec<u32>,
    /// How many features each kernel has at each dilation.
    pub features_per_dilation: Vec<u32>,
    /// How many channels each combination adds up, `[dilations][84]`.
    pub channel_counts: Vec<u32>,
    /// The channels of all combinations, one combination after the other.
    pub channel_indices: Vec<u32>,
    /// What the convolution is compared with, one number per feature: `[dilations][84][features of the dilation]`.
    pub biases: Vec<f32>,
}

/// [`KernelParts`] that fit together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "KernelParts", into = "KernelParts")]
pub(crate) struct Bank {
    parts: KernelParts,
    /// Where the channels of a combination begin.
    channel_starts: Vec<usize>,
    /// Where the features of a dilation begin.
    feature_starts: Vec<usize>,
}

impl Bank {
    pub(crate) fn new(parts: KernelParts) -> Result<Self> {
        check(&parts)?;
        let channel_starts = starts(&parts.channel_counts, 1);
        let feature_starts = starts(&parts.features_per_dilation, KERNELS);
        Ok(Self { parts, channel_starts, feature_starts })
    }

    pub(crate) fn parts(&self) -> &KernelParts {
        &self.parts
    }

    /// Features of one pooling operator.
    pub(crate) fn features(&self) -> usize {
        self.parts.biases.len()
    }

    pub(crate) fn channels(&self) -> usize {
        self.parts.channels as usize
    }

    /// The channels of a combination.
    pub(crate) fn channels_of(&self, dilation: usize, kernel: usize) -> &[u32] {
        let combination = dilation * KERNELS + kernel;
        let start = self.channel_starts[combination];
        &self.parts.channel_indices[start..][..self.parts.channel_counts[combination] as usize]
    }

    /// See [`KernelParts::pooled`].
    pub(crate) fn pooled(&self, dilation: usize, kernel: usize, length: usize) -> Range<usize> {
        self.parts.pooled(dilation, kernel, length)
    }

    /// The features of a combination.
    pub(crate) fn features_of(&self, dilation: usize, kernel: usize) -> Range<usize> {
        let count = self.parts.features_per_dilation[dilation] as usize;
        let start = self.feature_starts[dilation] + kernel * count;
        start..start + count
    }
}

impl KernelParts {
    /// The places of the convolution that a combination pools, of a series of so many steps: all, or those where the kernel lies within
    /// the series. All, too, where it never does, and of a dilation that is not there.
    pub fn pooled(&self, dilation: usize, kernel: usize, length: usize) -> Range<usize> {
        let apart = self.dilations.get(dilation).map_or(usize::MAX, |&apart| apart as usize);
        let margin = apart.saturating_mul(4);
        if self.is_padded(dilation, kernel) || margin.saturating_mul(2) >= length {
            0..length
        } else {
            margin..length - margin
        }
    }

    /// The channels of a combination; none of one that is not there.
    pub fn channels_of(&self, dilation: usize, kernel: usize) -> &[u32] {
        let combination = dilation * KERNELS + kernel;
        let start: usize = self.channel_counts.iter().take(combination).map(|&count| count as usize).sum();
        let count = self.channel_counts.get(combination).map_or(0, |&count| count as usize);
        self.channel_indices.get(start..start + count).unwrap_or_default()
    }

    fn is_padded(&self, dilation: usize, kernel: usize) -> bool {
        !self.alternate_padding || (dilation + kernel).is_multiple_of(2)
    }
}

impl TryFrom<KernelParts> for Bank {
    type Error = crate::RocketError;

    fn try_from(parts: KernelParts) -> Result<Self> {
        Self::new(parts)
    }
}

impl From<Bank> for KernelParts {
    fn from(bank: Bank) -> Self {
        bank.parts
    }
}

fn starts(counts: &[u32], times: usize) -> Vec<usize> {
    let starts = counts.iter().scan(0, |next, &count| {
        let start = *next;
        *next += count as usize * times;
        Some(start)
    });
    starts.collect()
}

fn check(fitted: &KernelParts) -> Result<()> {
    let sum = |counts: &[u32]| counts.iter().map(|&count| u64::from(count)).sum::<u64>();
    let dilations = fitted.dilations.len();
    let features = sum(&fitted.features_per_dilation) * KERNELS as u64;
    let channels = sum(&fitted.channel_counts);
    let lengths = [
        ("features_per_dilation", fitted.features_per_dilation.len(), dilations as u64),
        ("channel_counts", fitted.channel_counts.len(), (dilations * KERNELS) as u64),
        ("channel_indices", fitted.channel_indices.len(), channels),
        ("biases", fitted.biases.len(), features),
    ];
    if dilations == 0 {
        return parts("dilations", "at least one", "none");
    }
    for (what, found, expected) in lengths {
        if found as u64 != expected {
            return parts(what, format!("{expected} numbers"), found);
        }
    }
    for (what, numbers) in [
        ("dilations", &fitted.dilations),
        ("features_per_dilation", &fitted.features_per_dilation),
        ("channel_counts", &fitted.channel_counts),
    ] {
        if numbers.contains(&0) {
            return parts(what, "numbers of at least 1", 0);
        }
    }
    if let Some(index) = fitted.channel_indices.iter().find(|&&index| index >= fitted.channels) {
        return parts("channel_indices", format!("numbers below {}, the channels", fitted.channels), index);
    }
    match fitted.biases.iter().find(|bias| !bias.is_finite()) {
        Some(bias) => parts("biases", "finite numbers", bias),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn fitted() -> KernelParts {
        KernelParts {
            channels: 1,
            alternate_padding: true,
            dilations: vec![1, 2],
            features_per_dilation: vec![2, 1],
            channel_counts: vec![1; 168],
            channel_indices: vec![0; 168],
            biases: vec![0.5; 252],
        }
    }

    #[test]
    fn combinations_find_their_numbers() {
        let bank = Bank::new(fitted()).unwrap();
        assert_eq!(bank.features_of(0, 3), 6..8);
        assert_eq!(bank.features_of(1, 3), 171..172);
        assert_eq!(bank.pooled(0, 0, 10), 0..10);
        assert_eq!(bank.pooled(0, 1, 10), 4..6);
        assert_eq!(bank.pooled(1, 0, 20), 8..12);
        assert_eq!(bank.pooled(1, 0, 16), 0..16, "no place where the kernel lies within the series");
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        for (change, message) in [
            (
                (|fitted| fitted.dilations = vec![]) as fn(&mut KernelParts),
                "dilations: expected at least one, found none",
            ),
            (|fitted| fitted.dilations[1] = 0, "dilations: expected numbers of at least 1, found 0"),
            (|fitted| fitted.features_per_dilation[0] = 3, "biases: expected 336 numbers, found 252"),
            (
                |fitted| fitted.features_per_dilation = vec![u32::MAX; 2],
                "biases: expected 721554505560 numbers, found 252",
            ),
            (|fitted| fitted.channel_counts[7] = 2, "channel_indices: expected 169 numbers, found 168"),
            (
                |fitted| fitted.channel_indices[7] = 1,
                "channel_indices: expected numbers below 1, the channels, found 1",
            ),
            (|fitted| fitted.biases[7] = f32::INFINITY, "biases: expected finite numbers, found inf"),
        ] {
            let mut changed = fitted();
            change(&mut changed);
            assert_eq!(Bank::new(changed.clone()).unwrap_err().to_string(), message);
            if !message.contains("inf") {
                let text = serde_json::to_string(&changed).unwrap();
                assert!(serde_json::from_str::<Bank>(&text).unwrap_err().to_string().contains(message));
            }
        }
    }
}
