//! The first layers of a network whose weights do not change: what they make of a sample need be computed only once.

use burn::module::Module;
use burn::tensor::Tensor;

use super::Sequential;
use super::kind::{Flow, run_all};
use super::layers::Layer;
use super::shape::Shape;
use crate::names::names_below;

impl Sequential {
    /// How many of the first layers have no parameter that `learns`, by its name, and draw nothing by themselves; `None` where
    /// there is no parameter among them.
    pub fn still_layers(&self, learns: impl Fn(&str) -> bool) -> Option<usize> {
        let (mut still, mut any) = (0, false);
        for (index, layer) in self.layers.iter().enumerate() {
            let names = names_below(layer, Some(format!("layers.{index}")));
            if matches!(layer, Layer::Dropout(_) | Layer::StochasticDepth(_))
                || names.iter().any(|name| learns(name))
            {
                break;
            }
            any |= !names.is_empty();
            still = index + 1;
        }
        any.then_some(still)
    }

    /// What the first `layers` layers make of a batch in evaluation.
    ///
    /// # Shapes
    /// `[batch, features]` to `[batch, numbers]`, which [`behind`](Self::behind) takes.
    pub fn features(&self, input: Tensor<2>, layers: usize) -> Tensor<2> {
        let layers = layers.min(self.layers.len());
        let run = |flow| self.run(flow, 0, layers, None);
        in_parts(self.begin(input), self.shapes.get(..=layers).unwrap_or_default(), run).flat()
    }

    /// What the layers that do not learn make of a batch, without a record for gradients, and the first layer behind them.
    pub(super) fn still_flow(&self, input: Tensor<2>) -> (Flow, usize) {
        let layers = self.layers.get(self.begins..self.still).unwrap_or_default();
        let input = self.begin(input);
        if layers.is_empty() || !input.is_tracked() {
            return (input, self.begins);
        }
        let layers: Vec<_> = layers.iter().map(Module::valid).collect();
        (run_all(&layers, self.begins, input.inner(), None).tracked(), self.still)
    }

    /// The same network over what its first `layers` layers make: those do not run.
    #[must_use]
    pub fn behind(self, layers: usize) -> Self {
        Self { begins: layers.min(self.layers.len()), ..self }
    }

    /// The same network over samples.
    #[must_use]
    pub fn whole(self) -> Self {
        Self { begins: 0, ..self }
    }
}

/// Numbers between two layers at a time, at most, where more samples than one are: 128 MB.
const NUMBERS: usize = 1 << 25;

/// What `run` makes of `flow`, so many samples at a time that what flows between layers of these `shapes` is not too large.
pub(super) fn in_parts(flow: Flow, shapes: &[Shape], run: impl Fn(Flow) -> Flow) -> Flow {
    let widest = shapes.iter().map(|shape| shape.len()).max().unwrap_or(1).max(1);
    let (batch, part) = (flow.batch(), (NUMBERS / widest).max(1));
    if batch <= part {
        return run(flow);
    }
    let parts = (0..batch).step_by(part).map(|from| run(flow.clone().rows(from, part.min(batch - from))));
    Flow::joined(parts.collect())
}
