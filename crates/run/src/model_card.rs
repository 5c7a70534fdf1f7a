//! From a training to the card of its saved model.

use brasa_data::Targets;
use brasa_predict::{Answers, ModelCard};
use brasa_train::{CheckedRecipe, Prepared};

/// The card of the network that `recipe` trains on `prepared` data.
pub fn model_card(recipe: &CheckedRecipe, prepared: &Prepared) -> ModelCard {
    let data = &prepared.data;
    let answers = match &data.targets {
        Targets::Classes(classes) => Answers::Classes { classes: classes.names.clone() },
        Targets::Numbers(numbers) => Answers::Numbers {
            numbers: numbers.names.clone(),
            mean: prepared.target_scale.mean.clone(),
            std: prepared.target_scale.std.clone(),
        },
    };
    let input = recipe.data().input_of(data);
    ModelCard {
        network: Some(prepared.network(recipe)),
        subwords: recipe.recipe().embedding.as_ref().is_some_and(|embedding| embedding.has_subwords()),
        ..ModelCard::new(data.name.clone(), input, (*prepared.scaler).clone(), answers)
    }
}
