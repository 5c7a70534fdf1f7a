//! From text to [`Recipe`].

use brasa_data::Location;
use toml::{Table, Value};

use super::places::{Places, syntax};
use super::{Recipe, RecipeError, old, overrides, read};

/// How messages call the tables that replace `[data]`.
const SOURCE: &str = "the source of data";

pub(super) fn parse(
    label: &str,
    text: &str,
    source: Option<&str>,
    texts: &[String],
) -> Result<Recipe, RecipeError> {
    let mut places = Places::of(label, text)?;
    let mut table: Table = text.parse().map_err(|error| syntax(label, text, &error))?;
    old::update(&mut table);
    if let Some(source) = source {
        replace_source(&mut table, &mut places, source)?;
    }
    overrides::apply(&mut table, &mut places, texts)?;
    match read::recipe(table) {
        Ok(recipe) => Ok(Recipe { places, ..recipe }),
        Err(fault) => Err(places.locate(fault)),
    }
}

/// Puts the tables below `[data]` of `source` in the place of the recipe's. A table that both have keeps the keys that
/// `source` does not name, and the recipe's split stays where `source` names none.
fn replace_source(table: &mut Table, places: &mut Places, source: &str) -> Result<(), RecipeError> {
    let theirs = Places::of(SOURCE, source)?;
    let mut source: Table = source.parse().map_err(|error| syntax(SOURCE, source, &error))?;
    let data = table.entry("data").or_insert_with(|| Value::Table(Table::new()));
    if let (Some(data), Some(Value::Table(source))) = (data.as_table_mut(), source.remove("data")) {
        let gone: Vec<String> = data
            .iter()
            .filter(|(key, value)| value.is_table() && *key != "split")
            .map(|(key, _)| key.clone())
            .collect();
        for key in gone {
            data.remove(&key);
            places.set(&format!("data.{key}"), Some(Location::file(SOURCE)));
        }
        for (key, value) in source {
            places.take_over(&format!("data.{key}"), &theirs);
            data.insert(key, value);
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
