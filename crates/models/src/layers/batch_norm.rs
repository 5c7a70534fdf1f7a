//! Batch normalisation with PyTorch's running variance.

use brasa_kernels::{ConvOptions, Mode, batch_norm_infer, batch_norm_train, conv2d_batch_norm, mode};
use brasa_onnx::{Attribute, Value};
use burn::module::{Flag, Module, Param, RunningState};
use burn::tensor::{Device, Tensor};

use crate::Result;
use crate::checks::{fits_layer, layer_at_least_one};
use crate::onnx::Emitter;

/// What makes a [`BatchNorm`], as `torch.nn.BatchNorm1d` and `BatchNorm2d` are made.
///
/// ```
/// use brasa_models::layers::BatchNormConfig;
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::default();
/// let norm = BatchNormConfig::new(16).with_momentum(0.01).init(&device)?;
/// assert_eq!(norm.forward(Tensor::<4>::ones([8, 16, 5, 5], &device)).dims(), [8, 16, 5, 5]);
/// assert!(BatchNormConfig::new(16).with_momentum(2.0).init(&device).is_err());
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct BatchNormConfig {
    features: usize,
    momentum: f64,
    epsilon: f64,
}

impl BatchNormConfig {
    /// Over `features` features or channels, with PyTorch's momentum 0.1 and epsilon 1e-5.
    pub fn new(features: usize) -> Self {
        Self { features, momentum: 0.1, epsilon: 1e-5 }
    }

    /// The share of a batch in the running statistics.
    pub fn with_momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }

    /// What is added to a variance before its root is taken.
    pub fn with_epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// Checks the numbers and makes the layer: scale 1, shift 0, running mean 0 and variance 1.
    ///
    /// # Errors
    /// [`ModelError::Layer`](crate::ModelError::Layer) for no features, a momentum that is no share, or an epsilon that is
    /// not above 0.
    pub fn init(&self, device: &Device) -> Result<BatchNorm> {
        let Self { features, momentum, epsilon } = *self;
        let layer = "BatchNormConfig";
        layer_at_least_one(layer, "features", features)?;
        let share = (0.0..=1.0).contains(&momentum);
        fits_layer(layer, "momentum", share, || "0 to 1".into(), momentum)?;
        let positive = epsilon > 0.0 && epsilon.is_finite();
        fits_layer(layer, "epsilon", positive, || "a number above 0".into(), epsilon)?;
        Ok(BatchNorm {
            gamma: Param::from_tensor(Tensor::ones([features], device)),
            beta: Param::from_tensor(Tensor::zeros([features], device)),
            training: Param::from_bool(true),
            running_mean: RunningState::new(Tensor::zeros([features], device)),
            running_var: RunningState::new(Tensor::ones([features], device)),
            momentum,
            epsilon,
        })
    }
}

/// Normalises each feature over the batch ([Ioffe and Szegedy 2015](https://arxiv.org/abs/1502.03167)).
///
/// Differs from Burn's layer in one point: the running variance is the unbiased one, as in PyTorch, so that
/// evaluation agrees with a network trained there. The parameters' names follow Burn's layer, which the
/// weight files map to PyTorch's.
#[derive(Module, Debug)]
pub struct BatchNorm {
    /// Scale, `[features]`.
    pub gamma: Param<Tensor<1>>,
    /// Shift, `[features]`.
    pub beta: Param<Tensor<1>>,
    /// Whether the layer normalises by the batch when its input is differentiable.
    pub training: Param<Flag>,
    /// Exponential mean of the batches' means.
    pub running_mean: RunningState<Tensor<1>>,
    /// Exponential mean of the batches' unbiased variances.
    pub running_var: RunningState<Tensor<1>>,
    momentum: f64,
    epsilon: f64,
}

