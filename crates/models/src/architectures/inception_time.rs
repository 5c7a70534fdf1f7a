//! InceptionTime, as layers.

use brasa_keys::{Bounds, Fault};

use super::kind::check_rank;
use super::sequential::specs::{AddSpec, ConcatSpec};
use super::{ArchitectureKind, DataSizes, LayerSpec, NetworkConfig, SequentialConfig};
use crate::Init;

brasa_keys::table! {
    /// Inception modules over a time series, with a short cut around every third
    /// ([Ismail Fawaz et al. 2020](https://doi.org/10.1007/s10618-020-00710-y)).
    pub struct InceptionTimeRecipe = "inception-time" {
        /// Modules.
        depth: usize = 6, Bounds::within(1.0, 100.0);
        /// Filters of each length in a module, which has three lengths and a pooled branch.
        filters: usize = 32, Bounds::within(1.0, 100_000.0);
        /// The longest filter, in steps; the others are a half and a quarter of it. All are made odd, so that each step is in
        /// the middle of what it sees.
        kernel: usize = 40, Bounds::within(4.0, 100_000.0);
        /// Channels that a module's input is brought to before its filters; 0 leaves it as it is.
        bottleneck: usize = 32, Bounds::within(0.0, 100_000.0);
        /// Distribution of the initial weights.
        init: Init = Init::default();
    }
}

/// Modules within one short cut.
const WITHIN_SHORT_CUT: usize = 3;

impl ArchitectureKind for InceptionTimeRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let channels = sizes.shape.last().copied().unwrap_or_default();
        let width = 4 * self.filters;
        let (mut layers, mut inside) = (Vec::new(), Vec::new());
        for module in 1..=self.depth {
            inside.extend(self.module(if module == 1 { channels } else { width }));
            if module % WITHIN_SHORT_CUT == 0 {
                let short_cut = words([format!("conv {width} 1 bias=no"), "batch-norm".into()]);
                layers.push(AddSpec { branches: vec![std::mem::take(&mut inside), short_cut] }.into());
                layers.extend(words(["relu".into()]));
            }
        }
        layers.append(&mut inside);
        layers.extend(words(["global-avg-pool".into()]));
        NetworkConfig::Sequential(SequentialConfig {
            layers,
            init: self.init,
            ..SequentialConfig::new(sizes.shape.clone(), sizes.outputs)
        })
    }

    fn check_shape(&self, shape: &[usize]) -> std::result::Result<(), Fault> {
        series_only("inception-time", shape)
    }
}

/// Refuses samples that are no time series.
pub(super) fn series_only(kind: &str, shape: &[usize]) -> std::result::Result<(), Fault> {
    check_rank::<2>(kind, "time series [time, channels]", shape)
}

impl InceptionTimeRecipe {
    /// One module over so many channels.
    fn module(&self, channels: usize) -> Vec<LayerSpec> {
        let Self { filters, kernel, bottleneck, .. } = *self;
        let odd = |steps: usize| if steps.is_multiple_of(2) { steps.saturating_sub(1).max(1) } else { steps };
        let filter = |part: usize| words([format!("conv {filters} {} bias=no", odd(kernel / part))]);
        let mut filtered = match bottleneck {
            0 => Vec::new(),
            // One channel is as narrow as can be.
            _ if channels == 1 => Vec::new(),
            width => words([format!("conv {width} 1 bias=no")]),
        };
        filtered.push(ConcatSpec { branches: vec![filter(1), filter(2), filter(4)] }.into());
        let pooled = words(["max-pool 3 stride=1 padding=1".into(), format!("conv {filters} 1 bias=no")]);
        let mut module = vec![ConcatSpec { branches: vec![filtered, pooled] }.into()];
        module.extend(words(["batch-norm".into(), "relu".into()]));
        module
    }
}

/// Layers from their words, which the kinds of network over series write, with sizes that layers may have.
pub(super) fn words(layers: impl IntoIterator<Item = String>) -> Vec<LayerSpec> {
    layers.into_iter().filter_map(|layer| layer.parse().ok()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::tensor::{Device, Tensor};

    use super::*;
    use crate::{Input, Model};

    fn network(recipe: &InceptionTimeRecipe, shape: [usize; 2]) -> NetworkConfig {
        recipe.network(&DataSizes { shape: shape.to_vec(), outputs: 5, ..DataSizes::default() }, 0)
    }

    /// The paper's network, counted by hand: filters of 39, 19 and 9 steps behind a bottleneck of 32, batch norm of 128.
    #[test]
    fn the_papers_network_has_its_weights() {
        let filters = |input: usize| input * 32 * (39 + 19 + 9);
        let module = |input: usize| 32 * input + filters(32) + 32 * input + 256;
        let first = filters(1) + 32 + 256;
        let short_cuts = (128 + 256) + (128 * 128 + 256);
        let expected = first + 5 * module(128) + short_cuts + 128 * 5 + 5;
        let config = network(&InceptionTimeRecipe::default(), [150, 1]);
        assert_eq!(config.summary().unwrap().parameters(), expected);
        let several = network(&InceptionTimeRecipe::default(), [150, 6]);
        let more = expected - first + module(6) + 5 * 128;
        assert_eq!(several.summary().unwrap().parameters(), more);
    }

    #[test]
    fn samples_that_are_no_series_are_refused() {
        let recipe = InceptionTimeRecipe::default();
        assert!(recipe.check_shape(&[9, 2]).is_ok());
        let message = recipe.check_shape(&[1, 28, 28]).unwrap_err().to_string();
        assert!(message.contains("[time, channels]") && message.contains("[1, 28, 28]"), "{message}");
    }

    #[test]
    fn any_depth_runs_over_series_shorter_than_its_filters() {
        let device = Device::default();
        for (depth, bottleneck) in [(1, 8), (3, 0), (5, 2)] {
            let recipe =
                InceptionTimeRecipe { depth, filters: 2, bottleneck, ..InceptionTimeRecipe::default() };
            let model = network(&recipe, [7, 3]).init(1, &device).unwrap();
            let input = Input::from(Tensor::<2>::ones([4, 21], &device));
            assert_eq!(model.forward(&input).dims(), [4, 5], "{depth}");
        }
    }
}
