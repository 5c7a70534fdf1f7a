//! Taking the keys of a table one by one.

use serde::de::DeserializeOwned;

use super::Fault;
use super::fault::Problem;
use super::read_value;

/// The keys of a table that have not been taken yet.
#[derive(Debug, Clone)]
pub struct Entries(toml::Table);

impl Entries {
    /// All keys of `table`.
    pub fn new(table: toml::Table) -> Self {
        Self(table)
    }

    /// Refuses keys other than `has`; `table` names the table as in a sentence.
    ///
    /// # Errors
    /// [`Problem::Unknown`].
    pub fn only<S: AsRef<str>>(&self, table: &str, has: &[S]) -> Result<(), Fault> {
        let known = |key: &String| has.iter().any(|has| has.as_ref() == key);
        match self.0.keys().find(|key| !known(key)) {
            Some(key) => Err(Fault::unknown(key, table, has)),
            None => Ok(()),
        }
    }

    /// The value of `key`, if it is there. A list may be given by its only element.
    ///
    /// # Errors
    /// [`Problem::Value`] for a value of another type.
    pub fn take<T: DeserializeOwned>(&mut self, key: &str) -> Result<Option<T>, Fault> {
        let Some(value) = self.0.remove(key) else { return Ok(None) };
        let list = toml::Value::Array(vec![value.clone()]);
        let scalar = !value.is_array();
        match read_value(value) {
            Ok(taken) => Ok(Some(taken)),
            Err(fault) => match read_value(list) {
                Ok(taken) if scalar => Ok(Some(taken)),
                _ => Err(fault.within(key)),
            },
        }
    }

    /// The value of `key` as it stands, if it is there.
    pub fn take_value(&mut self, key: &str) -> Option<toml::Value> {
        self.0.remove(key)
    }

    /// The value of `key` that `table`, as in a sentence, cannot do without; `about` says what it means.
    ///
    /// # Errors
    /// [`Problem::Missing`], and as [`take`](Self::take).
    pub fn need<T: DeserializeOwned>(&mut self, key: &str, table: &str, about: &str) -> Result<T, Fault> {
        self.take(key)?.ok_or_else(|| {
            let what = format!("{table} needs the key `{key}`: {}", clause(about));
            Fault::new("", Problem::Missing { what })
        })
    }
}

/// The first sentence as it stands within another.
fn clause(sentences: &str) -> String {
    let first = sentences.split(". ").next().unwrap_or_default().trim_end_matches('.');
    let mut letters = first.chars();
    letters.next().map(|letter| letter.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
