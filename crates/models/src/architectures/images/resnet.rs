//! ResNet.

use brasa_keys::Fault;
use serde::{Deserialize, Serialize};

use super::blocks::{Style, add, global_avg_pool, max_pool, relu};
use super::depth::Written;
use super::{images_only, network};
use crate::architectures::sequential::specs::{ConvSpec, ResidualSpec};
use crate::architectures::{ArchitectureKind, DataSizes, Head, LayerSpec, NetworkConfig};
use crate::{Activation, Init};

/// Layers with weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub enum ResNetDepth {
    /// Blocks of two convolutions, two of each width.
    #[serde(rename = "18")]
    Eighteen,
    /// Blocks of two convolutions.
    #[serde(rename = "34")]
    ThirtyFour,
    /// Blocks of three convolutions.
    #[serde(rename = "50")]
    Fifty,
}

impl TryFrom<Written> for ResNetDepth {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        written.among(&[("18", Self::Eighteen), ("34", Self::ThirtyFour), ("50", Self::Fifty)])
    }
}

impl ResNetDepth {
    /// Blocks of each width.
    fn blocks(self) -> [usize; 4] {
        match self {
            Self::Eighteen => [2; 4],
            Self::ThirtyFour | Self::Fifty => [3, 4, 6, 3],
        }
    }
}

brasa_keys::table! {
    /// Residual blocks over images of any size ([He et al. 2016](https://arxiv.org/abs/1512.03385)); as torchvision's `resnet18`,
    /// `resnet34` and `resnet50`.
    pub struct ResNetRecipe = "resnet" {
        /// Layers with weights: "18", "34" or "50".
        depth: ResNetDepth = ResNetDepth::Eighteen;
        /// Whether the first layers make an image four times smaller: the stem of ImageNet. "false" is for small images, of 64 pixels
        /// and less: a kernel of 3 pixels without stride.
        stem: bool = true;
        /// Distribution of the initial weights.
        init: Init = Init::HeNormal;
    }
}

impl ArchitectureKind for ResNetRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let style = Style::of(Activation::Relu);
        let stem = match self.stem {
            true => ConvSpec::new(64, 7).with_stride(2),
            false => ConvSpec::new(64, 3),
        };
        let mut layers = style.conv_norm_activation(stem, ["conv1".into(), "bn1".into()]);
        if self.stem {
            layers.push(max_pool(3, 2, 1, false));
        }
        for (stage, (blocks, width)) in self.depth.blocks().into_iter().zip([64, 128, 256, 512]).enumerate() {
            for block in 0..blocks {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                let name = format!("layer{}.{block}", stage + 1);
                match self.depth {
                    ResNetDepth::Fifty => layers.extend(bottleneck(&style, width, stride, block == 0, &name)),
                    _ => {
                        let block = ResidualSpec { channels: width, stride, squeeze: 0 };
                        layers.push(LayerSpec::from(block).with_name(&name));
                    }
                }
            }
        }
        layers.push(global_avg_pool());
        network(sizes, layers, Head::linear("fc"), self.init)
    }

    fn check_shape(&self, shape: &[usize]) -> Result<(), Fault> {
        images_only("resnet", shape)
    }
}

/// One pixel, three, one: four times wider behind than between. The stride is that of the second convolution, as in torchvision.
fn bottleneck(style: &Style, width: usize, stride: usize, first: bool, name: &str) -> Vec<LayerSpec> {
    let names = |index: usize| [format!("{name}.conv{index}"), format!("{name}.bn{index}")];
    let mut inside = style.conv_norm_activation(ConvSpec::new(width, 1), names(1));
    inside.extend(style.conv_norm_activation(ConvSpec::new(width, 3).with_stride(stride), names(2)));
    inside.extend(style.conv_norm(ConvSpec::new(4 * width, 1), names(3)));
    let short = match first {
        true => {
            let names = [format!("{name}.downsample.0"), format!("{name}.downsample.1")];
            style.conv_norm(ConvSpec::new(4 * width, 1).with_stride(stride), names)
        }
        false => Vec::new(),
    };
    vec![add(inside, short), relu()]
}
