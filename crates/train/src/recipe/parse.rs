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

/// Puts the tables below `[data]` of `source` in the place of the recipe's. The recipe's split stays where `source` names none, and
/// so do the columns that its network is over.
fn replace_source(table: &mut Table, places: &mut Places, source: &str) -> Result<(), RecipeError> {
    let theirs = Places::of(SOURCE, source)?;
    let mut source: Table = source.parse().map_err(|error| syntax(SOURCE, source, &error))?;
    let data = table.entry("data").or_insert_with(|| Value::Table(Table::new()));
    if let (Some(data), Some(Value::Table(source))) = (data.as_table_mut(), source.remove("data")) {
        let replaced = |(key, value): &(&String, &Value)| value.is_table() && *key != "split";
        let gone: Vec<String> = data.iter().filter(replaced).map(|(key, _)| key.clone()).collect();
        let mut features = Table::new();
        for key in gone {
            if let Some(Value::Table(mut old)) = data.remove(&key) {
                features.extend(old.remove(FEATURES).map(|columns| (key.clone(), columns)));
            }
            places.set(&format!("data.{key}"), Some(Location::file(SOURCE)));
        }
        for (key, mut value) in source {
            places.take_over(&format!("data.{key}"), &theirs);
            if let (Value::Table(table), Some(columns)) = (&mut value, features.remove(&key)) {
                table.entry(FEATURES).or_insert(columns);
            }
            data.insert(key, value);
        }
    }
    Ok(())
}

/// The key of a table's columns.
const FEATURES: &str = "features";

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
