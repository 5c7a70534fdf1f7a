//! EfficientNet.

use brasa_keys::{Bounds, Fault};
use serde::{Deserialize, Serialize};

use super::blocks::{Style, dropout, global_avg_pool, in_sequence, residual, squeeze_excite};
use super::timm::{self, Part};
use super::{images_only, network};
use crate::architectures::sequential::specs::{BatchNormSpec, ConvSpec, PadSpec};
use crate::architectures::{ArchitectureKind, DataSizes, Head, LayerSpec, NetworkConfig};
use crate::{Activation, Init, KeyRename};

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EfficientNetVariant {
    /// The paper's smallest, as torchvision's `efficientnet_b0`.
    B0,
    /// Without squeeze-and-excitation and with ReLU6, padded as TensorFlow does; names are those of EfficientNet-PyTorch.
    Lite0,
}

brasa_keys::table! {
    /// Inverted residual blocks whose depth, width and image size grow together, over images of any size
    /// ([Tan and Le 2019](https://arxiv.org/abs/1905.11946)).
    pub struct EfficientNetRecipe = "efficientnet" {
        /// Which of them: "b0" or "lite0".
        variant: EfficientNetVariant = EfficientNetVariant::B0;
        /// Dropout before the output.
        dropout: f64 = 0.2, Bounds::below(0.0, 1.0);
        /// Probability that a block is left out for a sample in training, at the end of the network; in each block, in proportion to the
        /// blocks before it.
        stochastic_depth: f64 = 0.2, Bounds::below(0.0, 1.0);
        /// Distribution of the initial weights.
        init: Init = Init::HeNormal;
    }
}

/// How many times wider blocks are between, kernel, stride of the first, channels behind, number.
const STAGES: [(usize, usize, usize, usize, usize); 7] = [
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
];
const STEM: usize = 32;
const LAST: usize = 1280;

/// The layers so far, and the size of their maps.
struct Build {
    variant: EfficientNetVariant,
    style: Style,
    layers: Vec<LayerSpec>,
    side: [usize; 2],
}

/// One block's place and sizes.
struct Block {
    stage: usize,
    index: usize,
    /// Of all blocks.
    number: usize,
    before: usize,
    times: usize,
    kernel: usize,
    stride: usize,
    behind: usize,
}

impl Build {
    fn lite(&self) -> bool {
        self.variant == EfficientNetVariant::Lite0
    }

    /// The convolution with the padding of the variant, and the zeros before it where its own are not enough.
    fn padded(&mut self, conv: ConvSpec) -> (Option<LayerSpec>, ConvSpec) {
        let out = self.side.map(|side| side.div_ceil(conv.stride));
        let before = std::mem::replace(&mut self.side, out);
        if !self.lite() || conv.stride == 1 {
            return (None, conv);
        }
        // TensorFlow's: as many zeros as the last window needs, the odd one behind.
        let zeros = |at: usize| {
            let needed =
                (out[at].saturating_sub(1) * conv.stride + conv.kernel[at]).saturating_sub(before[at]);
            [needed / 2, needed - needed / 2]
        };
        let ([top, bottom], [left, right]) = (zeros(0), zeros(1));
        (Some(PadSpec { before: [top, left], behind: [bottom, right] }.into()), conv.with_padding(0))
    }

    fn block(&mut self, block: &Block, stochastic_depth: f64) {
        let Block { before, times, behind, stride, .. } = *block;
        let (between, mut inside, mut part) = (times * before, Vec::new(), 0);
        if times > 1 {
            let names = self.names(block, &mut part, "_expand_conv", "_bn0");
            inside.extend(self.style.conv_norm_activation(ConvSpec::new(between, 1), names));
        }
        let depthwise = ConvSpec::new(between, block.kernel).with_stride(stride).with_groups(between);
        let (zeros, depthwise) = self.padded(depthwise);
        let names = self.names(block, &mut part, "_depthwise_conv", "_bn1");
        inside.extend(zeros);
        inside.extend(self.style.conv_norm_activation(depthwise, names));
        if !self.lite() {
            let name = format!("features.{}.{}.block.{part}", block.stage, block.index);
            part += 1;
            let names = [format!("{name}.fc1"), format!("{name}.fc2")];
            let narrow = (before / 4).max(1);
            inside.push(squeeze_excite(between, narrow, [Activation::Silu, Activation::Sigmoid], names));
        }
        let names = self.names(block, &mut part, "_project_conv", "_bn2");
        inside.extend(self.style.conv_norm(ConvSpec::new(behind, 1), names));
        match stride == 1 && before == behind {
            true => self.layers.push(residual(inside, stochastic_depth)),
            false => self.layers.extend(inside),
        }
    }

