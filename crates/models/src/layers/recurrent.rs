//! What the recurrent layers share: one layer of either cell, and the stack that [`Lstm`](super::Lstm) and
//! [`Gru`](super::Gru) are.

use brasa_kernels::{Direction, gru, lstm};
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;

use crate::Cell;
use crate::init::{Initializer, Spread};

/// Which ways a recurrent layer goes through a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Directions {
    /// From the first step to the last.
    #[default]
    Forward,
    /// Also from the last step to the first, with weights of its own: twice as many features.
    Both,
}

/// One recurrent layer, in one direction or both.
#[derive(Module, Debug)]
pub struct RecurrentLayer {
    /// From the first step to the last.
    pub forward: Gates,
    /// From the last step to the first.
    pub backward: Option<Gates>,
    #[module(skip)]
    cell: Cell,
}

/// The gates of one direction, in PyTorch's order.
#[derive(Module, Debug)]
pub struct Gates {
    /// From the input, `[inputs, gates * hidden]`.
    pub ih: Linear,
    /// From the hidden state, `[hidden, gates * hidden]`.
    pub hh: Linear,
}

impl RecurrentLayer {
    /// Weights as PyTorch draws them: `U(-k, k)` with `k = 1 / sqrt(hidden)`. No size is 0.
    pub(crate) fn draw(
        cell: Cell,
        [inputs, hidden]: [usize; 2],
        directions: Directions,
        initializer: &mut Initializer<'_>,
    ) -> Self {
        let spread = Spread::Uniform((1.0 / hidden as f64).sqrt());
        let width = cell.gates() * hidden;
        let mut gates = || Gates {
            ih: initializer.spread_linear(inputs, width, spread),
            hh: initializer.spread_linear(hidden, width, spread),
        };
        let forward = gates();
        Self { forward, backward: (directions == Directions::Both).then(gates), cell }
    }

    /// All hidden states, those of the backward direction behind those of the forward one.
    ///
    /// # Shapes
    /// `[batch, time, inputs]` to `[batch, time, hidden]`, or `[batch, time, 2 * hidden]` in both directions.
    pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        let forward = self.forward.run(self.cell, input.clone(), Direction::Forward);
        match &self.backward {
            Some(backward) => {
                Tensor::cat(vec![forward, backward.run(self.cell, input, Direction::Reverse)], 2)
            }
            None => forward,
        }
    }
}

impl Gates {
    fn run(&self, cell: Cell, x: Tensor<3>, direction: Direction) -> Tensor<3> {
        let [_, gates] = self.ih.weight.dims();
        let bias = |linear: &Linear| match &linear.bias {
            Some(bias) => bias.val(),
            None => Tensor::zeros([gates], &x.device()),
        };
        let (ih, hh) = (bias(&self.ih), bias(&self.hh));
        let run = match cell {
            Cell::Lstm => lstm,
            Cell::Gru => gru,
        };
        run(x, self.ih.weight.val(), self.hh.weight.val(), ih, hh, direction)
    }
}

/// A config and its module, a stack of layers of one cell; the two differ in nothing else.
macro_rules! recurrent_stack {
    ($(#[$config_doc:meta])* $config:ident; $(#[$module_doc:meta])* $module:ident of $cell:expr) => {
        $(#[$config_doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $config {
            inputs: usize,
            hidden: usize,
            layers: usize,
            directions: Directions,
            dropout: f64,
            seed: u64,
        }

        impl $config {
            /// One layer with hidden states of `hidden` features, over steps of `inputs` features.
            pub fn new(inputs: usize, hidden: usize) -> Self {
                Self { inputs, hidden, layers: 1, directions: Directions::Forward, dropout: 0.0, seed: 0 }
            }

            /// How many layers are stacked.
            pub fn with_layers(self, layers: usize) -> Self {
                Self { layers, ..self }
            }

            /// Which ways each layer goes through a sequence.
            pub fn with_directions(self, directions: Directions) -> Self {
                Self { directions, ..self }
            }

            /// The probability of dropout between the layers.
            pub fn with_dropout(self, dropout: f64) -> Self {
                Self { dropout, ..self }
            }

            /// The seed that [`init`](Self::init) draws from. Default 0: give each layer of a model its own.
            pub fn with_seed(self, seed: u64) -> Self {
                Self { seed, ..self }
            }

            /// Checks the sizes and draws the weights, as PyTorch does: `U(-k, k)` with `k = 1 / sqrt(hidden)`.
            ///
            /// # Errors
            /// [`ModelError::Layer`](crate::ModelError::Layer) for a size of zero, or a dropout that is no probability.
            pub fn init(&self, device: &Device) -> Result<$module> {
                self.init_with(&mut Initializer::new(Init::Pytorch, self.seed, device))
            }

            /// As [`init`](Self::init), drawn by `initializer` as the next layers of a model, whatever its distribution.
            ///
            /// # Errors
            /// As there.
            pub fn init_with(&self, initializer: &mut Initializer<'_>) -> Result<$module> {
                let layer = stringify!($config);
                for (key, size) in [("inputs", self.inputs), ("hidden", self.hidden), ("layers", self.layers)] {
                    layer_at_least_one(layer, key, size)?;
                }
                let probability = (0.0..1.0).contains(&self.dropout);
                fits_layer(layer, "dropout", probability, || "0 to below 1".into(), self.dropout)?;
                let width = match self.directions {
                    Directions::Forward => self.hidden,
                    Directions::Both => 2 * self.hidden,
                };
                let inputs = |index: usize| if index == 0 { self.inputs } else { width };
                let layers = (0..self.layers).map(|index| {
                    let sizes = [inputs(index), self.hidden];
                    RecurrentLayer::draw($cell, sizes, self.directions, initializer)
                });
                Ok($module { layers: layers.collect(), dropout: self.dropout })
            }
        }

        $(#[$module_doc])*
        #[derive(Module, Debug)]
        pub struct $module {
            /// First to last.
            pub layers: Vec<RecurrentLayer>,
            #[module(skip)]
            dropout: f64,
        }

        impl $module {
            /// The hidden states of the last layer at every step, without dropout.
            ///
            /// # Shapes
            /// `[batch, time, inputs]` to `[batch, time, hidden]`, or `[batch, time, 2 * hidden]` in both directions.
            ///
            /// # Panics
            /// If the steps have other features.
            pub fn forward(&self, input: Tensor<3>) -> Tensor<3> {
                self.layers.iter().fold(input, |states, layer| layer.forward(states))
            }

            /// As [`forward`](Self::forward), with dropout between the layers, drawn from `seed`: give every step its own.
            ///
            /// # Shapes
            /// As there.
            pub fn forward_train(&self, input: Tensor<3>, seed: u64) -> Tensor<3> {
                let last = self.layers.len() - 1;
                self.layers.iter().enumerate().fold(input, |states, (index, layer)| {
                    let states = layer.forward(states);
                    match index == last {
                        true => states,
                        false => dropout(states, self.dropout, layer_seed(seed, index)),
                    }
                })
            }
        }
    };
}
pub(super) use recurrent_stack;
