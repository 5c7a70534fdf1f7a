//! `compare`: the tutorial's figures beside ours, and the command that makes ours.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use brasa_run::RunObserver;
use brasa_run::{Environment, RunScores, write_atomic};
use brasa_train::metrics::{ACCURACY, Figures, Metrics};
use serde_json::json;

use super::Verb;
use crate::app::{App, TutorialFigure};
use crate::args::{ChangeArgs, Common, DataArgs, DeviceArgs, RecipeArgs, TrackArgs, seed};
use crate::context;
use crate::error::{CliError, Result};
use crate::interrupt::Interrupt;
use crate::output::{Screen, note};
use crate::results::{ResultRow, Results, mean_and_deviation};
use crate::table::table;
use crate::tracking::{Ending, Target, Tracking, tracked_line};
use clap::Args;

/// Put the tutorial's figures beside ours
#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// Train the recipes again and write their figures into this results file
    #[arg(long, value_name = "FILE")]
    pub regenerate: Option<PathBuf>,
    /// Only these recipes
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub recipes: Vec<String>,
    /// Seeds to train with
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "0,1,2", value_parser = seed)]
    pub seeds: Vec<u64>,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    #[command(flatten)]
    pub track: TrackArgs,
}

impl Verb for Compare {
    fn belongs_to(app: &App) -> bool {
        !app.tutorial_figures.is_empty()
    }

    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        if let Some(unknown) = self.recipes.iter().find(|name| app.recipe(name).is_none()) {
            let known = app.recipes.iter().map(|recipe| recipe.name).collect();
            return Err(CliError::NoRecipe { name: unknown.clone(), known });
        }
        let target = self.track.target()?;
        let mut tracked = Vec::new();
        let results = match (&self.regenerate, app.results) {
            (Some(path), _) => regenerate(app, &common.runs, self, path, target.as_ref(), &mut tracked)?,
            (None, Some(text)) => Results::parse(text)?,
            (None, None) => Results::default(),
        };
        let chosen = |name: &str| self.recipes.is_empty() || self.recipes.iter().any(|recipe| recipe == name);
        let figures: Vec<&TutorialFigure> =
            app.tutorial_figures.iter().filter(|figure| chosen(figure.recipe)).collect();
        show(app, &results, &figures, &tracked, screen)
    }
}

fn regenerate(
    app: &App,
    runs: &Path,
    args: &Compare,
    path: &Path,
    target: Option<&Target>,
    tracked: &mut Vec<Ending>,
) -> Result<Results> {
    let mut results = Results::read(path)?;
    let environment = Environment::capture(&args.device.device);
    results.app = app.name.into();
    let machine = format!(
        "{}, {} threads, {}, device {}",
        environment.processor.as_deref().unwrap_or("unknown processor"),
        environment.threads,
        environment.platform,
        environment.device
    );
    let mut interrupt = Interrupt::new();
    for recipe in
        app.recipes.iter().filter(|r| args.recipes.is_empty() || args.recipes.iter().any(|n| n == r.name))
    {
        for &seed in &args.seeds {
            let recipe_args = RecipeArgs {
                recipe: Some(recipe.name.into()),
                changes: ChangeArgs { seed: Some(seed), ..ChangeArgs::default() },
            };
            let training = context::training(app, runs, &recipe_args, &args.data, &args.device)?;
            let mut tracking = Tracking::new(target, Arc::new(|words: &str| note(words)));
            let mut callbacks: Vec<&mut dyn RunObserver> = vec![&mut interrupt];
            callbacks.extend(tracking.callback());
            let outcome = training.experiment().run(&mut callbacks).map_err(CliError::from);
            let (finished, ending) = tracking.finish(app, outcome)?;
            ending.iter().for_each(|ending| note(tracked_line(app, ending)));
            tracked.extend(ending);
            let named = &training.named;
            if Interrupt::asked() {
                return Err(CliError::Failure(format!(
                    "stopped; {} keeps what was finished before",
                    path.display()
                )));
            }
            let scores = &finished.scores;
            let last = finished.outcome.history.last();
            results.replace(ResultRow {
                recipe: named.name.clone(),
                seed,
                epochs: finished.outcome.history.len(),
                best_epoch: finished.outcome.best_epoch,
                last_train_loss: last.map_or(f64::NAN, |record| record.train.loss()),
                last_valid_loss: last.map_or(f64::NAN, |record| record.valid.loss()),
                figures: judged_figures(scores),
                seconds: finished.record.seconds.unwrap_or(f64::NAN),
                machine: machine.clone(),
                brasa: environment.brasa.clone(),
            });
            let order = |name: &str| app.recipes.iter().position(|recipe| recipe.name == name);
            results.runs.sort_by_key(|row| (order(&row.recipe), row.seed));
            write_atomic(path, results.to_text()?.as_bytes())?;
            note(format!(
                "{} seed {seed}: valid accuracy {:.4}, {:.0} s",
                named.name,
                scores.valid.value(ACCURACY),
                finished.record.seconds.unwrap_or(0.0)
            ));
        }
    }
    Ok(results)
}

