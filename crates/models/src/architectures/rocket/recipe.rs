//! Features of fixed convolutions in a recipe.

use brasa_keys::{Bounds, Fault};

use super::{RocketConfig, RocketFeatures};
use crate::{ArchitectureKind, DataSizes, NetworkConfig};

brasa_keys::table! {
    /// MiniRocket: how often 84 fixed kernels at many dilations are above a number, and a linear layer by ridge regression over it,
    /// for time series ([Dempster et al. 2021](https://arxiv.org/abs/2012.08791)). It is fitted at once and not in epochs:
    /// `[optimizer]`, `[schedule]` and `training.epochs` say nothing to it.
    pub struct MiniRocketRecipe = "minirocket" {
        /// Features, rounded down to a multiple of 84.
        features: usize = 10_000, Bounds::within(84.0, 1_000_000.0);
        /// Dilations of a kernel, at most.
        max_dilations: usize = 32, Bounds::within(1.0, 1_000.0);
    }
}

brasa_keys::table! {
    /// Hydra ([Dempster et al. 2023](https://arxiv.org/abs/2203.13652)) and MultiRocket
    /// ([Tan et al. 2022](https://arxiv.org/abs/2102.00457)) side by side, with a linear layer by ridge regression over their 50,000
    /// features and more: slower than `minirocket`, and a little better over many sets of series. Fitted at once, too.
    pub struct HydraMultiRocketRecipe = "hydra-multirocket" {}
}

fn network(sizes: &DataSizes, features: RocketFeatures) -> NetworkConfig {
    let input = match *sizes.shape.as_slice() {
        [steps, channels] => [steps, channels],
        _ => [0, 0],
    };
    NetworkConfig::Rocket(RocketConfig {
        masked: sizes.masked,
        ..RocketConfig::new(input, sizes.outputs, features)
    })
}

fn series_only(kind: &str, shape: &[usize]) -> Result<(), Fault> {
    match shape.len() {
        2 => Ok(()),
        _ => {
            let found = format!("samples of the shape {shape:?}");
            Err(Fault::value("kind", format!("time series [steps, channels] for \"{kind}\""), found))
        }
    }
}

impl ArchitectureKind for MiniRocketRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let Self { features, max_dilations } = *self;
        network(sizes, RocketFeatures::Mini { features, max_dilations })
    }

    fn check_shape(&self, shape: &[usize]) -> Result<(), Fault> {
        series_only("minirocket", shape)
    }

    fn learns_in_steps(&self) -> bool {
        false
    }
}

impl ArchitectureKind for HydraMultiRocketRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        network(sizes, RocketFeatures::HydraMulti)
    }

    fn check_shape(&self, shape: &[usize]) -> Result<(), Fault> {
        series_only("hydra-multirocket", shape)
    }

    fn learns_in_steps(&self) -> bool {
        false
    }
}
