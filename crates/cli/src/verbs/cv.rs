//! `cv`: a recipe judged by k-fold cross-validation.

use std::path::PathBuf;
use std::time::Instant;

use brasa_run::RunStatus;
use brasa_run::cross_validation::{
    CrossValidated, CrossValidation, CrossValidationConfig, CrossValidationFolder, CrossValidationRecord,
};
use brasa_train::metrics::LOSS;
use brasa_train::recipe::ChosenMetrics;
use serde::Serialize;

use super::Verb;
use super::scores::{class_tables, target_table};
use crate::app::App;
use crate::args::{ChangeArgs, Common, DataArgs, DeviceArgs, RecipeArgs};
use crate::context;
use crate::error::{CliError, Result};
use crate::fold_progress::FoldProgress;
use crate::folds::run_folds;
use crate::interrupt;
use crate::output::{Screen, note};
use crate::own_processes::OwnProcesses;
use crate::places::{Place, place};
use crate::table::{figure, table};
use clap::Args;

/// Judge a recipe by k-fold cross-validation, with intervals
#[derive(Debug, Args)]
pub(crate) struct Cv {
    #[command(flatten)]
    pub recipe: RecipeArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Folds; each is held out once
    #[arg(long, value_name = "K", default_value_t = 5)]
    pub folds: usize,
    /// JSON file with the rows of each fold, counted from 0, in the place of dealing them: [[0, 4], [1, 3]]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["folds", "repeats"])]
    pub folds_from: Option<PathBuf>,
    /// Times that the rows are dealt to folds anew
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub repeats: usize,
    /// Folds to run at once, each in a process of its own [default: the number of cores, 1 on a GPU]
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Go on with the newest cross-validation of the same that was ended before its time: folds that are done are not done again
    #[arg(long)]
    pub resume: bool,
    /// Where folds run: in processes of this machine, or on a Ray cluster, at an address or the one of this machine
    #[arg(long, value_name = "local|ray[=ADDRESS]", default_value = "local", value_parser = place)]
    pub executor: Place,
}

impl Verb for Cv {
    fn changes(&mut self) -> Option<&mut ChangeArgs> {
        Some(&mut self.recipe.changes)
    }

    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        let started = Instant::now();
        let recipe_args = self.recipe_with_folds();
        if self.jobs == Some(0) {
            return Err(CliError::Usage(
                "--jobs 0 runs nothing; leave it out for one process per core".into(),
            ));
        }
        context::device(&self.device)?;
        let (named, files) = context::recipe_and_files(app, &recipe_args, &self.data)?;
        let config = CrossValidationConfig { folds: self.folds, repeats: self.repeats, ..Default::default() };
        let plan = CrossValidation::new(&named.recipe, &files, config)?;
        let processes = OwnProcesses::new(&self.device, &files, self.jobs, plan.folds().len());
        let mut places = self.executor.open(&processes, "start again with what is there")?;
        plan.data().warnings.iter().for_each(|warning| note(format!("warning: {warning}")));
        let device = &self.device.device;
        let (runs, name) = (&common.runs, &named.name);
        let kept = match self.resume {
            true => CrossValidationFolder::reopen(runs, app.name, name, &plan, device)?,
            false => None,
        };
        let (folder, done) = match kept {
            Some((folder, done)) => {
                note(format!(
                    "going on with {}: {} of {} folds are done",
                    folder.path().display(),
                    done.len(),
                    plan.folds().len()
                ));
                (folder, done)
            }
            None if self.resume => {
                return Err(CliError::Usage(format!(
                    "--resume: no cross-validation of this recipe, these data and these folds in {} was ended before its time",
                    runs.join(app.name).display()
                )));
            }
            None => (CrossValidationFolder::create(runs, app.name, name, &plan, device)?, Vec::new()),
        };
        note(format!(
            "{} {}: {} folds on {device}, {} at once with {} threads each",
            app.name,
            named.name,
            plan.folds().len(),
            processes.at_once,
            processes.threads
        ));
        let seconds = move || started.elapsed().as_secs_f64();
        end_with_record(folder.clone(), processes.at_once, seconds);
        let mut progress = FoldProgress::new(plan.folds().len(), plan.repeats());
        let own = context::absolute(folder.path());
        done.iter().for_each(|result| progress.fold_done(result));
        let results = run_folds(&plan, config, &own, &mut *places, processes.at_once, done, |result| {
            progress.fold_done(result);
            Ok(folder.keep(result)?)
        });
        drop((progress, places));
        let outcome = results.and_then(|results| Ok(plan.summarise(results)?));
        let failed = |error: &CliError| {
            let status = match error {
                CliError::Interrupted { .. } => RunStatus::Interrupted,
                _ => RunStatus::Failed,
            };
            // The first error is the one to tell; a folder that cannot be written is often its cause.
            let _ = folder.fail(status, &error.to_string(), processes.at_once, seconds());
        };
        let result = outcome.inspect_err(failed)?;
        let record = folder.finish(&plan, &result, processes.at_once, seconds());
        let record = record.map_err(CliError::from).inspect_err(failed)?;
        screen.object(&Answer {
            run: folder.path().display().to_string(),
            report: folder.report().display().to_string(),
            record,
        })?;
        show(&result, plan.recipe().metrics(), &folder, screen);
        Ok(())
    }
}

