//! A residual network over time series, as layers.

use brasa_keys::Fault;

use super::inception_time::{series_only, words};
use super::sequential::specs::AddSpec;
use super::{ArchitectureKind, DataSizes, NetworkConfig, SequentialConfig};
use crate::Init;

brasa_keys::table! {
    /// Residual blocks of three convolutions over a time series ([Wang et al. 2017](https://arxiv.org/abs/1611.06455)), filters made
    /// odd, so that each step is in the middle of what it sees.
    pub struct SeriesResNetRecipe = "series-resnet" {
        /// Filters of each block's convolutions, a block for each number.
        filters: Vec<usize> = vec![64, 128, 128];
        /// Steps that the convolutions of a block see, a convolution for each number.
        kernels: Vec<usize> = vec![7, 5, 3];
        /// Distribution of the initial weights.
        init: Init = Init::default();
    }
}

/// Filters, or steps of a kernel.
const MOST: usize = 100_000;

impl ArchitectureKind for SeriesResNetRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let mut channels = sizes.shape.last().copied().unwrap_or_default();
        let mut layers = Vec::new();
        for &filters in &self.filters {
            let last = self.kernels.len().saturating_sub(1);
            let inside = self.kernels.iter().enumerate().flat_map(|(at, kernel)| {
                let kernel = kernel - usize::from(kernel.is_multiple_of(2));
                let conv = format!("conv {filters} {kernel} bias=no");
                [conv, "batch-norm".into()].into_iter().chain((at < last).then(|| "relu".into()))
            });
            // Where the number of channels stays, the short cut is a norm alone, as in the authors' code.
            let short_cut = (channels != filters).then(|| format!("conv {filters} 1 bias=no"));
            let short_cut = short_cut.into_iter().chain(["batch-norm".into()]);
            layers.push(AddSpec { branches: vec![words(inside), words(short_cut)] }.into());
            layers.extend(words(["relu".to_owned()]));
            channels = filters;
        }
        layers.extend(words(["global-avg-pool".to_owned()]));
        NetworkConfig::Sequential(SequentialConfig {
            layers,
            init: self.init,
            ..SequentialConfig::new(sizes.shape.clone(), sizes.outputs)
        })
    }

    fn check(&self) -> std::result::Result<(), Fault> {
        for (key, sizes) in [("filters", &self.filters), ("kernels", &self.kernels)] {
            if sizes.is_empty() || sizes.iter().any(|size| !(1..=MOST).contains(size)) {
                let expected = format!("one or more numbers from 1 to {MOST}");
                return Err(Fault::value(key, expected, format!("{sizes:?}")));
            }
        }
        Ok(())
    }

    fn check_shape(&self, shape: &[usize]) -> std::result::Result<(), Fault> {
        series_only("series-resnet", shape)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::tensor::{Device, Tensor};

    use super::*;
    use crate::{Input, Model};

    fn network(recipe: &SeriesResNetRecipe, shape: [usize; 2]) -> NetworkConfig {
        recipe.network(&DataSizes { shape: shape.to_vec(), outputs: 5, ..DataSizes::default() }, 0)
    }

    /// Counted by hand: convolutions without bias, a scale and a shift for each channel of a norm.
    #[test]
    fn the_papers_network_has_its_weights() {
        let block = |input: usize, width: usize| {
            let convs = width * (7 * input + 5 * width + 3 * width) + 3 * 2 * width;
            convs + if input == width { 0 } else { input * width } + 2 * width
        };
        for channels in [1, 6] {
            let expected = block(channels, 64) + block(64, 128) + block(128, 128) + 128 * 5 + 5;
            let config = network(&SeriesResNetRecipe::default(), [150, channels]);
            assert_eq!(config.summary().unwrap().parameters(), expected);
        }
    }

    #[test]
    fn any_sizes_run_over_short_series() {
        let device = Device::default();
        for (filters, kernels) in
            [(vec![3], vec![8]), (vec![2, 2], vec![5, 3, 3, 1]), (vec![4, 1, 4], vec![9])]
        {
            let recipe = SeriesResNetRecipe { filters, kernels, ..SeriesResNetRecipe::default() };
            recipe.check().unwrap();
            let model = network(&recipe, [4, 3]).init(1, &device).unwrap();
            let input = Input::from(Tensor::<2>::ones([2, 12], &device));
            assert_eq!(model.forward(&input).dims(), [2, 5], "{recipe:?}");
        }
    }

    #[test]
    fn what_is_no_such_network_is_refused() {
        let none = SeriesResNetRecipe { kernels: vec![], ..SeriesResNetRecipe::default() };
        assert!(none.check().unwrap_err().to_string().contains("one or more numbers from 1 to 100000"));
        let wide = SeriesResNetRecipe { filters: vec![2_000_000], ..SeriesResNetRecipe::default() };
        assert!(wide.check().is_err());
        let message = none.check_shape(&[1, 28, 28]).unwrap_err().to_string();
        assert!(message.contains("\"series-resnet\"") && message.contains("[time, channels]"), "{message}");
    }
}
