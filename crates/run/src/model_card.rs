//! From a training to the card of its saved model.

use brasa_data::{InputSpec, Targets};
use brasa_predict::{Answers, ModelCard, Ranges};
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
        ranges: ranges(recipe, prepared, &input),
        network: Some(prepared.network(recipe)),
        subwords: recipe.recipe().embedding.as_ref().is_some_and(|embedding| embedding.has_subwords()),
        ..ModelCard::new(data.name.clone(), input, (*prepared.scaler).clone(), answers)
    }
}

/// What a table's columns hold in the rows that the model is trained on.
fn ranges(recipe: &CheckedRecipe, prepared: &Prepared, input: &InputSpec) -> Ranges {
    let InputSpec::Table(_) = input else { return Ranges::default() };
    let data = &prepared.data;
    Ranges::of(&data.samples, &prepared.learnt_rows(recipe), data.placed_columns())
}
