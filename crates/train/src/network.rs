//! Training of the networks that recipes describe.

use std::borrow::Cow;

use brasa_models::{ArchitectureRecipe, Network, parameter_names};
use burn::tensor::Device;

use crate::Result;
use crate::bag::train_bag;
use crate::callback::Callback;
use crate::checkpoint::Leg;
use crate::fit::{Outcome, gradient_descent, train_leg};
use crate::prepared::Prepared;
use crate::recipe::{CheckedRecipe, RecipeError};
use crate::rocket::{fit_rocket, rocket_config};
use crate::transfer::{Cached, Frozen, cached};
use crate::trees::grow_trees;
use crate::update::{GradientDescent, UpdateRule};

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
    if !recipe.recipe().model.architecture.kind().learns_in_steps() {
        if leg.until.is_some() || leg.at.is_some_and(|epoch| epoch > 0) {
            let words = "a network that is trained in epochs, where a training is to pause after one";
            let found = format!("\"{}\"", recipe.recipe().model.name());
            return Err(recipe.recipe().locate(RecipeError::value("model.kind", words, found)).into());
        }
        if let ArchitectureRecipe::BoostedTrees(trees) = &recipe.recipe().model.architecture {
            return grow_trees(trees, recipe, prepared, device, callbacks);
        }
        if let Some(config) = rocket_config(prepared.network(recipe)) {
            return fit_rocket(&config, recipe, prepared, device, callbacks);
        }
    }
    let network = prepared.init(recipe, &device.clone().autodiff())?;
    if let Some(mut rule) = rule.and_then(|make| make(recipe)) {
        return train_leg(&mut *rule, recipe, prepared, network, device, callbacks, leg);
    }
    let Start { network, prepared, mut rule } = start(recipe, prepared, network, device)?;
    let outcome = train_leg(&mut rule, recipe, &prepared, network, device, callbacks, leg)?;
    let model = match outcome.model {
        Network::Sequential(network) => Network::Sequential(network.whole()),
        other => other,
    };
    Ok(Outcome { model, ..outcome })
}

/// A network with the data as it takes them, and what moves its weights.
pub(crate) struct Start<'a> {
    pub(crate) network: Network,
    pub(crate) prepared: Cow<'a, Prepared>,
    pub(crate) rule: GradientDescent,
}

/// How `network` begins to learn by gradient descent: behind the layers whose features are kept, where the recipe wants it so.
pub(crate) fn start<'a>(
    recipe: &CheckedRecipe,
    prepared: &'a Prepared,
    network: Network,
    device: &Device,
) -> Result<Start<'a>> {
    let frozen = frozen(recipe, prepared, &network)?;
    let (network, prepared) = match cached(recipe, prepared, &network, frozen.as_ref(), device)? {
        Some(Cached { network, prepared }) => (network, Cow::Owned(prepared)),
        None => (network, Cow::Borrowed(prepared)),
    };
    let rule = gradient_descent(recipe, &prepared, &network, device, frozen)?;
    Ok(Start { network, prepared, rule })
}

/// What of `network` learns, where the recipe says it; refuses names that no parameter has.
fn frozen(recipe: &CheckedRecipe, prepared: &Prepared, network: &Network) -> Result<Option<Frozen>> {
    let Some(transfer) = &recipe.recipe().transfer else { return Ok(None) };
    let frozen = Frozen::new(transfer, &prepared.network(recipe));
    let names = parameter_names(network);
    match frozen.without_effect(&names).first() {
        Some(pattern) => {
            let known: Vec<_> = frozen.modules(&names).into_iter().take(8).collect();
            let expected = format!("names of layers, such as {}", known.join(", "));
            let error = RecipeError::value(
                "transfer",
                expected,
                format!("`{pattern}`, which no parameter has, or none that is frozen before"),
            );
            Err(recipe.recipe().locate(error).into())
        }
        None => Ok(Some(frozen)),
    }
}
