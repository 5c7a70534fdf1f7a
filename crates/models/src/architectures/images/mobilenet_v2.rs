//! MobileNetV2.

use brasa_keys::{Bounds, Fault};

use super::blocks::{Style, divisible, dropout, global_avg_pool, in_sequence, residual};
use super::timm::{self, Part};
use super::{images_only, network};
use crate::architectures::sequential::specs::ConvSpec;
use crate::architectures::{ArchitectureKind, DataSizes, Head, LayerSpec, NetworkConfig};
use crate::{Activation, Init, KeyRename};

brasa_keys::table! {
    /// Inverted residual blocks: wide between, narrow behind, over images of any size
    /// ([Sandler et al. 2018](https://arxiv.org/abs/1801.04381)); as torchvision's `mobilenet_v2`.
    pub struct MobileNetV2Recipe = "mobilenet-v2" {
        /// How many times as wide as the paper's.
        width: f64 = 1.0, Bounds::within(0.05, 10.0);
        /// Dropout before the output.
        dropout: f64 = 0.2, Bounds::below(0.0, 1.0);
        /// Distribution of the initial weights.
        init: Init = Init::HeNormal;
    }
}

/// How many times wider blocks are between, their channels behind, their number, the stride of the first.
const STAGES: [(usize, usize, usize, usize); 7] = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
];

impl MobileNetV2Recipe {
    fn channels(&self, channels: usize) -> usize {
        divisible(channels as f64 * self.width)
    }
}

impl ArchitectureKind for MobileNetV2Recipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let style = Style::of(Activation::Relu6);
        let mut before = self.channels(32);
        let stem = ConvSpec::new(before, 3).with_stride(2);
        let mut layers = style.conv_norm_activation(stem, in_sequence("features.0"));
        let mut index = 0;
        for (times, channels, blocks, first_stride) in STAGES {
            let channels = self.channels(channels);
            for block in 0..blocks {
                index += 1;
                let stride = if block == 0 { first_stride } else { 1 };
                let inside = inside(&style, [before, times * before, channels], stride, index);
                match stride == 1 && before == channels {
                    true => layers.push(residual(inside, 0.0)),
                    false => layers.extend(inside),
                }
                before = channels;
            }
        }
        let last = divisible(1280.0 * self.width.max(1.0));
        let name = format!("features.{}", index + 1);
        layers.extend(style.conv_norm_activation(ConvSpec::new(last, 1), in_sequence(&name)));
        layers.push(global_avg_pool());
        layers.extend(dropout(self.dropout));
        network(sizes, layers, Head::linear("classifier.1"), self.init)
    }

    fn check_shape(&self, shape: &[usize]) -> Result<(), Fault> {
        images_only("mobilenet-v2", shape)
    }

    fn foreign_names(&self) -> Vec<KeyRename> {
        let mut names = vec![timm::rule("conv_stem", "features.0.0"), timm::rule("bn1", "features.0.1")];
        let mut index = 0;
        for (stage, (times, _, blocks, _)) in STAGES.into_iter().enumerate() {
            for block in 0..blocks {
                index += 1;
                let parts = Part::of_inverted(times > 1, false);
                let ours = |at: usize, last: bool| match last {
                    // The last convolution and its norm stand in the block's own list.
                    true => {
                        [format!("features.{index}.conv.{at}"), format!("features.{index}.conv.{}", at + 1)]
                    }
                    false => in_sequence(&format!("features.{index}.conv.{at}")),
                };
                names.extend(timm::block(&format!("blocks.{stage}.{block}"), &parts, ours));
            }
        }
        names.extend([timm::rule("conv_head", "features.18.0"), timm::rule("bn2", "features.18.1")]);
        names.push(timm::rule("classifier", "classifier.1"));
        names
    }
}

/// The layers of a block, from the channels before it over those between to those behind.
fn inside(style: &Style, channels: [usize; 3], stride: usize, index: usize) -> Vec<LayerSpec> {
    let ([before, between, behind], mut layers, mut at) = (channels, Vec::new(), 0);
    let name = |at: usize| format!("features.{index}.conv.{at}");
    if between != before {
        layers.extend(style.conv_norm_activation(ConvSpec::new(between, 1), in_sequence(&name(at))));
        at += 1;
    }
    let depthwise = ConvSpec::new(between, 3).with_stride(stride).with_groups(between);
    layers.extend(style.conv_norm_activation(depthwise, in_sequence(&name(at))));
    layers.extend(style.conv_norm(ConvSpec::new(behind, 1), [name(at + 1), name(at + 2)]));
    layers
}
