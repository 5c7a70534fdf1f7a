//! What goes together in a recipe for titles: the data, the network, and the vectors of words.

use super::{Recipe, RecipeError};

/// Fills in `[embedding]` for a network over titles, and refuses what would be without effect or without sense.
pub(super) fn resolve(recipe: &mut Recipe) -> Result<(), RecipeError> {
    let kind = recipe.model.kind;
    let titles = recipe.data.text.is_some();
    if titles != kind.reads_titles() {
        let expected = match titles {
            true => "`text-cnn` or `text-mlp`, as numbers of words mean nothing to other networks",
            false => "another kind, as this one reads titles, [data.text]",
        };
        return Err(RecipeError::value("model.kind", expected, format!("`{}`", kind.name())));
    }
    if !titles && recipe.embedding.is_some() {
        let expected = format!("no such table for kind `{}`", kind.name());
        return Err(RecipeError::value("embedding", expected, "one"));
    }
    if titles {
        recipe.embedding = Some(recipe.embedding.take().unwrap_or_default().resolve()?);
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const RECIPE: &str = r#"
        [data.text]
        file = "titles.csv"
        [model]
        kind = "text-cnn"
        [embedding]
        kind = "fasttext"
    "#;

    fn refused(overrides: &[&str]) -> String {
        let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
        Recipe::parse("r", RECIPE, &overrides).unwrap().check().unwrap_err().to_string()
    }

    #[test]
    fn defaults_are_filled_in_and_stay() {
        let recipe = Recipe::parse("r", RECIPE, &[]).unwrap().check().unwrap();
        let Recipe { model, embedding, .. } = recipe.recipe();
        assert_eq!((model.filter_sizes.as_deref(), model.filters), (Some(&[2, 3, 4][..]), Some(100)));
        assert_eq!((model.frozen, &model.dropout), (Some(false), &Some(vec![])));
        let embedding = embedding.as_ref().unwrap();
        assert_eq!((embedding.dims, embedding.min_count, embedding.sample), (Some(50), Some(2), Some(1e-4)));
        let again = Recipe::parse("again", &recipe.recipe().to_toml(), &[]).unwrap().check().unwrap();
        assert_eq!(again.recipe(), recipe.recipe());
    }

    #[test]
    fn keys_without_effect_are_refused() {
        for (change, message) in [
            ("model.hidden=[3]", "model.hidden: expected no such key for kind `text-cnn`, found a value"),
            ("model.dropout=[0.1, 0.2]", "model.dropout: expected one number for kind `text-cnn`, found 2"),
            ("model.init=he-normal", "model.init: expected \"pytorch\" for kind `text-cnn`, found another"),
            (
                "embedding.file=a.vec",
                "embedding.file: expected no such key for kind `fasttext`, found a value",
            ),
            ("embedding.window=0", "embedding `window`: expected a number from 1 to 100, found 0"),
            (
                "model.filter_sizes=[2, 21]",
                "model.filter_sizes: expected sizes from 1 to 20, the words of a title, found 21",
            ),
        ] {
            assert_eq!(refused(&[change]), message);
        }
        let message = refused(&["embedding.kind=random", "embedding.window=3"]);
        assert_eq!(message, "embedding.window: expected no such key for kind `random`, found a value");
        let message = refused(&["embedding.kind=vec"]);
        assert_eq!(message, "embedding.file: expected the name of a .vec file, found none");
    }

    #[test]
    fn titles_and_networks_that_read_them_go_together() {
        let message = refused(&["model.kind=mlp"]);
        assert!(message.starts_with("model.kind: expected `text-cnn` or `text-mlp`"), "{message}");
        let points = "[data.points]\n[model]\nkind = \"text-mlp\"";
        let message = Recipe::parse("r", points, &[]).unwrap().check().unwrap_err().to_string();
        assert!(message.contains("this one reads titles"), "{message}");
        let points = "[data.points]\n[embedding]";
        let message = Recipe::parse("r", points, &[]).unwrap().check().unwrap_err().to_string();
        assert_eq!(message, "embedding: expected no such table for kind `mlp`, found one");
    }
}
