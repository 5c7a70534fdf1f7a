//! Recipes that earlier versions wrote.

use brasa_data::keys::KindFacts;
use toml::{Table, Value};

use brasa_models::ArchitectureRecipe;

/// Brings a recipe as an earlier version wrote it into today's form.
pub(super) fn update(table: &mut Table) {
    if let Some(Value::Table(model)) = table.get_mut("model") {
        drop_init(model);
    }
    if let Some(Value::Table(faces)) = table.get_mut("data").and_then(|data| data.get_mut("faces")) {
        name_splits(faces);
    }
}

/// The column of the splits once meant FER2013's words for them; today other words are the rule.
fn name_splits(faces: &mut Table) {
    if faces.contains_key("side") && !faces.contains_key("split_names") {
        let words = [("train", "Training"), ("valid", "PublicTest"), ("test", "PrivateTest")];
        let words = words.map(|(split, word)| (split.to_owned(), Value::from(word)));
        faces.insert("split_names".into(), Value::Table(words.into_iter().collect()));
    }
}

/// Every kind of network once had a key `init`, though those without a choice took "pytorch" only.
fn drop_init(model: &mut Table) {
    let has_init = |kind: &KindFacts| kind.keys.iter().any(|key| key.name == "init");
    let kind = model.get("kind").and_then(Value::as_str);
    let kinds = ArchitectureRecipe::facts();
    let own = kinds.iter().find(|known| Some(known.name) == kind);
    if own.is_some_and(|own| !has_init(own)) && model.get("init").and_then(Value::as_str) == Some("pytorch") {
        model.remove("init");
    }
}

#[cfg(test)]
#[path = "old_tests.rs"]
mod tests;
