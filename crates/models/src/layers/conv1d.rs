//! Convolution over sequences with PyTorch's layout.

use brasa_kernels::{ConvOptions, Epilogue, conv1d};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

use crate::checks::{groups_divide, layer_at_least_one};
use crate::init::Initializer;
use crate::{Init, Result};

/// What makes a [`Conv1d`], as `torch.nn.Conv1d` is made.
///
/// ```
/// use brasa_models::layers::Conv1dConfig;
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::default();
/// let conv = Conv1dConfig::new([10, 32], 5).with_padding(2).init(&device)?;
/// assert_eq!(conv.forward(Tensor::ones([8, 10, 128], &device)).dims(), [8, 32, 128]);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Conv1dConfig {
    channels: [usize; 2],
    kernel: usize,
    stride: usize,
    padding: usize,
    groups: usize,
    bias: bool,
    init: Init,
    seed: u64,
}

impl Conv1dConfig {
    /// From `channels[0]` to `channels[1]` channels, with kernels over `kernel` steps, moved by one, without padding.
    pub fn new(channels: [usize; 2], kernel: usize) -> Self {
        Self {
            channels,
            kernel,
            stride: 1,
            padding: 0,
            groups: 1,
            bias: true,
            init: Init::default(),
            seed: 0,
        }
    }

    /// Steps from one place of the kernel to the next.
    pub fn with_stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// Zeros put before the sequence and after it.
    pub fn with_padding(self, padding: usize) -> Self {
        Self { padding, ..self }
    }

    /// Groups of channels that do not see each other.
    pub fn with_groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    /// Adds nothing to the outputs: for a convolution before a batch norm, which has its own shift.
    pub fn without_bias(self) -> Self {
        Self { bias: false, ..self }
    }

    with_weights!();

    /// Checks the sizes and draws the weights.
    ///
    /// # Errors
    /// [`ModelError::Layer`](crate::ModelError::Layer) for a size, stride or number of groups of zero, or groups that do
    /// not divide the channels.
    pub fn init(&self, device: &Device) -> Result<Conv1d> {
        self.init_with(&mut Initializer::new(self.init, self.seed, device))
    }

    /// As [`init`](Self::init), drawn by `initializer` as the next layer of a model.
    ///
    /// # Errors
    /// As there.
    pub fn init_with(&self, initializer: &mut Initializer<'_>) -> Result<Conv1d> {
        let layer = "Conv1dConfig";
        let [inputs, outputs] = self.channels;
        for (key, size) in
            [("channels", inputs), ("channels", outputs), ("kernel", self.kernel), ("stride", self.stride)]
        {
            layer_at_least_one(layer, key, size)?;
        }
        groups_divide(layer, self.channels, self.groups)?;
        let depth = inputs / self.groups;
        let (fan_in, fan_out) = (depth * self.kernel, outputs * self.kernel);
        let weight = initializer.weight([outputs, depth, self.kernel], fan_in, fan_out);
        let bias = self.bias.then(|| initializer.bias(outputs, fan_in, fan_out));
        Ok(Conv1d { weight, bias, stride: self.stride, padding: self.padding, groups: self.groups })
    }
}

/// A 1-D convolution whose parameters are laid out and named as those of `torch.nn.Conv1d`.
#[derive(Module, Debug)]
pub struct Conv1d {
    /// Kernels, `[out, in / groups, steps]`.
    pub weight: Param<Tensor<3>>,
    /// Added to each output, `[out]`, if anything is.
    pub bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    stride: usize,
    #[module(skip)]
    padding: usize,
    #[module(skip)]
    groups: usize,
}

impl Conv1d {
    /// Outputs over `input`.
    ///
    /// # Shapes
    /// `[batch, in, time]` to `[batch, out, (time + 2 padding - kernel) / stride + 1]`.
    ///
    /// # Panics
    /// If the input has other channels, or is shorter than the kernel.
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        self.forward_then(input, Epilogue::None)
    }

    /// Outputs over `input`, through `epilogue` in the same pass.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward).
    pub fn forward_then(&self, input: Tensor<3>, epilogue: Epilogue) -> Tensor<3> {
        let options =
            ConvOptions { stride: [self.stride], padding: [self.padding], groups: self.groups, epilogue };
        conv1d(input, self.weight.val(), self.bias.as_ref().map(|bias| bias.val()), options)
    }
}
