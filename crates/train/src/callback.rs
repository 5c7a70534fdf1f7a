//! What may watch a training and end it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use std::any::Any;
use std::path::Path;

use brasa_models::{Input, Model, save_weights};
use burn::tensor::Tensor;

use crate::Result;
use crate::metrics::{Figures, Metric, Metrics};

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
    /// `training.time_limit` was over.
    TimeLimit,
    /// The user asked for it.
    Interrupted,
    /// It goes on from a checkpoint, another time.
    Paused,
    /// As [`Paused`](Self::Paused), and not by plan: why.
    Suspended(String),
    /// A callback's own reason.
    Other(String),
}

impl StopReason {
    /// Whether it is to go on another time, and not to be judged yet.
    pub fn is_pause(&self) -> bool {
        matches!(self, Self::Paused | Self::Suspended(_))
    }
}

impl Control {
    /// Why training ends, where it does.
    pub fn reason(self) -> Option<StopReason> {
        match self {
            Self::Continue => None,
            Self::Stop(reason) => Some(reason),
        }
    }
}

impl std::fmt::Display for StopReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Completed => f.write_str("all epochs were run"),
            Self::Patience => f.write_str("no improvement within the patience"),
            Self::TimeLimit => f.write_str("the time limit was over"),
            Self::Interrupted => f.write_str("interrupted by the user"),
            Self::Paused => f.write_str("paused"),
            Self::Suspended(reason) | Self::Other(reason) => f.write_str(reason),
        }
    }
}

/// What is known before the first step.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Epochs at most.
    pub epochs: usize,
    /// Steps in each epoch.
    pub steps: usize,
    /// Samples of the training split.
    pub train_rows: usize,
    /// Samples of the validation split.
    pub valid_rows: usize,
    /// The metrics of each epoch, in the order of their figures.
    pub metrics: Metrics,
    /// What is behind it, where it goes on from a checkpoint.
    pub resumed: Option<Resumed>,
}

/// Where a training goes on from a checkpoint.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resumed {
    /// The epochs that are behind it.
    pub history: Vec<EpochRecord>,
    /// Steps of the epoch after them that are behind it.
    pub steps: usize,
    /// Newer checkpoints that could not be used, and why.
    pub passed_over: Vec<String>,
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
    /// smoothing, as an epoch's loss is.
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
    /// Figures of the training split, each batch as the network stood before its step, dropout on: those that need no more
    /// than [counts](crate::metrics::Needs).
    pub train: Figures,
    /// Figures of the validation split after the epoch.
    pub valid: Figures,
    /// Whether these weights are the best so far.
    pub improved: bool,
}

/// Watches a training; every method does nothing unless it is written.
pub trait Callback {
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

