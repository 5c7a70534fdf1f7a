//! `train`: a recipe to a judged run.

use std::io::IsTerminal;
#[cfg(feature = "tui")]
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use brasa_data::{Role, TextFacts};
use brasa_run::{Baseline, RunObserver};
use brasa_run::{Experiment, FinishedRun, GoingOn};
use brasa_train::metrics::{LOSS, Scores};
use brasa_train::{CheckedRecipe, LrCurve, LrPoint, LrRange};
use serde::Serialize;
use serde_json::{Value, json};

use super::Verb;
use super::scores::{
    CLASS_WIDTH, class_tables, covered_words, decided_words, figure_words, split_table, target_table,
};
use crate::app::{App, Extras};
use crate::args::{ChangeArgs, Common, DataArgs, DeviceArgs, RecipeArgs, TrackArgs};
use crate::context;
use crate::error::{CliError, Result};
use crate::interrupt::Interrupt;
use crate::names::short_names;
use crate::output::{Screen, note};
use crate::progress::Progress;
use crate::table::table;
use crate::tracking::{Ending, Tracking, tell};
#[cfg(feature = "tui")]
use crate::tui::Dashboard;
use clap::Args;

/// Train a recipe and judge the best weights on held-out data
#[derive(Debug, Args)]
pub(crate) struct Train {
    #[command(flatten)]
    pub recipe: RecipeArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    #[command(flatten)]
    pub track: TrackArgs,
    /// Go on with a run that was ended, as if it had not been: its name or the start of it, or the newest that is not finished
    #[arg(long, value_name = "RUN", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["recipe", "source"])]
    pub resume: Option<String>,
    /// Repeat the step of a run whose loss is not finite, and say where the first such number is
    #[arg(long, value_name = "RUN", conflicts_with_all = ["recipe", "source", "resume"])]
    pub replay: Option<String>,
    /// Find out by which learning rates the network learns, in a hundred steps or so; nothing is kept of it
    #[arg(long, conflicts_with_all = ["resume", "replay"])]
    pub find_lr: bool,
    /// Go on although the recipe, the data, the version or the device has changed; the run remembers it
    #[arg(long, requires = "resume")]
    pub force: bool,
    /// Show Burn's terminal dashboard
    #[cfg(feature = "tui")]
    #[arg(long)]
    pub tui: bool,
}

impl Verb for Train {
    fn changes(&mut self) -> Option<&mut ChangeArgs> {
        Some(&mut self.recipe.changes)
    }

    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        if self.on_dashboard() && !(std::io::stdout().is_terminal() && std::io::stderr().is_terminal()) {
            return Err(CliError::Usage(
                "--tui needs a terminal; leave it out to get a line per epoch".into(),
            ));
        }
        if let Some(name) = &self.replay {
            return self.replay(app, common, name, screen);
        }
        if self.find_lr {
            return self.find_lr(app, common, screen);
        }
        let target = self.track.target()?;
        let (training, going_on) = match &self.resume {
            Some(name) => {
                let asked = context::Resume { run: name, force: self.force };
                let (training, going_on) =
                    context::resumed(app, &common.runs, asked, &self.recipe, &self.data, &self.device)?;
                let behind = going_on.folder().epochs().map_or(0, |epochs| epochs.len());
                if behind > 0 && going_on.folder().newest_checkpoint().is_none() {
                    note(format!("no checkpoint is left of the {behind} epochs: the training begins again"));
                }
                (training, Some(going_on))
            }
            None => (context::training(app, &common.runs, &self.recipe, &self.data, &self.device)?, None),
        };
        let experiment = training.experiment();
        let mut interrupt = Interrupt::new();
        let mut extras = app.extras.map(|make| make());
        let mut callbacks: Vec<&mut dyn RunObserver> = vec![&mut interrupt];
        if let Some(extras) = &mut extras {
            callbacks.push(extras.as_mut());
        }
        let mut progress = Progress::new();
        // The dashboard has the screen for itself: what became of the tracking is told when it is closed.
        let teller = if self.on_dashboard() { Arc::new(|_: &str| ()) } else { progress.teller() };
        let mut tracking = Tracking::new(target.as_ref(), teller);
        callbacks.extend(tracking.callback());
        if !self.on_dashboard() {
            note(format!("{} {}: training on {}", app.name, training.named.name, self.device.device));
            callbacks.push(&mut progress);
        }
        let outcome = self.trained(&experiment, going_on, callbacks);
        let (finished, tracked) = tracking.finish(app, outcome)?;
        show(app, &finished, experiment.recipe, extras.as_deref(), tracked.as_ref(), screen)
    }
}

