//! Convolution with PyTorch's layout.

use brasa_kernels::{ConvOptions, Epilogue, conv2d, conv2d_scaled};
use burn::module::{Module, Param};
use burn::tensor::Tensor;

use super::BatchNorm;

/// A 2-D convolution whose parameters are laid out and named as those of `torch.nn.Conv2d`.
#[derive(Module, Debug)]
pub struct Conv2d {
    /// Kernels, `[out, in / groups, height, width]`.
    pub weight: Param<Tensor<4>>,
    /// Added to each map, `[out]`; none where a batch norm follows.
    pub bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    stride: [usize; 2],
    #[module(skip)]
    padding: [usize; 2],
    #[module(skip)]
    groups: usize,
}

impl Conv2d {
    /// A layer with these parameters; the input's channels are the second size of `weight` times `groups`.
    pub fn new(
        weight: Param<Tensor<4>>,
        bias: Option<Param<Tensor<1>>>,
        stride: [usize; 2],
        padding: [usize; 2],
        groups: usize,
    ) -> Self {
        Self { weight, bias, stride, padding, groups }
    }

    /// Maps of `input`, through `epilogue`.
    ///
    /// # Shapes
    /// `[batch, in, height, width]` to `[batch, out, (height + 2 padding - kernel) / stride + 1, ...]`.
    pub fn forward(&self, input: Tensor<4>, epilogue: Epilogue) -> Tensor<4> {
        conv2d(input, self.weight.val(), self.bias(), self.options(epilogue))
    }

    /// `norm` of the maps in evaluation, with an epilogue before and after it, without a pass of its own.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward).
    pub fn normed_forward(&self, input: Tensor<4>, norm: &BatchNorm, epilogues: [Epilogue; 2]) -> Tensor<4> {
        let [before, after] = epilogues;
        let linear = norm.scale_and_shift();
        conv2d_scaled(input, self.weight.val(), self.bias(), self.options(before), linear, after)
    }

    fn bias(&self) -> Option<Tensor<1>> {
        self.bias.as_ref().map(|bias| bias.val())
    }

    fn options(&self, epilogue: Epilogue) -> ConvOptions<2> {
        ConvOptions { stride: self.stride, padding: self.padding, groups: self.groups, epilogue }
    }
}
