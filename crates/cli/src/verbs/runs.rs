//! `runs`: what was run so far.

use std::path::Path;

use brasa_data::Role;
use brasa_run::{RunFolder, RunRecord, find_run, list_runs, unreadable_runs};
use brasa_train::metrics::{ACCURACY, LOSS, Metrics, TaskKind};
use serde_json::json;

use super::Verb;
#[cfg(feature = "mlflow")]
use super::push;
use super::scores::{class_tables, columns_of, split_table, target_table};
use super::upkeep;
use crate::app::App;
use crate::args::Common;
use crate::error::Result;
use crate::output::{Screen, note};
use crate::table::{figure, table};
use clap::{Args, Subcommand};

/// List, show, compare, verify or clean runs; send them to a tracking server
#[derive(Debug, Args)]
pub(crate) struct Runs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// All runs, oldest first
    List,
    /// One run with its scores
    Show {
        /// A run's name or the start of it, its folder, or "latest"
        #[arg(default_value = "latest")]
        run: String,
    },
    /// Runs side by side, with the recipe values that differ
    Compare {
        /// Runs' names
        #[arg(required = true, num_args = 2..)]
        names: Vec<String>,
    },
    /// Check that the files of runs are whole: records, checkpoints by their checksums, models by loading them
    Verify {
        /// Runs' names [default: all]
        names: Vec<String>,
    },
    /// Remove what killed writers left
    Clean {
        /// Runs' names [default: all]
        names: Vec<String>,
        /// Also remove the checkpoints of finished runs, which more epochs would go on from
        #[arg(long)]
        checkpoints: bool,
    },
    #[cfg(feature = "mlflow")]
    /// Send to MLflow what it has missed of tracked runs
    Push {
        /// Server to send to [default: the one that each run was tracked on]
        #[arg(long, value_name = "mlflow=URL")]
        track: Option<String>,
    },
}

impl Verb for Runs {
    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        let runs = &common.runs;
        match &self.action {
            Action::List => list(app, runs, screen),
            Action::Show { run } => show(app, runs, run, screen),
            Action::Compare { names } => compare(app, runs, names, screen),
            Action::Verify { names } => upkeep::verify(app, runs, names, screen),
            Action::Clean { names, checkpoints } => upkeep::clean(app, runs, names, *checkpoints, screen),
            #[cfg(feature = "mlflow")]
            Action::Push { track } => push::run(app, runs, track.as_deref(), screen),
        }
    }
}

fn list(app: &App, runs: &Path, screen: Screen) -> Result<()> {
    for (folder, problem) in unreadable_runs(runs, app.name) {
        note(format!(
            "left out: {} has a run.json that this version cannot read ({problem})",
            folder.display()
        ));
    }
    let all: Vec<RunRecord> = list_runs(runs, app.name)?.into_iter().map(|(_, record)| record).collect();
    screen.object(&json!({ "app": app.name, "runs": all }))?;
    if all.is_empty() {
        screen.say(format!("no runs in {}", runs.join(app.name).display()));
        return Ok(());
    }
    screen.say(summary(&all.iter().collect::<Vec<_>>(), &[]));
    Ok(())
}

/// A figure of one split of a run's kept weights.
struct Column {
    split: Role,
    metric: String,
}

/// The columns of a table of runs: the metrics of each epoch of the tasks that occur, on the split that chose the weights
/// where it is the loss or `asked` for, else on the one that judges.
fn columns(records: &[&RunRecord], asked: &[String]) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let mut add = |split, metric: &str| {
        if !columns.iter().any(|own| own.split == split && own.metric == metric) {
            columns.push(Column { split, metric: metric.into() });
        }
    };
    let mut tasks: Vec<TaskKind> = Vec::new();
    for task in records.iter().filter_map(|record| record.scores.as_ref()).map(|scores| scores.valid.task()) {
        if !tasks.contains(&task) {
            tasks.push(task);
        }
    }
    if tasks.is_empty() {
        tasks.push(TaskKind::Classification);
    }
    for task in tasks {
        let standard = Metrics::epoch_columns(task).iter().copied();
        for metric in standard.chain(asked.iter().map(String::as_str)) {
            if metric == LOSS || metric == ACCURACY || asked.iter().any(|asked| asked == metric) {
                add(Role::Valid, metric);
            }
            if metric != LOSS {
                add(Role::Test, metric);
            }
        }
    }
    columns
}

fn summary(records: &[&RunRecord], asked: &[String]) -> String {
    let metrics = Metrics::standard();
    let columns = columns(records, asked);
    let label = |column: &Column| {
        let known = metrics.iter().find(|metric| metric.name() == column.metric);
        format!("{} ({})", known.map_or(column.metric.as_str(), |metric| metric.label()), column.split)
    };
    let mut header = ["run", "status", "epochs", "best"].map(String::from).to_vec();
    header.extend(columns.iter().map(label));
    let rows: Vec<Vec<String>> = records.iter().map(|record| summary_cells(record, &columns)).collect();
    table(&header.iter().map(String::as_str).collect::<Vec<_>>(), &rows)
}

fn summary_cells(record: &RunRecord, columns: &[Column]) -> Vec<String> {
    let count = |value: Option<usize>| value.map_or_else(|| "-".into(), |value| value.to_string());
    let mut cells =
        vec![record.id.clone(), record.status.name().into(), count(record.epochs), count(record.best_epoch)];
    let scores = record.scores.as_ref();
    cells.extend(columns.iter().map(|column| {
        let of_split = scores.and_then(|scores| match column.split {
            Role::Train => Some(&scores.train),
            Role::Valid => Some(&scores.valid),
            Role::Test => scores.test.as_ref(),
        });
        figure(of_split.and_then(|scores| scores.figure(&column.metric)))
    }));
    cells
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
        let columns = columns_of(folder.recipe().ok().as_ref(), scores.valid.task());
        screen.say(format!("\n{}", split_table(&scores.splits(), &columns)));
        let judged = scores.test.as_ref().unwrap_or(&scores.valid);
        screen.say(format!("\n{}{}", class_tables(judged), target_table(judged)));
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
    let mut asked: Vec<String> = Vec::new();
    for (folder, _) in &found {
        let recipe = folder.recipe()?;
        asked.push(recipe.training.monitor.clone());
        asked.extend(recipe.training.metrics.iter().cloned());
        let values = recipe.flat()?;
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
    screen.say(summary(&records, &asked));
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
