//! Whether a training has room, before anything is allocated: an allocation that finds none ends the process.

use brasa_data::available_memory;
use brasa_models::{LayerSummary, Summary};

use crate::Result;
use crate::prepared::Prepared;
use crate::recipe::{CheckedRecipe, OptimizerRecipe, RecipeError};

/// Bytes of a number.
const NUMBER: f64 = 4.0;

/// What a training needs at the least, in bytes: what is certain alone counts, so that nothing is refused that would go.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Need {
    /// The weights, a gradient of each, what the optimizer and an average remember of each, and the best weights so far.
    weights: f64,
    /// What the layers with weights make of a batch, which the backward pass needs.
    outputs: f64,
}

impl Need {
    fn of(summary: &Summary, slots: usize, batch: usize) -> Self {
        let parameters: f64 = summary.layers.iter().map(|layer| layer.parameters as f64).sum();
        let size = |layer: &LayerSummary| layer.output.iter().map(|side| *side as f64).product::<f64>();
        let outputs = summary.layers.iter().filter(|layer| layer.parameters > 0).map(size).sum::<f64>();
        Self { weights: NUMBER * parameters * (3 + slots) as f64, outputs: NUMBER * outputs * batch as f64 }
    }

    fn all(self) -> f64 {
        self.weights + self.outputs
    }
}

impl Prepared {
    /// Refuses a training on the processor that needs more memory than the system can give: more than is available, or than
    /// the process may have. Where the system does not tell, nothing is refused.
    ///
    /// # Errors
    /// [`TrainError::Recipe`](crate::TrainError::Recipe) with the sum.
    pub fn check_memory(&self, recipe: &CheckedRecipe) -> Result<()> {
        let Some(available) = available_memory() else { return Ok(()) };
        let batch = recipe.batch_size(self.split.train.len()).min(self.split.train.len());
        let training = &recipe.recipe().training;
        // An average is one more of each; weights elsewhere and their gradients are two.
        let more = usize::from(training.ema.is_some()) + 2 * usize::from(training.sam.is_some());
        let slots = slots(&recipe.recipe().optimizer) + more;
        let need = Need::of(&self.network(recipe).summary()?, slots, batch);
        if need.all() <= available {
            return Ok(());
        }
        let key = if need.weights > need.outputs { "model" } else { "training.batch_size" };
        let expected = format!(
            "a training that fits into the {} of memory at hand: this one needs at least {}, {} for weights, gradients and the \
             optimizer and {} for what the layers make of a batch of {batch}",
            size(available),
            size(need.all()),
            size(need.weights),
            size(need.outputs)
        );
        let found =
            if key == "model" { recipe.recipe().model.architecture.name().into() } else { batch.to_string() };
        Err(recipe.recipe().locate(RecipeError::value(key, expected, found)).into())
    }
}

/// Numbers that the optimizer remembers of each weight.
fn slots(optimizer: &OptimizerRecipe) -> usize {
    match optimizer {
        OptimizerRecipe::Adam(_) | OptimizerRecipe::Adamw(_) => 2,
        OptimizerRecipe::Adagrad(_) | OptimizerRecipe::Rmsprop(_) | OptimizerRecipe::Muon(_) => 1,
        OptimizerRecipe::Sgd(_) | OptimizerRecipe::Perceptron(_) => 0,
    }
}

fn size(bytes: f64) -> String {
    match bytes {
        bytes if bytes >= 1e9 => format!("{:.1} GB", bytes / 1e9),
        bytes => format!("{:.1} MB", bytes / 1e6),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_models::{MlpConfig, NetworkConfig};

    use super::*;

    #[test]
    fn what_is_needed_is_a_sum_of_what_is_certain() {
        let network = NetworkConfig::Mlp(MlpConfig { hidden: vec![100], ..MlpConfig::new(10, 2) });
        let need = Need::of(&network.summary().unwrap(), 2, 32);
        let parameters = (11 * 100 + 101 * 2) as f64;
        assert_eq!(need, Need { weights: 4.0 * parameters * 5.0, outputs: 4.0 * 102.0 * 32.0 });
    }
}
