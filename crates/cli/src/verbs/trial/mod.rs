//! `trial`: the trials of a search and the folds of a cross-validation, one after another, in a process of their own.

mod folds;
mod training;

use std::io::BufRead;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};

use brasa_data::DataConfig;
use brasa_run::cross_validation::{CrossValidation, CrossValidationConfig};
use brasa_train::recipe::EmbeddingRecipe;
use brasa_train::{CheckedRecipe, Prepared, TrainError};
use burn::tensor::Device;
use clap::Args;

use super::Verb;
use crate::app::App;
use crate::args::{Common, DataArgs, DeviceArgs};
use crate::context;
use crate::error::{CliError, Result};
use crate::output::{Screen, answer};
use crate::trial::{Ended, Ending, Line, Said, TrialJob, VERSION, Verdict, Work};

/// Trials of a search or folds of a cross-validation, which starts it
#[derive(Debug, Args)]
pub(crate) struct Trial {
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
}

impl Verb for Trial {
    const TYPED: bool = false;

    fn run(&self, app: &App, _: &Common, _: Screen) -> Result<()> {
        let device = context::device(&self.device)?;
        let stdin = listen();
        let mut worker = Worker { app, data: &self.data, device, stdin, prepared: None, planned: None };
        while let Some(line) = worker.line() {
            let job: TrialJob = serde_json::from_str(&line).map_err(|error| {
                CliError::Usage(format!(
                    "trial is a part of `{} tune` and `{0} cv`, which give it its work on stdin: {error}",
                    app.name
                ))
            })?;
            BUSY.store(true, Ordering::SeqCst);
            if GONE.load(Ordering::SeqCst) {
                std::process::exit(1);
            }
            worker.answer_job(&job)?;
            BUSY.store(false, Ordering::SeqCst);
        }
        Ok(())
    }
}

/// Whether there is work.
static BUSY: AtomicBool = AtomicBool::new(false);
/// Whether whoever asked for it is gone. Each of two threads writes one of these and then reads the other, so that neither can miss
/// the end.
static GONE: AtomicBool = AtomicBool::new(false);

/// The lines of stdin. Where it ends in the midst of a job, whoever asked for it is gone, and so is this process: nobody is to
/// compute beside the search that goes on.
fn listen() -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(std::result::Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
        GONE.store(true, Ordering::SeqCst);
        if BUSY.load(Ordering::SeqCst) {
            std::process::exit(1);
        }
    });
    lines
}

/// What data follow from.
type DataTables = (DataConfig, Option<EmbeddingRecipe>);

fn tables_of(recipe: &CheckedRecipe) -> DataTables {
    (recipe.recipe().data.clone(), recipe.recipe().embedding.clone())
}

struct Worker<'a> {
    app: &'a App,
    data: &'a DataArgs,
    device: Device,
    stdin: Receiver<String>,
    /// The data of the last trial, and the tables that they follow from: most searches leave the data alone.
    prepared: Option<(DataTables, Prepared)>,
    /// The folds of the last one, likewise.
    planned: Option<(CrossValidationConfig, CrossValidation)>,
}

impl Worker<'_> {
    /// The next line; none where whoever started this process is gone.
    fn line(&mut self) -> Option<String> {
        self.stdin.recv().ok()
    }

    fn answer_job(&mut self, job: &TrialJob) -> Result<()> {
        let trial = job.trial;
        let ended = self.run(job).unwrap_or_else(|error| {
            let failed = Ended { input: error.is_input(), ..Ended::failed(trial, error.to_string()) };
            match is_divergence(&error) {
                true => Ended { ended: Ending::Diverged, ..failed },
                false => failed,
            }
        });
        say(&Line::Ended(ended))
    }

    fn run(&mut self, job: &TrialJob) -> Result<Ended> {
        if job.version != VERSION {
            let found = job.version;
            return Err(CliError::Usage(format!(
                "expected a job of version {VERSION}, found {found}: use one version of brasa"
            )));
        }
        let recipe = job.recipe.clone().check()?;
        match job.work {
            Work::Training => self.train(job, &recipe),
            Work::Folds(config) => self.cross_validate(job, &recipe, config),
            Work::Fold { config, id } => self.fold(job, &recipe, config, id),
        }
    }

    /// Tells a value, and what is to be done next; none where nobody listens any more.
    fn report(&mut self, trial: usize, epoch: usize, value: f64, seconds: f64) -> Result<Option<Said>> {
        say(&Line::Report { trial, epoch, value, seconds })?;
        let Some(line) = self.line() else { return Ok(None) };
        let verdict: Verdict = serde_json::from_str(&line)
            .map_err(|error| CliError::Usage(format!("expected a verdict, found {line:?}: {error}")))?;
        Ok(Some(verdict.verdict))
    }
}

fn is_divergence(error: &CliError) -> bool {
    matches!(error, CliError::Run(brasa_run::RunError::Train(TrainError::NotFinite { .. })))
}

fn say(line: &Line) -> Result<()> {
    let text = serde_json::to_string(line)
        .map_err(|error| CliError::Failure(format!("cannot write a trial's line: {error}")))?;
    answer(&text);
    Ok(())
}
