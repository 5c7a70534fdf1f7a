//! `runs`: what was run so far.

use std::path::Path;

use brasa_run::{RunFolder, RunRecord, find_run, list_runs, unreadable_runs};
use serde_json::json;

use super::push;
use super::scores::{class_tables, side_table};
use crate::app::App;
use crate::args::RunsVerb;
use crate::error::Result;
use crate::output::{Screen, note};
use crate::table::{figure, table};

pub(super) fn run(app: &App, runs: &Path, verb: &RunsVerb, screen: Screen) -> Result<()> {
    match verb {
        RunsVerb::List => list(app, runs, screen),
        RunsVerb::Show { run } => show(app, runs, run, screen),
        RunsVerb::Compare { names } => compare(app, runs, names, screen),
        RunsVerb::Push { track } => push::run(app, runs, track.as_deref(), screen),
    }
}

fn list(app: &App, runs: &Path, screen: Screen) -> Result<()> {
    for folder in unreadable_runs(runs, app.name) {
        note(format!("left out: {} has a run.json that this version cannot read", folder.display()));
    }
    let all: Vec<RunRecord> = list_runs(runs, app.name)?.into_iter().map(|(_, record)| record).collect();
    screen.object(&json!({ "app": app.name, "runs": all }))?;
    if all.is_empty() {
        screen.say(format!("no runs in {}", runs.join(app.name).display()));
        return Ok(());
    }
    let rows: Vec<_> = all.iter().map(summary_cells).collect();
    screen.say(table(&SUMMARY, &rows));
    Ok(())
}

const SUMMARY: [&str; 8] =
    ["run", "status", "epochs", "best", "valid loss", "valid accuracy", "test accuracy", "test F1"];

fn summary_cells(record: &RunRecord) -> Vec<String> {
    let count = |value: Option<usize>| value.map_or_else(|| "-".into(), |value| value.to_string());
    let scores = record.scores.as_ref();
    let test = scores.and_then(|scores| scores.test.as_ref());
    vec![
        record.id.clone(),
        record.status.name().into(),
        count(record.epochs),
        count(record.best_epoch),
        figure(scores.map(|scores| scores.valid.loss)),
        figure(scores.map(|scores| scores.valid.accuracy)),
        figure(test.map(|test| test.accuracy)),
        figure(test.map(|test| test.f1_macro)),
    ]
}

fn show(app: &App, runs: &Path, name: &str, screen: Screen) -> Result<()> {
    let (folder, record) = find_run(runs, app.name, name)?;
    let epochs = folder.epochs().unwrap_or_default();
    screen.object(
        &json!({ "folder": folder.path().display().to_string(), "run": record, "history": epochs }),
    )?;
    screen.say(format!("{}  {}  started {}", record.id, record.status.name(), record.started));
    if let Some(error) = &record.error {
        screen.say(format!("ended by an error: {error}"));
    }
    if let (Some(stop), Some(best)) = (&record.stop, record.best_epoch) {
        screen.say(format!("kept the weights of epoch {best} of {} ({stop})", epochs.len()));
    }
    if let Some(scores) = &record.scores {
        screen.say(format!("\n{}", side_table(&scores.sides())));
        screen.say(format!("\n{}", class_tables(scores.test.as_ref().unwrap_or(&scores.valid))));
    }
    screen.say(format!("\nfolder  {}", folder.path().display()));
    if folder.report().is_file() {
        screen.say(format!("report  {}", folder.report().display()));
    }
    Ok(())
}

fn compare(app: &App, runs: &Path, names: &[String], screen: Screen) -> Result<()> {
    let found = names.iter().map(|name| find_run(runs, app.name, name));
    let found: Vec<(RunFolder, RunRecord)> = found.collect::<Result<_, _>>()?;
    let mut recipes: Vec<Vec<(String, String)>> = Vec::new();
    for (folder, _) in &found {
        let values = folder.recipe()?.flat();
        recipes.push(values.into_iter().map(|(key, value)| (key, value.to_string())).collect());
    }
    let mut keys: Vec<&String> = recipes.iter().flatten().map(|(key, _)| key).collect();
    keys.sort();
    keys.dedup();
    let value_of = |recipe: &[(String, String)], key: &str| {
        recipe.iter().find(|(k, _)| k == key).map_or_else(|| "-".to_string(), |(_, value)| value.clone())
    };
    let differing: Vec<(String, Vec<String>)> = keys
        .into_iter()
        .map(|key| (key.clone(), recipes.iter().map(|recipe| value_of(recipe, key)).collect::<Vec<_>>()))
        .filter(|(_, values)| values.windows(2).any(|pair| pair.first() != pair.last()))
        .collect();
    let records: Vec<&RunRecord> = found.iter().map(|(_, record)| record).collect();
    let differences: serde_json::Map<_, _> =
        differing.iter().map(|(key, values)| (key.clone(), json!(values))).collect();
    screen.object(&json!({ "runs": records, "differences": differences }))?;
    let rows: Vec<_> = records.iter().map(|record| summary_cells(record)).collect();
    screen.say(table(&SUMMARY, &rows));
    if differing.is_empty() {
        screen.say("\nthe recipes are the same");
        return Ok(());
    }
    let header: Vec<&str> = std::iter::once("recipe").chain(records.iter().map(|r| r.id.as_str())).collect();
    let rows: Vec<Vec<String>> =
        differing.into_iter().map(|(key, values)| std::iter::once(key).chain(values).collect()).collect();
    screen.say(format!("\n{}", table(&header, &rows)));
    Ok(())
}
