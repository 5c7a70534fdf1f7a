//! The first layers of a network whose weights do not change: what they make of a sample need be computed only once.

use burn::tensor::Tensor;

use super::Sequential;
use super::layers::Layer;
use crate::names::names_below;

impl Sequential {
    /// How many of the first layers have no parameter that `learns`, by its name, and draw nothing by themselves; `None` where
    /// there is no parameter among them.
    pub fn still_layers(&self, learns: impl Fn(&str) -> bool) -> Option<usize> {
        let (mut still, mut any) = (0, false);
        for (index, layer) in self.layers.iter().enumerate() {
            let names = names_below(layer, Some(format!("layers.{index}")));
            if matches!(layer, Layer::Dropout(_)) || names.iter().any(|name| learns(name)) {
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
        self.run(self.begin(input), 0, layers.min(self.layers.len()), None).flat()
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
