//! MultiRocket: four pooling operators, on the series and on its first difference.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bank::Bank;
use crate::convolve::Convolver;
use crate::error::parts;
use crate::fit::fit_bank;
use crate::kernels::{TRIPLES, check_counts};
use crate::pool::{LANES, Lanes, OPERATORS, pool};
use crate::series::{check_channels, common_channels};
use crate::{KERNELS, KernelParts, Result, Series, random};

/// How many features [`MultiRocket`] makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MultiRocketConfig {
    /// Features of one operator on one of series and difference, rounded down to a multiple of 84; there are eight times
    /// as many in all.
    pub features: usize,
    /// Most dilations of a kernel.
    pub max_dilations: usize,
}

impl Default for MultiRocketConfig {
    fn default() -> Self {
        Self { features: 6_250, max_dilations: 32 }
    }
}

/// MultiRocket (Tan, Dempster, Bergmeir and Webb 2022, "MultiRocket: multiple pooling operators and transformations for fast
/// and effective time series classification", arXiv:2102.00457): the kernels of [`MiniRocket`](crate::MiniRocket) on the series
/// and on its first difference, pooled by the share of positive values, their longest stretch, their mean and the mean
/// of their indices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MultiParts", into = "MultiParts")]
pub struct MultiRocket {
    series: Bank,
    difference: Bank,
}

/// The fitted numbers of [`MultiRocket`], unchecked, to be stored and read.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultiParts {
    /// Of the kernels on the series.
    pub series: KernelParts,
    /// Of the kernels on the first difference.
    pub difference: KernelParts,
}

impl MultiRocket {
    /// Fits dilations and biases to training series. The same seed gives the same numbers, whatever the number of threads.
    ///
    /// # Errors
    /// [`Config`](crate::RocketError::Config), [`NoSeries`](crate::RocketError::NoSeries), or
    /// [`Channels`](crate::RocketError::Channels) where the series have not the same channels.
    pub fn fit(series: &[Series<'_>], config: &MultiRocketConfig, seed: u64) -> Result<Self> {
        check_counts("features", config.features, config.max_dilations)?;
        let channels = common_channels(series)?;
        let counts = (config.features, config.max_dilations);
        let mut rng = random::seeded(seed);
        let mut kept = vec![Vec::new(); series.len()];
        let differences =
            series.iter().zip(&mut kept).map(|(series, kept)| series.difference(kept)).collect::<Vec<_>>();
        Ok(Self {
            series: fit_bank(series, channels, counts, &mut rng)?,
            difference: fit_bank(&differences, channels, counts, &mut rng)?,
        })
    }

    /// A transform of numbers that were fitted before.
    ///
    /// # Errors
    /// [`Parts`](crate::RocketError::Parts) where they do not fit together.
    pub fn from_parts(fitted: MultiParts) -> Result<Self> {
        let MultiParts { series, difference } = fitted;
        if series.channels != difference.channels {
            return parts("channels of the difference", series.channels.to_string(), difference.channels);
        }
        Ok(Self { series: Bank::new(series)?, difference: Bank::new(difference)? })
    }

    /// The fitted numbers.
    pub fn parts(&self) -> MultiParts {
        MultiParts { series: self.series.parts().clone(), difference: self.difference.parts().clone() }
    }

    /// Channels of a series.
    pub fn channels(&self) -> usize {
        self.series.channels()
    }

    /// Features of a series.
    pub fn features(&self) -> usize {
        OPERATORS * (self.series.features() + self.difference.features())
    }

    /// The features of each series, row-major `[series][features]`: `[4][biases]` of the series, then of its difference, the
    /// operators in the order share, longest stretch, mean, mean index. The same bits on every processor and with any
    /// number of threads.
    ///
    /// # Errors
    /// [`Channels`](crate::RocketError::Channels) where a series has other channels than those that were learnt from.
    pub fn transform(&self, series: &[Series<'_>]) -> Result<Vec<f32>> {
        check_channels(series, self.series.channels())?;
        let mut features = vec![0.0; series.len() * self.features()];
        let rows = features.par_chunks_exact_mut(self.features()).zip(series);
        rows.for_each_init(Scratch::default, |scratch, (row, series)| {
            let (first, second) = row.split_at_mut(OPERATORS * self.series.features());
            let Scratch { convolver, block, difference } = scratch;
            Arch::new().dispatch(Pools { bank: &self.series, series, convolver, block, row: first });
            let series = &series.difference(difference);
            Arch::new().dispatch(Pools { bank: &self.difference, series, convolver, block, row: second });
        });
        Ok(features)
    }
}

impl TryFrom<MultiParts> for MultiRocket {
    type Error = crate::RocketError;

    fn try_from(parts: MultiParts) -> Result<Self> {
        Self::from_parts(parts)
    }
}

impl From<MultiRocket> for MultiParts {
    fn from(rocket: MultiRocket) -> Self {
        Self { series: rocket.series.into(), difference: rocket.difference.into() }
    }
}

#[derive(Default)]
struct Scratch {
    convolver: Convolver,
    block: Vec<Lanes>,
    difference: Vec<f32>,
}

/// One series, compiled for each instruction set.
struct Pools<'a> {
    bank: &'a Bank,
    series: &'a Series<'a>,
    convolver: &'a mut Convolver,
    block: &'a mut Vec<Lanes>,
    row: &'a mut [f32],
}

impl WithSimd for Pools<'_> {
    type Output = ();

    /// Kernels side by side: a stretch is counted step by step, which only several kernels at once make fast.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { bank, series, convolver, block, row } = self;
        let length = series.len();
        block.clear();
        block.resize(length, [0.0; LANES]);
        for (place, &dilation) in bank.parts().dilations.iter().enumerate() {
            convolver.load(series, dilation);
            for parity in 0..2 {
                // Kernels of one parity are padded alike, so that their places are pooled together.
                let mut kernels = parity..KERNELS;
                while !kernels.is_empty() {
                    let group = kernels.clone().step_by(2).take(LANES);
                    for (lane, kernel) in group.clone().enumerate() {
                        let output = convolver.kernel(TRIPLES[kernel], bank.channels_of(place, kernel));
                        block.iter_mut().zip(output).for_each(|(lanes, &value)| lanes[lane] = value);
                    }
                    let pooled = &block[bank.pooled(place, kernels.start, length)];
                    for bias in 0..bank.parts().features_per_dilation[place] as usize {
                        let feature = |kernel| bank.features_of(place, kernel).start + bias;
                        let mut biases = [0.0; LANES];
                        for (lane, kernel) in group.clone().enumerate() {
                            biases[lane] = bank.parts().biases[feature(kernel)];
                        }
                        for (operator, values) in pool(simd, pooled, &biases).iter().enumerate() {
                            for (value, kernel) in values.iter().zip(group.clone()) {
                                row[operator * bank.features() + feature(kernel)] = *value;
                            }
                        }
                    }
                    kernels.start += 2 * LANES;
                }
            }
        }
    }
}
