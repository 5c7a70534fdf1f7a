//! The residual block of ResNet-18, with squeeze-and-excitation on request.

use brasa_kernels::{ActivationKind, Epilogue, activation, global_avg_pool, residual_relu};
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
        let short = match &self.downsample {
            Some(short) => normed(&short.conv, &short.norm, input.clone(), Epilogue::None),
            None => input.clone(),
        };
        let maps = normed(&self.conv1, &self.bn1, input, Epilogue::Relu);
        let maps = normed(&self.conv2, &self.bn2, maps, Epilogue::None);
        let weights = self.squeeze.as_ref().map(|squeeze| squeeze.weights(maps.clone()));
        residual_relu(maps, weights, short)
    }
}

fn normed(conv: &Conv2d, norm: &BatchNorm, input: Tensor<4>, after: Epilogue) -> Tensor<4> {
    if norm.is_fixed_for(&input) {
        return conv.normed_forward(input, norm, [Epilogue::None, after]);
    }
    let maps = norm.forward(conv.forward(input, Epilogue::None));
    if after == Epilogue::Relu { activation(maps, ActivationKind::Relu) } else { maps }
}

impl SqueezeExcite {
    /// What each channel is multiplied with.
    ///
    /// # Shapes
    /// `[batch, channels, height, width]` to `[batch, channels]`.
    pub fn weights(&self, maps: Tensor<4>) -> Tensor<2> {
        let narrow = activation(self.reduce.forward(global_avg_pool(maps)), ActivationKind::Relu);
        activation(self.expand.forward(narrow), ActivationKind::Sigmoid)
    }
}
