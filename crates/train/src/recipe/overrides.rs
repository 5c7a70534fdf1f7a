//! Values given beside a recipe: `table.key=value`.

use brasa_data::Location;
use brasa_data::keys::{Fault, Problem};
use toml::{Table, Value};

use super::places::Places;
use super::{RecipeError, read};

/// One override, taken apart.
struct Override<'a> {
    text: &'a str,
    keys: Vec<&'a str>,
    /// None to take the key back to its default.
    value: Option<Value>,
}

/// Applies `texts` to `table`, each on top of those before it.
pub(super) fn apply(table: &mut Table, places: &mut Places, texts: &[String]) -> Result<(), RecipeError> {
    let mut seen: Vec<Override<'_>> = Vec::new();
    for text in texts {
        let given = Override::parse(text)?;
        if let Some(before) = seen.iter().find(|before| before.keys == given.keys) {
            let problem = format!(
                "`{}` is given twice, here and by --set {}; leave one of them out",
                given.keys.join("."),
                before.text
            );
            return Err(RecipeError::Override { text: text.clone(), problem });
        }
        given.apply(table, places)?;
        seen.push(given);
    }
    Ok(())
}

impl<'a> Override<'a> {
    fn parse(text: &'a str) -> Result<Self, RecipeError> {
        let refused = |problem: &str| RecipeError::Override { text: text.into(), problem: problem.into() };
        let malformed = || {
            refused(
                "expected KEY=VALUE with a dotted key, like `optimizer.lr=3e-4`, or KEY= to take a key back to its default",
            )
        };
        let (path, value) = text.split_once('=').ok_or_else(malformed)?;
        let keys: Vec<&str> = path.trim().split('.').map(str::trim).collect();
        if keys.iter().any(|key| key.is_empty()) {
            return Err(malformed());
        }
        let value = match value.trim() {
            "" => None,
            value => Some(parse_value(value).map_err(|problem| refused(&problem))?),
        };
        Ok(Self { text, keys, value })
    }

    fn apply(&self, table: &mut Table, places: &mut Places) -> Result<(), RecipeError> {
        let path = self.keys.join(".");
        let by = Location::file(format!("--set {}", self.text));
        match &self.value {
            Some(value) => {
                put(table, &self.keys, Some(value.clone())).map_err(|problem| self.refused(problem))?;
                places.set(&path, Some(by));
            }
            None => {
                let there = put(table, &self.keys, None).map_err(|problem| self.refused(problem))?;
                if there.is_none() {
                    self.check_known(table.clone(), &path)?;
                }
                places.set(&path, None);
            }
        }
        Ok(())
    }

    fn refused(&self, problem: String) -> RecipeError {
        RecipeError::Override { text: self.text.into(), problem }
    }

    /// A key that is not there cannot be taken back; but if no recipe has it, it was misspelt. Which keys there are, only
    /// the reading knows.
    fn check_known(&self, mut table: Table, path: &str) -> Result<(), RecipeError> {
        put(&mut table, &self.keys, Some(Value::Boolean(false))).map_err(|problem| self.refused(problem))?;
        match read::recipe(table) {
            Err(Fault { key, problem })
                if matches!(*problem, Problem::Unknown { .. }) && path.starts_with(&key) =>
            {
                Err(RecipeError::Key {
                    at: Location::file(format!("--set {}", self.text)).with_key(key),
                    problem,
                })
            }
            _ => Ok(()),
        }
    }
}

/// A value in TOML, or a bare word.
fn parse_value(text: &str) -> Result<Value, String> {
    if let Ok(mut parsed) = format!("value = {text}").parse::<Table>()
        && let Some(value) = parsed.remove("value")
        && parsed.is_empty()
    {
        return Ok(value);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    match !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0') {
        true => Err(format!("whole numbers are from {} to {}, found {text}", i64::MIN, i64::MAX)),
        false => Ok(Value::String(text.into())),
    }
}

/// Puts the value at the end of `keys`, or takes it away; what was there before.
fn put(table: &mut Table, keys: &[&str], value: Option<Value>) -> Result<Option<Value>, String> {
    let Some((last, above)) = keys.split_last() else { return Ok(None) };
    let mut place = table;
    for (depth, key) in above.iter().enumerate() {
        if value.is_none() && !place.contains_key(*key) {
            return Ok(None);
        }
        place = place
            .entry(*key)
            .or_insert_with(|| Value::Table(Table::new()))
            .as_table_mut()
            .ok_or_else(|| format!("`{}` is no table, so it has no keys", keys[..=depth].join(".")))?;
    }
    Ok(match value {
        Some(value) => place.insert((*last).to_owned(), value),
        None => place.remove(*last),
    })
}