    /// The names of a convolution and its norm in a block: torchvision counts parts, EfficientNet-PyTorch names them.
    fn names(&self, block: &Block, part: &mut usize, conv: &str, norm: &str) -> [String; 2] {
        *part += 1;
        match self.variant {
            EfficientNetVariant::B0 => {
                in_sequence(&format!("features.{}.{}.block.{}", block.stage, block.index, *part - 1))
            }
            EfficientNetVariant::Lite0 => [conv, norm].map(|name| format!("_blocks.{}.{name}", block.number)),
        }
    }
}

impl ArchitectureKind for EfficientNetRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let side = match *sizes.shape.as_slice() {
            [_, height, width] => [height, width],
            _ => [1, 1],
        };
        let lite = self.variant == EfficientNetVariant::Lite0;
        let (norm, activation) = match lite {
            true => (BatchNormSpec { epsilon: 1e-3, momentum: 0.01 }, Activation::Relu6),
            false => (BatchNormSpec::default(), Activation::Silu),
        };
        let style = Style { norm, activation };
        let mut build = Build { variant: self.variant, style, layers: Vec::new(), side };
        let outer = |lite_names: [&str; 2], name: &str| match lite {
            true => lite_names.map(String::from),
            false => in_sequence(name),
        };
        let (zeros, stem) = build.padded(ConvSpec::new(STEM, 3).with_stride(2));
        build.layers.extend(zeros);
        let names = outer(["_conv_stem", "_bn0"], "features.0");
        let stem = build.style.conv_norm_activation(stem, names);
        build.layers.extend(stem);

        let blocks: usize = STAGES.iter().map(|(.., blocks)| blocks).sum();
        let (mut before, mut number) = (STEM, 0);
        for (stage, (times, kernel, first_stride, behind, blocks_of_stage)) in STAGES.into_iter().enumerate()
        {
            for index in 0..blocks_of_stage {
                let stride = if index == 0 { first_stride } else { 1 };
                let block = Block { stage: stage + 1, index, number, before, times, kernel, stride, behind };
                build.block(&block, self.stochastic_depth * number as f64 / blocks as f64);
                (before, number) = (behind, number + 1);
            }
        }
        let names = outer(["_conv_head", "_bn1"], "features.8");
        let last = build.style.conv_norm_activation(ConvSpec::new(LAST, 1), names);
        build.layers.extend(last);
        build.layers.push(global_avg_pool());
        build.layers.extend(dropout(self.dropout));
        network(sizes, build.layers, Head::linear(if lite { "_fc" } else { "classifier.1" }), self.init)
    }

    fn check_shape(&self, shape: &[usize]) -> Result<(), Fault> {
        images_only("efficientnet", shape)
    }

    fn foreign_names(&self) -> Vec<KeyRename> {
        if self.variant == EfficientNetVariant::Lite0 {
            return Vec::new();
        }
        let mut names = vec![timm::rule("conv_stem", "features.0.0"), timm::rule("bn1", "features.0.1")];
        for (stage, (times, _, _, _, blocks)) in STAGES.into_iter().enumerate() {
            for block in 0..blocks {
                let parts = Part::of_inverted(times > 1, true);
                let ours =
                    |at: usize, _: bool| in_sequence(&format!("features.{}.{block}.block.{at}", stage + 1));
                names.extend(timm::block(&format!("blocks.{stage}.{block}"), &parts, ours));
            }
        }
        names.extend([timm::rule("conv_head", "features.8.0"), timm::rule("bn2", "features.8.1")]);
        names.push(timm::rule("classifier", "classifier.1"));
        names
    }
}