/// The metrics of an epoch over the splits that judge the kept weights.
fn judged_figures(scores: &RunScores) -> Figures {
    let mut figures = Figures::default();
    for (split, scores) in [("valid", Some(&scores.valid)), ("test", scores.test.as_ref())] {
        let Some(scores) = scores else { continue };
        for name in Metrics::epoch_columns(scores.task()) {
            figures.set(format!("{split}_{name}"), scores.value(name));
        }
    }
    figures
}

fn show(
    app: &App,
    results: &Results,
    figures: &[&TutorialFigure],
    tracked: &[Ending],
    screen: Screen,
) -> Result<()> {
    let mut rows = Vec::new();
    let mut list = Vec::new();
    for figure in figures {
        let ours: Vec<&ResultRow> = results.runs.iter().filter(|row| row.recipe == figure.recipe).collect();
        let of = |pick: fn(&ResultRow) -> Option<f64>| {
            mean_and_deviation(&ours.iter().filter_map(|row| pick(row)).collect::<Vec<_>>())
        };
        let last_train = of(|row| Some(row.last_train_loss));
        let last_valid = of(|row| Some(row.last_valid_loss));
        let valid = of(|row| row.figures.get("valid_accuracy").map(|accuracy| accuracy * 100.0));
        let test = of(|row| row.figures.get("test_accuracy").map(|accuracy| accuracy * 100.0));
        rows.push(vec![
            figure.recipe.to_string(),
            ours.len().to_string(),
            pair(figure.train_loss, last_train, 3),
            pair(figure.valid_loss, last_valid, 3),
            pair(figure.valid_accuracy, valid, 2),
            pair(figure.test_accuracy, test, 2),
        ]);
        let ours_json = |value: Option<(f64, Option<f64>)>| {
            value.map(|(mean, dev)| json!({ "mean": mean, "deviation": dev }))
        };
        list.push(json!({
            "recipe": figure.recipe,
            "trainings": ours.len(),
            "tutorial": {
                "train_loss": figure.train_loss,
                "valid_loss": figure.valid_loss,
                "valid_accuracy": figure.valid_accuracy,
                "test_accuracy": figure.test_accuracy,
            },
            "ours": {
                "last_train_loss": ours_json(last_train),
                "last_valid_loss": ours_json(last_valid),
                "valid_accuracy": ours_json(valid),
                "test_accuracy": ours_json(test),
            },
        }));
    }
    let mut machines: Vec<&str> = results.runs.iter().map(|row| row.machine.as_str()).collect();
    machines.sort_unstable();
    machines.dedup();
    screen.object(&json!({ "app": app.name, "machines": machines, "recipes": list, "tracked": tracked }))?;
    let header = ["recipe", "runs", "train loss", "valid loss", "valid accuracy %", "test accuracy %"];
    screen.say("the tutorial's figure / ours (mean and deviation over seeds); losses after the last epoch, accuracies of the best\n");
    screen.say(table(&header, &rows));
    for machine in machines {
        screen.say(format!("\nours on {machine}"));
    }
    Ok(())
}

fn pair(tutorial: Option<f64>, ours: Option<(f64, Option<f64>)>, decimals: usize) -> String {
    let tutorial = tutorial.map_or_else(|| "-".into(), |value| format!("{value:.decimals$}"));
    let ours = match ours {
        None => "-".into(),
        Some((mean, None)) => format!("{mean:.decimals$}"),
        Some((mean, Some(deviation))) => format!("{mean:.decimals$} +-{deviation:.decimals$}"),
    };
    format!("{tutorial} / {ours}")
}
