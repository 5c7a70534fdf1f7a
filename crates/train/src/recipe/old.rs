//! Recipes that earlier versions wrote.

use brasa_data::keys::KindFacts;
use toml::{Table, Value};

use super::model::Architecture;

/// Brings a recipe as an earlier version wrote it into today's form.
pub(super) fn update(table: &mut Table) {
    if let Some(Value::Table(model)) = table.get_mut("model") {
        drop_init(model);
    }
}

/// Every kind of network once had a key `init`, though those without a choice took "pytorch" only.
fn drop_init(model: &mut Table) {
    let has_init = |kind: &KindFacts| kind.keys.iter().any(|key| key.name == "init");
    let kind = model.get("kind").and_then(Value::as_str);
    let kinds = Architecture::facts();
    let own = kinds.iter().find(|known| Some(known.name) == kind);
    if own.is_some_and(|own| !has_init(own)) && model.get("init").and_then(Value::as_str) == Some("pytorch") {
        model.remove("init");
    }
}

#[cfg(test)]
#[path = "old_tests.rs"]
mod tests;
