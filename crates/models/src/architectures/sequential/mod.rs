//! Layers one after another, among them convolutions.

mod config;
mod diagram;
mod grad_cam;
mod head;
mod kind;
mod layers;
mod list;
mod mirror;
mod recipe;
mod shape;
mod spec;
mod still;
mod words;

use brasa_onnx::Value;
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use crate::layers::linear;
use crate::onnx::{Emitter, Node};
use crate::{Architecture, Diagram, Input, Model, Result, Summary, TorchName};
use kind::{Flow, Role, emit_all, run_all};
use layers::Layer;
use shape::Shape;
use still::in_parts;

pub use config::SequentialConfig;
pub use head::Head;
pub use layers::LayerSpec;
pub use recipe::SequentialRecipe;

/// What each kind of layer is written with: the contents of a [`LayerSpec`].
pub mod specs {
    pub use super::layers::{
        ActivationSpec, AdaptiveAvgPoolSpec, AddSpec, AnyLayer, AttentionSpec, BatchNormSpec, ClassTokenSpec,
        ConcatSpec, ConvSpec, DropoutSpec, FirstTokenSpec, GlobalAvgPoolSpec, GroupNormSpec, LayerNormSpec,
        LayerScaleSpec, LayerSpec, LinearSpec, MultiplySpec, PadSpec, PoolSpec, Pooling, PositionsSpec,
        ResidualSpec, ShortCutSpec, StochasticDepthSpec, Window,
    };
}

/// The network made by [`SequentialConfig::init`].
#[derive(Module, Debug)]
pub struct Sequential {
    layers: Vec<Layer>,
    output: Option<Linear>,
    #[module(skip)]
    maps: [usize; 3],
    #[module(skip)]
    series: bool,
    #[module(skip)]
    test_flip: bool,
    /// The shape before each layer and behind the last.
    #[module(skip)]
    shapes: Vec<Shape>,
    /// The first layer that runs: inputs are what the layers before it make.
    #[module(skip)]
    begins: usize,
    /// So many of the first layers do not learn.
    #[module(skip)]
    still: usize,
    /// Name and role of the layers after which there are maps.
    #[module(skip)]
    looks: Vec<(String, Role)>,
}

