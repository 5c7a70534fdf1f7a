//! SqueezeNet.

use brasa_keys::{Bounds, Fault};

use super::blocks::{adaptive_avg_pool, dropout, max_pool, relu};
use super::{images_only, network};
use crate::Init;
use crate::architectures::sequential::specs::{ConcatSpec, ConvSpec};
use crate::architectures::{ArchitectureKind, DataSizes, Head, LayerSpec, NetworkConfig};

brasa_keys::table! {
    /// SqueezeNet 1.1: narrow layers of one pixel before wide ones of one and three, over images of 25 pixels a side and more
    /// ([Iandola et al. 2016](https://arxiv.org/abs/1602.07360)); as torchvision's `squeezenet1_1`.
    pub struct SqueezeNetRecipe = "squeezenet" {
        /// Dropout before the last convolution.
        dropout: f64 = 0.5, Bounds::below(0.0, 1.0);
        /// Distribution of the initial weights.
        init: Init = Init::HeNormal;
    }
}

/// A narrow convolution, and two wide ones over what it makes.
fn fire(index: usize, narrow: usize, wide: usize) -> Vec<LayerSpec> {
    let conv = |channels: usize, kernel: usize, part: &str| {
        let conv = LayerSpec::from(ConvSpec::new(channels, kernel));
        vec![conv.with_name(&format!("features.{index}.{part}")), relu()]
    };
    let mut layers = conv(narrow, 1, "squeeze");
    let branches = vec![conv(wide, 1, "expand1x1"), conv(wide, 3, "expand3x3")];
    layers.push(ConcatSpec { branches }.into());
    layers
}

impl ArchitectureKind for SqueezeNetRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let stem = ConvSpec::new(64, 3).with_stride(2).with_padding(0);
        let mut layers = vec![LayerSpec::from(stem).with_name("features.0"), relu()];
        let modules = [
            vec![(3, 16, 64), (4, 16, 64)],
            vec![(6, 32, 128), (7, 32, 128)],
            vec![(9, 48, 192), (10, 48, 192), (11, 64, 256), (12, 64, 256)],
        ];
        for modules in modules {
            layers.push(max_pool(3, 2, 0, true));
            layers.extend(modules.into_iter().flat_map(|(index, narrow, wide)| fire(index, narrow, wide)));
        }
        layers.extend(dropout(self.dropout));
        let classes = ConvSpec::new(sizes.outputs, 1);
        layers.extend([LayerSpec::from(classes).with_name("classifier.1"), relu(), adaptive_avg_pool(1)]);
        network(sizes, layers, Head::None, self.init)
    }

    fn check_shape(&self, shape: &[usize]) -> Result<(), Fault> {
        images_only("squeezenet", shape)
    }
}
