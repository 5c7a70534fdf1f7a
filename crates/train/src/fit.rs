//! The one function that trains.

use std::any::Any;
use std::time::Instant;

use brasa_data::Role;
use brasa_data::keys::Fault;
use brasa_models::{Model, Network};
use burn::tensor::Device;

use crate::bag::{Bagged, held_out};
use crate::callback::{Callback, Callbacks, EarlyStopping, EpochRecord, Plan, StepRecord, StopReason};
use crate::checkpoint::{self, Leg, Progress};
use crate::evaluate::evaluate;
use crate::metrics::{Figures, Metric, Needs, Scores};
use crate::prepared::Prepared;
use crate::recipe::CheckedRecipe;
use crate::tally::EpochTally;
use crate::task::{Judge, task};
use crate::update::{GradientDescent, StepAt, UpdateRule, kernels_of};
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
    /// What there is of a bag, where the model is the mean of several: the best epoch is then that of their mean figures.
    pub bagged: Option<Bagged>,
}

/// Trains `model` on `prepared` data by gradient descent and keeps the weights that are best by the monitored metric
/// of the validation split. The test split is not looked at.
///
/// The result is a function of the recipe, the data and the initial weights: not of the number of loader threads, and
/// on a CPU not of the run.
///
/// # Errors
/// [`TrainError::NotFinite`] when the loss diverges, [`TrainError::Recipe`] where there is nothing to choose
/// weights by, and whatever a callback returns.
pub fn train<M: Model>(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    model: M,
    device: &Device,
    callbacks: &mut [&mut dyn Callback],
) -> Result<Outcome<M>> {
    let mut rule = gradient_descent(recipe, prepared, &model, device)?;
    train_by(&mut rule, recipe, prepared, model, device, callbacks)
}

/// The recipe's update rule.
pub(crate) fn gradient_descent(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    model: &impl Model,
    device: &Device,
) -> Result<GradientDescent> {
    let task = task(recipe, prepared)?;
    Ok(GradientDescent::new(recipe, task, model, prepared.data.samples.shape(), device))
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
    train_leg(rule, recipe, prepared, model, device, callbacks, Leg::default())
}

/// As [`train_by`], a part of it: from a checkpoint, to a pause. `model` is as it was drawn. Callbacks see the epochs of this
/// part; the history is that of all.
///
/// # Errors
/// As there, and [`TrainError::Checkpoint`].
pub fn train_leg<M: Model>(
    rule: &mut dyn UpdateRule<M>,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    model: M,
    device: &Device,
    callbacks: &mut [&mut dyn Callback],
    leg: Leg<'_>,
) -> Result<Outcome<M>> {
    let _kernels = kernels_of(recipe);
    let training = &recipe.recipe().training;
    let task = task(recipe, prepared)?;
    let (monitor, metrics) = (recipe.metrics().monitor(), recipe.metrics().of_epoch());
    let train_loader = prepared.train_loader(recipe)?;
    let valid_loader = prepared.eval_loader(&prepared.split.valid, training.workers)?;
    let mut scheduler = recipe.scheduler(train_loader.batches())?;
    let cycle_ends = scheduler.schedule().cycle_ends(training.epochs);
    let stops_early = training.patience.is_some() || !cycle_ends.is_empty();
    let mut early_stopping = stops_early.then(|| {
        let patience = training.patience.unwrap_or(usize::MAX);
        EarlyStopping::new(monitor.clone(), patience, training.min_delta).at_cycle_ends(cycle_ends)
    });
    let figure_of = |valid: &Figures| valid.get(monitor.name()).filter(|figure| !figure.is_nan());

    let of = match leg.from.or(leg.save) {
        Some(_) => checkpoint::digest(recipe, prepared),
        None => String::new(),
    };
    let (model, progress) = checkpoint::load(leg, model, rule, &of, |record| figure_of(&record.valid))?;
    let Progress { mut history, mut best, mut stop } = progress;
    let began_at = history.len();
    for record in &history {
        scheduler.end_epoch(figure_of(&record.valid).unwrap_or(f64::NAN));
        if let Some(early_stopping) = &mut early_stopping {
            stop = early_stopping.on_epoch(record)?.reason();
        }
    }
    let began = Instant::now();
    let mut callbacks = Callbacks::new(early_stopping.as_mut(), callbacks);
    let (epochs, steps) = (training.epochs, train_loader.batches());
    let (train_rows, valid_rows) = (train_loader.samples(), valid_loader.samples());
    callbacks.on_start(&Plan { epochs, steps, train_rows, valid_rows, metrics: metrics.clone() })?;

    let mut model = model.train();
    for epoch in history.len() + 1..=epochs {
        if stop.is_none() && leg.until.is_some_and(|until| epoch > until) {
            stop = Some(StopReason::Paused);
        }
        if stop.is_some() {
            break;
        }
        let started = Instant::now();
        let first_step = (epoch - 1) * steps;
        let mut tally = EpochTally::new(task.judge(false)?);
        let mut rows = 0;
        for (index, batch) in train_loader.epoch(epoch as u64).enumerate() {
            let place = first_step + index;
            let progress = place as f64 / (epochs * steps) as f64;
            let at = StepAt { epoch, step: index + 1, lr: scheduler.lr(epoch - 1, place), progress };
            let targets = batch.targets.clone();
            rows += batch.len();
            let outputs;
            (model, outputs) = rule.step(model, batch, at)?;
            callbacks.on_steps(&tally.push(outputs, targets, at)?);
            callbacks.on_step(&StepRecord { epoch, step: at.step, rows, lr: at.lr });
        }
        let (losses, train) = tally.finish(&metrics)?;
        callbacks.on_steps(&losses);
        let train_seconds = started.elapsed().as_secs_f64();

        let started = Instant::now();
        let lr = scheduler.lr(epoch - 1, first_step);
        let snapshot = model.valid();
        let mut judge = task.judge(metrics.needs(task.kind()) == Needs::Rows)?;
        evaluate(&snapshot, &valid_loader, &mut *judge, device, drop)?;
        let valid = judge.figures(&metrics)?;
        if !valid.loss().is_finite() {
            return Err(TrainError::NotFinite { epoch, step: steps, lr });
        }
        let figure = figure_of(&valid).ok_or_else(|| undefined(recipe, &**monitor, &*judge, epoch))?;
        scheduler.end_epoch(figure);
        let kept = best.as_ref();
        let improved = kept.is_none_or(|(_, best, _)| monitor.direction().improves(figure, *best, 0.0));
        let valid_seconds = started.elapsed().as_secs_f64();
        let record = EpochRecord { epoch, lr, train_seconds, valid_seconds, train, valid, improved };
        callbacks.on_snapshot(epoch, &snapshot)?;
        if improved {
            callbacks.on_improvement(epoch, &snapshot)?;
            best = Some((epoch, figure, snapshot));
        }
        stop = callbacks.on_epoch(&record)?.reason();
        if training.time_limit.is_some_and(|limit| began.elapsed().as_secs_f64() >= limit) {
            stop = stop.or(Some(StopReason::TimeLimit));
        }
        history.push(record);
    }
    let model = model.valid();
    let stop = stop.unwrap_or(StopReason::Completed);
    if let Some(folder) = leg.save {
        // Patience has the last word; any other end may be gone on from, as by more epochs.
        let ended = Some(stop.clone()).filter(|stop| *stop == StopReason::Patience);
        let progress = Progress { history: history.clone(), best: best.clone(), stop: ended };
        checkpoint::save(folder, model.clone(), rule, &progress, began_at, &of)?;
    }
    callbacks.on_end(&stop)?;
    let (best_epoch, model) = best.map_or((0, model), |(epoch, _, model)| (epoch, model));
    Ok(Outcome { model, best_epoch, history, stop, bagged: None })
}

