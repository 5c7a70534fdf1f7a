//! Layers one after another, among them convolutions.

mod build;
mod config;
mod grad_cam;
mod layer;

use std::ops::Range;

use brasa_kernels::{Epilogue, PoolOptions, activation, avg_pool2d, dropout, global_avg_pool, max_pool2d};
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use crate::layers::{BatchNorm, Conv2d, Residual};
use crate::seeds::layer_seed;
use crate::{Activation, Architecture, Input, Model, Result, Summary};

pub use config::SequentialConfig;
pub use layer::{LayerSpec, Window};

/// A layer with parameters, or one without.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)]
enum Layer {
    Conv(Conv2d),
    Residual(Residual),
    Norm(BatchNorm),
    Linear(Linear),
    Plain(Plain),
}

#[derive(Module, Debug)]
struct Plain {
    #[module(skip)]
    step: Step,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Activation(Activation),
    MaxPool(PoolOptions<2>),
    AvgPool(PoolOptions<2>),
    GlobalAvgPool,
    Dropout(f64),
}

impl Layer {
    fn is_relu(&self) -> bool {
        matches!(self, Self::Plain(Plain { step: Step::Activation(Activation::Relu) }))
    }
}

/// The network made by [`SequentialConfig::init`].
#[derive(Module, Debug)]
pub struct Sequential {
    layers: Vec<Layer>,
    output: Linear,
    #[module(skip)]
    maps: [usize; 3],
    #[module(skip)]
    series: bool,
    #[module(skip)]
    names: Vec<String>,
}

/// What flows between two layers.
enum Flow {
    Maps(Tensor<4>),
    Flat(Tensor<2>),
}

impl Flow {
    fn flat(self) -> Tensor<2> {
        match self {
            Self::Maps(maps) => maps.flatten(1, 3),
            Self::Flat(rows) => rows,
        }
    }
}

