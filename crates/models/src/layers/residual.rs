//! The residual block of ResNet-18, with squeeze-and-excitation on request.

use brasa_kernels::{ActivationKind, activation, global_avg_pool};
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;

use super::{BatchNorm, Conv2d};

/// `relu(norm(conv(relu(norm(conv(x))))) + short cut)` with two 3x3 convolutions
/// ([He et al. 2016](https://arxiv.org/abs/1512.03385)); the names are those of torchvision's `BasicBlock`.
#[derive(Module, Debug)]
pub struct Residual {
    /// First convolution, which may have a stride.
    pub conv1: Conv2d,
    /// Its batch norm.
    pub bn1: BatchNorm,
    /// Second convolution.
    pub conv2: Conv2d,
    /// Its batch norm.
    pub bn2: BatchNorm,
    /// Weighting of the channels, if any.
    pub squeeze: Option<SqueezeExcite>,
    /// Brings the input to the output's shape where they differ.
    pub downsample: Option<ShortCut>,
}

/// A 1x1 convolution with batch norm.
#[derive(Module, Debug)]
pub struct ShortCut {
    /// The convolution.
    pub conv: Conv2d,
    /// Its batch norm.
    pub norm: BatchNorm,
}

/// Weighs each channel by a small network of all channels' means
/// ([Hu et al. 2018](https://arxiv.org/abs/1709.01507)).
#[derive(Module, Debug)]
pub struct SqueezeExcite {
    /// `[channels, narrow]`.
    pub reduce: Linear,
    /// `[narrow, channels]`.
    pub expand: Linear,
}

impl Residual {
    /// # Shapes
    /// `[batch, in, height, width]` to `[batch, out, height / stride, width / stride]`, rounded up.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let relu = |maps| activation(maps, ActivationKind::Relu);
        let short = match &self.downsample {
            Some(short) => short.norm.forward(short.conv.forward(input.clone(), false)),
            None => input.clone(),
        };
        let maps = relu(self.bn1.forward(self.conv1.forward(input, false)));
        let maps = self.bn2.forward(self.conv2.forward(maps, false));
        let maps = match &self.squeeze {
            Some(squeeze) => squeeze.forward(maps),
            None => maps,
        };
        relu(maps + short)
    }
}

impl SqueezeExcite {
    /// # Shapes
    /// `[batch, channels, height, width]`, the same out.
    pub fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let [batch, channels, _, _] = maps.dims();
        let means = global_avg_pool(maps.clone());
        let narrow = activation(self.reduce.forward(means), ActivationKind::Relu);
        let weights = activation(self.expand.forward(narrow), ActivationKind::Sigmoid);
        maps * weights.reshape([batch, channels, 1, 1])
    }
}
