//! `weights list`: which are known by name, and which are here.

use std::path::PathBuf;

use brasa_train::{KnownWeights, WeightsRegistry};
use serde_json::json;

use super::found;
use crate::error::Result;
use crate::output::Screen;
use crate::table::{bytes, table};

pub(super) fn list(known: &WeightsRegistry, folders: &[PathBuf], screen: Screen) -> Result<()> {
    let entries = known.iter().map(|entry| {
        let path = found(entry, folders);
        json!({ "entry": entry, "path": path.map(|path| path.display().to_string()) })
    });
    screen.object(&json!({ "weights": entries.collect::<Vec<_>>() }))?;
    let rows = known.iter().map(|entry| {
        let accuracy =
            entry.accuracy.as_ref().map_or_else(|| "-".into(), |stated| format!("{:.2}", stated.top1));
        let classes = entry.classes.as_ref();
        let classes =
            classes.map_or_else(|| "-".into(), |classes| format!("{} {}", classes.number, classes.set));
        let side = entry.input.iter().map(ToString::to_string).collect::<Vec<_>>().join("x");
        let here = match (found(entry, folders), &entry.address) {
            (Some(_), _) => "yes",
            (None, Some(_)) => "no",
            (None, None) => "no, has no address",
        };
        Ok(vec![entry.name.clone(), architecture(entry), side, classes, accuracy, size(entry)?, here.into()])
    });
    let rows = rows.collect::<Result<Vec<_>>>()?;
    screen.say(table(&["name", "model", "input", "classes", "stated top-1 %", "size", "here"], &rows));
    screen.say("\nin a recipe: [transfer] pretrained = \"NAME\"; with --json, all that is known of each");
    Ok(())
}

/// The keys of `[model]` in one cell.
fn architecture(entry: &KnownWeights) -> String {
    let value = |value: &toml::Value| match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let kind = entry.model.get("kind").map(value);
    let others = entry.model.iter().filter(|(key, _)| *key != "kind");
    let others = others.map(|(key, found)| format!("{key} {}", value(found)));
    kind.into_iter().chain(others).collect::<Vec<_>>().join(", ")
}

fn size(entry: &KnownWeights) -> Result<String> {
    Ok(bytes(*entry.expected()?.bytes().end()))
}