impl Sequential {
    /// Logits of each class, without dropout.
    ///
    /// # Shapes
    /// `[batch, features]` to `[batch, outputs]`; the features are those of the configured input, row-major.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.finish(self.run(self.fold(input), 0, self.layers.len(), None))
    }

    /// Logits of each class, with dropout drawn from `seed`.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward).
    pub fn forward_train(&self, input: Tensor<2>, seed: u64) -> Tensor<2> {
        self.finish(self.run(self.fold(input), 0, self.layers.len(), Some(seed)))
    }

    /// Index and name of each layer after which there are maps to look at.
    pub fn map_layers(&self) -> Vec<(usize, &str)> {
        let flat = |layer: &Layer| {
            matches!(layer, Layer::Linear(_) | Layer::Plain(Plain { step: Step::GlobalAvgPool }))
        };
        let names = self.layers.iter().zip(&self.names).take_while(|(layer, _)| !flat(layer));
        names.enumerate().map(|(index, (_, name))| (index, name.as_str())).collect()
    }

    /// The maps after layer `index` of [`map_layers`](Self::map_layers), in evaluation mode; `None` where there are
    /// none.
    ///
    /// # Shapes
    /// `[batch, features]` to `[batch, maps, height, width]`.
    pub fn maps(&self, input: Tensor<2>, index: usize) -> Option<Tensor<4>> {
        match self.run(self.fold(input), 0, index.checked_add(1)?.min(self.layers.len()), None) {
            Flow::Maps(maps) => Some(maps),
            Flow::Flat(_) => None,
        }
    }

    /// The logits that follow from the maps after layer `index`: what Grad-CAM differentiates.
    ///
    /// # Shapes
    /// `[batch, maps, height, width]` to `[batch, outputs]`.
    pub fn logits_from_maps(&self, maps: Tensor<4>, index: usize) -> Tensor<2> {
        self.finish(self.run(maps, index.saturating_add(1), self.layers.len(), None))
    }

    /// The kernels of the first layer, if that is a convolution.
    ///
    /// # Shapes
    /// `[maps, channels, height, width]`.
    pub fn first_kernels(&self) -> Option<Tensor<4>> {
        match self.layers.first() {
            Some(Layer::Conv(conv)) => Some(conv.weight.val()),
            _ => None,
        }
    }

    fn fold(&self, input: Tensor<2>) -> Tensor<4> {
        let [channels, height, width] = self.maps;
        let batch = input.dims()[0];
        match self.series {
            // A series comes as [time, channels].
            true => {
                input.reshape([batch, width, channels]).swap_dims(1, 2).reshape([batch, channels, 1, width])
            }
            false => input.reshape([batch, channels, height, width]),
        }
    }

    fn finish(&self, flow: Flow) -> Tensor<2> {
        self.output.forward(flow.flat())
    }

    /// Layers `from..to`; dropout is on where there is a seed.
    fn run(&self, input: Tensor<4>, from: usize, to: usize, seed: Option<u64>) -> Flow {
        let mut flow = Flow::Maps(input);
        let mut index = from;
        while let Some(layer) = self.layers.get(index).filter(|_| index < to) {
            flow = match (layer, flow) {
                (Layer::Conv(conv), Flow::Maps(maps)) => {
                    let (maps, more) = self.convolve(conv, maps, index + 1..to);
                    index += more;
                    Flow::Maps(maps)
                }
                (Layer::Residual(block), Flow::Maps(maps)) => Flow::Maps(block.forward(maps)),
                (Layer::Norm(norm), Flow::Maps(maps)) => Flow::Maps(norm.forward(maps)),
                (Layer::Norm(norm), Flow::Flat(rows)) => Flow::Flat(norm.forward(rows)),
                (Layer::Linear(linear), flow) => Flow::Flat(linear.forward(flow.flat())),
                (Layer::Plain(plain), Flow::Maps(maps)) => match plain.step {
                    Step::MaxPool(options) => Flow::Maps(max_pool2d(maps, options)),
                    Step::AvgPool(options) => Flow::Maps(avg_pool2d(maps, options)),
                    Step::GlobalAvgPool => Flow::Flat(global_avg_pool(maps)),
                    step => Flow::Maps(elementwise(step, maps, index, seed)),
                },
                (Layer::Plain(plain), Flow::Flat(rows)) => {
                    Flow::Flat(elementwise(plain.step, rows, index, seed))
                }
                // No checked configuration has maps wanted after a flat row.
                (_, flat) => flat,
            };
            index += 1;
        }
        flow
    }

    /// A convolution with as many of the layers behind it, `rest`, as are done in the same pass, and their number.
    fn convolve(&self, conv: &Conv2d, maps: Tensor<4>, rest: Range<usize>) -> (Tensor<4>, usize) {
        let rest = self.layers.get(rest).unwrap_or_default();
        let (relu, behind) = match rest {
            [first, behind @ ..] if first.is_relu() => (Epilogue::Relu, behind),
            rest => (Epilogue::None, rest),
        };
        match behind {
            [Layer::Norm(norm), last @ ..] if norm.is_fixed_for(&maps) => {
                let after = match last.first().is_some_and(Layer::is_relu) {
                    true => Epilogue::Relu,
                    false => Epilogue::None,
                };
                let maps = conv.normed_forward(maps, norm, [relu, after]);
                let relus = [relu, after].iter().filter(|epilogue| **epilogue == Epilogue::Relu).count();
                (maps, 1 + relus)
            }
            _ => (conv.forward(maps, relu), usize::from(relu == Epilogue::Relu)),
        }
    }
}

fn elementwise<const D: usize>(step: Step, x: Tensor<D>, layer: usize, seed: Option<u64>) -> Tensor<D> {
    match (step, seed) {
        (Step::Activation(kind), _) => activation(x, kind),
        (Step::Dropout(p), Some(seed)) => dropout(x, p, layer_seed(seed, layer)),
        _ => x,
    }
}

impl Architecture for SequentialConfig {
    type Network = Sequential;

    fn build(&self, seed: u64, device: &Device) -> Result<Sequential> {
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
}

impl Model for Sequential {
    fn forward(&self, input: &Input) -> Tensor<2> {
        self.forward(input.flat())
    }

    fn forward_train(&self, input: &Input, draws: u64) -> Tensor<2> {
        self.forward_train(input.flat(), draws)
    }
}
