//! A linear model over the columns of a table: what a network has to be better than.

use brasa_data::Role;
use brasa_models::RealMlpRecipe;
use brasa_train::metrics::{LOSS, Scores};
use brasa_train::recipe::{Adamw, TrainingRecipe};
use brasa_train::schedule::Cosine;
use brasa_train::{Callback, CheckedRecipe, Prepared, Recipe, StopReason, score, train_network};
use burn::tensor::Device;

use crate::{Result, RunObserver};

/// Steps of gradient descent, and rows in each, which are enough for a few hundred weights.
const STEPS: usize = 2_000;
const BATCH: usize = 256;
const MOST_EPOCHS: usize = 400;

/// Trained on the training split by the same loss, its weights chosen on the validation split, judged on the test split where there is one; `None`
/// where the recipe does not ask for it, and where one of `observers` wants to end.
///
/// # Errors
/// As a training: the run that it stands beside has no part in it.
pub(crate) fn linear(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    device: &Device,
    observers: &mut [&mut dyn RunObserver],
) -> Result<Option<Scores>> {
    if !recipe.recipe().training.linear {
        return Ok(None);
    }
    let recipe = of(recipe.recipe(), prepared.split.train.len()).check()?;
    let outcome = train_network(&recipe, prepared, None, device, &mut [&mut Asked(observers)])?;
    if outcome.best_epoch == 0 || outcome.stop.is_pause() {
        return Ok(None);
    }
    let model = outcome.model;
    let role = if prepared.split.test.is_empty() { Role::Valid } else { Role::Test };
    Ok(Some(score(&model, &recipe, prepared, role, device)?))
}

/// Ends the training where somebody asks for it, and tells nobody of its epochs.
struct Asked<'a, 'o>(&'a mut [&'o mut dyn RunObserver]);

impl Callback for Asked<'_, '_> {
    fn stop_now(&mut self) -> Option<StopReason> {
        self.0.iter_mut().find_map(|observer| observer.stop_now())
    }
}

/// A RealMLP without hidden layers or waves is linear in the scaled numbers and in the levels of the categories.
fn of(recipe: &Recipe, rows: usize) -> Recipe {
    let batch_size = BATCH.min(rows.max(1));
    let epochs = (STEPS / rows.div_ceil(batch_size).max(1)).clamp(4, MOST_EPOCHS);
    let model =
        RealMlpRecipe { hidden: Vec::new(), waves: 0, one_hot: 64, dropout: 0.0, ..RealMlpRecipe::default() };
    Recipe::new(recipe.data.clone())
        .model(model)
        .loss(recipe.loss.clone())
        .optimizer(Adamw { lr: 0.1, weight_decay: 0.0, ..Adamw::default() })
        .schedule(Cosine::default())
        .training(TrainingRecipe {
            epochs,
            batch_size,
            monitor: LOSS.into(),
            seed: recipe.training.seed,
            sampling: recipe.training.sampling,
            kernels: recipe.training.kernels,
            ..TrainingRecipe::default()
        })
}
