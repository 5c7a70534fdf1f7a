//! Recurrent networks over time series.

mod config;
mod recipe;

use brasa_kernels::dropout;
use brasa_onnx::Value;
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use crate::layers::{RecurrentLayer, linear};
use crate::seeds::layer_seed;
use crate::weights::KeyRename;
use crate::{Architecture, Emitter, Input, Model, Result, Summary};

pub use config::{Cell, Pool, RecurrentConfig};
pub use recipe::{GruRecipe, LstmRecipe};

/// The network made by [`RecurrentConfig::init`].
#[derive(Module, Debug)]
pub struct Recurrent {
    layers: Vec<RecurrentLayer>,
    output: Linear,
    #[module(skip)]
    shape: [usize; 2],
    #[module(skip)]
    pool: Pool,
    #[module(skip)]
    dropout: Vec<f64>,
}

impl Recurrent {
    /// Logits of each class, without dropout.
    ///
    /// # Shapes
    /// `[batch, time * channels]`, row-major, to `[batch, outputs]`.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.run(input, None)
    }

    /// Logits of each class, with dropout drawn from `seed`.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward).
    pub fn forward_train(&self, input: Tensor<2>, seed: u64) -> Tensor<2> {
        self.run(input, Some(seed))
    }

    fn run(&self, input: Tensor<2>, seed: Option<u64>) -> Tensor<2> {
        let [time, channels] = self.shape;
        let [batch, _] = input.dims();
        let mut states = input.reshape([batch, time, channels]);
        for (index, layer) in self.layers.iter().enumerate() {
            states = layer.forward(states);
            if let (Some(seed), Some(prob)) = (seed, self.dropout.get(index)) {
                states = dropout(states, *prob, layer_seed(seed, index));
            }
        }
        linear(&self.output, self.pooled(states))
    }

    fn pooled(&self, states: Tensor<3>) -> Tensor<2> {
        let [batch, time, width] = states.dims();
        let at = |states: Tensor<3>, step: usize, from: usize, len: usize| {
            states.narrow(1, step, 1).narrow(2, from, len).reshape([batch, len])
        };
        let both = self.layers.last().is_some_and(|layer| layer.backward.is_some());
        match (self.pool, both) {
            (Pool::Mean, _) => states.mean_dim(1).reshape([batch, width]),
            (Pool::Last, false) => at(states, time - 1, 0, width),
            // The backward direction ends at the first step.
            (Pool::Last, true) => {
                let half = width / 2;
                Tensor::cat(vec![at(states.clone(), time - 1, 0, half), at(states, 0, half, half)], 1)
            }
        }
    }
}

impl Architecture for RecurrentConfig {
    type Network = Recurrent;

    fn build(&self, seed: u64, device: &Device) -> Result<Recurrent> {
        self.init(seed, device)
    }

    fn layers(&self) -> Result<Summary> {
        self.summary()
    }

    fn input_len(&self) -> usize {
        self.input.iter().product()
    }

    fn output_len(&self) -> usize {
        self.outputs
    }

    fn emit(&self, network: &Recurrent, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let [time, _] = network.shape;
        let mut states = emitter.transpose(input, &[1, 0, 2]);
        for (index, layer) in network.layers.iter().enumerate() {
            states = emitter.within(format!("layers.{index}"), |emitter| layer.emit(emitter, &states))?;
        }
        let both = network.layers.last().is_some_and(|layer| layer.backward.is_some());
        let width = network.output.weight.dims()[0];
        let at = |emitter: &mut Emitter<'_>, step: usize, from: usize, to: usize| {
            let state = emitter.gather(&states, 0, &[step as i64]);
            let state = emitter.reshape(&state, &[-1, width as i64]);
            let places: Vec<i64> = (from..to).map(|place| place as i64).collect();
            if to - from == width { state } else { emitter.gather(&state, 1, &places) }
        };
        let features = match (network.pool, both) {
            (Pool::Mean, _) => {
                let over = [("axes", [0].into()), ("keepdims", 0.into())];
                emitter.node("ReduceMean", &[&states], over)
            }
            (Pool::Last, false) => at(emitter, time - 1, 0, width),
            (Pool::Last, true) => {
                let ends = [at(emitter, time - 1, 0, width / 2), at(emitter, 0, width / 2, width)];
                emitter.node("Concat", &[&ends[0], &ends[1]], [("axis", 1.into())])
            }
        };
        emitter.within("output", |emitter| emitter.linear(&network.output, &features))
    }
}

impl Model for Recurrent {
    fn forward(&self, input: &Input) -> Tensor<2> {
        self.forward(input.flat())
    }

    fn forward_train(&self, input: &Input, draws: u64) -> Tensor<2> {
        self.forward_train(input.flat(), draws)
    }
}

impl KeyRename {
    /// The rules that lead the tensors of a `torch.nn.LSTM` or `torch.nn.GRU` called `module` in its network to the
    /// layers of a [`Recurrent`], and those of its linear output called `output`.
    pub fn of_torch_recurrent(module: &str, output: &str) -> Vec<Self> {
        let module = module.replace('.', "\\.");
        let rule = |kind: &str, side: &str, suffix: &str, direction: &str| {
            Self::new(
                format!("^{module}\\.{kind}_{side}_l(\\d+){suffix}$"),
                format!("layers.$1.{direction}.{side}.{kind}"),
            )
        };
        let mut rules = Vec::new();
        for kind in ["weight", "bias"] {
            for side in ["ih", "hh"] {
                rules.push(rule(kind, side, "", "forward"));
                rules.push(rule(kind, side, "_reverse", "backward"));
            }
        }
        rules.push(Self::new(format!("^{}\\.", output.replace('.', "\\.")), "output."));
        rules
    }
}
