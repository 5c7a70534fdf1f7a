//! What goes together in a recipe with a model that is fitted at once, or with models beside the network.

use brasa_data::keys::Fault;
use brasa_data::{Sampling, TaskKind};

use super::{ArchitectureRecipe, CrossEntropy, LossRecipe, Mse, Recipe};

/// Refuses what would be without effect, and a blend that nothing could choose the shares of.
pub(super) fn check(recipe: &Recipe) -> Result<(), Fault> {
    blend(recipe)?;
    let at_once = |model: &&super::ModelRecipe| !model.architecture.kind().learns_in_steps();
    let Some(model) = recipe.models().find(at_once) else { return Ok(()) };
    let name = model.name();
    let Recipe { augment, data, loss, training, .. } = recipe;
    let least = match data.task {
        TaskKind::Classification => matches!(loss, LossRecipe::CrossEntropy(_)),
        TaskKind::Regression => *loss == Mse::default().into(),
    };
    if !least {
        let least = if data.task == TaskKind::Regression { "mse" } else { "cross-entropy" };
        let expected = format!("\"{least}\", which \"{name}\" goes with");
        return Err(Fault::value("loss.kind", expected, format!("\"{}\"", loss.name())));
    }
    if !augment.is_empty() {
        let words = format!("\"{name}\" sees every row as it is; it takes no augmentation");
        return Err(Fault::refused("augment", words));
    }
    let trees = matches!(model.architecture, ArchitectureRecipe::BoostedTrees(_));
    if training.sampling != Sampling::default() {
        let words = match trees {
            true => "sees every row; weigh the classes by loss.class_weights",
            false => "sees every row, and each once",
        };
        return Err(Fault::refused("training.sampling", format!("\"{name}\" {words}")));
    }
    let no_loss = CrossEntropy::default();
    let classes = loss.classes().unwrap_or(&no_loss);
    let only = at_once(&&recipe.model);
    let given = [
        ("loss.class_weights", !trees && classes.class_weights != no_loss.class_weights),
        ("loss.label_smoothing", only && classes.label_smoothing != no_loss.label_smoothing),
        ("training.clip_value", only && training.clip_value.is_some()),
        ("training.clip_norm", only && training.clip_norm.is_some()),
        ("training.sam", only && training.sam.is_some()),
        ("training.ema", only && training.ema.is_some()),
        ("training.patience", only && training.patience.is_some()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        Some((key, _)) => {
            let words = format!("\"{name}\" has no use for it: it is not trained in steps");
            Err(Fault::refused(key, words))
        }
        None => Ok(()),
    }
}

fn blend(recipe: &Recipe) -> Result<(), Fault> {
    if recipe.model.rate != 1.0 {
        return Err(Fault::refused(
            "model.rate",
            "is for the models of [[blend]]; that of the network is optimizer.lr",
        ));
    }
    let Some(place) = recipe.blend.len().checked_sub(1) else { return Ok(()) };
    if recipe.training.bag < 2 {
        let words = "needs training.bag = 2 or more, or to be taken out (--set blend=[]): the shares are chosen on rows that a model was not trained on";
        return Err(Fault::refused("blend", words));
    }
    let idle = recipe
        .blend
        .iter()
        .position(|model| model.rate != 1.0 && !model.architecture.kind().learns_in_steps());
    if let Some(place) = idle {
        let words = "has no effect on a model that is not trained in steps";
        return Err(Fault::refused(&format!("blend[{place}].rate"), words));
    }
    let perceptron =
        |model: &super::ModelRecipe| matches!(model.architecture, ArchitectureRecipe::Perceptron(_));
    match recipe.models().any(perceptron) {
        true => {
            Err(Fault::refused(&format!("blend[{place}].kind"), "perceptrons are not blended with others"))
        }
        false => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const RECIPE: &str = r#"
        [data.csv]
        file = "t.csv"
        target = "y"
        [model]
        kind = "real-mlp"
        [[blend]]
        kind = "boosted-trees"
        leaves = 15
        [training]
        bag = 3
    "#;

    fn checked(overrides: &[&str]) -> Result<Recipe, String> {
        let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
        let checked = Recipe::parse("r", RECIPE, &overrides).and_then(Recipe::check);
        checked.map(|checked| checked.recipe().clone()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_blend_is_read_and_written() {
        let recipe = checked(&[]).unwrap();
        let names: Vec<_> = recipe.models().map(super::super::ModelRecipe::name).collect();
        assert_eq!(names, ["real-mlp", "boosted-trees"]);
        let text = recipe.to_toml().unwrap();
        let again = Recipe::parse("again", &text, &[]).unwrap().check().unwrap();
        assert_eq!(*again.recipe(), recipe, "{text}");
        let alone = checked(&["training.bag=1", "blend=[]"]).unwrap();
        assert_eq!(alone.models().count(), 1);
    }

    #[test]
    fn what_does_not_go_with_trees_is_refused() {
        for (changes, part) in [
            (vec!["model.rate=0.5"], "is for the models of [[blend]]"),
            (vec!["blend[0].rate=0.5"], "has no effect on a model that is not trained in steps"),
            (vec!["training.bag=1"], "r, line 7: `blend[0]`: needs training.bag = 2 or more"),
            (vec!["data.task=regression", "loss.kind=huber"], "expected \"mse\""),
            (vec!["training.sampling=balanced"], "weigh the classes by loss.class_weights"),
            (vec!["model.kind=boosted-trees", "training.clip_norm=1.0"], "has no use for it"),
            (vec!["model.kind=perceptron", "optimizer.kind=perceptron"], "perceptrons are not blended"),
        ] {
            let message = checked(&changes).unwrap_err();
            let words = part.rsplit(": ").next().unwrap();
            assert!(message.contains(words), "{changes:?}: {message}");
        }
        let wrong = RECIPE.replace("leaves = 15", "leaves = 1");
        let message = Recipe::parse("r", &wrong, &[]).unwrap().check().unwrap_err().to_string();
        assert!(message.starts_with("r, line 9: `blend[0].leaves`: expected"), "{message}");
        let wrong = RECIPE.replace("leaves", "leafs");
        let message = Recipe::parse("r", &wrong, &[]).unwrap_err().to_string();
        assert!(message.contains("did you mean `leaves`?"), "{message}");
        let wrong = RECIPE.replace("[[blend]]", "[blend]");
        let message = Recipe::parse("r", &wrong, &[]).unwrap_err().to_string();
        assert!(message.contains("expected tables [[blend]]"), "{message}");
    }
}
