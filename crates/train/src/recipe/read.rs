//! From a TOML table to [`Recipe`].

use brasa_data::keys::{Entries, Fault, Problem, Table as KeyTable, described, read_value};
use brasa_data::{AugmentConfig, DataConfig};
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::places::Places;
use super::{
    DecisionRecipe, EmbeddingRecipe, LossRecipe, ModelRecipe, OptimizerRecipe, Recipe, TransferRecipe,
};
use crate::schedule::ScheduleConfig;

/// The tables and keys of a recipe.
const KEYS: [&str; 13] = [
    "description",
    "data",
    "augment",
    "model",
    "blend",
    "embedding",
    "transfer",
    "loss",
    "optimizer",
    "schedule",
    "training",
    "decision",
    "search",
];

/// Reads a whole recipe.
pub(super) fn recipe(table: Table) -> Result<Recipe, Fault> {
    let mut entries = Entries::new(table);
    entries.only("a recipe", &KEYS)?;
    let data = entries.take_value("data").ok_or_else(|| {
        let what = "the table [data] is missing; it says where the samples come from".into();
        Fault::new("", Problem::Missing { what })
    })?;
    let data: DataConfig = plain("data", data)?;
    Ok(Recipe {
        description: entries.take("description")?.unwrap_or_default(),
        augment: section(&mut entries, "augment", AugmentConfig::read)?.unwrap_or_default(),
        model: section(&mut entries, "model", ModelRecipe::read)?.unwrap_or_default(),
        blend: blend(&mut entries)?,
        embedding: section(&mut entries, "embedding", |table| {
            EmbeddingRecipe::take(&mut Entries::new(table), &[])
        })?,
        transfer: section(&mut entries, "transfer", only::<TransferRecipe>)?,
        loss: section(&mut entries, "loss", |table| LossRecipe::take(&mut Entries::new(table), &[]))?
            .unwrap_or_else(|| LossRecipe::default_of(data.task)),
        data,
        optimizer: section(&mut entries, "optimizer", |table| {
            OptimizerRecipe::take(&mut Entries::new(table), &[])
        })?
        .unwrap_or_default(),
        schedule: section(&mut entries, "schedule", ScheduleConfig::read)?.unwrap_or_default(),
        training: optional(&mut entries, "training")?,
        decision: section(&mut entries, "decision", only::<DecisionRecipe>)?,
        search: section(&mut entries, "search", Ok)?,
        places: Places::default(),
    })
}

/// A table that knows how to read itself.
fn section<T>(
    entries: &mut Entries,
    name: &str,
    read: impl FnOnce(Table) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    match entries.take_value(name) {
        None => Ok(None),
        Some(Value::Table(table)) => read(table).map(Some).map_err(|fault| fault.within(name)),
        Some(other) => Err(Fault::value(name, format!("the table [{name}]"), described(&other))),
    }
}

/// A table without kinds, of its own keys alone.
fn only<T: KeyTable>(table: Table) -> Result<T, Fault> {
    let mut entries = Entries::new(table);
    let own: Vec<_> = T::keys().into_iter().map(|key| key.name).collect();
    entries.only(&format!("[{}]", T::NAME), &own)?;
    T::take(&mut entries)
}

/// The tables `[[blend]]`.
fn blend(entries: &mut Entries) -> Result<Vec<ModelRecipe>, Fault> {
    let list = match entries.take_value("blend") {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(other) => return Err(Fault::value("blend", "tables [[blend]]", described(&other))),
    };
    let read = |(place, value)| match value {
        Value::Table(table) => {
            ModelRecipe::read(table).map_err(|fault| fault.within(&format!("blend[{place}]")))
        }
        other => Err(Fault::value("blend", "tables [[blend]]", described(&other))),
    };
    list.into_iter().enumerate().map(read).collect()
}

/// A table that serde reads, its default where it is not there.
fn optional<T: DeserializeOwned + Default>(entries: &mut Entries, name: &str) -> Result<T, Fault> {
    entries.take_value(name).map_or_else(|| Ok(T::default()), |value| plain(name, value))
}

/// A table that serde reads.
fn plain<T: DeserializeOwned>(name: &str, value: Value) -> Result<T, Fault> {
    if !value.is_table() {
        return Err(Fault::value(name, format!("the table [{name}]"), described(&value)));
    }
    read_value(value).map_err(|fault| {
        let mut fault = fault.within(name);
        if let Problem::Unknown { table, .. } = &mut *fault.problem {
            let inner = fault.key.rsplit_once('.').map_or(name, |(table, _)| table);
            *table = format!("[{inner}]");
        }
        fault
    })
}
