//! What may watch a training and end it.

use serde::{Deserialize, Serialize};

use brasa_models::Network;

use crate::Result;
use crate::experiment::FinishedRun;
use crate::metrics::Scores;
use crate::report::Report;
use crate::run::{RunFolder, RunRecord};

/// Whether training goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// It does.
    Continue,
    /// It ends after this epoch, for this reason.
    Stop(StopReason),
}

/// Why training ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason", content = "detail")]
pub enum StopReason {
    /// All epochs were run.
    Completed,
    /// The monitored figure had not improved for `training.patience` epochs.
    Patience,
    /// The user asked for it.
    Interrupted,
    /// A callback's own reason.
    Other(String),
}

impl std::fmt::Display for StopReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Completed => f.write_str("all epochs were run"),
            Self::Patience => f.write_str("no improvement within the patience"),
            Self::Interrupted => f.write_str("interrupted by the user"),
            Self::Other(reason) => f.write_str(reason),
        }
    }
}

/// What is known before the first step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Epochs at most.
    pub epochs: usize,
    /// Steps in each epoch.
    pub steps: usize,
    /// Samples of the training side.
    pub train_rows: usize,
    /// Samples of the validation side.
    pub valid_rows: usize,
}

/// Where a training stands after one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepRecord {
    /// Epoch, from 1.
    pub epoch: usize,
    /// Step within the epoch, from 1.
    pub step: usize,
    /// Samples of this epoch seen so far.
    pub rows: usize,
    /// Learning rate of this step.
    pub lr: f64,
}

/// The loss of one step, exact, though it is known only when the logits of many steps are read back from the device.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepLoss {
    /// Epoch, from 1.
    pub epoch: usize,
    /// Step within the epoch, from 1.
    pub step: usize,
    /// Samples of the step's batch.
    pub rows: usize,
    /// Mean cross-entropy of the batch in nats, as the network stood before its update: without class weights and label
    /// smoothing, as [`EpochScores::loss`] is.
    pub loss: f64,
}

/// One line of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Epoch, from 1.
    pub epoch: usize,
    /// Learning rate of the epoch's first step.
    pub lr: f64,
    /// Seconds of training, without validation.
    pub train_seconds: f64,
    /// Seconds of validation.
    pub valid_seconds: f64,
    /// Figures of the training side, each batch as the network stood before its step, dropout on.
    pub train: EpochScores,
    /// Figures of the validation side after the epoch.
    pub valid: EpochScores,
    /// Whether these weights are the best so far.
    pub improved: bool,
}

/// The figures of one side that are kept for every epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EpochScores {
    /// Mean cross-entropy, without class weights and label smoothing.
    pub loss: f64,
    /// Share of right answers.
    pub accuracy: f64,
    /// Macro F1.
    pub f1_macro: f64,
}

impl From<&Scores> for EpochScores {
    fn from(scores: &Scores) -> Self {
        Self { loss: scores.loss, accuracy: scores.accuracy, f1_macro: scores.f1_macro }
    }
}

/// Watches a training; every method does nothing unless it is written.
pub trait Callback {
    /// When an [`Experiment`](crate::Experiment) has made the run's folder and written down what it is going to do: the
    /// resolved recipe, the environment, the facts of the data.
    ///
    /// # Errors
    /// An error fails the run.
    fn on_folder(&mut self, folder: &RunFolder, record: &RunRecord) -> Result<()> {
        let _ = (folder, record);
        Ok(())
    }

    /// Before the first step.
    ///
    /// # Errors
    /// An error ends the training.
    fn on_start(&mut self, plan: &Plan) -> Result<()> {
        let _ = plan;
        Ok(())
    }

    /// After each step.
    fn on_step(&mut self, step: &StepRecord) {
        let _ = step;
    }

    /// When the losses of further steps are known: each step once, in order, the last ones of an epoch before its
    /// [`on_epoch`](Callback::on_epoch).
    fn on_steps(&mut self, steps: &[StepLoss]) {
        let _ = steps;
    }

    /// After each epoch's validation, with the weights that it judged, in evaluation mode; before
    /// [`on_improvement`](Callback::on_improvement) and [`on_epoch`](Callback::on_epoch).
    ///
    /// # Errors
    /// An error ends the training.
    fn on_snapshot(&mut self, epoch: usize, network: &Network) -> Result<()> {
        let _ = (epoch, network);
        Ok(())
    }

    /// When the validation side gets better than ever before, with the weights that did it, before
    /// [`on_epoch`](Callback::on_epoch).
    ///
    /// # Errors
    /// An error ends the training.
    fn on_improvement(&mut self, epoch: usize, network: &Network) -> Result<()> {
        let _ = (epoch, network);
        Ok(())
    }

    /// After each epoch's validation.
    ///
    /// # Errors
    /// An error ends the training.
    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        let _ = record;
        Ok(Control::Continue)
    }

    /// When an [`Experiment`](crate::Experiment) has scored the kept weights and before it writes the report, to
    /// which a callback may add sections of its own.
    ///
    /// # Errors
    /// An error fails the run; the weights are kept.
    fn on_report(&mut self, run: &FinishedRun, report: &mut Report) -> Result<()> {
        let _ = (run, report);
        Ok(())
    }

    /// After the last epoch.
    ///
    /// # Errors
    /// An error is passed on; the weights are kept.
    fn on_end(&mut self, reason: &StopReason) -> Result<()> {
        let _ = reason;
        Ok(())
    }
}

/// Stops when the validation side has not improved for a number of epochs.
#[derive(Debug, Clone)]
pub struct EarlyStopping {
    patience: usize,
    waited: usize,
}

impl EarlyStopping {
    /// Waits for so many epochs.
    pub fn new(patience: usize) -> Self {
        Self { patience, waited: 0 }
    }
}

impl Callback for EarlyStopping {
    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        self.waited = if record.improved { 0 } else { self.waited + 1 };
        Ok(if self.waited >= self.patience { Control::Stop(StopReason::Patience) } else { Control::Continue })
    }
}
