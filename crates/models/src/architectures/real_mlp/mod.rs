//! RealMLP: a perceptron whose details were found on many tables.

mod calibrate;
mod config;
mod emit;
mod front;
mod recipe;

use brasa_kernels::{dropout, parametric_activation};
use burn::module::{Module, Param, RunningState};
use burn::nn::Linear;
use burn::tensor::Tensor;

use crate::layers::linear;
use crate::seeds::layer_seed;
use crate::{Activation, Input, Model, Rate};

pub use config::RealMlpConfig;
pub(super) use front::{Front, Layout};
pub use recipe::RealMlpRecipe;

/// The network made by [`RealMlpConfig::init`].
///
/// # Reference
/// [Holzmüller et al. 2024](https://arxiv.org/abs/2407.04491), RealMLP-TD; the factors of learning rates and of weight decay are
/// those of its authors' code, and so is what the initial weights are fitted to.
#[derive(Module, Debug)]
pub struct RealMlp {
    front: Front,
    /// The factor of each number that the columns become.
    scale: Param<Tensor<1>>,
    hidden: Vec<Block>,
    output: Linear,
    /// Least and greatest output in evaluation.
    least: RunningState<Tensor<1>>,
    greatest: RunningState<Tensor<1>>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    dropout: f64,
    /// Part of the dropout that is in force.
    #[module(skip)]
    share: f64,
    #[module(skip)]
    anneal: bool,
    #[module(skip)]
    bounded: bool,
}

/// One hidden layer.
#[derive(Module, Debug)]
struct Block {
    linear: Linear,
    slope: Param<Tensor<1>>,
}

impl RealMlp {
    /// Outputs of rows of columns: numbers, and codes of categories.
    ///
    /// # Shapes
    /// `[batch, columns]` to `[batch, outputs]`.
    pub fn forward(&self, columns: Tensor<2>) -> Tensor<2> {
        let outputs = self.layers(columns, |features, _| features);
        if !self.bounded {
            return outputs;
        }
        let least = self.least.value().unsqueeze::<2>().expand(outputs.dims());
        let greatest = self.greatest.value().unsqueeze::<2>().expand(outputs.dims());
        outputs.max_pair(least).min_pair(greatest)
    }

    /// As [`forward`](Self::forward), with dropout drawn from `seed`, and whatever the outputs are.
    ///
    /// # Shapes
    /// As there.
    pub fn forward_train(&self, columns: Tensor<2>, seed: u64) -> Tensor<2> {
        let probability = self.dropout * self.share;
        self.layers(columns, |features, layer| dropout(features, probability, layer_seed(seed, layer)))
    }

    fn layers(&self, columns: Tensor<2>, finish: impl Fn(Tensor<2>, usize) -> Tensor<2>) -> Tensor<2> {
        let features = self.front.forward(columns) * self.scale.val().unsqueeze::<2>();
        let features = self.hidden.iter().enumerate().fold(features, |features, (layer, block)| {
            let features = linear(&block.linear, features);
            finish(parametric_activation(features, block.slope.val(), self.activation), layer)
        });
        linear(&self.output, features)
    }
}

impl Model for RealMlp {
    fn forward(&self, input: &Input) -> Tensor<2> {
        self.forward(input.flat())
    }

    fn forward_train(&self, input: &Input, draws: u64) -> Tensor<2> {
        self.forward_train(input.flat(), draws)
    }

    /// The weights of a layer over `n` numbers learn by `1 / sqrt(n)` of the learning rate and keep the whole decay, which is
    /// the neural tangent parametrisation.
    fn rate(&self, path: &str) -> Rate {
        let inputs_of = |linear: &Linear| linear.weight.dims()[0] as f64;
        let tangent = |linear: &Linear| {
            let root = inputs_of(linear).sqrt();
            Rate { lr: 1.0 / root, decay: root, ..Rate::default() }
        };
        let mut names = path.rsplit('.');
        match (names.next(), names.next(), names.next()) {
            (Some("scale"), ..) => Rate { lr: 6.0, decay: 6.0, ..Rate::default() },
            (Some("slope"), ..) => Rate { lr: 0.1, decay: 0.1, ..Rate::default() },
            (_, Some("periodic"), _) => Rate { lr: 0.1, decay: 0.1, ..Rate::default() },
            (Some("bias"), ..) => Rate { lr: 0.1, decay: 0.0, ..Rate::default() },
            (Some("weight"), Some("output"), _) => tangent(&self.output),
            (Some("weight"), Some("linear"), Some(place)) => {
                let block = place.parse().ok().and_then(|place: usize| self.hidden.get(place));
                block.map_or_else(Rate::default, |block| tangent(&block.linear))
            }
            (Some("vectors"), ..) => Rate { rows: true, ..Rate::default() },
            _ => Rate::default(),
        }
    }

    fn set_progress(&mut self, progress: f64) {
        if self.anneal {
            self.share = flat_cosine(progress);
        }
    }
}

/// 1 over the first half of a run, then down to 0 along half a cosine.
///
/// ```
/// use brasa_models::flat_cosine;
/// assert_eq!([0.0, 0.5, 1.0].map(flat_cosine), [1.0, 1.0, 0.0]);
/// assert!((flat_cosine(0.75) - 0.5).abs() < 1e-12);
/// ```
pub fn flat_cosine(progress: f64) -> f64 {
    let late = (2.0 * progress - 1.0).clamp(0.0, 1.0);
    0.5 * (1.0 + (std::f64::consts::PI * late).cos())
}

#[cfg(test)]
mod tests;
