//! What the weights of a training follow from.

use crate::prepared::Prepared;
use crate::recipe::{CheckedRecipe, Recipe};

use super::Every;

/// The recipe without what only says when a training ends, how it is loaded or written down, or what it is called: a training may go on
/// where these differ, and its steps are the same.
pub fn essence(recipe: &Recipe) -> Recipe {
    let mut own = recipe.clone();
    (own.search, own.description) = (None, String::new());
    let training = &mut own.training;
    (training.epochs, training.patience, training.workers) = (1, None, 0);
    (training.time_limit, training.checkpoint) = (None, Every::default());
    training.metrics.clear();
    own
}

/// A digest of the recipe's [`essence`] and the rows of each split.
pub fn digest(recipe: &CheckedRecipe, prepared: &Prepared) -> String {
    // With the schedule's lengths, which may follow from the number of epochs.
    let resolved = recipe.resolved(prepared.split.train.len());
    let own = essence(&resolved.unwrap_or_else(|_| recipe.recipe().clone()));
    let files = prepared.data.files.iter().map(|file| file.sha256.as_str()).collect::<Vec<_>>();
    let rows = (prepared.data.len(), &prepared.split.train, &prepared.split.valid);
    let text = serde_json::to_string(&(&own, files, rows)).unwrap_or_default();
    brasa_data::SourceFile::of("", text.as_bytes()).sha256
}