impl BatchNorm {
    /// Whether [`forward`](Self::forward) of what a layer with parameters like this one's makes of `input` is a function of
    /// each feature alone, and nobody wants its gradient: then it can be part of the layer before it.
    pub fn is_fixed_for<const D: usize>(&self, input: &Tensor<D>) -> bool {
        let tracked = input.device().is_autodiff() || self.gamma.val().device().is_autodiff();
        mode() == Mode::Fast && !tracked
    }

    /// What [`forward`](Self::forward) does in evaluation, as a scale and a shift of each feature.
    ///
    /// # Shapes
    /// `[features]`, both.
    pub fn scale_and_shift(&self) -> [Tensor<1>; 2] {
        let deviation = self.running_var.value().add_scalar(self.epsilon).sqrt();
        let scale = self.gamma.val() / deviation;
        let shift = self.beta.val() - self.running_mean.value() * scale.clone();
        [scale, shift]
    }

    /// Normalises `input`: by the batch when training, by the running statistics otherwise.
    ///
    /// A batch with one value for each feature has no variance; PyTorch refuses to train on it, as `brasa-train` does.
    /// Here each output is then the feature's shift, and the running statistics stay as they are.
    ///
    /// # Shapes
    /// `[batch, features, ...]` in, the same out.
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        if !self.learns_from(&input) {
            return batch_norm_infer(
                input,
                self.gamma.val(),
                self.beta.val(),
                self.running_mean.value(),
                self.running_var.value(),
                self.epsilon,
            );
        }
        self.track(batch_norm_train(input, self.gamma.val(), self.beta.val(), self.epsilon))
    }

    /// Whether [`forward`](Self::forward) of `input`, or of what a layer makes of it, normalises by the batch.
    pub(crate) fn learns_from<const D: usize>(&self, input: &Tensor<D>) -> bool {
        input.device().is_autodiff() && self.training.is_enabled()
    }

    /// The running statistics take in those of a batch, which come with what it was normalised to.
    fn track<const D: usize>(
        &self,
        (output, mean, variance): (Tensor<D>, Tensor<1>, Tensor<1>),
    ) -> Tensor<D> {
        let [features] = self.gamma.shape().dims();
        let count = output.shape().num_elements() / features.max(1);
        if count < 2 {
            return output;
        }
        let unbias = count as f64 / (count - 1) as f64;
        let blend = |old: Tensor<1>, new: Tensor<1>, scale: f64| {
            (old.mul_scalar(1.0 - self.momentum) + new.detach().mul_scalar(self.momentum * scale)).detach()
        };
        self.running_mean.update(blend(self.running_mean.value_sync(), mean, 1.0));
        self.running_var.update(blend(self.running_var.value_sync(), variance, unbias));
        // An update waits until it is asked for, and saving does not ask: weights saved in training would be a step behind.
        self.running_mean.value_sync();
        self.running_var.value_sync();
        output
    }
}

impl BatchNorm {
    /// What a convolution by these weights and options makes of `input`, normalised by the batch, as one operation.
    pub(crate) fn forward_conv(
        &self,
        input: Tensor<4>,
        weight: Tensor<4>,
        bias: Option<Tensor<1>>,
        options: ConvOptions<2>,
    ) -> Tensor<4> {
        let (gamma, beta) = (self.gamma.val(), self.beta.val());
        self.track(conv2d_batch_norm(input, weight, bias, options, gamma, beta, self.epsilon))
    }

    /// Its node in a graph, by the running statistics.
    pub(crate) fn emit(&self, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let gamma = emitter.parameter("weight", self.gamma.val())?;
        let beta = emitter.parameter("bias", self.beta.val())?;
        let mean = emitter.parameter("running_mean", self.running_mean.value())?;
        let variance = emitter.parameter("running_var", self.running_var.value())?;
        let epsilon = ("epsilon", Attribute::Float(self.epsilon as f32));
        Ok(emitter.node("BatchNormalization", &[input, &gamma, &beta, &mean, &variance], [epsilon]))
    }
}
