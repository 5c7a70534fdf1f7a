//! ConvNeXt.

use brasa_keys::{Bounds, Fault};
use serde::{Deserialize, Serialize};

use super::blocks::{activation, adaptive_avg_pool, residual};
use super::timm;
use super::{images_only, network};
use crate::architectures::sequential::specs::{ConvSpec, LayerNormSpec, LayerScaleSpec};
use crate::architectures::{ArchitectureKind, DataSizes, Head, LayerSpec, NetworkConfig};
use crate::{Activation, Init, KeyRename};

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConvNextSize {
    /// 3.7 million weights over 1,000 classes.
    Atto,
    /// 5.2 million.
    Femto,
    /// 9.0 million.
    Pico,
    /// 15.6 million.
    Nano,
    /// The paper's smallest, 28.6 million.
    Tiny,
}

impl ConvNextSize {
    /// Blocks of each stage, and the channels of the first.
    fn sizes(self) -> ([usize; 4], usize) {
        match self {
            Self::Atto => ([2, 2, 6, 2], 40),
            Self::Femto => ([2, 2, 6, 2], 48),
            Self::Pico => ([2, 2, 6, 2], 64),
            Self::Nano => ([2, 2, 8, 2], 80),
            Self::Tiny => ([3, 3, 9, 3], 96),
        }
    }
}

brasa_keys::table! {
    /// Convolutions as a transformer has its layers: wide depthwise kernels, layer norm, GELU
    /// ([Liu et al. 2022](https://arxiv.org/abs/2201.03545)), over images of 32 pixels a side and more; names are those of
    /// torchvision's `ConvNeXt`.
    pub struct ConvNextRecipe = "convnext" {
        /// Which of them: "atto", "femto", "pico", "nano" or "tiny".
        size: ConvNextSize = ConvNextSize::Atto;
        /// Side of the squares that an image is cut into first: 4, or less for small images.
        patch: usize = 4, Bounds::within(1.0, 64.0);
        /// Probability that the last block is left out for a sample in training; those before it less, in proportion to their place.
        stochastic_depth: f64 = 0.1, Bounds::below(0.0, 1.0);
        /// What a block's output is multiplied with at first.
        layer_scale: f64 = 1e-6, Bounds::above(0.0);
        /// Distribution of the initial weights.
        init: Init = Init::XavierUniform;
    }
}

fn norm(name: &str) -> LayerSpec {
    LayerSpec::from(LayerNormSpec { epsilon: 1e-6 }).with_name(name)
}

impl ConvNextRecipe {
    fn block(&self, channels: usize, probability: f64, name: &str) -> LayerSpec {
        let conv = |conv: ConvSpec, at: usize| LayerSpec::from(conv).with_name(&format!("{name}.block.{at}"));
        let inside = vec![
            conv(ConvSpec::new(channels, 7).with_groups(channels), 0),
            norm(&format!("{name}.block.2")),
            conv(ConvSpec::as_linear(4 * channels), 3),
            activation(Activation::Gelu),
            conv(ConvSpec::as_linear(channels), 5),
            LayerSpec::from(LayerScaleSpec { first: self.layer_scale })
                .with_name(&format!("{name}.layer_scale")),
        ];
        residual(inside, probability)
    }
}

impl ArchitectureKind for ConvNextRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let (blocks, first) = self.size.sizes();
        let all = blocks.iter().sum::<usize>().saturating_sub(1).max(1);
        let cut = |channels: usize, side: usize, name: &str| {
            LayerSpec::from(ConvSpec::new(channels, side).with_stride(side).with_padding(0)).with_name(name)
        };
        let mut layers = vec![cut(first, self.patch, "features.0.0"), norm("features.0.1")];
        let mut number = 0;
        for (stage, blocks) in blocks.into_iter().enumerate() {
            let channels = first << stage;
            if stage > 0 {
                let name = format!("features.{}", 2 * stage);
                layers.extend([norm(&format!("{name}.0")), cut(channels, 2, &format!("{name}.1"))]);
            }
            for block in 0..blocks {
                let probability = self.stochastic_depth * number as f64 / all as f64;
                layers.push(self.block(
                    channels,
                    probability,
                    &format!("features.{}.{block}", 2 * stage + 1),
                ));
                number += 1;
            }
        }
        layers.extend([adaptive_avg_pool(1), norm("classifier.0")]);
        network(sizes, layers, Head::linear("classifier.2"), self.init)
    }

    fn check_shape(&self, shape: &[usize]) -> Result<(), Fault> {
        images_only("convnext", shape)
    }

    fn foreign_names(&self) -> Vec<KeyRename> {
        let mut names = vec![timm::rule("stem.0", "features.0.0"), timm::rule("stem.1", "features.0.1")];
        for (stage, blocks) in self.size.sizes().0.into_iter().enumerate() {
            for part in 0..2 {
                let theirs = format!("stages.{stage}.downsample.{part}");
                names.push(timm::rule(&theirs, &format!("features.{}.{part}", 2 * stage)));
            }
            for block in 0..blocks {
                let (theirs, ours) =
                    (format!("stages.{stage}.blocks.{block}"), format!("features.{}.{block}", 2 * stage + 1));
                for (part, at) in [("conv_dw", 0), ("norm", 2), ("mlp.fc1", 3), ("mlp.fc2", 5)] {
                    names.push(timm::rule(&format!("{theirs}.{part}"), &format!("{ours}.block.{at}")));
                }
                names.push(timm::parameter(&format!("{theirs}.gamma"), &format!("{ours}.layer_scale")));
            }
        }
        names.extend([timm::rule("head.norm", "classifier.0"), timm::rule("head.fc", "classifier.2")]);
        names
    }
}
