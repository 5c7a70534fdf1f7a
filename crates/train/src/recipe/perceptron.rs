//! What a recipe for a perceptron may not say: its rule knows no layers, no loss and no gradients.

use brasa_data::TaskKind;
use brasa_data::keys::Fault;

use super::{ArchitectureRecipe, CrossEntropy, OptimizerRecipe, Recipe};

/// Refuses keys that would be without effect, and a perceptron that is to learn by gradients.
pub(super) fn check(recipe: &Recipe) -> Result<(), Fault> {
    let Recipe { augment, model, loss, optimizer, training, .. } = recipe;
    let taught = matches!(optimizer, OptimizerRecipe::Perceptron(_));
    if !is_perceptron(recipe) {
        return match taught {
            true => {
                let expected = "a rule by gradients, or model.kind = \"perceptron\"";
                Err(Fault::value("optimizer.kind", expected, "\"perceptron\""))
            }
            false => Ok(()),
        };
    }
    if !taught {
        let expected = format!("\"perceptron\", the rule that a {} learns by", model.name());
        return Err(Fault::value("optimizer.kind", expected, format!("\"{}\"", optimizer.name())));
    }
    let no_loss = CrossEntropy::default();
    let loss = loss.classes().unwrap_or(&no_loss);
    let given = [
        ("loss.label_smoothing", loss.label_smoothing != no_loss.label_smoothing),
        ("loss.class_weights", loss.class_weights != no_loss.class_weights),
        ("data.task", recipe.data.task == TaskKind::Regression),
        ("training.clip_value", training.clip_value.is_some()),
        ("training.clip_norm", training.clip_norm.is_some()),
        ("training.sam", training.sam.is_some()),
        ("augment.steps", augment.mixes()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        Some(("augment.steps", _)) => Err(Fault::refused(
            "augment.steps",
            "a perceptron learns from one class at a time: it takes no mixture of samples",
        )),
        Some(("data.task", _)) => {
            Err(Fault::value("data.task", "classification for a perceptron", "\"regression\""))
        }
        Some((key, _)) => Err(Fault::refused(
            key,
            "a perceptron has no use for it: its rule knows no loss and no gradients",
        )),
        None => Ok(()),
    }
}

/// Refuses a perceptron for other than two classes.
pub(super) fn check_classes(recipe: &Recipe, classes: usize) -> Result<(), Fault> {
    match is_perceptron(recipe) && classes != 2 {
        true => Err(Fault::value("model.kind", "two classes for a perceptron", classes)),
        false => Ok(()),
    }
}

fn is_perceptron(recipe: &Recipe) -> bool {
    matches!(recipe.model.architecture, ArchitectureRecipe::Perceptron(_))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::recipe::PerceptronRule;

    const RECIPE: &str = r#"
        [data.points]
        [model]
        kind = "perceptron"
        [optimizer]
        kind = "perceptron"
    "#;

    fn refused(overrides: &[&str]) -> String {
        let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
        Recipe::parse("r", RECIPE, &overrides).and_then(Recipe::check).unwrap_err().to_string()
    }

    #[test]
    fn the_rate_is_a_half_and_there_is_nothing_else() {
        let recipe = Recipe::parse("r", RECIPE, &[]).unwrap().check().unwrap();
        assert_eq!(recipe.recipe().optimizer, PerceptronRule { lr: 0.5 }.into());
        assert_eq!(recipe.declared_network().unwrap().summary().unwrap().parameters(), 3);
        let again =
            Recipe::parse("again", &recipe.recipe().to_toml().unwrap(), &[]).unwrap().check().unwrap();
        assert_eq!(again.recipe(), recipe.recipe());
    }

    #[test]
    fn keys_without_effect_are_refused() {
        for key in [
            "model.hidden=[3]",
            "model.activation=mish",
            "model.init=he-normal",
            "optimizer.weight_decay=0.0",
        ] {
            let (path, _) = key.split_once('=').unwrap();
            let message = refused(&[key]);
            assert!(message.contains(&format!("`{path}` is not a key of `perceptron`")), "{message}");
        }
        for key in [
            "loss.label_smoothing=0.1",
            "loss.class_weights=balanced",
            "training.clip_value=1.0",
            "training.clip_norm=1.0",
        ] {
            let (path, _) = key.split_once('=').unwrap();
            let message = refused(&[key]);
            assert!(message.contains(&format!("`{path}`: a perceptron has no use for it")), "{message}");
        }
        let message = refused(&["augment.steps=[{ kind = \"mixup\", alpha = 1 }]"]);
        assert!(message.contains("it takes no mixture of samples"), "{message}");
    }

    #[test]
    fn the_rule_and_the_network_go_together() {
        let message = refused(&["optimizer.kind=adam"]);
        assert_eq!(
            message,
            "--set optimizer.kind=adam: `optimizer.kind`: expected \"perceptron\", the rule that a perceptron learns by, found \"adam\""
        );
        let message = refused(&["model.kind=mlp"]);
        assert!(message.contains("`optimizer.kind`: expected a rule by gradients"), "{message}");
    }

    #[test]
    fn three_classes_are_too_many() {
        let recipe = Recipe::parse("r", RECIPE, &[]).unwrap();
        assert!(check_classes(&recipe, 2).is_ok());
        let message = check_classes(&recipe, 3).unwrap_err().to_string();
        assert_eq!(message, "`model.kind`: expected two classes for a perceptron, found 3");
    }
}