impl Sequential {
    /// Logits of each class, without dropout.
    ///
    /// # Shapes
    /// `[batch, features]` to `[batch, outputs]`; the features are those of the configured input, row-major.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let input = self.begin(input);
        match self.flips() {
            true => (self.answer(input.clone()) + self.answer(input.mirrored())).mul_scalar(0.5),
            false => self.answer(input),
        }
    }

    fn answer(&self, input: Flow) -> Tensor<2> {
        let run = |flow| self.run(flow, self.begins, self.layers.len(), None);
        match input.is_tracked() {
            true => self.finish(run(input)),
            // Of large images not all at once: nobody has memory for the maps of some hundred.
            false => self.finish(in_parts(input, self.shapes.get(self.begins..).unwrap_or_default(), run)),
        }
    }

    /// Logits of each class, with dropout drawn from `seed`; layers that do not learn run as in evaluation.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward).
    pub fn forward_train(&self, input: Tensor<2>, seed: u64) -> Tensor<2> {
        let (flow, from) = self.still_flow(input);
        self.finish(self.run(flow, from, self.layers.len(), Some(seed)))
    }

    /// Index and name of each layer after which there are maps to look at.
    pub fn map_layers(&self) -> Vec<(usize, &str)> {
        self.looks.iter().enumerate().map(|(index, (name, _))| (index, name.as_str())).collect()
    }

    /// Of [`map_layers`](Self::map_layers), the first that computes maps, after the norm and the activation that follow it.
    pub fn first_computed_maps(&self) -> Option<usize> {
        self.computing().next().map(|index| self.settled(index))
    }

    /// Of [`map_layers`](Self::map_layers), the last that computes maps, after the norm and the activation that follow it.
    pub fn last_computed_maps(&self) -> Option<usize> {
        self.computing().next_back().map(|index| self.settled(index))
    }

    fn computing(&self) -> impl DoubleEndedIterator<Item = usize> {
        let computes =
            |(index, (_, role)): (usize, &(String, Role))| (*role == Role::Computes).then_some(index);
        self.looks.iter().enumerate().filter_map(computes)
    }

    fn settled(&self, index: usize) -> usize {
        let behind = self.looks.iter().skip(index + 1);
        index + behind.take_while(|(_, role)| *role == Role::Follows).count()
    }

    /// The maps after layer `index` of [`map_layers`](Self::map_layers), in evaluation mode; `None` where there are
    /// none.
    ///
    /// # Shapes
    /// `[batch, features]` to `[batch, maps, height, width]`.
    pub fn maps(&self, input: Tensor<2>, index: usize) -> Option<Tensor<4>> {
        let until = index.checked_add(1)?.min(self.layers.len());
        match self.run(Flow::Maps(self.fold(input)), 0, until, None) {
            Flow::Maps(maps) => Some(maps),
            Flow::Flat(_) => None,
        }
    }

    /// The logits that follow from the maps after layer `index`: what Grad-CAM differentiates.
    ///
    /// # Shapes
    /// `[batch, maps, height, width]` to `[batch, outputs]`.
    pub fn logits_from_maps(&self, maps: Tensor<4>, index: usize) -> Tensor<2> {
        self.finish(self.run(Flow::Maps(maps), index.saturating_add(1), self.layers.len(), None))
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

    /// What the first layer that runs is given.
    fn begin(&self, input: Tensor<2>) -> Flow {
        match self.shapes.get(self.begins).filter(|_| self.begins > 0) {
            Some(Shape::Maps([channels, height, width])) => {
                let batch = input.dims()[0];
                Flow::Maps(input.reshape([batch, *channels, *height, *width]))
            }
            Some(Shape::Flat(_)) => Flow::Flat(input),
            None => Flow::Maps(self.fold(input)),
        }
    }

    fn emit(&self, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let [channels, _, time] = self.maps;
        let input = match self.series {
            true => {
                let turned = emitter.transpose(input, &[0, 2, 1]);
                emitter.reshape(&turned, &[0, channels as i64, 1, time as i64])
            }
            false => self.with_mirrored(emitter, input),
        };
        let node = emit_all(&self.layers, "layers", emitter, Node::Maps(input, self.maps))?;
        let (features, width) = emitter.flat(node);
        let (outputs, width) = match &self.output {
            Some(output) => {
                let outputs = emitter.within("output", |emitter| emitter.linear(output, &features))?;
                (outputs, output.weight.dims()[1])
            }
            None => (features, width),
        };
        Ok(self.mean_of_mirrored(emitter, outputs, width))
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
        let features = flow.flat();
        match &self.output {
            Some(output) => linear(output, features),
            None => features,
        }
    }

    /// Layers `from..to`; dropout is on where there is a seed.
    fn run(&self, input: Flow, from: usize, to: usize, seed: Option<u64>) -> Flow {
        run_all(self.layers.get(from..to).unwrap_or_default(), from, input, seed)
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

    fn diagram(&self) -> Result<Diagram> {
        self.diagram()
    }

    fn input_len(&self) -> usize {
        self.input.iter().product()
    }

    fn output_len(&self) -> usize {
        self.outputs
    }

    fn min_batch(&self) -> Result<usize> {
        self.min_batch()
    }

    fn torch_names(&self) -> Vec<TorchName> {
        self.torch_names()
    }

    fn head(&self) -> Vec<String> {
        self.head_paths()
    }

    fn emit(&self, network: &Sequential, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        network.emit(emitter, input)
    }
}

impl Model for Sequential {
    fn forward(&self, input: &Input) -> Tensor<2> {
        self.forward(input.flat())
    }

    fn forward_train(&self, input: &Input, draws: u64) -> Tensor<2> {
        self.forward_train(input.flat(), draws)
    }

    fn set_learning(&mut self, learns: &dyn Fn(&str) -> bool) {
        self.still = self.still_layers(learns).unwrap_or(0);
    }
}
