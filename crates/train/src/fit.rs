//! The one function that trains.

use std::time::Instant;

use brasa_data::Role;
use brasa_models::Model;
use burn::tensor::Device;

use crate::callback::{
    Callback, Callbacks, EarlyStopping, EpochRecord, EpochScores, Plan, StepRecord, StopReason,
};
use crate::evaluate::evaluate;
use crate::metrics::{Evaluator, Scores};
use crate::prepared::Prepared;
use crate::recipe::{CheckedRecipe, Monitor};
use crate::tally::EpochTally;
use crate::update::{GradientDescent, StepAt, UpdateRule};
use crate::{Result, TrainError};

/// What a training leaves behind.
#[derive(Debug)]
pub struct Outcome<M> {
    /// The best weights, in evaluation mode, on the device without autodiff.
    pub model: M,
    /// The epoch that they come from, from 1.
    pub best_epoch: usize,
    /// Every epoch that was run.
    pub history: Vec<EpochRecord>,
    /// Why it ended.
    pub stop: StopReason,
}

/// Trains `model` on `prepared` data by gradient descent and keeps the weights that are best by the monitored figure
/// of the validation split. The test split is not looked at.
///
/// The result is a function of the recipe, the data and the initial weights: not of the number of loader threads, and
/// on a CPU not of the run.
///
/// # Errors
/// [`TrainError::NotFinite`] when the loss diverges, and whatever a callback returns.
pub fn train<M: Model>(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    model: M,
    device: &Device,
    callbacks: &mut [&mut dyn Callback],
) -> Result<Outcome<M>> {
    train_by(&mut gradient_descent(recipe, prepared, device)?, recipe, prepared, model, device, callbacks)
}

/// The recipe's update rule.
pub(crate) fn gradient_descent(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    device: &Device,
) -> Result<GradientDescent> {
    let counts = prepared.data.class_counts(&prepared.split.train);
    GradientDescent::new(recipe, prepared.data.samples.shape(), &counts, device)
}

/// As [`train`], by a rule of one's own.
///
/// # Errors
/// As there, and whatever the rule returns.
pub fn train_by<M: Model>(
    rule: &mut dyn UpdateRule<M>,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    model: M,
    device: &Device,
    callbacks: &mut [&mut dyn Callback],
) -> Result<Outcome<M>> {
    let training = &recipe.recipe().training;
    let train_loader = prepared.train_loader(recipe)?;
    let valid_loader = prepared.eval_loader(&prepared.split.valid, training.workers)?;
    let mut scheduler = recipe.scheduler(train_loader.batches())?;
    let mut evaluator = Evaluator::new(prepared.data.class_names().to_vec(), training.top_k)?;
    let mut early_stopping = training.patience.map(EarlyStopping::new);
    let mut callbacks = Callbacks::new(early_stopping.as_mut(), callbacks);
    let (epochs, steps) = (training.epochs, train_loader.batches());
    let (train_rows, valid_rows) = (train_loader.samples(), valid_loader.samples());
    callbacks.on_start(&Plan { epochs, steps, train_rows, valid_rows })?;

    let mut model = model.train();
    let mut history: Vec<EpochRecord> = Vec::new();
    let mut best = Best::new(training.monitor, training.min_delta);
    let mut stop = None;
    for epoch in 1..=epochs {
        let started = Instant::now();
        let first_step = (epoch - 1) * steps;
        let mut tally = EpochTally::new(evaluator.clone(), epoch);
        let mut rows = 0;
        for (index, batch) in train_loader.epoch(epoch as u64).enumerate() {
            let at = StepAt { epoch, step: index + 1, lr: scheduler.lr(epoch - 1, first_step + index) };
            let targets = batch.targets.labels().to_vec();
            rows += batch.len();
            let outputs;
            (model, outputs) = rule.step(model, batch, at)?;
            callbacks.on_steps(&tally.push(outputs, targets, at)?);
            callbacks.on_step(&StepRecord { epoch, step: at.step, rows, lr: at.lr });
        }
        let (losses, train) = tally.finish()?;
        callbacks.on_steps(&losses);
        let train_seconds = started.elapsed().as_secs_f64();

        let started = Instant::now();
        let lr = scheduler.lr(epoch - 1, first_step);
        let snapshot = model.valid();
        let valid = EpochScores::from(&evaluate(&snapshot, &valid_loader, &mut evaluator, device)?);
        if !valid.loss.is_finite() {
            return Err(TrainError::NotFinite { epoch, step: steps, lr });
        }
        let figure = training.monitor.of(&valid);
        scheduler.end_epoch(figure);
        let improved = best.improves(figure);
        let valid_seconds = started.elapsed().as_secs_f64();
        let train = EpochScores::from(&train);
        let record = EpochRecord { epoch, lr, train_seconds, valid_seconds, train, valid, improved };
        callbacks.on_snapshot(epoch, &snapshot)?;
        if improved {
            callbacks.on_improvement(epoch, &snapshot)?;
            best.keep(epoch, figure, snapshot);
        }
        stop = callbacks.on_epoch(&record)?.reason();
        history.push(record);
        if stop.is_some() {
            break;
        }
    }
    let stop = stop.unwrap_or(StopReason::Completed);
    callbacks.on_end(&stop)?;
    let (best_epoch, model) =
        best.kept.map_or_else(|| (0, model.valid()), |(epoch, _, model)| (epoch, model));
    Ok(Outcome { model, best_epoch, history, stop })
}

/// The weights that are best so far.
struct Best<M> {
    monitor: Monitor,
    min_delta: f64,
    /// Epoch, figure, weights.
    kept: Option<(usize, f64, M)>,
}

impl<M> Best<M> {
    fn new(monitor: Monitor, min_delta: f64) -> Self {
        Self { monitor, min_delta, kept: None }
    }

    fn improves(&self, figure: f64) -> bool {
        let kept = self.kept.as_ref();
        kept.is_none_or(|(_, best, _)| self.monitor.improves(figure, *best, self.min_delta))
    }

    fn keep(&mut self, epoch: usize, figure: f64, model: M) {
        self.kept = Some((epoch, figure, model));
    }
}

/// Scores of `model` on one split of the data, in evaluation mode.
///
/// # Errors
/// [`TrainError::Metrics`] for an empty side.
pub fn score(
    model: &impl Model,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    role: Role,
    device: &Device,
) -> Result<Scores> {
    score_rows(model, recipe, prepared, prepared.split.side(role), device)
}

/// As [`score`], over any rows.
///
/// # Errors
/// As there.
pub fn score_rows(
    model: &impl Model,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    rows: &[usize],
    device: &Device,
) -> Result<Scores> {
    let training = &recipe.recipe().training;
    let mut evaluator = Evaluator::new(prepared.data.class_names().to_vec(), training.top_k)?;
    evaluate(model, &prepared.eval_loader(rows, training.workers)?, &mut evaluator, device)
}
