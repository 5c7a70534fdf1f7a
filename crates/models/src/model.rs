//! What can be trained.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::Input;

/// A network that maps a batch to one row of outputs per sample: logits of classes, or numbers. Implemented for a Burn
/// module of one's own, it is trained, saved and served like the networks of this crate.
///
/// ```
/// use brasa_models::{Input, Model};
/// use burn::module::Module;
/// use burn::nn::{Linear, LinearConfig};
/// use burn::tensor::{Device, Tensor, activation::relu};
///
/// #[derive(Module, Debug)]
/// struct TwoLayers {
///     hidden: Linear,
///     output: Linear,
/// }
///
/// impl Model for TwoLayers {
///     fn forward(&self, input: &Input) -> Tensor<2> {
///         self.output.forward(relu(self.hidden.forward(input.flat())))
///     }
/// }
///
/// let device = Device::default();
/// let model = TwoLayers {
///     hidden: LinearConfig::new(4, 16).init(&device),
///     output: LinearConfig::new(16, 3).init(&device),
/// };
/// assert_eq!(model.forward(&Tensor::zeros([8, 4], &device).into()).dims(), [8, 3]);
/// ```
pub trait Model: Module + 'static {
    /// Outputs in evaluation: without dropout, batch norm by its running statistics.
    ///
    /// # Shapes
    /// `[batch, outputs]`.
    fn forward(&self, input: &Input) -> Tensor<2>;

    /// Outputs in training. What the model draws at random, dropout say, is to be a function of `draws`, which is
    /// another number in every step: then a training is a function of its seed. Burn's own dropout draws from the
    /// device's generator, which is seeded with `draws` before each step.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward), [`answers`](Self::answers) times as many rows.
    fn forward_train(&self, input: &Input, draws: u64) -> Tensor<2> {
        let _ = draws;
        self.forward(input)
    }

    /// How often a row is answered in training: by each of several networks in one, say, which learn by their own errors. Then [`forward_train`](Self::forward_train)
    /// has so many rows of outputs for each row, one after another, and the loss is their mean; [`forward`](Self::forward) has one all the same.
    fn answers(&self) -> usize {
        1
    }

    /// How fast the parameter at `path` learns, its place in the module in words with dots between: `hidden.0.linear.weight`.
    /// A path may begin with the names of modules around this one.
    fn rate(&self, path: &str) -> Rate {
        let _ = path;
        Rate::default()
    }

    /// Told which parameters learn, by their names in a file of weights, where some do not: what comes before the first of them may
    /// run as in evaluation, without a record for gradients.
    fn set_learning(&mut self, learns: &dyn Fn(&str) -> bool) {
        let _ = learns;
    }

    /// Told before each step of a training: the share of the run that is behind it, from 0 to 1. For what follows the run,
    /// such as a dropout that goes down.
    fn set_progress(&mut self, progress: f64) {
        let _ = progress;
    }
}

/// The mean of the answers that a model has for each row, one after another.
///
/// # Shapes
/// `[batch * answers, outputs]` to `[batch, outputs]`.
#[must_use]
pub fn mean_answer(outputs: Tensor<2>, answers: usize) -> Tensor<2> {
    if answers < 2 {
        return outputs;
    }
    let [rows, width] = outputs.dims();
    outputs.reshape([rows / answers, answers, width]).mean_dim(1).reshape([rows / answers, width])
}

/// How fast a parameter learns, compared with what the recipe says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Factor of the learning rate.
    pub lr: f64,
    /// Factor of the weight decay, of what a step takes away beside [`lr`](Self::lr): a step takes `lr * decay` times the
    /// share of the recipe.
    pub decay: f64,
    /// Whether its rows are vectors of words or levels, of which a batch has few: an optimizer may leave the others as they are.
    pub rows: bool,
    /// Whether it may be a matrix from inputs to outputs, or filters, where it has the axes for it: an optimizer may treat those in a way of their own.
    pub matrix: bool,
}

impl Default for Rate {
    /// As the recipe says.
    fn default() -> Self {
        Self { lr: 1.0, decay: 1.0, rows: false, matrix: true }
    }
}
