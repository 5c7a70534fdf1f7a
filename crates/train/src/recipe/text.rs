//! What goes together in a recipe for titles: the data, the network, and the vectors of words.

use brasa_data::keys::Fault;

use super::{ArchitectureRecipe, EmbeddingRecipe, Recipe};

/// Fills in `[embedding]` for a network over titles, and refuses what would be without effect or without sense.
pub(super) fn resolve(recipe: &mut Recipe) -> Result<(), Fault> {
    let titles = recipe.data.text.is_some();
    if let Some((table, model)) = recipe.model_tables().find(|(_, model)| model.reads_titles() != titles) {
        let expected = match titles {
            true => {
                "\"text-cnn\", \"text-mlp\" or \"text-transformer\", as numbers of words mean nothing to other networks"
            }
            false => "another kind, as this one reads titles, [data.text]",
        };
        return Err(Fault::value(&format!("{table}.kind"), expected, format!("\"{}\"", model.name())));
    }
    if !titles && recipe.embedding.is_some() {
        let kind = recipe.model.name();
        return Err(Fault::refused(
            "embedding",
            format!("a model of kind \"{kind}\" has no use for vectors of words"),
        ));
    }
    let grams = recipe.data.text.as_ref().and_then(|text| match (&text.row, &text.parts) {
        (Some(row), _) if *row > 1 => Some("row"),
        (_, parts) => parts.map(|_| "parts"),
    });
    if let Some(key) = grams {
        let random = matches!(recipe.embedding, None | Some(EmbeddingRecipe::Random(_)));
        let mut models = recipe.models();
        if !random || !models.any(|model| matches!(model.architecture, ArchitectureRecipe::TextMlp(_))) {
            let words = "tokens beside words are for a model of kind \"text-mlp\" with vectors of kind \"random\": others know \
                         words, in their order";
            return Err(Fault::refused(&format!("data.text.{key}"), words));
        }
    }
    if titles {
        recipe.embedding.get_or_insert_default().check().map_err(|fault| fault.within("embedding"))?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::recipe::TextCnnRecipe;

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
        Recipe::parse("r", RECIPE, &overrides).and_then(Recipe::check).unwrap_err().to_string()
    }

    #[test]
    fn defaults_are_filled_in_and_stay() {
        let recipe = Recipe::parse("r", RECIPE, &[]).unwrap().check().unwrap();
        let Recipe { model, embedding, .. } = recipe.recipe();
        let kim = TextCnnRecipe { filters: 100, ..TextCnnRecipe::default() };
        assert_eq!(*model, kim.into());
        let Some(EmbeddingRecipe::Fasttext(fasttext)) = embedding else { unreachable!("{embedding:?}") };
        assert_eq!((fasttext.dims, fasttext.min_count, fasttext.sample), (50, 2, 1e-4));
        let again =
            Recipe::parse("again", &recipe.recipe().to_toml().unwrap(), &[]).unwrap().check().unwrap();
        assert_eq!(again.recipe(), recipe.recipe());
    }

    #[test]
    fn keys_without_effect_are_refused() {
        for (change, message) in [
            (
                "model.hidden=[3]",
                "`model.hidden` is not a key of `text-cnn`; it has filter_sizes, filters, frozen, dropout, word_dropout, input, rate (it is a \
                 key of mlp, lstm, gru, text-mlp, real-mlp, tabm, vit)",
            ),
            ("model.dropout=[0.1, 0.2]", "`model.dropout`: expected one number, found 2 of them"),
            (
                "model.init=he-normal",
                "`model.init` is not a key of `text-cnn`; it has filter_sizes, filters, frozen, dropout, word_dropout, input, rate (it is a key of \
                 mlp, sequential, inception-time, series-resnet, alexnet, vgg, nin, resnet, cifar-resnet, squeezenet, mobilenet-v2, \
                 mobilenet-v3-small, efficientnet, convnext, vit)",
            ),
            (
                "embedding.file=a.vec",
                "`embedding.file` is not a key of `fasttext`; it has dims, window, min_count, epochs, min_n, max_n, buckets, \
                 negatives, learning_rate, sample (it is a key of vec)",
            ),
            ("embedding.window=0", "`embedding.window`: expected a number from 1 to 100, found 0"),
            (
                "model.filter_sizes=[2, 21]",
                "`model.filter_sizes`: expected sizes from 1 to 20, the words of a title, found 21",
            ),
        ] {
            assert_eq!(refused(&[change]), format!("--set {change}: {message}"));
        }
        for change in ["data.text.row=2", "data.text.parts=[3, 5]"] {
            let message = refused(&[change]);
            assert!(message.contains("are for a model of kind \"text-mlp\""), "{message}");
        }
        let message = refused(&["embedding.kind=random", "embedding.window=3"]);
        assert!(
            message.contains("`embedding.window` is not a key of `random`; it has dims, deviation"),
            "{message}"
        );
        let message = refused(&["embedding.kind=vec"]);
        assert_eq!(
            message,
            "r, line 6: `embedding`: `vec` needs the key `file`: the file with the vectors, beside the data"
        );
    }

    #[test]
    fn networks_over_titles_are_blended_with_each_other() {
        let changes = "[embedding]\nkind = \"random\"\n[training]\nbag = 2\n[[blend]]\nkind = \"text-mlp\"\n";
        let recipe = RECIPE.split("[embedding]").next().unwrap().to_owned() + changes;
        let rows = ["data.text.row=2".to_owned()];
        assert!(Recipe::parse("r", &recipe, &rows).unwrap().check().is_ok());
        let other = recipe.replace("\"text-mlp\"", "\"boosted-trees\"");
        let message = Recipe::parse("r", &other, &[]).unwrap().check().unwrap_err().to_string();
        assert!(message.contains("`blend[0].kind`: expected \"text-cnn\""), "{message}");
    }

    #[test]
    fn titles_and_networks_that_read_them_go_together() {
        let message = refused(&["model.kind=mlp"]);
        assert!(
            message.contains("`model.kind`: expected \"text-cnn\", \"text-mlp\" or \"text-transformer\""),
            "{message}"
        );
        let points = "[data.points]\n[model]\nkind = \"text-mlp\"";
        let message = Recipe::parse("r", points, &[]).unwrap().check().unwrap_err().to_string();
        assert!(message.contains("this one reads titles"), "{message}");
        let points = "[data.points]\n[embedding]";
        let message = Recipe::parse("r", points, &[]).unwrap().check().unwrap_err().to_string();
        assert_eq!(
            message,
            "r, line 2: `embedding`: a model of kind \"mlp\" has no use for vectors of words"
        );
    }
}
