//! `tune`: a search over the hyperparameters of a recipe.

mod best;
mod drive;

use std::path::Path;

use brasa_data::FoldPlan;
use brasa_run::RunFolder;
use brasa_train::{CheckedRecipe, Prepared};
use brasa_tune::executor::Progress;
use brasa_tune::study::{State, Study};
use brasa_tune::{Header, Values};
use clap::Args;
use serde_json::json;

use super::Verb;
use super::scores::split_table;
use crate::app::App;
use crate::args::{ChangeArgs, Common, DataArgs, DeviceArgs, RecipeArgs, TrackArgs};
use crate::context::{self, NamedRecipe};
use crate::error::{CliError, Result};
use crate::objective::{Objective, objective};
use crate::output::{Screen, note};
use crate::own_processes::OwnProcesses;
use crate::places::{Place, place};
use crate::search;
use crate::studies::{self, STUDY};
use crate::study_report;
use crate::tracking::{SearchTracking, tell};
use crate::trial::Work;
use crate::trials::Settings;
use crate::tune_progress::TuneProgress;
use best::Winner;

/// Search over the hyperparameters that the recipe's [search] names
#[derive(Debug, Args)]
pub(crate) struct Tune {
    #[command(flatten)]
    pub recipe: RecipeArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    #[command(flatten)]
    pub track: TrackArgs,
    /// Trials in all, in place of the recipe's
    #[arg(long, value_name = "N")]
    pub trials: Option<usize>,
    /// Trials to run at once, each in a process of its own [default: the number of cores, 1 on a GPU]
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Go on with a study: its name or the start of it, its folder, or "latest"
    #[arg(long, value_name = "STUDY", num_args = 0..=1, default_missing_value = "latest")]
    pub resume: Option<String>,
    /// Checkpoints to keep, those of the best trials; paused trials keep theirs
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub keep: u16,
    /// Other seeds to train the best trial from, at the end, since the best of many is also the luckiest
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub confirm: u64,
    /// Where trials run: in processes of this machine, or on a Ray cluster, at an address or the one of this machine
    #[arg(long, value_name = "local|ray[=ADDRESS]", default_value = "local", value_parser = place)]
    pub executor: Place,
    /// What a trial is judged by: the validation split, or the mean of K folds of all but the test split [default: what the
    /// recipe says, or validation]
    #[arg(long, value_name = "validation|cv=K", value_parser = objective)]
    pub objective: Option<Objective>,
    /// The most memory of one trial, in MiB; one that takes more fails
    #[arg(long, value_name = "MIB")]
    pub memory: Option<u64>,
}

impl Verb for Tune {
    fn changes(&mut self) -> Option<&mut ChangeArgs> {
        Some(&mut self.recipe.changes)
    }

