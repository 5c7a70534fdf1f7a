//! One key that is searched over.

use serde_json::{Map, Value};

use super::Domain;
use super::unit::same;
use crate::Values;

/// A key that is searched over.
#[derive(Debug, Clone, PartialEq)]
pub struct Dimension {
    /// Path of the key in the recipe, such as `optimizer.lr` or `model.hidden[0]`.
    pub key: String,
    /// The values that it may take.
    pub domain: Domain,
    /// Where it has a value at all; everywhere without.
    pub when: Option<Condition>,
}

/// A key has a value only where another key has one of these.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The other key, which is searched over, too.
    pub key: String,
    /// The values of it.
    pub values: Vec<Value>,
}

impl Dimension {
    /// A key that always has a value.
    pub fn new(key: impl Into<String>, domain: Domain) -> Self {
        Self { key: key.into(), domain, when: None }
    }

    /// The same where `key` has one of these values.
    #[must_use]
    pub fn when(self, key: impl Into<String>, values: Vec<Value>) -> Self {
        Self { when: Some(Condition { key: key.into(), values }), ..self }
    }

    /// Whether it has a value in a trial whose other values are these.
    #[must_use]
    pub fn is_active(&self, values: &Values) -> bool {
        self.when.as_ref().is_none_or(|condition| condition.holds(values))
    }

    /// As it stands in a recipe, without its key.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut table = Map::new();
        table.insert(self.domain.word().into(), self.domain.arguments());
        if let Some(Condition { key, values }) = &self.when {
            let values = match values.as_slice() {
                [value] if !value.is_array() => value.clone(),
                values => values.to_vec().into(),
            };
            table.insert("when".into(), Map::from_iter([(key.clone(), values)]).into());
        }
        table.into()
    }
}

impl Condition {
    fn holds(&self, values: &Values) -> bool {
        values.get(&self.key).is_some_and(|value| self.values.iter().any(|wanted| same(wanted, value)))
    }
}
