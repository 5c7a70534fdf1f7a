//! MiniRocket: the share of positive values of the convolutions.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bank::Bank;
use crate::convolve::Convolver;
use crate::fit::fit_bank;
use crate::kernels::{TRIPLES, check_counts};
use crate::series::{check_channels, common_channels};
use crate::{KERNELS, KernelParts, Result, Series, random};

/// How many features [`MiniRocket`] makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MiniRocketConfig {
    /// Features, rounded down to a multiple of 84.
    pub features: usize,
    /// Most dilations of a kernel.
    pub max_dilations: usize,
}

impl Default for MiniRocketConfig {
    fn default() -> Self {
        Self { features: 10_000, max_dilations: 32 }
    }
}

/// MiniRocket (Dempster, Schmidt and Webb 2021, "MiniRocket: a very fast (almost) deterministic transform for time series
/// classification", arXiv:2012.08791): 84 fixed kernels at up to 32 dilations each; a feature is the share of the
/// convolution that is above a bias, a quantile of the convolution of some training series. Several channels and uneven
/// lengths as in the authors' versions for them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MiniRocket {
    bank: Bank,
}

impl MiniRocket {
    /// Fits dilations and biases to training series. The same seed gives the same numbers, whatever the number of threads.
    ///
    /// # Errors
    /// [`Config`](crate::RocketError::Config), [`NoSeries`](crate::RocketError::NoSeries), or
    /// [`Channels`](crate::RocketError::Channels) where the series have not the same channels.
    pub fn fit(series: &[Series<'_>], config: &MiniRocketConfig, seed: u64) -> Result<Self> {
        check_counts("features", config.features, config.max_dilations)?;
        let channels = common_channels(series)?;
        let counts = (config.features, config.max_dilations);
        Ok(Self { bank: fit_bank(series, channels, counts, &mut random::seeded(seed))? })
    }

    /// A transform of numbers that were fitted before.
    ///
    /// # Errors
    /// [`Parts`](crate::RocketError::Parts) where they do not fit together.
    pub fn from_parts(parts: KernelParts) -> Result<Self> {
        Ok(Self { bank: Bank::new(parts)? })
    }

    /// The fitted numbers.
    pub fn parts(&self) -> &KernelParts {
        self.bank.parts()
    }

    /// Channels of a series.
    pub fn channels(&self) -> usize {
        self.bank.channels()
    }

    /// Features of a series.
    pub fn features(&self) -> usize {
        self.bank.features()
    }

    /// The features of each series, row-major `[series][features]`, in the order of the biases. The same bits on every
    /// processor and with any number of threads.
    ///
    /// # Errors
    /// [`Channels`](crate::RocketError::Channels) where a series has other channels than those that were learnt from.
    pub fn transform(&self, series: &[Series<'_>]) -> Result<Vec<f32>> {
        check_channels(series, self.bank.channels())?;
        let mut features = vec![0.0; series.len() * self.features()];
        let rows = features.par_chunks_exact_mut(self.features()).zip(series);
        rows.for_each_init(Convolver::default, |convolver, (row, series)| {
            Arch::new().dispatch(Shares { bank: &self.bank, series, convolver, row });
        });
        Ok(features)
    }
}

/// One series, compiled for each instruction set.
struct Shares<'a> {
    bank: &'a Bank,
    series: &'a Series<'a>,
    convolver: &'a mut Convolver,
    row: &'a mut [f32],
}

impl WithSimd for Shares<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { bank, series, convolver, row } = self;
        for (place, &dilation) in bank.parts().dilations.iter().enumerate() {
            convolver.load(series, dilation);
            for kernel in 0..KERNELS {
                let output = convolver.kernel(TRIPLES[kernel], bank.channels_of(place, kernel));
                let values = &output[bank.pooled(place, kernel, output.len())];
                let features = bank.features_of(place, kernel);
                shares_above(values, &bank.parts().biases[features.clone()], &mut row[features]);
            }
        }
    }
}

#[inline(always)]
fn shares_above(values: &[f32], biases: &[f32], shares: &mut [f32]) {
    for (share, &bias) in shares.iter_mut().zip(biases) {
        let count = values.iter().map(|&value| u32::from(value > bias)).sum::<u32>();
        *share = count as f32 / values.len() as f32;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn plain_code_finds_the_same_bits() {
        let values = (0..240).map(|at| (at as f32 * 0.7).sin() + (at % 7) as f32).collect::<Vec<_>>();
        let series = Series::new(&values, 3).unwrap();
        let rocket = MiniRocket::fit(&[series], &MiniRocketConfig::default(), 1).unwrap();
        let mut row = vec![0.0; rocket.features()];
        let shares = Shares {
            bank: &rocket.bank,
            series: &series,
            convolver: &mut Convolver::default(),
            row: &mut row,
        };
        pulp::Scalar::new().vectorize(shares);
        assert!(rocket.transform(&[series]).unwrap() == row);
    }
}