    fn run(&self, app: &App, common: &Common, screen: Screen) -> Result<()> {
        if self.jobs == Some(0) || self.trials == Some(0) {
            return Err(CliError::Usage("--jobs and --trials take numbers from 1".into()));
        }
        if self.memory.is_some() && self.executor != Place::Local {
            return Err(CliError::Usage(
                "--memory is for trials on this machine; on Ray, its own limits apply".into(),
            ));
        }
        let target = self.track.target()?;
        let device = context::device(&self.device)?;
        let (named, files) = context::recipe_and_files(app, &self.recipe, &self.data)?;
        let (mut header, objective) = search::header(app.name, &named.name, &named.recipe, self.objective)?;
        let bag = named.recipe.recipe().training.bag;
        if objective == Objective::Validation && bag > 1 {
            return Err(CliError::Usage(format!(
                "training.bag = {bag}: trials that are judged by the validation split train one network each; judge by folds with \
                 --objective cv=5, or take [[blend]] out of the recipe and search with --set training.bag=1"
            )));
        }
        let in_steps = named.recipe.recipe().model.architecture.kind().learns_in_steps();
        if objective == Objective::Validation && !in_steps {
            return Err(CliError::Usage(format!(
                "\"{}\" are not trained in epochs, which trials that are judged by the validation split report; judge by folds \
                 with --objective cv=5",
                named.recipe.recipe().model.name()
            )));
        }
        header.trials = self.trials.unwrap_or(header.trials);
        let metric = header.metric.name.clone();
        let trial_recipe = |values: &Values| trial_recipe(&named, &metric, values);
        check_space(&named.recipe, &header, &trial_recipe)?;
        // What is wrong with the data is told before a folder is made. They are not kept while others train on them.
        let Prepared { data, .. } = Prepared::new(&named.recipe, &files)?;
        search::add_to_digest(&mut header, &data.files, &self.device.device);
        data.warnings.iter().for_each(|warning| note(format!("warning: {warning}")));
        if let Work::Folds(config) = objective.work() {
            FoldPlan::new(&data, named.recipe.data().split(), config.rows, config.folds)?;
        }
        let classes = data.class_count();
        drop(data);
        let mut processes = OwnProcesses::new(&self.device, &files, self.jobs, usize::MAX);
        processes.memory = self.memory;
        // Before there is a folder, since Ray may not be there.
        let places = self.executor.open(&processes, "`tune --resume` goes on with the study")?;
        let (folder, mut study) = self.study(app, common, &named, &header)?;
        note(format!(
            "{} {}: {} trials on {}, {} at once with {} threads each",
            app.name,
            named.name,
            study.total(),
            self.device.device,
            processes.at_once,
            processes.threads,
        ));
        if study.header().scheduler.depends_on_timing() && processes.at_once > 1 {
            note("this scheduler decides by what has ended first: with --jobs 1 the study repeats exactly");
        }
        let settings = Settings {
            folder: context::absolute(folder.path()).join(studies::TRIALS),
            metric: metric.clone(),
            work: objective.work(),
        };
        let recipe_of = |values: &Values| Ok(trial_recipe(values)?.recipe().clone());
        let mut progress = TuneProgress::new(&study);
        let tracking = SearchTracking::new(target.as_ref(), &folder, app, &named.name, progress.teller());
        let mut watch = |study: &Study, step: &Progress<'_>| {
            progress.show(study, step);
            tracking.observe(step);
        };
        let places = (places, processes.at_once);
        let outcome = self.search(&mut study, places, settings, &folder, &recipe_of, &mut watch);
        drop(progress);
        let judge = || {
            outcome?;
            studies::sweep(&study, &folder);
            let Some(trial) = study.best().cloned() else {
                return Err(CliError::Failure(no_result(&study, folder.path())));
            };
            let recipe = trial_recipe(&trial.values)?;
            let winner = Winner {
                app,
                common,
                name: format!("{}-best", named.name),
                recipe: &recipe,
                files: &files,
                device: &device,
                trial: &trial,
                unit: header.unit,
                tracking: &tracking,
            };
            let best = self.best(&winner, &folder, &metric)?;
            let label = recipe.metrics().all().label(recipe.recipe().data.task, &metric);
            let mut remarks = studies::remarks(&study, &best.scores, best.looks, label);
            remarks.extend(best.confirmed.words(label));
            let report = study_report::write(&folder, &study, &named, &best.scores, classes, &remarks)?;
            Ok((best, recipe, remarks, report))
        };
        let judged = judge();
        let (found, tracked) = tracking.finish(app, judged)?;
        let (best, recipe, remarks, report) = found;
        let mut object = studies::object(&study);
        object["study"] = json!(folder.path().display().to_string());
        object["report"] = json!(report.display().to_string());
        object["run"] = json!(best.run.path().display().to_string());
        object["scores"] = json!(best.scores);
        object["confirmed"] = json!(best.confirmed);
        object["tracked"] = json!(tracked);
        screen.object(&object)?;
        screen.say(studies::table_of(&study, 10));
        screen.say(format!(
            "\nthe best trial as a run\n{}",
            split_table(&best.scores.splits(), &recipe.metrics().of_tables())
        ));
        remarks.iter().for_each(|line| screen.say(format!("\n{line}")));
        screen.say(format!("\nstudy    {}", folder.path().display()));
        screen.say(format!("run      {}", best.run.path().display()));
        screen.say(format!("report   {}", report.display()));
        tracked.iter().for_each(|ending| tell(app, ending, screen));
        Ok(())
    }
}

impl Tune {
    /// A new study in a folder of its own, or the one that goes on.
    fn study(
        &self,
        app: &App,
        common: &Common,
        named: &NamedRecipe,
        header: &Header,
    ) -> Result<(RunFolder, Study)> {
        let Some(name) = &self.resume else {
            let folder = studies::create(common, app, named, &self.device.device)?;
            let study = Study::create(&folder.path().join(STUDY), header.clone())?;
            return Ok((folder, study));
        };
        let folder = studies::find(&common.runs, app.name, name)?;
        let (mut study, recovery) = Study::resume(&folder.path().join(STUDY), header)?;
        if recovery.cut > 0 {
            note(format!(
                "the last {} bytes of the study's file were damaged, and are cut off",
                recovery.cut
            ));
        }
        if !recovery.interrupted.is_empty() {
            let trials = recovery.interrupted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            note(format!("trials that ran when the search was ended go on: {trials}"));
        }
        match self.trials.map(|wanted| wanted.checked_sub(study.total())) {
            Some(Some(further)) => drop(study.extend(further)?),
            Some(None) => note(format!("the study has {} trials, more than --trials", study.total())),
            None => {}
        }
        Ok((folder, study))
    }
}

/// Why a search has no best trial.
fn no_result(study: &Study, folder: &Path) -> String {
    let first = study.trials().iter().find_map(|trial| match &trial.state {
        State::Failed(message) => Some(format!("; trial {}: {message}", trial.number)),
        _ => None,
    });
    format!(
        "no trial of {} came to a result{}; the study is in {}",
        study.trials().len(),
        first.unwrap_or_default(),
        folder.display()
    )
}

/// The recipe of a trial.
fn trial_recipe(named: &NamedRecipe, metric: &str, values: &Values) -> Result<CheckedRecipe> {
    let mut recipe = named.with(search::overrides(values))?;
    recipe.search = None;
    // The weights that a trial keeps are those of the figure that it is judged by.
    recipe.training.monitor = metric.into();
    Ok(recipe.check()?)
}

/// Whether both ends of each domain are values that the recipe's key takes.
fn check_space(
    recipe: &CheckedRecipe,
    header: &Header,
    trial_recipe: &dyn Fn(&Values) -> Result<CheckedRecipe>,
) -> Result<()> {
    for (key, values) in studies::corners(&header.space) {
        if let Err(error) = trial_recipe(&values) {
            let words = brasa_data::keys::Fault::refused(&format!("search.space.{key}"), error.to_string());
            return Err(recipe.recipe().located(words).into());
        }
    }
    Ok(())
}
