use serde::{Deserialize, Serialize};

use super::{Grid, Random, Sampler, Sobol, Tpe, TpeConfig};
use crate::error::require;
use crate::{SettingError, Space};

/// Which sampler, and its settings: a table with `kind`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum SamplerConfig {
    /// Every combination, in order.
    Grid,
    /// Independent draws.
    Random,
    /// Draws that fill the space evenly: the Sobol sequence, scrambled by the study's seed.
    Sobol,
    /// The tree-structured Parzen estimator.
    Tpe(TpeConfig),
}

impl SamplerConfig {
    /// Whether it can draw from this space.
    pub fn check(&self, space: &Space) -> Result<(), SettingError> {
        match self {
            Self::Grid => space.continuous(),
            Self::Random | Self::Sobol => Ok(()),
            Self::Tpe(config) => {
                require(config.candidates > 0, "sampler.candidates", || "expected at least 1, got 0".into())?;
                require(config.parallel > 0, "sampler.parallel", || "expected at least 1, got 0".into())
            }
        }
    }

    /// Whether values depend on the results of certain earlier trials, which are waited for.
    #[must_use]
    pub fn waits(&self) -> bool {
        matches!(self, Self::Tpe(config) if !config.asynchronous)
    }

    pub(super) fn build(&self, space: &Space, seed: u64) -> Box<dyn Sampler> {
        match self {
            Self::Grid => Box::new(Grid::new(space.clone())),
            Self::Random => Box::new(Random::new(space.clone(), seed)),
            Self::Sobol => Box::new(Sobol::new(space.clone(), seed)),
            Self::Tpe(config) => Box::new(Tpe::new(space.clone(), seed, config.clone())),
        }
    }
}
