//! MobileNetV3.

use brasa_keys::{Bounds, Fault};

use super::blocks::{
    Style, activation, divisible, dropout, global_avg_pool, in_sequence, linear, residual, squeeze_excite,
};
use super::timm::{self, Part};
use super::{images_only, network};
use crate::architectures::sequential::specs::{BatchNormSpec, ConvSpec};
use crate::architectures::{ArchitectureKind, DataSizes, Head, LayerSpec, NetworkConfig};
use crate::{Activation, Init, KeyRename};

brasa_keys::table! {
    /// MobileNetV3-Small: inverted residual blocks with squeeze-and-excitation, found by search, over images of any size
    /// ([Howard et al. 2019](https://arxiv.org/abs/1905.02244)); as torchvision's `mobilenet_v3_small`.
    pub struct MobileNetV3Recipe = "mobilenet-v3-small" {
        /// Dropout before the output.
        dropout: f64 = 0.2, Bounds::below(0.0, 1.0);
        /// Distribution of the initial weights.
        init: Init = Init::HeNormal;
    }
}

/// A block: kernel, channels between, channels behind, whether weighted, whether hard swish, stride.
type Block = (usize, usize, usize, bool, bool, usize);

/// By stages of equal size.
const STAGES: [&[Block]; 5] = [
    &[(3, 16, 16, true, false, 2)],
    &[(3, 72, 24, false, false, 2), (3, 88, 24, false, false, 1)],
    &[(5, 96, 40, true, true, 2), (5, 240, 40, true, true, 1), (5, 240, 40, true, true, 1)],
    &[(5, 120, 48, true, true, 1), (5, 144, 48, true, true, 1)],
    &[(5, 288, 96, true, true, 2), (5, 576, 96, true, true, 1), (5, 576, 96, true, true, 1)],
];

/// Maps of the first layer.
const STEM: usize = 16;

fn style(activation: Activation) -> Style {
    Style { norm: BatchNormSpec { epsilon: 1e-3, momentum: 0.01 }, activation }
}

impl ArchitectureKind for MobileNetV3Recipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let wide = style(Activation::HardSwish);
        let mut layers =
            wide.conv_norm_activation(ConvSpec::new(STEM, 3).with_stride(2), in_sequence("features.0"));
        let mut before = STEM;
        for (index, block) in STAGES.into_iter().flatten().enumerate() {
            let (_, _, behind, _, _, stride) = *block;
            let inside = inside(block, before, index + 1);
            match stride == 1 && before == behind {
                true => layers.push(residual(inside, 0.0)),
                false => layers.extend(inside),
            }
            before = behind;
        }
        layers.extend(wide.conv_norm_activation(ConvSpec::new(6 * before, 1), in_sequence("features.12")));
        layers.extend([global_avg_pool(), linear(1024, "classifier.0"), activation(Activation::HardSwish)]);
        layers.extend(dropout(self.dropout));
        network(sizes, layers, Head::linear("classifier.3"), self.init)
    }

    fn check_shape(&self, shape: &[usize]) -> Result<(), Fault> {
        images_only("mobilenet-v3-small", shape)
    }

    fn foreign_names(&self) -> Vec<KeyRename> {
        let mut names = vec![timm::rule("conv_stem", "features.0.0"), timm::rule("bn1", "features.0.1")];
        let (mut before, mut index) = (STEM, 0);
        for (stage, blocks) in STAGES.into_iter().enumerate() {
            for (block, (_, between, behind, weighted, ..)) in blocks.iter().enumerate() {
                index += 1;
                let parts = Part::of_inverted(*between != before, *weighted);
                let ours = |at: usize, _: bool| in_sequence(&format!("features.{index}.block.{at}"));
                names.extend(timm::block(&format!("blocks.{stage}.{block}"), &parts, ours));
                before = *behind;
            }
        }
        names.extend([
            timm::rule("blocks.5.0.conv", "features.12.0"),
            timm::rule("blocks.5.0.bn1", "features.12.1"),
            timm::rule("conv_head", "classifier.0"),
            timm::rule("classifier", "classifier.3"),
        ]);
        names
    }
}

fn inside(block: &Block, before: usize, index: usize) -> Vec<LayerSpec> {
    let (kernel, between, behind, weighted, hard_swish, stride) = *block;
    let style = style(if hard_swish { Activation::HardSwish } else { Activation::Relu });
    let (mut layers, mut at) = (Vec::new(), 0);
    let mut name = || {
        at += 1;
        format!("features.{index}.block.{}", at - 1)
    };
    if between != before {
        layers.extend(style.conv_norm_activation(ConvSpec::new(between, 1), in_sequence(&name())));
    }
    let depthwise = ConvSpec::new(between, kernel).with_stride(stride).with_groups(between);
    layers.extend(style.conv_norm_activation(depthwise, in_sequence(&name())));
    if weighted {
        let (narrow, name) = (divisible(between as f64 / 4.0), name());
        let names = [format!("{name}.fc1"), format!("{name}.fc2")];
        layers.push(squeeze_excite(between, narrow, [Activation::Relu, Activation::HardSigmoid], names));
    }
    layers.extend(style.conv_norm(ConvSpec::new(behind, 1), in_sequence(&name())));
    layers
}
