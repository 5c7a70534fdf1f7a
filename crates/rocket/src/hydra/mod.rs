//! Hydra: random kernels in groups compete at every step of the series.

mod compete;
mod parts;

pub use parts::HydraParts;

use pulp::Arch;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::series::{check_channels, common_channels, reference_length};
use crate::{KERNEL_LENGTH, Result, RocketError, Series, random};

use compete::{Competition, Packed, Scratch};

/// Both the series and its first difference have groups of their own.
const SOURCES: usize = 2;

/// How many kernels [`Hydra`] has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HydraConfig {
    /// Kernels of a group.
    pub kernels: usize,
    /// Groups at each dilation, an even number: half of them see the series, half its first difference.
    pub groups: usize,
    /// Most channels that a group adds up.
    pub max_channels: usize,
}

impl Default for HydraConfig {
    fn default() -> Self {
        Self { kernels: 8, groups: 64, max_channels: 8 }
    }
}

/// Hydra (Dempster, Schmidt and Webb 2023, "Hydra: competing convolutional kernels for fast and accurate time series
/// classification", arXiv:2203.13652): groups of random kernels at dilations of powers of 2, on the series and on its first
/// difference. At each step the kernel of a group with the largest response gets that response, the one with the
/// smallest a count of 1; a feature is the sum of these for one kernel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "HydraParts", into = "HydraParts")]
pub struct Hydra {
    parts: HydraParts,
    /// The weights as the competition reads them.
    packed: Packed,
}

impl Hydra {
    /// Draws kernels; of the series only length and channels matter.
    ///
    /// # Errors
    /// [`RocketError::Config`], [`RocketError::NoSeries`], or [`RocketError::Channels`] where the series have not the same
    /// channels.
    pub fn fit(series: &[Series<'_>], config: &HydraConfig, seed: u64) -> Result<Self> {
        let HydraConfig { kernels, groups, max_channels } = *config;
        for (key, found, least, most) in [
            ("kernels", kernels, 1, 1_000),
            ("groups", groups, 2, 10_000),
            ("max_channels", max_channels, 2, 1_000),
        ] {
            if !(least..=most).contains(&found) || (key == "groups" && !found.is_multiple_of(2)) {
                let even = if key == "groups" { "an even" } else { "a" };
                let expected = format!("{even} number from {least} to {most}");
                return Err(RocketError::Config { key, expected, found: found.to_string() });
            }
        }
        let channels = common_channels(series)?;
        let ratio = reference_length(series).saturating_sub(1) / (KERNEL_LENGTH - 1);
        let dilations = (0..=ratio.max(1).ilog2()).map(|power| 1 << power).collect::<Vec<_>>();
        let per_group = if channels == 1 { 1 } else { (channels / 2).clamp(2, max_channels) };
        let mut rng = random::seeded(seed);
        let (mut weights, mut channel_indices) = (Vec::new(), Vec::new());
        for _ in 0..dilations.len() * groups {
            channel_indices.extend((0..per_group).map(|_| random::below(&mut rng, channels) as u32));
            (0..kernels).for_each(|_| weights.extend(draw(&mut rng)));
        }
        let [channels, kernels, groups, channels_per_group] =
            [channels, kernels, groups / SOURCES, per_group].map(|count| count as u32);
        Self::from_parts(HydraParts {
            channels,
            kernels,
            groups,
            channels_per_group,
            dilations,
            channel_indices,
            weights,
        })
    }

    /// A transform of numbers that were drawn before.
    ///
    /// # Errors
    /// [`RocketError::Parts`] where they do not fit together.
    pub fn from_parts(parts: HydraParts) -> Result<Self> {
        parts.check()?;
        Ok(Self { packed: Packed::new(&parts), parts })
    }

    /// The numbers that were drawn.
    pub fn parts(&self) -> &HydraParts {
        &self.parts
    }

    /// Channels of a series.
    pub fn channels(&self) -> usize {
        self.parts.channels as usize
    }

    /// Features of a series.
    pub fn features(&self) -> usize {
        // For each kernel its responses where it is the largest, and its counts where the smallest.
        2 * self.parts.weights.len() / KERNEL_LENGTH
    }

    /// The features of each series, row-major `[series][features]`, a row being `[dilations][series, difference][largest,
    /// smallest][groups][kernels]`. To be scaled by [`SparseScaler`](crate::SparseScaler). The same bits on every processor and
    /// with any number of threads.
    ///
    /// # Errors
    /// [`RocketError::Channels`] where a series has other channels than those that were learnt from.
    pub fn transform(&self, series: &[Series<'_>]) -> Result<Vec<f32>> {
        check_channels(series, self.parts.channels as usize)?;
        let mut features = vec![0.0; series.len() * self.features()];
        let rows = features.par_chunks_exact_mut(self.features()).zip(series);
        rows.for_each_init(
            || (Scratch::default(), Vec::new()),
            |(scratch, kept), (row, series)| {
                let sources = [*series, series.difference(kept)];
                let competition =
                    Competition { parts: &self.parts, packed: &self.packed, sources, scratch, row };
                Arch::new().dispatch(competition);
            },
        );
        Ok(features)
    }
}

/// Normal weights of mean 0 whose sizes sum to 1.
fn draw(rng: &mut rand_chacha::ChaCha8Rng) -> [f32; KERNEL_LENGTH] {
    let weights = [(); KERNEL_LENGTH].map(|()| random::normal(rng));
    let mean = weights.iter().sum::<f64>() / KERNEL_LENGTH as f64;
    let weights = weights.map(|weight| weight - mean);
    let sizes = weights.iter().map(|weight| weight.abs()).sum::<f64>();
    weights.map(|weight| (weight / sizes) as f32)
}

impl TryFrom<HydraParts> for Hydra {
    type Error = RocketError;

    fn try_from(parts: HydraParts) -> Result<Self> {
        Self::from_parts(parts)
    }
}

impl From<Hydra> for HydraParts {
    fn from(hydra: Hydra) -> Self {
        hydra.parts
    }
}
