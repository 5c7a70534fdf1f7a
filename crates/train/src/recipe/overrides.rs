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

/// Puts the value at the end of `keys`, or takes it away; what was there before. A key may be an element of a list:
/// `hidden[0]`.
fn put(table: &mut Table, keys: &[&str], value: Option<Value>) -> Result<Option<Value>, String> {
    let Some((last, above)) = keys.split_last() else { return Ok(None) };
    let mut place = table;
    for (depth, key) in above.iter().enumerate() {
        let path = || keys[..=depth].join(".");
        let (name, index) = element(key)?;
        if value.is_none() && !place.contains_key(name) {
            return Ok(None);
        }
        let mut entry = place.entry(name).or_insert_with(|| Value::Table(Table::new()));
        if let Some(index) = index {
            entry = in_list(entry, index).map_err(|problem| format!("`{}`: {problem}", path()))?;
        }
        place = entry.as_table_mut().ok_or_else(|| format!("`{}` is no table, so it has no keys", path()))?;
    }
    let (name, index) = element(last)?;
    match (index, value) {
        (None, Some(value)) => Ok(place.insert(name.to_owned(), value)),
        (None, None) => Ok(place.remove(name)),
        (Some(_), None) => Err(format!("`{}` is one of a list, and has no default", keys.join("."))),
        (Some(index), Some(value)) => {
            let path = || keys.join(".");
            let list =
                place.get_mut(name).ok_or_else(|| format!("`{}`: there is no list `{name}`", path()))?;
            let there = in_list(list, index).map_err(|problem| format!("`{}`: {problem}", path()))?;
            Ok(Some(std::mem::replace(there, value)))
        }
    }
}

/// A key's name, and its place in a list: `hidden` and 0 of `hidden[0]`.
fn element(key: &str) -> Result<(&str, Option<usize>), String> {
    match key.split_once('[') {
        None => Ok((key, None)),
        Some((name, rest)) => {
            let index = rest.strip_suffix(']').and_then(|index| index.parse().ok());
            Ok((
                name,
                Some(
                    index
                        .ok_or_else(|| format!("`{key}`: expected the place in a list, like `{name}[0]`"))?,
                ),
            ))
        }
    }
}

fn in_list(value: &mut Value, index: usize) -> Result<&mut Value, String> {
    let list = value.as_array_mut().ok_or("it is no list")?;
    let len = list.len();
    list.get_mut(index).ok_or_else(|| format!("the list has {len} elements, numbered from 0"))
}
