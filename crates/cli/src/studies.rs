//! The folders of searches, and what is told of one.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use brasa_run::{Environment, RunFolder, RunScores};
use brasa_tune::space::Domain;
use brasa_tune::study::{State, Study, Trial};
use brasa_tune::{Space, Unit, Values, importance};
use serde_json::{Value, json};

use crate::app::App;
use crate::args::Common;
use crate::context::NamedRecipe;
use crate::error::{CliError, Result};
use crate::output::note;
use crate::search::words;
use crate::table::{figure, table};

/// The study's own file.
pub(crate) const STUDY: &str = "study.jsonl";
/// The folder of checkpoints, one folder per trial.
pub(crate) const TRIALS: &str = "trials";
/// Confusion matrices of the rows that judge, by trial.
const CONFUSIONS: &str = "confusion.jsonl";

/// `<runs>/<app>/<time>-<recipe>-tune`. It has no `run.json`, so it is not among the runs that can predict.
pub(crate) fn create(common: &Common, app: &App, named: &NamedRecipe, device: &str) -> Result<RunFolder> {
    let (folder, _) = RunFolder::create_empty(&common.runs, app.name, &format!("{}-tune", named.name))?;
    folder.write("recipe.toml", named.recipe.recipe().to_toml()?.as_bytes())?;
    folder.write_json("environment.json", &Environment::capture(device))?;
    Ok(folder)
}

/// All folders of studies of an app, oldest first.
pub(crate) fn all(runs: &Path, app: &str) -> Vec<RunFolder> {
    let entries = std::fs::read_dir(runs.join(app)).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.join(STUDY).is_file()).collect();
    folders.sort();
    folders.into_iter().map(RunFolder::at).collect()
}

/// The study that is called `name`, by its folder, its name or the start of it, or "latest".
pub(crate) fn find(runs: &Path, app: &str, name: &str) -> Result<RunFolder> {
    let folder = PathBuf::from(name);
    if folder.join(STUDY).is_file() {
        return Ok(RunFolder::at(folder));
    }
    let mut all = all(runs, app);
    let of_name = |folder: &RunFolder| {
        folder.path().file_name().is_some_and(|own| own.to_string_lossy().starts_with(name))
    };
    let found = match name {
        "latest" => all.pop(),
        _ => all.into_iter().rev().find(of_name),
    };
    found.ok_or_else(|| {
        CliError::Usage(match name {
            "latest" => format!("there is no study in {}; `{app} tune` makes one", runs.join(app).display()),
            _ => format!("no study `{name}` in {}; `{app} study list` lists them", runs.join(app).display()),
        })
    })
}

/// Deletes the checkpoints that nobody needs any more.
pub(crate) fn forget(study: &mut Study, keep: usize, trials: &Path) -> Result<()> {
    for trial in study.checkpoints_to_delete(keep) {
        study.checkpoint_deleted(trial)?;
        // What is left of it is in nobody's way: the study does not count on it.
        let _ = std::fs::remove_dir_all(trials.join(trial.to_string()));
    }
    Ok(())
}