impl Train {
    fn find_lr(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        let training = context::training(app, &common.runs, &self.recipe, &self.data, &self.device)?;
        let curve = training.experiment().find_lr(LrRange::default())?;
        screen.object(&json!({ "app": app.name, "recipe": training.named.name, "find_lr": curve }))?;
        screen.say(lr_table(&curve));
        let set = |lr: f64| format!("--set optimizer.lr={lr:.1e}");
        screen.say(match (curve.suggestion, curve.diverged) {
            (None, _) => {
                "\nthe loss does not fall by any of them: is there something to learn in these data?"
                    .to_owned()
            }
            (Some(lr), None) => format!("\ntry {}: the loss falls there", set(lr)),
            (Some(lr), Some(most)) => {
                format!("\ntry {}: the loss falls there; from {most:.1e} on it grows", set(lr))
            }
        });
        Ok(())
    }

    fn replay(&self, app: &App, common: &Common, name: &str, screen: Screen) -> Result<()> {
        let asked = context::Resume { run: name, force: false };
        let (training, going_on) =
            context::resumed(app, &common.runs, asked, &self.recipe, &self.data, &self.device)?;
        let found = training.experiment().replay(going_on.folder())?;
        screen.object(&json!({ "run": going_on.folder().path().display().to_string(), "found": found }))?;
        screen.say(format!("epoch {}, step {}: {found}", found.epoch, found.step));
        Ok(())
    }

    #[cfg(feature = "tui")]
    fn on_dashboard(&self) -> bool {
        self.tui
    }

    #[cfg(not(feature = "tui"))]
    fn on_dashboard(&self) -> bool {
        false
    }

    fn trained(
        &self,
        experiment: &Experiment<'_>,
        going_on: Option<GoingOn>,
        mut callbacks: Vec<&mut dyn RunObserver>,
    ) -> Result<FinishedRun> {
        #[cfg(feature = "tui")]
        if self.tui {
            return with_dashboard(experiment, going_on, callbacks);
        }
        run(experiment, going_on, &mut callbacks).map_err(CliError::from)
    }
}

fn run(
    experiment: &Experiment<'_>,
    going_on: Option<GoingOn>,
    callbacks: &mut [&mut dyn RunObserver],
) -> brasa_run::Result<FinishedRun> {
    match going_on {
        Some(going_on) => experiment.resume(going_on, callbacks),
        None => experiment.run(callbacks),
    }
}

#[cfg(feature = "tui")]
fn with_dashboard(
    experiment: &Experiment<'_>,
    going_on: Option<GoingOn>,
    callbacks: Vec<&mut dyn RunObserver>,
) -> Result<FinishedRun> {
    // Burn's dashboard panics where there is no terminal, and when its user asks it to kill the training.
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        let mut dashboard = Dashboard::new();
        let mut all: Vec<&mut dyn RunObserver> = vec![&mut dashboard];
        for callback in callbacks {
            all.push(callback);
        }
        run(experiment, going_on, &mut all)
    }));
    match attempt {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(CliError::Failure(
            "the dashboard ended the training; the run's folder keeps the best epoch that it reached".into(),
        )),
    }
}

/// Some of the steps, with a bar for the loss.
fn lr_table(curve: &LrCurve) -> String {
    const ROWS: usize = 20;
    const BAR: f64 = 40.0;
    let smoothed = || curve.points.iter().map(|point| point.smoothed);
    let (least, most) =
        (smoothed().fold(f64::INFINITY, f64::min), smoothed().fold(f64::NEG_INFINITY, f64::max));
    let row = |point: &LrPoint| {
        let bar = "#".repeat(
            ((point.smoothed - least) / (most - least).max(f64::MIN_POSITIVE) * BAR).round().clamp(0.0, BAR)
                as usize,
        );
        vec![format!("{:.1e}", point.lr), format!("{:.4}", point.smoothed), format!("{bar:<40}")]
    };
    let every = curve.points.len().div_ceil(ROWS).max(1);
    table(&["learning rate", "loss", ""], &curve.points.iter().step_by(every).map(row).collect::<Vec<_>>())
}

/// The JSON object. Its scores are written as they stand: as a tree, the confusion matrices of a thousand classes would
/// take 100 MB.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    rest: Value,
    train: &'a Scores,
    valid: &'a Scores,
    test: Option<&'a Scores>,
    test_without_duplicates: Option<&'a Scores>,
}

