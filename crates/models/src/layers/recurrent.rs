//! What the recurrent layers share: one layer of either cell, and the stack that [`Lstm`](super::Lstm) and
//! [`Gru`](super::Gru) are.

use brasa_kernels::{Direction, gru, lstm};
use brasa_onnx::Value;
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;

use crate::Cell;
use crate::init::{Initializer, Spread};
use crate::onnx::Emitter;
use crate::{Result, read_back};

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

impl RecurrentLayer {
    /// Its nodes in a graph, over `[time, batch, features]`, which its states are, too.
    pub(crate) fn emit(&self, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let ways: Vec<&Gates> = [&self.forward].into_iter().chain(self.backward.as_ref()).collect();
        let hidden = self.forward.hh.weight.dims()[0];
        let (mut of_input, mut of_state, mut biases) = (Vec::new(), Vec::new(), Vec::new());
        for way in &ways {
            of_input.extend(self.ordered(way.ih.weight.val().transpose(), hidden)?);
            of_state.extend(self.ordered(way.hh.weight.val().transpose(), hidden)?);
            for linear in [&way.ih, &way.hh] {
                let zeros = || Tensor::zeros([self.cell.gates() * hidden], &linear.weight.val().device());
                let bias = linear.bias.as_ref().map_or_else(zeros, |bias| bias.val());
                biases.extend(self.ordered(bias.unsqueeze_dim(1), hidden)?);
            }
        }
        let (count, rows) = (ways.len(), self.cell.gates() * hidden);
        let inputs = of_input.len() / (count * rows).max(1);
        let weight = emitter.weights("weight_ih", &[count, rows, inputs], of_input);
        let state = emitter.weights("weight_hh", &[count, rows, hidden], of_state);
        let bias = emitter.numbers("bias", &[count, 2 * rows], biases);
        let direction = if count == 2 { "bidirectional" } else { "forward" };
        let inputs = [Some(input), Some(&weight), Some(&state), Some(&bias)];
        let mut attributes = vec![("hidden_size", (hidden as i64).into()), ("direction", direction.into())];
        let operator = match self.cell {
            Cell::Lstm => "LSTM",
            Cell::Gru => {
                // As in PyTorch, the reset gate is applied behind the product.
                attributes.push(("linear_before_reset", 1.into()));
                "GRU"
            }
        };
        let states = emitter.first_of(operator, &inputs, attributes);
        let states = emitter.transpose(&states, &[0, 2, 1, 3]);
        Ok(emitter.reshape(&states, &[0, 0, (count * hidden) as i64]))
    }

    /// Rows of gates in the order of the standard.
    fn ordered(&self, rows: Tensor<2>, hidden: usize) -> Result<Vec<f32>> {
        let order: &[usize] = match self.cell {
            // Input, output, forget, cell, of PyTorch's input, forget, cell, output.
            Cell::Lstm => &[0, 3, 1, 2],
            // Update, reset, new, of PyTorch's reset, update, new.
            Cell::Gru => &[1, 0, 2],
        };
        let parts = order.iter().map(|gate| rows.clone().narrow(0, gate * hidden, hidden)).collect();
        read_back(Tensor::cat(parts, 0), "the weights")
    }
}
