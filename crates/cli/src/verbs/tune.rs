//! `tune`: a search over the hyperparameters of a recipe.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use brasa_run::{Experiment, FinishedRun, RunError, RunFolder, RunObserver};
use brasa_train::{CheckedRecipe, Leg, Prepared, Recipe, StopReason, TrainError};
use brasa_tune::executor::{self, DriveError, Executor};
use brasa_tune::study::{Study, StudyError};
use brasa_tune::{Header, Values};
use clap::Args;
use serde_json::json;

use super::Verb;
use super::scores::split_table;
use crate::app::App;
use crate::args::{ChangeArgs, Common, DataArgs, DeviceArgs, RecipeArgs};
use crate::confirm::{Confirmed, confirm};
use crate::context::{self, NamedRecipe};
use crate::error::{CliError, Result};
use crate::interrupt::{self, Interrupt};
use crate::output::{Screen, note};
use crate::own_processes::OwnProcesses;
use crate::progress::Progress;
use crate::ray_trials::RayTrials;
use crate::studies::{self, STUDY};
use crate::trial_processes::TrialProcesses;
use crate::trial_work::{Settings, TrialWork};
use crate::tune_progress::TuneProgress;
use crate::{search, study_report};

/// Search over the hyperparameters that the recipe's [search] names
#[derive(Debug, Args)]
pub(crate) struct Tune {
    #[command(flatten)]
    pub recipe: RecipeArgs,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
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
        let device = context::device(&self.device)?;
        let (named, files) = context::recipe_and_files(app, &self.recipe, &self.data)?;
        let mut header = search::header(app.name, &named.name, &named.recipe)?;
        header.trials = self.trials.unwrap_or(header.trials);
        let metric = header.metric.name.clone();
        let trial_recipe = |values: &Values| trial_recipe(&named, &metric, values);
        check_space(&named.recipe, &header, &trial_recipe)?;
        // What is wrong with the data is told before a folder is made. They are not kept while others train on them.
        let Prepared { data, .. } = Prepared::new(&named.recipe, &files)?;
        search::add_to_digest(&mut header, &data.files, &self.device.device);
        data.warnings.iter().for_each(|warning| note(format!("warning: {warning}")));
        drop(data);
        let (folder, mut study) = self.study(app, common, &named, &header)?;
        let settings = self.settings(app, &named, folder.path(), &header.metric.name);
        let places = settings.processes.at_once;
        note(format!(
            "{} {}: {} trials on {}, {places} at once with {} threads each",
            app.name,
            named.name,
            study.total(),
            self.device.device,
            settings.processes.threads,
        ));
        if study.header().scheduler.depends_on_timing() && places > 1 {
            note("this scheduler decides by what has ended first: with --jobs 1 the study repeats exactly");
        }
        let is_new = study.trials().is_empty();
        let recipe_of = |values: &Values| Ok(trial_recipe(values)?.recipe().clone());
        let outcome = self.search(&mut study, settings, &folder, &recipe_of);
        if outcome.is_err() && is_new && study.trials().is_empty() {
            // Nothing began, as where Ray is not there: no empty study is to be the latest one.
            let _ = std::fs::remove_dir_all(folder.path());
        }
        outcome?;
        studies::sweep(&study, &folder);
        let Some(best) = study.best().cloned() else {
            return Err(CliError::Failure(no_result(&study, folder.path())));
        };
        let winner = trial_recipe(&best.values)?;
        let finished = self.finish(app, common, &named, &winner, &files, &device, &folder, &best)?;
        let metric = &header.metric.name;
        let confirmed = confirm(&winner, &finished.prepared, app.rule, &device, self.confirm, metric)?;
        let label = winner.metrics().all().label(winner.recipe().data.task, metric);
        let mut remarks = studies::remarks(&study, &finished.scores, label);
        remarks.extend(confirmed.words(label));
        let report = study_report::write(&folder, &study, &named, &finished, &remarks)?;
        self.tell(&study, &folder, &finished, &winner, (&confirmed, &remarks), &report, screen)
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

    fn settings(&self, app: &App, named: &NamedRecipe, folder: &Path, metric: &str) -> Settings {
        // Absolute, as what follows, for processes that may stand elsewhere.
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let mut data = context::beside_recipe(app, &self.recipe, &self.data, &named.recipe);
        data.data = data.data.as_deref().map(absolute);
        Settings {
            processes: OwnProcesses::new(&self.device, data, self.jobs, usize::MAX),
            folder: absolute(folder).join(studies::TRIALS),
            metric: metric.into(),
            memory: self.memory,
        }
    }

