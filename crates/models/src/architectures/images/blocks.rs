//! What these networks are made of, written once.

use crate::Activation;
use crate::architectures::LayerSpec;
use crate::architectures::sequential::specs::{
    ActivationSpec, AdaptiveAvgPoolSpec, AddSpec, BatchNormSpec, ConvSpec, DropoutSpec, GlobalAvgPoolSpec,
    LinearSpec, MultiplySpec, PoolSpec, Pooling, StochasticDepthSpec, Window,
};

/// A function of each number.
pub(super) fn activation(kind: Activation) -> LayerSpec {
    ActivationSpec { kind }.into()
}

pub(super) fn relu() -> LayerSpec {
    activation(Activation::Relu)
}

/// The largest number of each window of `size` pixels a side.
pub(super) fn max_pool(size: usize, stride: usize, padding: usize, ceil: bool) -> LayerSpec {
    let window = Window { size: [size; 2], stride: [stride; 2], padding: [padding; 2], ceil };
    PoolSpec { pooling: Pooling::Max, window }.into()
}

pub(super) fn adaptive_avg_pool(side: usize) -> LayerSpec {
    AdaptiveAvgPoolSpec { size: [side; 2] }.into()
}

pub(super) fn global_avg_pool() -> LayerSpec {
    GlobalAvgPoolSpec.into()
}

/// No layer where nothing is dropped.
pub(super) fn dropout(probability: f64) -> Option<LayerSpec> {
    (probability > 0.0).then(|| DropoutSpec { probability }.into())
}

pub(super) fn linear(width: usize, name: &str) -> LayerSpec {
    LayerSpec::from(LinearSpec { width }).with_name(name)
}

/// The sum of two branches.
pub(super) fn add(one: Vec<LayerSpec>, other: Vec<LayerSpec>) -> LayerSpec {
    AddSpec { branches: vec![one, other] }.into()
}

/// What follows the convolutions of a network: its batch norm and its activation.
#[derive(Clone)]
pub(super) struct Style {
    pub(super) norm: BatchNormSpec,
    pub(super) activation: Activation,
}

impl Style {
    /// PyTorch's batch norm and this activation.
    pub(super) fn of(activation: Activation) -> Self {
        Self { norm: BatchNormSpec::default(), activation }
    }

    /// A convolution without bias and its batch norm, with these names.
    pub(super) fn conv_norm(&self, conv: ConvSpec, [conv_name, norm_name]: [String; 2]) -> Vec<LayerSpec> {
        let norm = LayerSpec::from(self.norm.clone());
        vec![LayerSpec::from(conv.without_bias()).with_name(&conv_name), norm.with_name(&norm_name)]
    }

    /// As [`conv_norm`](Self::conv_norm), with the activation behind.
    pub(super) fn conv_norm_activation(&self, conv: ConvSpec, names: [String; 2]) -> Vec<LayerSpec> {
        let mut layers = self.conv_norm(conv, names);
        layers.push(activation(self.activation));
        layers
    }
}

/// The names of torchvision's `Conv2dNormActivation` called `name`.
pub(super) fn in_sequence(name: &str) -> [String; 2] {
    [format!("{name}.0"), format!("{name}.1")]
}

/// Squeeze-and-excitation: each map of `channels` times a number that a small network makes of all maps' means.
pub(super) fn squeeze_excite(
    channels: usize,
    narrow: usize,
    [inner, gate]: [Activation; 2],
    names: [String; 2],
) -> LayerSpec {
    let [reduce, expand] = names;
    let weighing = vec![
        adaptive_avg_pool(1),
        LayerSpec::from(ConvSpec::new(narrow, 1)).with_name(&reduce),
        activation(inner),
        LayerSpec::from(ConvSpec::new(channels, 1)).with_name(&expand),
        activation(gate),
    ];
    MultiplySpec { branches: vec![Vec::new(), weighing] }.into()
}

/// `inside` added to its input, left out for some samples in training with this probability.
pub(super) fn residual(mut inside: Vec<LayerSpec>, stochastic_depth: f64) -> LayerSpec {
    if stochastic_depth > 0.0 {
        inside.push(StochasticDepthSpec { probability: stochastic_depth }.into());
    }
    add(inside, Vec::new())
}

/// The number of channels next to `channels` that 8 divides, not much below.
pub(super) fn divisible(channels: f64) -> usize {
    let rounded = (((channels + 4.0) / 8.0) as usize * 8).max(8);
    if (rounded as f64) < 0.9 * channels { rounded + 8 } else { rounded }
}
