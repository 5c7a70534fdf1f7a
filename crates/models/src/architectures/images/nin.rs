//! Network in network.

use brasa_keys::{Bounds, Fault};

use super::blocks::{adaptive_avg_pool, dropout, max_pool, relu};
use super::{images_only, network};
use crate::Init;
use crate::architectures::sequential::specs::ConvSpec;
use crate::architectures::{ArchitectureKind, DataSizes, Head, LayerSpec, NetworkConfig};

brasa_keys::table! {
    /// Convolutions with two of one pixel behind each, and a map for each class whose mean is the answer, over images of 67 pixels
    /// a side and more ([Lin et al. 2014](https://arxiv.org/abs/1312.4400)).
    pub struct NinRecipe = "nin" {
        /// Dropout before the last block.
        dropout: f64 = 0.5, Bounds::below(0.0, 1.0);
        /// Distribution of the initial weights.
        init: Init = Init::HeNormal;
    }
}

fn block(conv: ConvSpec) -> Vec<LayerSpec> {
    let pixels = ConvSpec::new(conv.channels, 1);
    [conv, pixels.clone(), pixels].into_iter().flat_map(|conv| [conv.into(), relu()]).collect()
}

impl ArchitectureKind for NinRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let mut layers = block(ConvSpec::new(96, 11).with_stride(4).with_padding(0));
        for (channels, kernel) in [(256, 5), (384, 3)] {
            layers.push(max_pool(3, 2, 0, false));
            layers.extend(block(ConvSpec::new(channels, kernel)));
        }
        layers.push(max_pool(3, 2, 0, false));
        layers.extend(dropout(self.dropout));
        layers.extend(block(ConvSpec::new(sizes.outputs, 3)));
        layers.push(adaptive_avg_pool(1));
        network(sizes, layers, Head::None, self.init)
    }

    fn check_shape(&self, shape: &[usize]) -> Result<(), Fault> {
        images_only("nin", shape)
    }
}
