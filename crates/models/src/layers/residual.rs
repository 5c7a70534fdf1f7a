//! The residual block of ResNet-18, with squeeze-and-excitation on request.

use brasa_kernels::{ActivationKind, Epilogue, activation, residual_relu};
use brasa_onnx::Value;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::{BatchNorm, BatchNormConfig, Conv2d, Conv2dConfig, SqueezeExcite, SqueezeExciteConfig};
use crate::checks::layer_at_least_one;
use crate::init::Initializer;
use crate::onnx::Emitter;
use crate::{Init, Result};

/// What makes a [`Residual`].
///
/// ```
/// use brasa_models::layers::ResidualConfig;
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::default();
/// let block = ResidualConfig::new([64, 128]).with_stride(2).with_squeeze(16).init(&device)?;
/// assert_eq!(block.forward(Tensor::ones([4, 64, 8, 8], &device)).dims(), [4, 128, 4, 4]);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ResidualConfig {
    channels: [usize; 2],
    stride: usize,
    squeeze: Option<usize>,
    init: Init,
    seed: u64,
}

impl ResidualConfig {
    /// From `channels[0]` to `channels[1]` channels. Where they differ, or with a stride, a 1x1 convolution is the short cut.
    pub fn new(channels: [usize; 2]) -> Self {
        Self { channels, stride: 1, squeeze: None, init: Init::default(), seed: 0 }
    }

    /// Stride of the first convolution and of the short cut.
    pub fn with_stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// Weighs the channels by squeeze-and-excitation, with a hidden layer `reduction` times narrower than they are.
    pub fn with_squeeze(self, reduction: usize) -> Self {
        Self { squeeze: Some(reduction), ..self }
    }

    with_weights!();

    /// Checks the sizes and draws the weights.
    ///
    /// # Errors
    /// [`ModelError::Layer`](crate::ModelError::Layer) for a size or a stride of zero, or as [`SqueezeExciteConfig::init`].
    pub fn init(&self, device: &Device) -> Result<Residual> {
        self.init_with(&mut Initializer::new(self.init, self.seed, device))
    }

    /// As [`init`](Self::init), drawn by `initializer` as the next layer of a model.
    ///
    /// # Errors
    /// As there.
    pub fn init_with(&self, initializer: &mut Initializer<'_>) -> Result<Residual> {
        let ([inputs, outputs], stride) = (self.channels, self.stride);
        for (key, size) in [("channels", inputs), ("channels", outputs), ("stride", stride)] {
            layer_at_least_one("ResidualConfig", key, size)?;
        }
        let device = initializer.device();
        let norm = || BatchNormConfig::new(outputs).init(device);
        let conv = |inputs: usize, stride: usize| {
            Conv2dConfig::new([inputs, outputs], [3, 3])
                .with_stride([stride; 2])
                .with_padding([1, 1])
                .without_bias()
        };
        let short = Conv2dConfig::new([inputs, outputs], [1, 1]).with_stride([stride; 2]).without_bias();
        let squeeze = self.squeeze.map(|reduction| SqueezeExciteConfig::new(outputs, reduction));
        Ok(Residual {
            conv1: conv(inputs, stride).init_with(initializer)?,
            bn1: norm()?,
            conv2: conv(outputs, 1).init_with(initializer)?,
            bn2: norm()?,
            squeeze: squeeze.map(|squeeze| squeeze.init_with(initializer)).transpose()?,
            downsample: match inputs == outputs && stride == 1 {
                true => None,
                false => Some(ShortCut { conv: short.init_with(initializer)?, norm: norm()? }),
            },
        })
    }
}

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
        return conv.normed_forward(input, Epilogue::None, norm, after);
    }
    let maps = norm.forward(conv.forward(input));
    match after {
        Epilogue::None => maps,
        Epilogue::Relu => activation(maps, ActivationKind::Relu),
    }
}

impl Residual {
    /// Its nodes in a graph, over maps of these sides; and the sides behind it.
    pub(crate) fn emit(
        &self,
        emitter: &mut Emitter<'_>,
        input: &Value,
        sides: [usize; 3],
    ) -> Result<(Value, [usize; 3])> {
        let short = match &self.downsample {
            Some(short) => {
                let names = ["downsample.conv", "downsample.norm"];
                emit_normed(emitter, names, (&short.conv, &short.norm), input, sides)?.0
            }
            None => input.clone(),
        };
        let (maps, sides) = emit_normed(emitter, ["conv1", "bn1"], (&self.conv1, &self.bn1), input, sides)?;
        let maps = emitter.activation(ActivationKind::Relu, &maps);
        let (mut maps, sides) =
            emit_normed(emitter, ["conv2", "bn2"], (&self.conv2, &self.bn2), &maps, sides)?;
        if let Some(squeeze) = &self.squeeze {
            maps = emitter.within("squeeze", |emitter| squeeze.emit(emitter, &maps, sides[0]))?;
        }
        let sum = emitter.node("Add", &[&maps, &short], []);
        Ok((emitter.activation(ActivationKind::Relu, &sum), sides))
    }
}

/// A convolution and its norm in a graph, by their names.
fn emit_normed(
    emitter: &mut Emitter<'_>,
    [conv_name, norm_name]: [&str; 2],
    (conv, norm): (&Conv2d, &BatchNorm),
    input: &Value,
    sides: [usize; 3],
) -> Result<(Value, [usize; 3])> {
    let (maps, sides) = emitter.within(conv_name, |emitter| conv.emit(emitter, input, sides))?;
    let maps = emitter.within(norm_name, |emitter| norm.emit(emitter, &maps))?;
    Ok((maps, sides))
}
