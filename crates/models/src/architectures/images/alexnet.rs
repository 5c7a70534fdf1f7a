//! AlexNet.

use brasa_keys::{Bounds, Fault};

use super::blocks::{adaptive_avg_pool, dropout, linear, max_pool, relu};
use super::{images_only, network};
use crate::Init;
use crate::architectures::sequential::specs::ConvSpec;
use crate::architectures::{ArchitectureKind, DataSizes, Head, LayerSpec, NetworkConfig};

brasa_keys::table! {
    /// AlexNet over images of 63 pixels a side and more, without its split over two devices
    /// ([Krizhevsky 2014](https://arxiv.org/abs/1404.5997)); as torchvision's `alexnet`.
    pub struct AlexNetRecipe = "alexnet" {
        /// Dropout before each of the two wide linear layers.
        dropout: f64 = 0.5, Bounds::below(0.0, 1.0);
        /// Distribution of the initial weights.
        init: Init = Init::HeNormal;
    }
}

impl ArchitectureKind for AlexNetRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let conv =
            |conv: ConvSpec, index: usize| LayerSpec::from(conv).with_name(&format!("features.{index}"));
        let pool = || max_pool(3, 2, 0, false);
        let mut layers = vec![
            conv(ConvSpec::new(64, 11).with_stride(4).with_padding(2), 0),
            relu(),
            pool(),
            conv(ConvSpec::new(192, 5), 3),
            relu(),
            pool(),
            conv(ConvSpec::new(384, 3), 6),
            relu(),
            conv(ConvSpec::new(256, 3), 8),
            relu(),
            conv(ConvSpec::new(256, 3), 10),
            relu(),
            pool(),
            adaptive_avg_pool(6),
        ];
        for name in ["classifier.1", "classifier.4"] {
            layers.extend(dropout(self.dropout));
            layers.extend([linear(4096, name), relu()]);
        }
        network(sizes, layers, Head::linear("classifier.6"), self.init)
    }

    fn check_shape(&self, shape: &[usize]) -> Result<(), Fault> {
        images_only("alexnet", shape)
    }
}
