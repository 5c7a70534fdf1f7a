//! The one function that trains.

use std::collections::VecDeque;
use std::time::Instant;

use brasa_data::Role;
use brasa_models::Network;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use crate::callback::{
    Callback, Control, EarlyStopping, EpochRecord, Plan, StepLoss, StepRecord, StopReason,
};
use crate::evaluate::{LogitQueue, evaluate};
use crate::metrics::{Evaluator, Figures, Metric, Metrics, Needs, Scores};
use crate::prepared::Prepared;
use crate::recipe::CheckedRecipe;
use crate::step::Stepper;
use crate::{Result, TrainError};

/// What a training leaves behind.
#[derive(Debug)]
pub struct Outcome {
    /// The best weights, in evaluation mode, on the device without autodiff.
    pub network: Network,
    /// The epoch that they come from, from 1.
    pub best_epoch: usize,
    /// Every epoch that was run.
    pub history: Vec<EpochRecord>,
    /// Why it ended.
    pub stop: StopReason,
}

/// Trains the recipe's network on `prepared` data and keeps the weights that are best by the monitored figure
/// of the validation side. The test side is not looked at.
///
/// The result is a function of the recipe and the data: not of the number of loader threads, and on a CPU not
/// of the run.
///
/// # Errors
/// [`TrainError::NotFinite`] when the loss diverges, and whatever a callback answers.
pub fn train(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    device: &Device,
    callbacks: &mut [&mut dyn Callback],
) -> Result<Outcome> {
    let training = &recipe.recipe().training;
    let mut stepper = Stepper::new(recipe, &prepared.data.class_counts(&prepared.split.train), device)?;
    let mut network = prepared.init_network(recipe, stepper.device())?;
    let train_loader = prepared.train_loader(recipe)?;
    let valid_loader = prepared.eval_loader(&prepared.split.valid, training.workers)?;
    let mut scheduler = recipe.scheduler(train_loader.batches())?;
    let evaluator = Evaluator::new(prepared.data.class_names.clone(), training.top_k)?;
    let chosen = recipe.metrics();
    let (monitor, metrics) = (chosen.monitor(), chosen.of_epoch());
    let mut valid_evaluator = match metrics.needs(chosen.task()) {
        Needs::Counts => evaluator.clone(),
        Needs::Rows => evaluator.clone().with_rows(),
    };
    let mut early_stopping =
        training.patience.map(|patience| EarlyStopping::new(monitor.clone(), patience, training.min_delta));
    let plan = Plan {
        epochs: training.epochs,
        steps: train_loader.batches(),
        train_rows: train_loader.samples(),
        valid_rows: valid_loader.samples(),
        metrics: metrics.clone(),
    };
    for callback in callbacks.iter_mut() {
        callback.on_start(&plan)?;
    }

    let mut history: Vec<EpochRecord> = Vec::new();
    let mut best: Option<(usize, f64, Network)> = None;
    let mut stop = StopReason::Completed;
    for epoch in 1..=training.epochs {
        let started = Instant::now();
        let lr = scheduler.lr(epoch - 1, (epoch - 1) * plan.steps);
        let mut tally = EpochTally::new(evaluator.clone(), epoch);
        let mut rows = 0;
        for (index, mut batch) in train_loader.epoch(epoch as u64).enumerate() {
            let lr = scheduler.lr(epoch - 1, (epoch - 1) * plan.steps + index);
            let logits;
            (network, logits) = stepper.step(network, &mut batch, lr, (epoch, index + 1))?;
            rows += batch.targets.len();
            let losses = tally.push(logits, batch.targets, lr)?;
            tell_steps(callbacks, &losses);
            let record = StepRecord { epoch, step: index + 1, rows, lr };
            callbacks.iter_mut().for_each(|callback| callback.on_step(&record));
        }
        let (losses, train) = tally.finish(&metrics)?;
        tell_steps(callbacks, &losses);
        let train_seconds = started.elapsed().as_secs_f64();

        let started = Instant::now();
        let snapshot = network.valid();
        evaluate(&snapshot, &valid_loader, &mut valid_evaluator, device)?;
        let valid = valid_evaluator.figures(&metrics)?;
        if !valid.loss().is_finite() {
            return Err(TrainError::NotFinite { epoch, step: plan.steps, lr });
        }
        let figure = valid
            .get(monitor.name())
            .ok_or_else(|| undefined_monitor(&**monitor, &valid_evaluator, epoch))?;
        scheduler.end_epoch(figure);
        let improved = match &best {
            Some((_, best_figure, _)) => monitor.direction().improves(figure, *best_figure, 0.0),
            None => true,
        };
        let record = EpochRecord {
            epoch,
            lr,
            train_seconds,
            valid_seconds: started.elapsed().as_secs_f64(),
            train,
            valid,
            improved,
        };
        for callback in callbacks.iter_mut() {
            callback.on_snapshot(epoch, &snapshot)?;
        }
        if improved {
            for callback in callbacks.iter_mut() {
                callback.on_improvement(epoch, &snapshot)?;
            }
            best = Some((epoch, figure, snapshot));
        }
        let mut verdict = Control::Continue;
        if let Some(early_stopping) = &mut early_stopping {
            verdict = early_stopping.on_epoch(&record)?;
        }
        for callback in callbacks.iter_mut() {
            if let stop @ Control::Stop(_) = callback.on_epoch(&record)? {
                verdict = stop;
            }
        }
        history.push(record);
        if let Control::Stop(reason) = verdict {
            stop = reason;
            break;
        }
    }
    for callback in callbacks.iter_mut() {
        callback.on_end(&stop)?;
    }
    let (best_epoch, network) = match best {
        Some((epoch, _, network)) => (epoch, network),
        None => (0, network.valid()),
    };
    Ok(Outcome { network, best_epoch, history, stop })
}