fn show(
    app: &App,
    finished: &FinishedRun,
    recipe: &CheckedRecipe,
    extras: Option<&dyn Extras>,
    tracked: Option<&Ending>,
    screen: Screen,
) -> Result<()> {
    let metrics = recipe.metrics();
    let FinishedRun { folder, record, scores, outcome, prepared, unwritten } = finished;
    unwritten.iter().for_each(|problem| note(format!("warning: {problem}; the scores are kept in run.json")));
    let judged_role = if scores.test.is_some() { Role::Test } else { Role::Valid };
    let report = folder.report();
    let judged = scores.test.as_ref().unwrap_or(&scores.valid);
    let baseline = Baseline::of(prepared, judged_role);
    let mut object = json!({
        "app": app.name,
        "recipe": record.recipe,
        "id": record.id,
        "run": folder.path().display().to_string(),
        "report": report.display().to_string(),
        "status": record.status,
        "stop": outcome.stop,
        "epochs": outcome.history.len(),
        "best_epoch": outcome.best_epoch,
        "baseline": baseline,
        "learned": baseline.as_ref().and_then(|baseline| baseline.is_beaten_by(judged, recipe.recipe())),
        "seconds": record.seconds,
        "leaks": prepared.leaks,
        "absent_classes": prepared.absent_classes(),
        "warnings": prepared.data.warnings,
        "tracked": tracked,
        "resumed": record.resumed,
        "unwritten": unwritten,
        "decided": record.decided,
        "covered": record.covered,
        "linear": record.linear,
    });
    let text = prepared.data.text.as_ref().map(TextFacts::stats);
    if let Some(text) = &text {
        object["text"] = json!(text);
    }
    if let Some(value) = extras.map(Extras::json).filter(|value| !value.is_null()) {
        object[app.name] = value;
    }
    screen.object(&Answer {
        train: &scores.train,
        valid: &scores.valid,
        test: scores.test.as_ref(),
        test_without_duplicates: scores.test_without_duplicates.as_ref(),
        rest: object,
    })?;
    let kept = match &outcome.bagged {
        Some(bagged) => {
            let epochs = bagged.best_epochs.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
            format!("kept the {}, of the epochs {epochs}", bagged.mean_words())
        }
        None => format!("kept the weights of epoch {}", outcome.best_epoch),
    };
    screen.say(format!("{kept} of {} ({})\n", outcome.history.len(), outcome.stop));
    screen.say(split_table(&scores.splits(), &metrics.of_tables()));
    let split = if scores.test.is_some() { "test" } else { "valid" };
    if judged.classes().is_some() {
        screen
            .say(format!("\nconfusion matrix ({split}; rows are the true class)\n{}", class_tables(judged)));
    } else {
        Some(target_table(judged)).filter(|text| !text.is_empty()).iter().for_each(|text| screen.say(text));
    }
    if let Some(mut baseline) = baseline {
        if let Baseline::Class { class, .. } = &mut baseline {
            class.clone_from(&short_names(&[class.as_str()], CLASS_WIDTH).concat());
        }
        screen.say(format!("\nwithout looking ({split}): {baseline}"));
        if baseline.is_beaten_by(judged, recipe.recipe()) == Some(false) {
            screen.say(format!("warning: {}", Baseline::NOT_LEARNED));
        }
    }
    if let Some(linear) = &record.linear {
        screen.say(format!("a linear model ({split}): {}", figure_words(linear, metrics.of_epoch().iter())));
    }
    if let Some(decided) = record.decided.as_ref().filter(|decided| decided.in_force) {
        screen.say(format!("\n{}", decided_words(decided, split)));
    }
    if let Some(words) = covered_words(&record.covered, prepared.data.numbers().is_some()) {
        screen.say(format!("\n{words}"));
    }
    screen.say(format!("\nleak check\n{}", prepared.leaks));
    for sentence in prepared.absent_classes() {
        screen.say(sentence);
    }
    for warning in &prepared.data.warnings {
        screen.say(format!("\nwarning: {warning}"));
    }
    if let Some(text) = text {
        screen.say(format!("\ntitles\n{text}"));
    }
    if let Some(text) = extras.map(Extras::text).filter(|text| !text.is_empty()) {
        screen.say(format!("\n{text}"));
    }
    let columns = metrics.of_epoch();
    let named = columns.iter().filter(|metric| metric.name() != LOSS);
    screen.say(format!("\n{} ({split})", figure_words(judged, named)));
    screen.say(format!("run      {}", folder.path().display()));
    screen.say(format!("report   {}", report.display()));
    if let Some(ending) = tracked {
        tell(app, ending, screen);
    }
    Ok(())
}
