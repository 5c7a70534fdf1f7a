//! What a recipe for a perceptron may not say: its rule knows no layers, no loss and no gradients.

use super::{LossRecipe, ModelKind, ModelRecipe, OptimizerKind, Recipe, RecipeError};

/// Refuses keys that would be without effect, and a perceptron that is to learn by gradients.
pub(super) fn check(recipe: &Recipe) -> Result<(), RecipeError> {
    let Recipe { augment, model, loss, optimizer, training, .. } = recipe;
    let taught = optimizer.kind == OptimizerKind::Perceptron;
    if model.kind != ModelKind::Perceptron {
        return match taught {
            true => Err(RecipeError::value(
                "optimizer.kind",
                "a rule by gradients, or model.kind = \"perceptron\"",
                "perceptron",
            )),
            false => Ok(()),
        };
    }
    if !taught {
        let expected = "\"perceptron\", the rule that a perceptron learns by";
        return Err(RecipeError::value("optimizer.kind", expected, optimizer.kind.name()));
    }
    let (plain, no_loss) = (ModelRecipe::default(), LossRecipe::default());
    let given = [
        ("model.init", model.init != plain.init),
        ("loss.label_smoothing", loss.label_smoothing != no_loss.label_smoothing),
        ("loss.class_weights", loss.class_weights != no_loss.class_weights),
        ("training.clip_value", training.clip_value.is_some()),
        ("training.clip_norm", training.clip_norm.is_some()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        Some((key, _)) => Err(RecipeError::value(key, "no such key for a perceptron", "a value")),
        None if augment.mixes() => {
            let expected = "no mixture of samples: a perceptron learns from one class at a time";
            Err(RecipeError::value("augment.steps", expected, "one"))
        }
        None => Ok(()),
    }
}

/// Refuses a perceptron for other than two classes.
pub(super) fn check_classes(recipe: &Recipe, classes: usize) -> Result<(), RecipeError> {
    match (recipe.model.kind, classes) {
        (ModelKind::Perceptron, 2) => Ok(()),
        (ModelKind::Perceptron, _) => {
            Err(RecipeError::value("model.kind", "two classes for a perceptron", format!("{classes}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const RECIPE: &str = r#"
        [data.points]
        [model]
        kind = "perceptron"
        [optimizer]
        kind = "perceptron"
    "#;

    fn refused(overrides: &[&str]) -> String {
        let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
        Recipe::parse("r", RECIPE, &overrides).unwrap().check().unwrap_err().to_string()
    }

    #[test]
    fn the_rate_is_a_half_and_nothing_else_is_filled_in() {
        let recipe = Recipe::parse("r", RECIPE, &[]).unwrap().check().unwrap();
        let optimizer = &recipe.recipe().optimizer;
        assert_eq!((optimizer.lr, optimizer.weight_decay, optimizer.eps), (Some(0.5), None, None));
        assert_eq!(recipe.declared_network().unwrap().summary().unwrap().parameters(), 3);
        let again = Recipe::parse("again", &recipe.recipe().to_toml(), &[]).unwrap().check().unwrap();
        assert_eq!(again.recipe(), recipe.recipe());
    }

    #[test]
    fn keys_without_effect_are_refused() {
        for (key, value) in [
            ("model.hidden", "[3]"),
            ("model.activation", "\"mish\""),
            ("model.batch_norm", "true"),
            ("model.dropout", "[0.5]"),
            ("model.init", "\"he-normal\""),
            ("loss.label_smoothing", "0.1"),
            ("loss.class_weights", "\"balanced\""),
            ("training.clip_value", "1.0"),
            ("training.clip_norm", "1.0"),
            ("optimizer.weight_decay", "0.0"),
            ("optimizer.momentum", "0.9"),
        ] {
            let message = refused(&[&format!("{key}={value}")]);
            assert!(message.starts_with(&format!("{key}: expected no such key for")), "{message}");
        }
    }

    #[test]
    fn the_rule_and_the_network_go_together() {
        let message = refused(&["optimizer.kind=adam"]);
        assert_eq!(
            message,
            "optimizer.kind: expected \"perceptron\", the rule that a perceptron learns by, found adam"
        );
        let message = refused(&["model.kind=mlp"]);
        assert!(message.starts_with("optimizer.kind: expected a rule by gradients"), "{message}");
    }

    #[test]
    fn three_classes_are_too_many() {
        let recipe = Recipe::parse("r", RECIPE, &[]).unwrap();
        assert!(check_classes(&recipe, 2).is_ok());
        let message = check_classes(&recipe, 3).unwrap_err().to_string();
        assert_eq!(message, "model.kind: expected two classes for a perceptron, found 3");
    }
}
