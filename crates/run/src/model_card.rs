//! From a training to the card of its saved model.

use brasa_data::{Encoding, InputSpec, Targets};
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

/// What a table's columns of numbers hold in the rows that the model is trained on.
fn ranges(recipe: &CheckedRecipe, prepared: &Prepared, input: &InputSpec) -> Ranges {
    let InputSpec::Table(_) = input else { return Ranges::default() };
    let data = &prepared.data;
    let numbers: Vec<(usize, String)> = match data.columns.as_slice() {
        [] => data.feature_names.iter().cloned().enumerate().collect(),
        columns => {
            let starts = columns.iter().scan(0, |next, (_, encoding)| {
                let start = *next;
                *next += encoding.width();
                Some(start)
            });
            // Of a date or a text, the numbers that it becomes say nothing to a person.
            let is_number = |encoding: &Encoding| matches!(encoding, Encoding::Number { .. });
            let numbers = starts.zip(columns).filter(|(_, (_, encoding))| is_number(encoding));
            numbers.map(|(start, (name, _))| (start, name.clone())).collect()
        }
    };
    let mut rows = prepared.split.train.clone();
    if recipe.recipe().training.bag > 1 {
        rows.extend(&prepared.split.valid);
    }
    Ranges::of(&data.samples, &rows, numbers)
}