/// Why there is nothing to choose weights by.
fn undefined_monitor(monitor: &dyn Metric, evaluator: &Evaluator, epoch: usize) -> TrainError {
    let reason = match evaluator.row_limit_words() {
        Some(words) => words,
        None => format!("it needs {}", monitor.requirement()),
    };
    TrainError::UndefinedMonitor { metric: monitor.name().into(), epoch, reason }
}

fn tell_steps(callbacks: &mut [&mut dyn Callback], losses: &[StepLoss]) {
    if !losses.is_empty() {
        callbacks.iter_mut().for_each(|callback| callback.on_steps(losses));
    }
}

/// Scores of `network` on one side of the data, in evaluation mode.
///
/// # Errors
/// [`TrainError::Metrics`] for an empty side.
pub fn score(
    network: &Network,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    role: Role,
    device: &Device,
) -> Result<Scores> {
    score_rows(network, recipe, prepared, prepared.split.side(role), device)
}

/// As [`score`], over any rows.
///
/// # Errors
/// As there.
pub fn score_rows(
    network: &Network,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    rows: &[usize],
    device: &Device,
) -> Result<Scores> {
    let training = &recipe.recipe().training;
    let mut evaluator = Evaluator::new(prepared.data.class_names.clone(), training.top_k)?.with_rows();
    evaluate(network, &prepared.eval_loader(rows, training.workers)?, &mut evaluator, device)?;
    Ok(evaluator.scores_by(recipe.metrics().all())?)
}

/// Counts the training side of one epoch, step by step, and watches for a loss that is not finite.
struct EpochTally {
    evaluator: Evaluator,
    queue: LogitQueue,
    /// Rows and learning rate of each step whose logits are in the queue.
    waiting: VecDeque<(usize, f64)>,
    epoch: usize,
    /// Steps whose loss is known.
    counted: usize,
}

impl EpochTally {
    fn new(mut evaluator: Evaluator, epoch: usize) -> Self {
        evaluator.reset();
        Self { evaluator, queue: LogitQueue::default(), waiting: VecDeque::new(), epoch, counted: 0 }
    }

    /// Adds a step; the losses that are known since, which may be none.
    fn push(&mut self, logits: Tensor<2>, targets: Vec<u32>, lr: f64) -> Result<Vec<StepLoss>> {
        self.waiting.push_back((targets.len(), lr));
        let due = self.queue.push(logits, targets)?;
        self.count(due)
    }

    fn count(&mut self, due: Option<(Vec<f32>, Vec<u32>)>) -> Result<Vec<StepLoss>> {
        let Some((logits, targets)) = due else { return Ok(Vec::new()) };
        let classes = logits.len() / targets.len().max(1);
        let (mut logits, mut targets) = (&logits[..], &targets[..]);
        let mut losses = Vec::with_capacity(self.waiting.len());
        for (rows, lr) in std::mem::take(&mut self.waiting) {
            let (step_logits, later_logits) = logits.split_at(rows * classes);
            let (step_targets, later_targets) = targets.split_at(rows);
            (logits, targets) = (later_logits, later_targets);
            let (epoch, step) = (self.epoch, self.counted + 1);
            let loss = self.evaluator.push(step_logits, step_targets)? / rows as f64;
            if !loss.is_finite() {
                return Err(TrainError::NotFinite { epoch, step, lr });
            }
            self.counted = step;
            losses.push(StepLoss { epoch, step, rows, loss });
        }
        Ok(losses)
    }

    /// The losses that were not known before, and the figures of the epoch.
    fn finish(mut self, metrics: &Metrics) -> Result<(Vec<StepLoss>, Figures)> {
        let due = self.queue.drain()?;
        let losses = self.count(due)?;
        Ok((losses, self.evaluator.figures(metrics)?))
    }
}