/// Removes what was left of trials that no checkpoint is known of, as by a kill between a file and the word of it.
pub(crate) fn sweep(study: &Study, folder: &RunFolder) {
    let entries = std::fs::read_dir(folder.path().join(TRIALS)).into_iter().flatten().flatten();
    for entry in entries {
        let number: Option<usize> = entry.file_name().to_string_lossy().parse().ok();
        let known =
            number.and_then(|number| study.trials().get(number)).is_some_and(|trial| trial.checkpoint > 0);
        if !known {
            // It takes room alone.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Adds a trial's confusion matrix to those of the study; a later one of the same trial counts.
pub(crate) fn keep_confusion(folder: &RunFolder, trial: usize, confusion: &[Vec<u64>]) {
    let path = folder.path().join(CONFUSIONS);
    let line = json!({ "trial": trial, "confusion": confusion });
    let file = std::fs::OpenOptions::new().create(true).append(true).open(&path);
    if let Err(error) = file.and_then(|mut file| writeln!(file, "{line}")) {
        // A picture of the page lacks it; the search is none the worse.
        note(format!("cannot write {}: {error}", path.display()));
    }
}

pub(crate) fn confusions(folder: &RunFolder) -> BTreeMap<usize, Vec<Vec<u64>>> {
    #[derive(serde::Deserialize)]
    struct Line {
        trial: usize,
        confusion: Vec<Vec<u64>>,
    }
    let text = std::fs::read_to_string(folder.path().join(CONFUSIONS)).unwrap_or_default();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
    lines.map(|line| (line.trial, line.confusion)).collect()
}

/// Of each key, trials with its first and its last value, the keys that it depends on set as it needs them.
pub(crate) fn corners(space: &Space) -> Vec<(String, Values)> {
    let mut corners = Vec::new();
    for dimension in space.dimensions() {
        for value in ends(&dimension.domain) {
            let mut values = Values::new();
            let mut at = dimension;
            values.insert(dimension.key.clone(), value);
            while let Some(condition) = &at.when {
                if let Some(first) = condition.values.first() {
                    values.insert(condition.key.clone(), first.clone());
                }
                let Some(parent) = space.dimension(&condition.key) else { break };
                at = parent;
            }
            corners.push((dimension.key.clone(), values));
        }
    }
    corners
}

fn ends(domain: &Domain) -> Vec<Value> {
    match domain {
        Domain::Choice(values) | Domain::Grid(values) => values.clone(),
        Domain::Uniform { low, high } | Domain::LogUniform { low, high } => vec![json!(low), json!(high)],
        Domain::QUniform { low, high, whole: true, .. } => vec![json!(*low as i64), json!(*high as i64)],
        Domain::QUniform { low, high, .. } => vec![json!(low), json!(high)],
        Domain::RandInt { low, high } | Domain::LogRandInt { low, high } => vec![json!(low), json!(high)],
        Domain::Normal { mean, .. } => vec![json!(mean)],
        _ => Vec::new(),
    }
}

fn trial_object(study: &Study, trial: &Trial) -> Value {
    let result = study.result(trial);
    let message = match &trial.state {
        State::Failed(message) => Some(message),
        _ => None,
    };
    json!({
        "number": trial.number,
        "values": trial.values,
        "metric": result.map(|(_, value)| value),
        "best_epoch": result.map(|(epoch, _)| epoch),
        "state": trial.state.name(),
        "epochs": trial.epochs(),
        "message": message,
    })
}

/// A study for a program.
pub(crate) fn object(study: &Study) -> Value {
    let header = study.header();
    json!({
        "app": header.app,
        "metric": header.metric.name,
        "unit": header.unit,
        "seed": header.seed,
        "trials": study.trials().iter().map(|trial| trial_object(study, trial)).collect::<Vec<_>>(),
        "best": study.best().map(|best| trial_object(study, best)),
        "importance": importance(study),
        "rungs": study.rungs().iter().map(|rung| json!({
            "bracket": rung.bracket,
            "epoch": rung.epoch,
            "trials": rung.trials.len(),
            "promoted": rung.promoted.len(),
        })).collect::<Vec<_>>(),
    })
}

/// The best trials, as a table.
pub(crate) fn table_of(study: &Study, most: usize) -> String {
    let (metric, unit) = (study.header().metric.name.as_str(), study.header().unit.many());
    let rows = study.ranked().into_iter().take(most).map(|trial| {
        let value = study.result(trial).map(|(_, value)| value);
        let values = words(&trial.values);
        vec![
            trial.number.to_string(),
            figure(value),
            trial.epochs().to_string(),
            trial.state.name().into(),
            values,
        ]
    });
    let mut rows: Vec<Vec<String>> = rows.collect();
    let width = rows.iter().filter_map(|row| row.last()).map(|cell| cell.chars().count()).max().unwrap_or(0);
    // Words stand at the left, where the table has numbers.
    rows.iter_mut().filter_map(|row| row.last_mut()).for_each(|cell| *cell = format!("{cell:<width$}"));
    let values = format!("{:<width$}", "values");
    let header = ["trial", metric, unit, "state", &values];
    let more = study.trials().len().saturating_sub(rows.len());
    let rest = if more > 0 { format!("\nand {more} more") } else { String::new() };
    table(&header, &rows) + &rest
}

/// What is to be said of a best of many, by the metric of this label. The study has looked at the test split so often.
pub(crate) fn remarks(study: &Study, scores: &RunScores, looks: usize, label: &str) -> Vec<String> {
    let mut remarks = Vec::new();
    let name = &study.header().metric.name;
    let judged = study.trials().iter().filter(|trial| study.result(trial).is_some()).count();
    if let Some((best, (_, value))) = study.best().and_then(|best| Some((best, study.result(best)?))) {
        let test = scores.test.as_ref().and_then(|test| test.figure(name));
        let test = match test {
            Some(test) if looks > 1 => format!(
                "the test split gives {test:.4}; the study has looked at it {looks} times, each time with another best trial"
            ),
            Some(test) => format!("the test split, which had no say, gives {test:.4}"),
            None => "there is no test split that could tell by how much".into(),
        };
        remarks.push(match study.header().unit {
            Unit::Epoch => format!(
                "{label} {value:.4} is the best of {judged} trials on one validation split, which chose among them: it is too good \
                 an estimate; {test}."
            ),
            Unit::Fold => format!(
                "{label} {value:.4} is the mean of {} folds, of the best of {judged} trials: less lucky than one validation split, \
                 and still too good an estimate; {test}.",
                best.epochs()
            ),
        });
    }
    let failed = study.trials().iter().filter(|trial| matches!(trial.state, State::Failed(_))).count();
    let diverged = study.trials().iter().filter(|trial| trial.state == State::Diverged).count();
    if failed + diverged > 0 {
        remarks.push(format!(
            "{failed} trials failed and {diverged} diverged; `study show` has their messages."
        ));
    }
    if let Some(trial) = study.trials().iter().find(|trial| trial.differs.is_some()) {
        remarks.push(format!(
            "Trial {} did not repeat exactly when it went on: its first figures count.",
            trial.number
        ));
    }
    remarks
}