/// Why there is nothing to choose weights by.
fn undefined(recipe: &CheckedRecipe, monitor: &dyn Metric, judge: &dyn Judge, epoch: usize) -> TrainError {
    let reason = judge.row_limit_words().unwrap_or_else(|| format!("it needs {}", monitor.requirement()));
    let words = format!(
        "`{}` is undefined on the validation split of epoch {epoch}: {reason}. Monitor another metric, or change data.split",
        monitor.name()
    );
    recipe.recipe().located(Fault::refused("training.monitor", words)).into()
}

/// Scores of `model` on one split of the data, in evaluation mode. On the validation split a bag of networks is judged by what
/// each says of the rows that it was not trained on.
///
/// # Errors
/// [`TrainError::Metrics`] for an empty split.
pub fn score(
    model: &impl Model,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    role: Role,
    device: &Device,
) -> Result<Scores> {
    let rows = prepared.split.rows(role);
    let any: &dyn Any = model;
    if let (Role::Valid, Some(Network::Bag(bag))) = (role, any.downcast_ref()) {
        let outputs = held_out(bag, recipe, prepared, device)?;
        return score_given(&outputs, recipe, prepared, rows);
    }
    score_rows(model, recipe, prepared, rows, device)
}

/// Scores of `outputs` that were made before, of all rows in their order, row-major.
///
/// # Errors
/// [`TrainError::Metrics`] for no rows.
pub fn score_given(
    outputs: &[f32],
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    rows: &[usize],
) -> Result<Scores> {
    judged(outputs, recipe, prepared, rows, true)?.scores(recipe.metrics().all())
}

/// The metrics of an epoch over `outputs` that were made before.
///
/// # Errors
/// As [`score_given`].
pub(crate) fn figures_given(
    outputs: &[f32],
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    rows: &[usize],
) -> Result<Figures> {
    let metrics = recipe.metrics().of_epoch();
    let kind = task(recipe, prepared)?.kind();
    judged(outputs, recipe, prepared, rows, metrics.needs(kind) == Needs::Rows)?.figures(&metrics)
}

/// What has been told `outputs`, of all rows in their order, row-major.
fn judged(
    outputs: &[f32],
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    rows: &[usize],
    keep_rows: bool,
) -> Result<Box<dyn Judge>> {
    let mut judge = task(recipe, prepared)?.judge(keep_rows)?;
    let width = outputs.len() / rows.len().max(1);
    let mut rest = outputs;
    for batch in prepared.eval_loader(rows, 0)?.epoch(0) {
        let (own, later) = rest.split_at_checked(batch.len() * width).unwrap_or((rest, &[]));
        judge.push(own, &batch.targets)?;
        rest = later;
    }
    Ok(judge)
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
    Ok(score_outputs(model, recipe, prepared, rows, device)?.0)
}

/// As [`score_rows`], with the outputs that were scored: of every row in its order, row-major.
///
/// # Errors
/// As there.
pub fn score_outputs(
    model: &impl Model,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    rows: &[usize],
    device: &Device,
) -> Result<(Scores, Vec<f32>)> {
    let _kernels = kernels_of(recipe);
    let mut judge = task(recipe, prepared)?.judge(true)?;
    let loader = prepared.eval_loader(rows, recipe.recipe().training.workers)?;
    let mut outputs = Vec::new();
    evaluate(model, &loader, &mut *judge, device, |of_batch| outputs.extend(of_batch))?;
    Ok((judge.scores(recipe.metrics().all())?, outputs))
}