    /// Asked after each step, and every so often where others do the steps: a reason ends the training there, in the middle of
    /// its epoch, of which a [checkpoint](crate::Leg::save) keeps what it was.
    fn stop_now(&mut self) -> Option<StopReason> {
        None
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
    fn on_snapshot(&mut self, epoch: usize, model: &dyn Snapshot) -> Result<()> {
        let _ = (epoch, model);
        Ok(())
    }

    /// When the validation split gets better than ever before, with the weights that did it, before
    /// [`on_epoch`](Callback::on_epoch).
    ///
    /// # Errors
    /// An error ends the training.
    fn on_improvement(&mut self, epoch: usize, model: &dyn Snapshot) -> Result<()> {
        let _ = (epoch, model);
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

    /// After the last epoch.
    ///
    /// # Errors
    /// An error is passed on; the weights are kept.
    fn on_end(&mut self, reason: &StopReason) -> Result<()> {
        let _ = reason;
        Ok(())
    }
}

/// The weights of an epoch, of whatever model: in evaluation mode, on the device without autodiff.
pub trait Snapshot {
    /// Outputs of a batch.
    ///
    /// # Shapes
    /// `[batch, outputs]`.
    fn outputs(&self, input: &Input) -> Tensor<2>;

    /// Writes the weights as a safetensors file.
    ///
    /// # Errors
    /// [`TrainError::Model`](crate::TrainError::Model) where it cannot be written.
    fn save(&self, path: &Path) -> Result<()>;

    /// The model itself, for whoever knows its type.
    fn as_any(&self) -> &dyn Any;
}

impl<M: Model> Snapshot for M {
    fn outputs(&self, input: &Input) -> Tensor<2> {
        self.forward(input)
    }

    fn save(&self, path: &Path) -> Result<()> {
        Ok(save_weights(self, path)?)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Several callbacks as one, told in their order.
pub(crate) struct Callbacks<'a, 'b>(Vec<&'a mut (dyn Callback + 'b)>);

impl<'a, 'b> Callbacks<'a, 'b> {
    pub(crate) fn new(first: Option<&'a mut EarlyStopping>, rest: &'a mut [&'b mut dyn Callback]) -> Self {
        let first = first.map(|callback| callback as &mut dyn Callback);
        Self(
            first
                .into_iter()
                .chain(rest.iter_mut().map(|callback| &mut **callback as &mut (dyn Callback + 'b)))
                .collect(),
        )
    }

    fn each(&mut self, mut tell: impl FnMut(&mut (dyn Callback + 'b)) -> Result<()>) -> Result<()> {
        self.0.iter_mut().try_for_each(|callback| tell(&mut **callback))
    }
}

impl Callback for Callbacks<'_, '_> {
    fn on_start(&mut self, plan: &Plan) -> Result<()> {
        self.each(|callback| callback.on_start(plan))
    }

    fn on_step(&mut self, step: &StepRecord) {
        self.0.iter_mut().for_each(|callback| callback.on_step(step));
    }

    fn stop_now(&mut self) -> Option<StopReason> {
        self.0.iter_mut().find_map(|callback| callback.stop_now())
    }

    fn on_steps(&mut self, steps: &[StepLoss]) {
        if !steps.is_empty() {
            self.0.iter_mut().for_each(|callback| callback.on_steps(steps));
        }
    }

    fn on_snapshot(&mut self, epoch: usize, model: &dyn Snapshot) -> Result<()> {
        self.each(|callback| callback.on_snapshot(epoch, model))
    }

    fn on_improvement(&mut self, epoch: usize, model: &dyn Snapshot) -> Result<()> {
        self.each(|callback| callback.on_improvement(epoch, model))
    }

    /// All are told; the first one that stops says why.
    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        let mut verdict = Control::Continue;
        self.each(|callback| {
            let own = callback.on_epoch(record)?;
            if verdict == Control::Continue {
                verdict = own;
            }
            Ok(())
        })?;
        Ok(verdict)
    }

    fn on_end(&mut self, reason: &StopReason) -> Result<()> {
        self.each(|callback| callback.on_end(reason))
    }
}

/// Stops when a metric of the validation split has not improved for a number of epochs.
///
/// It judges by a reference of its own: an epoch counts as an improvement where it exceeds the last one that counted by
/// more than `min_delta`, so that many small steps add up, and which weights are kept is another matter.
#[derive(Debug, Clone)]
pub struct EarlyStopping {
    monitor: Arc<dyn Metric>,
    patience: usize,
    min_delta: f64,
    reference: Option<f64>,
    waited: usize,
    /// Epochs after which it stops where none since the one before has improved.
    cycle_ends: Vec<usize>,
}

impl EarlyStopping {
    /// Waits for so many epochs in which `monitor` does not improve by more than `min_delta`.
    pub fn new(monitor: Arc<dyn Metric>, patience: usize, min_delta: f64) -> Self {
        Self { monitor, patience, min_delta, reference: None, waited: 0, cycle_ends: Vec::new() }
    }

    /// Stops after one of these epochs, too, where none since the one before of them has improved: the ends of a schedule's
    /// cycles.
    pub fn at_cycle_ends(self, cycle_ends: Vec<usize>) -> Self {
        Self { cycle_ends, ..self }
    }

    /// Whether a cycle ends with this epoch that was in vain.
    fn ends_in_vain(&self, epoch: usize) -> bool {
        let Some(place) = self.cycle_ends.iter().position(|end| *end == epoch) else { return false };
        let before = place.checked_sub(1).and_then(|place| self.cycle_ends.get(place)).copied().unwrap_or(0);
        self.waited >= epoch - before
    }
}

impl Callback for EarlyStopping {
    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        let figure = record.valid.value(self.monitor.name());
        let direction = self.monitor.direction();
        if self.reference.is_none_or(|reference| direction.improves(figure, reference, self.min_delta)) {
            self.reference = Some(figure);
            self.waited = 0;
        } else {
            self.waited += 1;
        }
        let over = self.waited >= self.patience || self.ends_in_vain(record.epoch);
        Ok(if over { Control::Stop(StopReason::Patience) } else { Control::Continue })
    }
}
