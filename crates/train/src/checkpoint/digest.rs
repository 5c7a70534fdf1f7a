//! What the weights of a training follow from.

use crate::prepared::Prepared;
use crate::recipe::{CheckedRecipe, ModelRecipe, OptimizerRecipe, Recipe};
use crate::schedule::Shape;
use brasa_models::ArchitectureRecipe;

use super::Every;

/// The recipe without what only says when a training ends, how it is loaded or written down, or what it is called: a training may go on
/// where these differ, and its steps are the same. Where they depend on the end, as under a one-cycle schedule, the number of epochs stays.
pub fn essence(recipe: &Recipe) -> Recipe {
    let mut own = recipe.clone();
    (own.search, own.description) = (None, String::new());
    let epochs = if sees_the_end(recipe) { recipe.training.epochs } else { 1 };
    let training = &mut own.training;
    (training.epochs, training.patience, training.workers) = (epochs, None, 0);
    (training.time_limit, training.checkpoint) = (None, Every::default());
    training.metrics.clear();
    // What is done with a trained model, and what is trained beside it.
    (training.linear, own.decision) = (false, None);
    own
}

/// Whether a step depends on how many there will be, where that is not written down as a length of the schedule.
fn sees_the_end(recipe: &Recipe) -> bool {
    let anneals = |model: &ModelRecipe| match &model.architecture {
        ArchitectureRecipe::RealMlp(real_mlp) => real_mlp.anneal_dropout,
        _ => false,
    };
    matches!(recipe.schedule.shape, Shape::OneCycle(_) | Shape::Coslog(_))
        || matches!(&recipe.optimizer, OptimizerRecipe::Adamw(adamw) if adamw.anneal_decay)
        || recipe.models().any(anneals)
}

/// A digest of the recipe's [`essence`] and the rows of each split.
pub fn digest(recipe: &CheckedRecipe, prepared: &Prepared) -> String {
    // With the schedule's lengths, which may follow from the number of epochs.
    let resolved = recipe.resolved(prepared.split.train.len());
    let own = essence(&resolved.unwrap_or_else(|_| recipe.recipe().clone()));
    let files = prepared.data.files.iter().map(|file| file.sha256.as_str()).collect::<Vec<_>>();
    let rows = (prepared.data.len(), &prepared.split.train, &prepared.split.valid);
    let text = match &prepared.weights_sum {
        // As ever, so that checkpoints of before still fit.
        None => serde_json::to_string(&(&own, files, rows)),
        Some(weights) => serde_json::to_string(&(&own, files, rows, weights)),
    };
    // A key that came later, as it was not there before.
    let text = text.unwrap_or_default().replacen(",\"lazy\":false", "", 1);
    brasa_data::sha256_hex(text.as_bytes())
}
