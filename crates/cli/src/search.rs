//! The `[search]` table of a recipe: what is searched over, and how.

use brasa_data::SourceFile;
use brasa_data::keys::{Entries, Fault, nearest};
use brasa_train::CheckedRecipe;
use brasa_train::metrics::Direction;
use brasa_tune::sampler::SamplerConfig;
use brasa_tune::scheduler::SchedulerConfig;
use brasa_tune::space::Domain;
use brasa_tune::{Header, Metric, SettingError, Space, Values};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::error::{CliError, Result};
use crate::objective::{Objective, objective};

/// The keys of the table.
const KEYS: [&str; 7] = ["trials", "seed", "metric", "objective", "sampler", "scheduler", "space"];

/// What to search, read from a recipe, and what each trial is judged by: `typed`, or what the recipe says.
pub(crate) fn header(
    app: &str,
    name: &str,
    recipe: &CheckedRecipe,
    typed: Option<Objective>,
) -> Result<(Header, Objective)> {
    let raw = recipe.recipe();
    let located = |fault: Fault| CliError::from(raw.located(fault.within("search")));
    let Some(table) = raw.search.clone() else {
        return Err(CliError::Usage(format!(
            "the recipe {name} has no table [search], which says what is searched over; `{app} recipes` lists others"
        )));
    };
    let mut entries = Entries::new(table);
    entries.only("[search]", &KEYS).map_err(located)?;
    let setting = |error: SettingError| {
        let key = match error.key.split('.').next() {
            Some("sampler" | "scheduler" | "trials" | "search" | "max_epochs") => error.key,
            _ => format!("space.{}", error.key),
        };
        located(Fault::refused(if key == "search" { "space" } else { &key }, error.problem))
    };
    let space: toml::Table = entries.take("space").map_err(located)?.unwrap_or_default();
    let space = space_of(&space).map_err(setting)?;
    let metric = match entries.take::<String>("metric").map_err(located)? {
        None => recipe.metrics().monitor().clone(),
        Some(name) => {
            let task = raw.data.task;
            let known: Vec<_> =
                recipe.metrics().all().iter().filter(|metric| metric.task() == task).collect();
            let found = known.iter().find(|metric| metric.name() == name).map(|metric| (*metric).clone());
            found.ok_or_else(|| {
                let names: Vec<&str> = known.iter().map(|metric| metric.name()).collect();
                located(no_metric(&name, &names))
            })?
        }
    };
    let direction = match metric.direction() {
        Direction::HigherIsBetter => brasa_tune::Direction::Maximize,
        Direction::LowerIsBetter => brasa_tune::Direction::Minimize,
    };
    let metric = Metric { name: metric.name().into(), direction };
    let mut header = Header::new(space, metric);
    if let Some(trials) = entries.take("trials").map_err(located)? {
        header.trials = trials;
    }
    header.seed = entries.take("seed").map_err(located)?.unwrap_or_default();
    if let Some(sampler) = kind::<SamplerConfig>(&mut entries, "sampler").map_err(located)? {
        header.sampler = sampler;
    }
    if let Some(scheduler) = kind::<SchedulerConfig>(&mut entries, "scheduler").map_err(located)? {
        header.scheduler = scheduler;
    }
    header.app = app.into();
    header.recipe = digest(recipe)?;
    let written = match entries.take::<String>("objective").map_err(located)? {
        None => Objective::default(),
        Some(text) => objective(&text).map_err(|expected| located(Fault::refused("objective", expected)))?,
    };
    let objective = typed.unwrap_or(written);
    let epochs = most_epochs(&header.space).unwrap_or(raw.training.epochs);
    objective.settle(&mut header, epochs);
    header.check().map_err(setting)?;
    Ok((header, objective))
}

/// A metric that the task does not have.
fn no_metric(found: &str, names: &[&str]) -> Fault {
    let hint =
        nearest(found, names).map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
    Fault::value("metric", format!("one of {}", names.join(", ")), format!("`{found}`{hint}"))
}

/// A kind by its name alone, or a table with the key `kind`.
fn kind<T: DeserializeOwned>(entries: &mut Entries, key: &str) -> Result<Option<T>, Fault> {
    let Some(value) = entries.take_value(key) else { return Ok(None) };
    let value = match value {
        toml::Value::String(name) => json!({ "kind": name }),
        table => json!(table),
    };
    serde_json::from_value(value).map(Some).map_err(|error| Fault::refused(key, error.to_string()))
}

/// The space, whether its keys are written as `"optimizer.lr" = { .. }` or as `optimizer.lr = { .. }`.
fn space_of(table: &toml::Table) -> Result<Space, SettingError> {
    let mut flat = Map::new();
    flatten("", table, &mut flat);
    Space::from_json(&flat)
}

fn flatten(above: &str, table: &toml::Table, flat: &mut Map<String, Value>) {
    for (key, value) in table {
        let path = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        match value {
            toml::Value::Table(inner) if !inner.is_empty() && inner.values().all(toml::Value::is_table) => {
                flatten(&path, inner, flat);
            }
            value => {
                flat.insert(path, json!(value));
            }
        }
    }
}

/// The longest training that the space has, where it searches over the number of epochs.
fn most_epochs(space: &Space) -> Option<usize> {
    let most = |value: &Value| value.as_u64();
    let found = match &space.dimension("training.epochs")?.domain {
        Domain::Choice(values) | Domain::Grid(values) => values.iter().filter_map(most).max()?,
        Domain::RandInt { high, .. } | Domain::LogRandInt { high, .. } => u64::try_from(*high).ok()?,
        Domain::QUniform { high, whole: true, .. } => *high as u64,
        _ => return None,
    };
    usize::try_from(found).ok()
}

/// What tells two recipes apart that are searched: all that is not searched for.
fn digest(recipe: &CheckedRecipe) -> Result<String> {
    let mut recipe = recipe.recipe().clone();
    (recipe.search, recipe.description) = (None, String::new());
    // A number of loader threads changes nothing of what is found.
    recipe.training.workers = 0;
    Ok(SourceFile::of("recipe", recipe.to_toml()?.as_bytes()).sha256)
}

/// Makes the digest one of the data and the device, too: trials of other rows cannot be compared.
pub(crate) fn add_to_digest(header: &mut Header, files: &[SourceFile], device: &str) {
    let files: Vec<&str> = files.iter().map(|file| file.sha256.as_str()).collect();
    let all = format!("{} {} {device}", header.recipe, files.join(" "));
    header.recipe = SourceFile::of("recipe", all.as_bytes()).sha256;
}

/// The values of a trial as overrides of its recipe: `optimizer.lr=0.001`.
pub(crate) fn overrides(values: &Values) -> Vec<String> {
    let text = |value: &Value| match toml::Value::try_from(value) {
        Ok(value) => value.to_string(),
        Err(_) => value.to_string(),
    };
    values.iter().map(|(key, value)| format!("{key}={}", text(value))).collect()
}

/// The values of a trial for a person: `optimizer.lr=0.00123 model.hidden=[50, 50]`.
pub(crate) fn words(values: &Values) -> String {
    let text = |value: &Value| match value {
        Value::Number(number) if number.is_f64() => {
            let number = number.as_f64().unwrap_or_default();
            if number != 0.0 && (number.abs() < 1e-3 || number.abs() >= 1e5) {
                format!("{number:.3e}")
            } else {
                format!("{number:.4}").trim_end_matches('0').trim_end_matches('.').to_owned()
            }
        }
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    values.iter().map(|(key, value)| format!("{key}={}", text(value))).collect::<Vec<_>>().join(" ")
}
