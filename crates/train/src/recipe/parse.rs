//! TOML to [`Recipe`], with messages that a person can act on.

use serde::Deserialize;

use super::Recipe;
use crate::metrics::UnknownMetric;

/// What is wrong with a recipe.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// The text is not TOML.
    #[error("{place}: {message}")]
    Syntax {
        /// File and line.
        place: String,
        /// The parser's words.
        message: String,
    },
    /// A key that no recipe has.
    #[error("{place}: unknown key `{key}`{}", .nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    UnknownKey {
        /// File and line, or the override.
        place: String,
        /// The key with its tables.
        key: String,
        /// The valid key of that table that looks most like it.
        nearest: Option<String>,
    },
    /// A value of the wrong type.
    #[error("{place}: `{key}`: {message}")]
    WrongType {
        /// File and line, or the override.
        place: String,
        /// The key with its tables.
        key: String,
        /// What was expected and what came.
        message: String,
    },
    /// An override that is not `table.key=value`.
    #[error("--set {text}: expected KEY=VALUE with a dotted key, like `optimizer.lr=3e-4`")]
    Override {
        /// The override as given.
        text: String,
    },
    /// A value that cannot be, alone or beside another.
    #[error("{key}: expected {expected}, found {found}")]
    Value {
        /// The key with its table.
        key: String,
        /// What it accepts.
        expected: String,
        /// What it was given.
        found: String,
    },
    /// A metric that the recipe's task does not have.
    #[error("{key}: {source}")]
    UnknownMetric {
        /// The key with its table.
        key: String,
        /// What was asked for, and what there is.
        source: UnknownMetric,
    },
    /// A value that the data, the model or the schedule refuse, in their own words.
    #[error("{0}")]
    Refused(String),
}

impl RecipeError {
    pub(crate) fn value(key: &str, expected: impl Into<String>, found: impl ToString) -> Self {
        Self::Value { key: key.into(), expected: expected.into(), found: found.to_string() }
    }
}

pub(super) fn parse(
    label: &str,
    text: &str,
    source: Option<&str>,
    overrides: &[String],
) -> Result<Recipe, RecipeError> {
    let located = |error: &toml::de::Error| match error.span() {
        Some(span) => {
            format!("{label}, line {}", 1 + text.bytes().take(span.start).filter(|b| *b == b'\n').count())
        }
        None => label.to_string(),
    };
    let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| RecipeError::Syntax {
        place: located(&error),
        message: error.message().into(),
    })?;
    let deserializer = toml::Deserializer::parse(text)
        .map_err(|error| RecipeError::Syntax { place: located(&error), message: error.message().into() })?;
    let mut recipe: Recipe = serde_path_to_error::deserialize(deserializer).map_err(|error| {
        explain(located(error.inner()), error.path().to_string(), error.inner().message())
    })?;
    if let Some(source) = source {
        replace_source(&mut table, source)?;
        recipe = serde_path_to_error::deserialize(toml::Value::Table(table.clone()))
            .map_err(|error| explain(label.into(), error.path().to_string(), error.inner().message()))?;
    }
    for text in overrides {
        apply(&mut table, text)?;
        recipe = serde_path_to_error::deserialize(toml::Value::Table(table.clone())).map_err(|error| {
            explain(format!("--set {text}"), error.path().to_string(), error.inner().message())
        })?;
    }
    Ok(recipe)
}

fn explain(place: String, path: String, message: &str) -> RecipeError {
    let message = message.trim();
    let Some(rest) = message.strip_prefix("unknown field ") else {
        return RecipeError::WrongType { place, key: path, message: message.into() };
    };
    let mut quoted = rest.split('`').skip(1).step_by(2);
    let unknown = quoted.next().unwrap_or_default();
    let nearest = quoted
        .map(|valid| (strsim::jaro_winkler(unknown, valid), valid))
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, valid)| valid.to_string());
    let key = if path == unknown || path.ends_with(&format!(".{unknown}")) {
        path
    } else if path == "." {
        unknown.to_string()
    } else {
        format!("{path}.{unknown}")
    };
    RecipeError::UnknownKey { place, key, nearest }
}

/// Puts the tables below `[data]` of `source` in the place of the recipe's. A table that both have keeps the keys that
/// `source` does not name, and the recipe's split stays where `source` names none.
fn replace_source(table: &mut toml::Table, source: &str) -> Result<(), RecipeError> {
    let broken = |error: toml::de::Error| RecipeError::Syntax {
        place: "the source of data".into(),
        message: error.message().into(),
    };
    let mut source: toml::Table = source.parse().map_err(broken)?;
    let data = table.entry("data").or_insert_with(|| toml::Value::Table(toml::Table::new()));
    if let (Some(data), Some(toml::Value::Table(source))) = (data.as_table_mut(), source.remove("data")) {
        data.retain(|key, value| !value.is_table() || key == "split");
        data.extend(source);
    }
    Ok(())
}

fn apply(table: &mut toml::Table, text: &str) -> Result<(), RecipeError> {
    let malformed = || RecipeError::Override { text: text.into() };
    let (path, value) = text.split_once('=').ok_or_else(malformed)?;
    let value = value.trim();
    let mut keys: Vec<&str> = path.trim().split('.').collect();
    if value.is_empty() || keys.iter().any(|key| key.is_empty()) {
        return Err(malformed());
    }
    let last = keys.pop().ok_or_else(malformed)?;
    let value = match format!("value = {value}").parse::<toml::Table>() {
        Ok(mut parsed) => parsed.remove("value").ok_or_else(malformed)?,
        Err(_) => toml::Value::String(value.into()),
    };
    let mut place = table;
    for key in keys {
        place = place
            .entry(key)
            .or_insert_with(|| toml::Value::Table(toml::Table::new()))
            .as_table_mut()
            .ok_or_else(malformed)?;
    }
    place.insert(last.into(), value);
    Ok(())
}

/// Lets a recipe be read where serde's own errors are enough, as in a saved run.
///
/// # Errors
/// What serde says.
pub fn parse_resolved(text: &str) -> Result<Recipe, toml::de::Error> {
    Recipe::deserialize(toml::Deserializer::parse(text)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_data::SplitKind;

    use super::*;

    #[test]
    fn a_source_replaces_where_the_data_are_and_a_split_only_where_it_has_one() {
        let recipe = "data.csv = { file = \"a.csv\", target = \"kind\" }\ndata.split = { kind = \"random\", valid = 0.3 }";
        let on = |source: &str| parse("r", recipe, Some(source), &[]).unwrap().data;

        let other_file = on("data.csv.file = \"b.csv\"");
        let csv = other_file.csv.unwrap();
        assert_eq!((csv.file.as_deref(), csv.target.as_deref()), (Some("b.csv"), None));
        assert_eq!((other_file.split.kind, other_file.split.valid), (SplitKind::Random, 0.3));

        let other_kind = on("data.points.rows = 9\ndata.split.kind = \"stratified\"");
        assert!(other_kind.csv.is_none() && other_kind.points.is_some());
        assert_eq!((other_kind.split.kind, other_kind.split.valid), (SplitKind::Stratified, 0.2));
    }
}
