//! From a training to the card of its saved model.

use brasa_predict::{Answers, ModelCard};
use brasa_train::{CheckedRecipe, Prepared};

/// The card of the network that `recipe` trains on `prepared` data.
pub fn model_card(recipe: &CheckedRecipe, prepared: &Prepared) -> ModelCard {
    let data = &prepared.data;
    let answers = Answers::Classes { classes: data.class_names().to_vec() };
    let input = recipe.data().input_of(data);
    ModelCard {
        network: Some(prepared.network(recipe)),
        subwords: recipe.recipe().embedding.as_ref().is_some_and(|embedding| embedding.has_subwords()),
        ..ModelCard::new(data.name.clone(), input, (*prepared.scaler).clone(), answers)
    }
}
