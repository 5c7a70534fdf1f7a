//! VGG.

use brasa_keys::{Bounds, Fault};
use serde::{Deserialize, Serialize};

use super::blocks::{adaptive_avg_pool, dropout, linear, max_pool, relu};
use super::depth::Written;
use super::{images_only, network};
use crate::Init;
use crate::architectures::sequential::specs::{BatchNormSpec, ConvSpec};
use crate::architectures::{ArchitectureKind, DataSizes, Head, LayerSpec, NetworkConfig};

/// Layers with weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub enum VggDepth {
    /// Eight convolutions.
    #[serde(rename = "11")]
    Eleven,
    /// Ten.
    #[serde(rename = "13")]
    Thirteen,
    /// Thirteen.
    #[serde(rename = "16")]
    Sixteen,
    /// Sixteen.
    #[serde(rename = "19")]
    Nineteen,
}

impl TryFrom<Written> for VggDepth {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        written.among(&[
            ("11", Self::Eleven),
            ("13", Self::Thirteen),
            ("16", Self::Sixteen),
            ("19", Self::Nineteen),
        ])
    }
}

impl VggDepth {
    /// Convolutions in front of each pooling.
    fn convolutions(self) -> [usize; 5] {
        match self {
            Self::Eleven => [1, 1, 2, 2, 2],
            Self::Thirteen => [2; 5],
            Self::Sixteen => [2, 2, 3, 3, 3],
            Self::Nineteen => [2, 2, 4, 4, 4],
        }
    }
}

brasa_keys::table! {
    /// Small kernels in a row, over images of 32 pixels a side and more
    /// ([Simonyan and Zisserman 2015](https://arxiv.org/abs/1409.1556)); as torchvision's `vgg11` to `vgg19_bn`.
    pub struct VggRecipe = "vgg" {
        /// Layers with weights: "11", "13", "16" or "19".
        depth: VggDepth = VggDepth::Eleven;
        /// Whether a batch norm follows each convolution.
        batch_norm: bool = true;
        /// Dropout behind each of the two wide linear layers.
        dropout: f64 = 0.5, Bounds::below(0.0, 1.0);
        /// Distribution of the initial weights.
        init: Init = Init::HeNormal;
    }
}

impl ArchitectureKind for VggRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let (mut layers, mut index) = (Vec::new(), 0);
        for (convolutions, channels) in self.depth.convolutions().into_iter().zip([64, 128, 256, 512, 512]) {
            for _ in 0..convolutions {
                let conv = LayerSpec::from(ConvSpec::new(channels, 3));
                layers.push(conv.with_name(&format!("features.{index}")));
                if self.batch_norm {
                    index += 1;
                    let norm = LayerSpec::from(BatchNormSpec::default());
                    layers.push(norm.with_name(&format!("features.{index}")));
                }
                layers.push(relu());
                index += 2;
            }
            layers.push(max_pool(2, 2, 0, false));
            index += 1;
        }
        layers.push(adaptive_avg_pool(7));
        for name in ["classifier.0", "classifier.3"] {
            layers.extend([linear(4096, name), relu()]);
            layers.extend(dropout(self.dropout));
        }
        network(sizes, layers, Head::linear("classifier.6"), self.init)
    }

    fn check_shape(&self, shape: &[usize]) -> Result<(), Fault> {
        images_only("vgg", shape)
    }
}
