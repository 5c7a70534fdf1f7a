//! Convolution over images with PyTorch's layout.

use brasa_kernels::{ConvOptions, Epilogue, conv2d, conv2d_scaled};
use brasa_onnx::{Attribute, Value};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use super::BatchNorm;
use crate::checks::{groups_divide, layer_at_least_one};
use crate::init::Initializer;
use crate::onnx::Emitter;
use crate::{Init, Result};

/// What makes a [`Conv2d`], as `torch.nn.Conv2d` is made.
///
/// ```
/// use brasa_models::layers::Conv2dConfig;
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::default();
/// let conv = Conv2dConfig::new([3, 16], [5, 5]).with_stride([2, 2]).with_padding([2, 2]).init(&device)?;
/// assert_eq!(conv.forward(Tensor::ones([8, 3, 32, 32], &device)).dims(), [8, 16, 16, 16]);
/// let error = Conv2dConfig::new([3, 16], [5, 5]).with_groups(2).init(&device).unwrap_err();
/// assert_eq!(error.to_string(), "Conv2dConfig.groups: expected a divisor of 3 and 16 channels, found 2");
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Conv2dConfig {
    channels: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    groups: usize,
    bias: bool,
    init: Init,
    seed: u64,
}

impl Conv2dConfig {
    /// From `channels[0]` to `channels[1]` channels, with kernels of a height and a width, moved by one pixel, without
    /// padding.
    pub fn new(channels: [usize; 2], kernel: [usize; 2]) -> Self {
        Self {
            channels,
            kernel,
            stride: [1; 2],
            padding: [0; 2],
            groups: 1,
            bias: true,
            init: Init::default(),
            seed: 0,
        }
    }

    /// Pixels from one place of the kernel to the next, down and across.
    pub fn with_stride(self, stride: [usize; 2]) -> Self {
        Self { stride, ..self }
    }

    /// Zeros put around each side of the height and of the width.
    pub fn with_padding(self, padding: [usize; 2]) -> Self {
        Self { padding, ..self }
    }

    /// Groups of channels that do not see each other; as many as there are channels for a depthwise convolution.
    pub fn with_groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    /// Adds nothing to the maps: for a convolution before a batch norm, which has its own shift.
    pub fn without_bias(self) -> Self {
        Self { bias: false, ..self }
    }

    with_weights!();

    /// Checks the sizes and draws the weights.
    ///
    /// # Errors
    /// [`ModelError::Layer`](crate::ModelError::Layer) for a size, stride or number of groups of zero, or groups that do
    /// not divide the channels.
    pub fn init(&self, device: &Device) -> Result<Conv2d> {
        self.init_with(&mut Initializer::new(self.init, self.seed, device))
    }

    /// As [`init`](Self::init), drawn by `initializer` as the next layer of a model.
    ///
    /// # Errors
    /// As there.
    pub fn init_with(&self, initializer: &mut Initializer<'_>) -> Result<Conv2d> {
        let layer = "Conv2dConfig";
        let [inputs, outputs] = self.channels;
        for (key, sizes) in [("channels", self.channels), ("kernel", self.kernel), ("stride", self.stride)] {
            sizes.into_iter().try_for_each(|size| layer_at_least_one(layer, key, size))?;
        }
        groups_divide(layer, self.channels, self.groups)?;
        let [height, width] = self.kernel;
        let depth = inputs / self.groups;
        let (fan_in, fan_out) = (depth * height * width, outputs * height * width);
        let weight = initializer.weight([outputs, depth, height, width], fan_in, fan_out);
        let bias = self.bias.then(|| initializer.bias(outputs, fan_in, fan_out));
        Ok(Conv2d { weight, bias, stride: self.stride, padding: self.padding, groups: self.groups })
    }
}

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
    /// Maps of `input`.
    ///
    /// # Shapes
    /// `[batch, in, height, width]` to `[batch, out, (height + 2 padding - kernel) / stride + 1, ...]`.
    ///
    /// # Panics
    /// If the input has other channels, or is smaller than the kernel.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.forward_then(input, Epilogue::None)
    }

    /// Maps of `input`, through `epilogue` in the same pass.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward).
    pub fn forward_then(&self, input: Tensor<4>, epilogue: Epilogue) -> Tensor<4> {
        conv2d(input, self.weight.val(), self.bias(), self.options(epilogue))
    }

    /// `norm` of the maps in evaluation, `before` that and `after` it, without a pass of its own.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward).
    pub fn normed_forward(
        &self,
        input: Tensor<4>,
        before: Epilogue,
        norm: &BatchNorm,
        after: Epilogue,
    ) -> Tensor<4> {
        let linear = norm.scale_and_shift();
        conv2d_scaled(input, self.weight.val(), self.bias(), self.options(before), linear, after)
    }

    /// `norm` of the maps in training, `before` that, as one operation.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward).
    pub(crate) fn learning_normed_forward(
        &self,
        input: Tensor<4>,
        before: Epilogue,
        norm: &BatchNorm,
    ) -> Tensor<4> {
        norm.forward_conv(input, self.weight.val(), self.bias(), self.options(before))
    }

    fn bias(&self) -> Option<Tensor<1>> {
        self.bias.as_ref().map(|bias| bias.val())
    }

    fn options(&self, epilogue: Epilogue) -> ConvOptions<2> {
        ConvOptions { stride: self.stride, padding: self.padding, groups: self.groups, epilogue }
    }
}

impl Conv2d {
    /// Its node in a graph, over maps of these sides; and the sides behind it.
    pub(crate) fn emit(
        &self,
        emitter: &mut Emitter<'_>,
        input: &Value,
        [_, height, width]: [usize; 3],
    ) -> Result<(Value, [usize; 3])> {
        let [channels, _, kernel_height, kernel_width] = self.weight.dims();
        let ([down, across], [top, left]) = (self.stride, self.padding);
        let out = |side: usize, kernel: usize, stride: usize, padding: usize| {
            (side + 2 * padding).saturating_sub(kernel) / stride.max(1) + 1
        };
        let sides = [channels, out(height, kernel_height, down, top), out(width, kernel_width, across, left)];
        let weight = emitter.parameter("weight", self.weight.val())?;
        let bias = self.bias.as_ref().map(|bias| emitter.parameter("bias", bias.val())).transpose()?;
        let whole = |numbers: &[usize]| -> Attribute {
            numbers.iter().map(|&number| number as i64).collect::<Vec<_>>().into()
        };
        let attributes = [
            ("kernel_shape", whole(&[kernel_height, kernel_width])),
            ("strides", whole(&[down, across])),
            ("pads", whole(&[top, left, top, left])),
            ("group", (self.groups as i64).into()),
        ];
        let inputs: Vec<&Value> = [input, &weight].into_iter().chain(bias.as_ref()).collect();
        Ok((emitter.node("Conv", &inputs, attributes), sides))
    }
}