    /// Runs the study to its end, and keeps the confusion matrices of the trials that come to theirs.
    fn search(
        &self,
        study: &mut Study,
        settings: Settings,
        folder: &RunFolder,
        recipe_of: &dyn Fn(&Values) -> Result<Recipe>,
    ) -> Result<()> {
        let (trials, places) = (settings.folder.clone(), settings.processes.at_once);
        let mut progress = TuneProgress::new(study);
        interrupt::on_first("\nstopping the search; once more to end at once", || ());
        let outcome = {
            let keep =
                |trial: usize, confusion: Vec<Vec<u64>>| studies::keep_confusion(folder, trial, &confusion);
            let observe = |study: &mut Study, step: executor::Progress<'_>| {
                progress.show(study, &step);
                // Not while a trial may still be saving: it has left, or said that it has saved.
                if matches!(step, executor::Progress::Left { .. } | executor::Progress::Saved { .. }) {
                    studies::forget(study, self.keep.into(), &trials)?;
                }
                Ok(Interrupt::asked())
            };
            let work = TrialWork::new(settings, recipe_of, keep);
            match &self.executor {
                Place::Local => run_on(study, TrialProcesses::new(work), places, observe),
                Place::Ray(address) => {
                    RayTrials::connect(address, work).and_then(|ray| run_on(study, ray, places, observe))
                }
            }
        };
        interrupt::no_grace();
        match outcome? {
            true if !Interrupt::asked() => Ok(()),
            _ => Err(CliError::stopped_search()),
        }
    }

    /// The best trial as a run of its own: trained to its end where it was not, and judged on the test split, once.
    #[allow(clippy::too_many_arguments)]
    fn finish(
        &self,
        app: &App,
        common: &Common,
        named: &NamedRecipe,
        winner: &CheckedRecipe,
        files: &brasa_data::Files,
        device: &burn::tensor::Device,
        folder: &RunFolder,
        best: &brasa_tune::study::Trial,
    ) -> Result<FinishedRun> {
        let name = format!("{}-best", named.name);
        let experiment = Experiment {
            app: app.name,
            recipe_name: &name,
            recipe: winner,
            files,
            device_name: &self.device.device,
            device,
            runs: &common.runs,
            rule: app.rule,
        };
        let checkpoints: PathBuf = folder.path().join(studies::TRIALS).join(best.number.to_string());
        let run = |at| {
            let leg = Leg { from: Some(&checkpoints), at: Some(at), until: None, save: None };
            let (mut progress, mut interrupt) = (Progress::new(), Interrupt::new());
            let mut observers: Vec<&mut dyn RunObserver> = vec![&mut interrupt, &mut progress];
            experiment.run_from(leg, &mut observers)
        };
        let finished = match run(best.checkpoint) {
            Err(RunError::Train(TrainError::Checkpoint { .. })) if best.checkpoint > 0 => {
                note("the best trial's checkpoint cannot be read: it is trained again");
                run(0)?
            }
            finished => finished?,
        };
        match finished.outcome.stop {
            StopReason::Interrupted => Err(CliError::stopped_search()),
            _ => Ok(finished),
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn tell(
        &self,
        study: &Study,
        folder: &RunFolder,
        finished: &FinishedRun,
        winner: &CheckedRecipe,
        (confirmed, remarks): (&Confirmed, &[String]),
        report: &Path,
        screen: Screen,
    ) -> Result<()> {
        let scores = &finished.scores;
        let mut object = studies::object(study);
        object["study"] = json!(folder.path().display().to_string());
        object["report"] = json!(report.display().to_string());
        object["run"] = json!(finished.folder.path().display().to_string());
        object["scores"] = json!(scores);
        object["confirmed"] = json!(confirmed);
        screen.object(&object)?;
        screen.say(studies::table_of(study, 10));
        screen.say(format!(
            "\nthe best trial, its test split looked at once\n{}",
            split_table(&scores.splits(), &winner.metrics().of_tables())
        ));
        remarks.iter().for_each(|line| screen.say(format!("\n{line}")));
        screen.say(format!("\nstudy    {}", folder.path().display()));
        screen.say(format!("run      {}", finished.folder.path().display()));
        screen.say(format!("report   {}", report.display()));
        Ok(())
    }
}

/// The recipe of a trial.
fn trial_recipe(named: &NamedRecipe, metric: &str, values: &Values) -> Result<CheckedRecipe> {
    let mut recipe = named.with(search::overrides(values))?;
    recipe.search = None;
    // The weights that a trial keeps are those of the figure that it is judged by.
    recipe.training.monitor = metric.into();
    Ok(recipe.check()?)
}

/// Where trials run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Local,
    /// On the Ray of this address; `auto` is the one of this machine, `local` one that ends with the search.
    Ray(String),
}

fn place(text: &str) -> Result<Place, String> {
    match text.split_once('=') {
        None if text == "local" => Ok(Place::Local),
        None if text == "ray" => Ok(Place::Ray("auto".into())),
        Some(("ray", address)) if !address.is_empty() => Ok(Place::Ray(address.into())),
        _ => Err("expected local, ray, or ray=ADDRESS".into()),
    }
}

/// Runs the study, until it is over, the observer fails, or it asks for the end; whether it is over.
fn run_on<E: Executor<Error = CliError>>(
    study: &mut Study,
    mut executor: E,
    places: usize,
    mut observe: impl FnMut(&mut Study, executor::Progress<'_>) -> Result<bool>,
) -> Result<bool> {
    let mut failure = None;
    let done = executor::drive(study, &mut executor, places, |study, step| match observe(study, step) {
        Ok(false) => ControlFlow::Continue(()),
        Ok(true) => ControlFlow::Break(()),
        Err(error) => {
            failure = Some(error);
            ControlFlow::Break(())
        }
    });
    failure.map_or(done.map_err(failed), Err)
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

fn failed(error: DriveError<CliError>) -> CliError {
    match error {
        DriveError::Study(error) => error.into(),
        DriveError::Executor(error) => error,
    }
}

fn no_result(study: &Study, folder: &Path) -> String {
    let first = study.trials().iter().find_map(|trial| match &trial.state {
        brasa_tune::study::State::Failed(message) => Some(format!("; trial {}: {message}", trial.number)),
        _ => None,
    });
    format!(
        "no trial of {} came to a result{}; the study is in {}",
        study.trials().len(),
        first.unwrap_or_default(),
        folder.display()
    )
}

impl From<StudyError> for CliError {
    fn from(error: StudyError) -> Self {
        match error.is_input() {
            true => Self::Usage(error.to_string()),
            false => Self::Failure(error.to_string()),
        }
    }
}