impl Cv {
    /// The recipe's arguments, with the file of folds as a value of the recipe: so every process finds it.
    fn recipe_with_folds(&self) -> RecipeArgs {
        let mut args = self.recipe.clone();
        if let Some(file) = &self.folds_from {
            let file = context::absolute(file).display().to_string();
            args.changes.overrides.push(format!("data.split.folds_from={}", serde_json::Value::from(file)));
        }
        args
    }
}

/// Where a signal ends the process before there is a result, `cv.json` says so.
fn end_with_record(
    folder: CrossValidationFolder,
    jobs: usize,
    seconds: impl FnOnce() -> f64 + Send + 'static,
) {
    interrupt::before_the_end(move |reason| {
        if !folder.is_over() {
            folder.fail(RunStatus::Interrupted, reason, jobs, seconds()).ok()?;
        }
        Some(format!("the folder is {}", folder.path().display()))
    });
}

/// `cv.json` and where it stands.
#[derive(Serialize)]
struct Answer<'a> {
    run: String,
    report: String,
    #[serde(flatten)]
    record: CrossValidationRecord<'a>,
}

fn show(result: &CrossValidated, metrics: &ChosenMetrics, folder: &CrossValidationFolder, screen: Screen) {
    screen.say(format!("{} cross-validation of {} rows\n", result.words(), result.rows));
    let columns: Vec<_> = metrics
        .of_tables()
        .iter()
        .filter(|metric| result.metrics.get(metric.name()).is_some())
        .cloned()
        .collect();
    let header = ["figure", "mean", "deviation", "95 % interval"];
    let rows = columns.iter().filter_map(|metric| {
        let summary = result.metrics.get(metric.name())?;
        let [low, high] = summary.interval;
        let cells = [summary.mean, summary.deviation].map(|value| figure(Some(value)));
        let interval = format!("{low:.4} to {high:.4}");
        Some([metric.label().into()].into_iter().chain(cells).chain([interval]).collect())
    });
    screen.say(table(&header, &rows.collect::<Vec<_>>()));
    let header = ["", "rows"].into_iter().chain(columns.iter().map(|metric| metric.label())).chain(["epoch"]);
    let rows = result.fold_results.iter().map(|fold| {
        let mut row = vec![result.fold_name(fold.id), fold.scores.rows.to_string()];
        row.extend(columns.iter().map(|metric| figure(fold.scores.figure(metric.name()))));
        row.push(format!("{} of {}", fold.best_epoch, fold.epochs));
        row
    });
    screen.say(format!("\n{}", table(&header.collect::<Vec<_>>(), &rows.collect::<Vec<_>>())));
    let pooled = &result.out_of_fold;
    if pooled.classes().is_some() {
        screen.say(format!(
            "\nconfusion matrix (out of fold, {} predictions; rows are the true class)\n{}",
            pooled.rows,
            class_tables(pooled)
        ));
    } else {
        screen.say(target_table(pooled));
    }
    result.notes().iter().chain(&result.leak_words().1).for_each(|line| screen.say(line));
    for metric in metrics.of_epoch().iter().filter(|metric| metric.name() != LOSS) {
        let Some(summary) = result.metrics.get(metric.name()) else { continue };
        let pooled = pooled.figure(metric.name()).map(|value| format!(", {value:.4} out of fold"));
        screen.say(format!(
            "{} {:.4} +-{:.4} over folds{}",
            metric.name(),
            summary.mean,
            summary.deviation,
            pooled.unwrap_or_default()
        ));
    }
    screen.say(format!("run      {}", folder.path().display()));
    screen.say(format!("report   {}", folder.report().display()));
}
