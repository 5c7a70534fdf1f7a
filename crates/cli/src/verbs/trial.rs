//! `trial`: the trials of a search, one after another, in a process of their own.

use std::io::BufRead;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};

use brasa_data::{DataConfig, Files};
use brasa_train::recipe::EmbeddingRecipe;
use brasa_train::{
    Callback, CheckedRecipe, Control, EpochRecord, Leg, Prepared, StopReason, TrainError, score,
    train_network_leg,
};
use burn::tensor::Device;
use clap::Args;

use super::Verb;
use crate::app::App;
use crate::args::{Common, DataArgs, DeviceArgs};
use crate::context;
use crate::error::{CliError, Result};
use crate::output::{Screen, answer};
use crate::trial::{Ending, Line, Said, TrialJob, VERSION, Verdict};

/// Trials of a search, which starts it
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
        let mut worker = Worker { app, data: &self.data, device, stdin: listen(), prepared: None };
        while let Some(line) = worker.line() {
            let job: TrialJob = serde_json::from_str(&line).map_err(|error| {
                CliError::Usage(format!(
                    "trial is a part of `{} tune`, which gives it its work on stdin: {error}",
                    app.name
                ))
            })?;
            BUSY.store(true, Ordering::SeqCst);
            worker.answer_job(job)?;
            BUSY.store(false, Ordering::SeqCst);
        }
        Ok(())
    }
}

/// Whether a trial runs.
static BUSY: AtomicBool = AtomicBool::new(false);

/// The lines of stdin. Where it ends in the midst of a trial, whoever asked for it is gone, and so is this process: nobody is to
/// compute beside the search that goes on.
fn listen() -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(std::result::Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
        if BUSY.load(Ordering::SeqCst) {
            std::process::exit(1);
        }
    });
    lines
}

/// What data follow from.
type DataTables = (DataConfig, Option<EmbeddingRecipe>);

struct Worker<'a> {
    app: &'a App,
    data: &'a DataArgs,
    device: Device,
    stdin: Receiver<String>,
    /// The data of the last trial, and the tables that they follow from: most searches leave the data alone.
    prepared: Option<(DataTables, Prepared)>,
}

impl Worker<'_> {
    /// The next line; none where whoever started this process is gone.
    fn line(&mut self) -> Option<String> {
        self.stdin.recv().ok()
    }

    fn answer_job(&mut self, job: TrialJob) -> Result<()> {
        let trial = job.trial;
        let ended = match self.run(job) {
            Ok(confusion) => Line::Ended { trial, ended: Ending::Completed, message: None, confusion },
            Err(CliError::Run(error)) if is_divergence(&error) => Line::Ended {
                trial,
                ended: Ending::Diverged,
                message: Some(error.to_string()),
                confusion: None,
            },
            Err(error) => Line::Ended {
                trial,
                ended: Ending::Failed,
                message: Some(error.to_string()),
                confusion: None,
            },
        };
        say(&ended)
    }

    fn run(&mut self, job: TrialJob) -> Result<Option<Vec<Vec<u64>>>> {
        if job.version != VERSION {
            let found = job.version;
            return Err(CliError::Usage(format!(
                "expected a job of version {VERSION}, found {found}: use one version of brasa"
            )));
        }
        let recipe = job.recipe.clone().check()?;
        let files = context::files(self.app, self.data, &recipe)?;
        let prepared = self.prepare(&recipe, &files)?;
        let (rule, device) = (self.app.rule, self.device.clone());
        let mut reporter = Reporter { worker: self, trial: job.trial, metric: &job.metric };
        // Where it pauses is for the verdicts to say.
        let folder = Some(job.folder.as_path());
        let leg = |at| Leg { from: folder, at: Some(at), until: None, save: folder };
        let mut train =
            |at| train_network_leg(&recipe, &prepared, rule, &device, &mut [&mut reporter], leg(at));
        let outcome = match train(job.from_epoch) {
            // As after a power cut: the epochs are the same when they are done again.
            Err(TrainError::Checkpoint { .. }) if job.from_epoch > 0 => train(0)?,
            outcome => outcome?,
        };
        say(&Line::Checkpoint { trial: job.trial, checkpoint: outcome.history.len() })?;
        if outcome.stop == StopReason::Paused {
            return Ok(None);
        }
        let scores = score(&outcome.model, &recipe, &prepared, brasa_data::Role::Valid, &device)?;
        Ok(scores.classes().map(|classes| classes.confusion.clone()))
    }

    /// The data of a recipe, read once for all recipes that name the same.
    fn prepare(&mut self, recipe: &CheckedRecipe, files: &Files) -> Result<Prepared> {
        let key = (recipe.recipe().data.clone(), recipe.recipe().embedding.clone());
        if let Some((of, prepared)) = &self.prepared
            && *of == key
        {
            prepared.check(recipe)?;
            return Ok(prepared.clone());
        }
        let prepared = Prepared::new(recipe, files)?;
        self.prepared = Some((key, prepared.clone()));
        Ok(prepared)
    }
}

fn is_divergence(error: &brasa_run::RunError) -> bool {
    matches!(error, brasa_run::RunError::Train(TrainError::NotFinite { .. }))
}

fn say(line: &Line) -> Result<()> {
    let text = serde_json::to_string(line)
        .map_err(|error| CliError::Failure(format!("cannot write a trial's line: {error}")))?;
    answer(&text);
    Ok(())
}

/// Reports each epoch, and does as it is told.
struct Reporter<'w, 'a> {
    worker: &'w mut Worker<'a>,
    trial: usize,
    metric: &'w str,
}

impl Callback for Reporter<'_, '_> {
    fn on_epoch(&mut self, record: &EpochRecord) -> brasa_train::Result<Control> {
        let value = record.valid.get(self.metric).unwrap_or(f64::NAN);
        let (trial, epoch) = (self.trial, record.epoch);
        if !value.is_finite() {
            return Err(TrainError::NotFinite { epoch, step: 0, lr: record.lr });
        }
        let report =
            Line::Report { trial, epoch, value, seconds: record.train_seconds + record.valid_seconds };
        let refusal = |error: CliError| TrainError::refusal(error.to_string());
        say(&report).map_err(refusal)?;
        let Some(line) = self.worker.line() else {
            return Ok(Control::Stop(StopReason::Interrupted));
        };
        let Verdict { verdict } =
            serde_json::from_str(&line).map_err(|error| TrainError::refusal(error.to_string()))?;
        Ok(match verdict {
            Said::Continue => Control::Continue,
            Said::Pause => Control::Stop(StopReason::Paused),
            Said::Stop => Control::Stop(StopReason::Other("the search stopped it".into())),
        })
    }
}
