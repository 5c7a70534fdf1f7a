//! What is searched over: keys, their domains, and where each has a value.
//!
//! ```
//! use brasa_tune::Space;
//! let table = serde_json::json!({
//!     "optimizer.kind": { "choice": ["adam", "sgd"] },
//!     "optimizer.lr": { "loguniform": [5e-5, 5e-3] },
//!     "optimizer.momentum": { "uniform": [0, 0.99], "when": { "optimizer.kind": "sgd" } },
//! });
//! let space = Space::from_json(table.as_object().ok_or("a table")?)?;
//! assert_eq!(space.dimensions().len(), 3);
//! assert_eq!(space.size(), None, "it has continuous ranges");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod count;
mod dimension;
mod domain;
mod read;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;
mod unit;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

pub use dimension::{Condition, Dimension};
pub use domain::Domain;
pub(crate) use domain::Shape;
#[cfg(test)]
pub(crate) use tests::domains;

use crate::error::require;
use crate::{SettingError, Values};

/// What is searched over, checked: every condition names a key before it and values that this key can take.
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    dimensions: Vec<Dimension>,
}

impl Space {
    /// Checks the dimensions. Those with a condition are moved behind the key that they depend on; otherwise
    /// they stay in this order, which is that of a grid: the last key changes fastest.
    pub fn new(dimensions: Vec<Dimension>) -> Result<Self, SettingError> {
        require(!dimensions.is_empty(), "search", || "the space is empty; name at least one key".into())?;
        for (i, dimension) in dimensions.iter().enumerate() {
            read::check(&dimension.key, &dimension.domain)?;
            let twice = dimensions.iter().take(i).any(|other| other.key == dimension.key);
            require(!twice, &dimension.key, || "is named twice".into())?;
            check_condition(dimension, &dimensions)?;
        }
        Ok(Self { dimensions: parents_first(dimensions)? })
    }

    /// Reads a recipe's table: of each key its domain, and where it has a value.
    pub fn from_json(table: &Map<String, Value>) -> Result<Self, SettingError> {
        Self::from_entries(table)
    }

    /// The same from entries in an order of their own, which a JSON table may not keep.
    pub fn from_entries<'a>(
        entries: impl IntoIterator<Item = (&'a String, &'a Value)>,
    ) -> Result<Self, SettingError> {
        Self::new(
            entries.into_iter().map(|(key, table)| read::dimension(key, table)).collect::<Result<_, _>>()?,
        )
    }

    /// The table that it is read from.
    #[must_use]
    pub fn to_json(&self) -> Map<String, Value> {
        self.dimensions.iter().map(|dimension| (dimension.key.clone(), dimension.to_json())).collect()
    }

    /// The keys and their domains; a key that others depend on stands before them.
    #[must_use]
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// The dimension of a key.
    #[must_use]
    pub fn dimension(&self, key: &str) -> Option<&Dimension> {
        self.dimensions.iter().find(|dimension| dimension.key == key)
    }

    /// Whether these are the values of one trial: of each key that has a value there, one that it can take, and no others.
    #[must_use]
    pub fn contains(&self, values: &Values) -> bool {
        let fits = |dimension: &Dimension| match values.get(&dimension.key) {
            Some(value) => dimension.is_active(values) && dimension.domain.contains(value),
            None => !dimension.is_active(values),
        };
        self.dimensions.iter().all(fits) && values.keys().all(|key| self.dimension(key).is_some())
    }
}

fn check_condition(dimension: &Dimension, all: &[Dimension]) -> Result<(), SettingError> {
    let Some(condition) = &dimension.when else { return Ok(()) };
    let key = &dimension.key;
    let Some(other) = all.iter().find(|other| other.key == condition.key) else {
        let nearest = all.iter().filter(|other| other.key != *key).max_by(|a, b| {
            let likeness = |known: &Dimension| strsim::jaro_winkler(&known.key, &condition.key);
            likeness(a).total_cmp(&likeness(b))
        });
        let nearest =
            nearest.map(|known| format!("; the nearest one is `{}`", known.key)).unwrap_or_default();
        let problem = format!("depends on `{}`, which is not searched over{nearest}", condition.key);
        return Err(SettingError::new(key, problem));
    };
    require(other.key != *key, key, || "depends on itself".into())?;
    require(other.domain.shape() != Shape::Interval, key, || {
        format!(
            "depends on a value of `{}`, whose {} has no values that can be named",
            other.key,
            other.domain.word()
        )
    })?;
    match condition.values.iter().find(|value| !other.domain.contains(value)) {
        Some(value) => {
            let domain = format!("{} = {}", other.domain.word(), other.domain.arguments());
            Err(SettingError::new(
                key,
                format!("depends on `{}` = {value}, which is none of {domain}", other.key),
            ))
        }
        None => Ok(()),
    }
}

/// Moves dimensions behind those that they depend on, and refuses a circle.
fn parents_first(mut rest: Vec<Dimension>) -> Result<Vec<Dimension>, SettingError> {
    let mut ordered: Vec<Dimension> = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let ready = |dimension: &Dimension| {
            dimension.when.as_ref().is_none_or(|when| ordered.iter().any(|before| before.key == when.key))
        };
        let Some(next) = rest.iter().position(ready) else {
            let circle: Vec<&str> = rest.iter().map(|dimension| dimension.key.as_str()).collect();
            let key = circle.first().copied().unwrap_or_default();
            return Err(SettingError::new(
                key,
                format!("keys depend on each other in a circle: {}", circle.join(", ")),
            ));
        };
        ordered.push(rest.remove(next));
    }
    Ok(ordered)
}

/// A list of dimensions rather than a table, since the order counts.
impl Serialize for Space {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.dimensions.iter().map(|dimension| (&dimension.key, dimension.to_json())))
    }
}

impl<'de> Deserialize<'de> for Space {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Vec::<(String, Value)>::deserialize(deserializer)?;
        Self::from_entries(entries.iter().map(|(key, table)| (key, table))).map_err(de::Error::custom)
    }
}
