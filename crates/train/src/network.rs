//! Training of the networks that recipes describe.

use brasa_models::{ArchitectureRecipe, Network};
use burn::tensor::Device;

use crate::Result;
use crate::bag::train_bag;
use crate::callback::Callback;
use crate::checkpoint::Leg;
use crate::fit::{Outcome, gradient_descent, train_leg};
use crate::prepared::Prepared;
use crate::recipe::{CheckedRecipe, RecipeError};
use crate::trees::grow_trees;
use crate::update::UpdateRule;

/// Makes the update rule of a recipe that does not learn by gradient descent, or `None` for one that does.
pub type MakeRule = fn(&CheckedRecipe) -> Option<Box<dyn UpdateRule<Network>>>;

/// Trains the recipe's network from its initial weights, see [`train`](crate::train()).
///
/// # Errors
/// As there, and as [`Prepared::init`].
pub fn train_network(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    rule: Option<MakeRule>,
    device: &Device,
    callbacks: &mut [&mut dyn Callback],
) -> Result<Outcome<Network>> {
    train_network_leg(recipe, prepared, rule, device, callbacks, Leg::default())
}

/// As [`train_network`], a part of it: from a checkpoint, to a pause.
///
/// # Errors
/// As there, and [`TrainError::Checkpoint`](crate::TrainError::Checkpoint).
pub fn train_network_leg(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    rule: Option<MakeRule>,
    device: &Device,
    callbacks: &mut [&mut dyn Callback],
    leg: Leg<'_>,
) -> Result<Outcome<Network>> {
    if recipe.recipe().training.bag > 1 {
        let pauses = leg.until.is_some() || leg.at.is_some_and(|epoch| epoch > 0);
        let gradient = rule.and_then(|make| make(recipe)).is_none();
        if pauses || !gradient {
            let words = "1 where a training pauses after an epoch or learns by a rule of its own";
            let error = RecipeError::value("training.bag", words, recipe.recipe().training.bag);
            return Err(recipe.recipe().locate(error).into());
        }
        return train_bag(recipe, prepared, device, callbacks, leg);
    }
    if let ArchitectureRecipe::BoostedTrees(trees) = &recipe.recipe().model.architecture {
        if leg.until.is_some() || leg.at.is_some_and(|epoch| epoch > 0) {
            let words = "a network that is trained in epochs, where a training is to pause after one";
            let error = RecipeError::value("model.kind", words, "\"boosted-trees\"");
            return Err(recipe.recipe().locate(error).into());
        }
        return grow_trees(trees, recipe, prepared, device, callbacks);
    }
    let network = prepared.init(recipe, &device.clone().autodiff())?;
    match rule.and_then(|make| make(recipe)) {
        Some(mut rule) => train_leg(&mut *rule, recipe, prepared, network, device, callbacks, leg),
        None => {
            let mut rule = gradient_descent(recipe, prepared, &network, device)?;
            train_leg(&mut rule, recipe, prepared, network, device, callbacks, leg)
        }
    }
}
