//! The one function that trains.

use std::any::Any;
use std::time::Instant;

use brasa_data::Role;
use brasa_data::keys::Fault;
use brasa_models::{Model, Network, parameter_names};
use burn::tensor::Device;

use crate::bag::{Bagged, held_out};
use crate::callback::{Callback, Callbacks, EarlyStopping, EpochRecord, Plan, StepRecord, StopReason};
use crate::checkpoint::{self, Leg, Moment, Position, Progress, Saver, Within};
use crate::evaluate::{evaluate, rows_not_finite};
use crate::metrics::{Figures, Metric, Needs, Scores};
use crate::prepared::Prepared;
use crate::recipe::{CheckedRecipe, RecipeError};
use crate::tally::EpochTally;
use crate::task::{Judge, task};
use crate::transfer::Frozen;
use crate::update::{GradientDescent, StepAt, UpdateRule, kernels_of};
use crate::weight_average::WeightAverage;
use crate::{Result, TrainError};

/// What a training leaves behind.
#[derive(Debug)]
pub struct Outcome<M> {
    /// The best weights, in evaluation mode, on the device without autodiff.
    pub model: M,
    /// The epoch that they come from, from 1; 0 where none was over.
    pub best_epoch: usize,
    /// Every epoch that was run.
    pub history: Vec<EpochRecord>,
    /// Why it ended.
    pub stop: StopReason,
    /// Why there is no checkpoint of its end, where one was to be left: what was trained is there all the same.
    pub unsaved: Option<TrainError>,
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
    let frozen = frozen_by_own_names(recipe, &model)?;
    let mut rule = gradient_descent(recipe, prepared, &model, device, frozen)?;
    train_by(&mut rule, recipe, prepared, model, device, callbacks)
}

/// What of a model of one's own learns; its weights, and whatever is computed once, are its code's.
fn frozen_by_own_names(recipe: &CheckedRecipe, model: &impl Model) -> Result<Option<Frozen>> {
    let Some(transfer) = &recipe.recipe().transfer else { return Ok(None) };
    let refused = |key: &str, expected: &str, found: String| {
        Err(recipe.recipe().locate(RecipeError::value(key, expected, found)).into())
    };
    let whose = "nothing for a model of one's own, whose code does it";
    if let Some(file) = transfer.file() {
        return refused("transfer.pretrained", whose, file.into());
    }
    if transfer.cache {
        return refused("transfer.cache", whose, "true".into());
    }
    let frozen = Frozen::by_own_names(transfer);
    let names = parameter_names(model);
    if let Some(idle) = frozen.without_effect(&names).first() {
        return refused("transfer", "names of the model's parameters", format!("`{idle}`"));
    }
    match names.iter().any(|name| frozen.learns(name, recipe.recipe().training.epochs)) {
        true => Ok(Some(frozen)),
        false => refused("transfer.freeze", "a parameter that learns", format!("{:?}", transfer.freeze)),
    }
}

/// The recipe's update rule, for parameters of which some may be frozen.
pub(crate) fn gradient_descent(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    model: &impl Model,
    device: &Device,
    frozen: Option<Frozen>,
) -> Result<GradientDescent> {
    let task = task(recipe, prepared)?;
    Ok(GradientDescent::new(recipe, task, model, prepared.data.samples.shape(), device, frozen))
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
    let Progress { mut history, mut best, average, mut within, mut stop, seconds, resumed } = progress;
    let mut saver = Saver::of(leg, &of, Position { epochs: history.len(), steps: within.steps })?;
    for record in &history {
        scheduler.end_epoch(figure_of(&record.valid).unwrap_or(f64::NAN));
        if let Some(early_stopping) = &mut early_stopping {
            stop = early_stopping.on_epoch(record)?.reason();
        }
    }
    let began = Instant::now();
    let taken = || seconds + began.elapsed().as_secs_f64();
    let mut callbacks = Callbacks::new(early_stopping.as_mut(), callbacks);
    let (epochs, steps) = (training.epochs, train_loader.batches());
    let (train_rows, valid_rows) = (train_loader.samples(), valid_loader.samples());
    let resumes = resumed.is_some();
    callbacks.on_start(&Plan { epochs, steps, train_rows, valid_rows, metrics: metrics.clone(), resumed })?;
    if let (true, Some((epoch, _, best))) = (resumes, &best) {
        // What was written of a better one is of an epoch that is trained again.
        callbacks.on_improvement(*epoch, best)?;
    }

    let mut average = training.ema.map(|decay| WeightAverage::new(average.as_ref().unwrap_or(&model), decay));
    let mut model = model.train();
    let mut within_epoch = false;
    'epochs: for epoch in history.len() + 1..=epochs {
        if stop.is_none() && leg.until.is_some_and(|until| epoch > until) {
            stop = Some(StopReason::Paused);
        }
        if stop.is_some() {
            break;
        }
        let started = Instant::now();
        let first_step = (epoch - 1) * steps;
        let mut tally = EpochTally::new(task.judge(false)?);
        let Within { steps: behind, seconds: seconds_behind, tallied } = std::mem::take(&mut within);
        if let Some(tallied) = tallied {
            tally.restore(tallied)?;
        }
        let mut rows = train_loader.samples_of(behind);
        for (index, batch) in (behind..).zip(train_loader.epoch_from(epoch as u64, behind)) {
            let place = first_step + index;
            let progress = place as f64 / (epochs * steps) as f64;
            let at = StepAt { epoch, step: index + 1, lr: scheduler.lr(epoch - 1, place), progress };
            let targets = batch.targets.clone();
            rows += batch.len();
            let outputs;
            (model, outputs) = rule.step(model, batch, at)?;
            if let Some(average) = &mut average {
                average.push(&model, place);
            }
            callbacks.on_steps(&tally.push(outputs, targets, at)?);
            callbacks.on_step(&StepRecord { epoch, step: at.step, rows, lr: at.lr });
            let asked = callbacks.stop_now();
            if let Some(saver) = &mut saver
                && (saver.after_step() || asked.is_some())
            {
                let (losses, tallied) = tally.settle()?;
                callbacks.on_steps(&losses);
                let seconds = seconds_behind + started.elapsed().as_secs_f64();
                let within = Within { steps: at.step, seconds, tallied: Some(tallied) };
                let moment =
                    Moment::new(&model, rule, &history, best.as_ref(), taken()).averaged(average.as_ref());
                saver.begin(Moment { within, ..moment })?;
            }
            if asked.is_some() {
                stop = asked;
                within_epoch = true;
                break 'epochs;
            }
        }
        let (losses, train) = tally.finish(&metrics)?;
        callbacks.on_steps(&losses);
        let train_seconds = seconds_behind + started.elapsed().as_secs_f64();

        let started = Instant::now();
        let lr = scheduler.lr(epoch - 1, first_step);
        let snapshot = average.as_ref().map_or_else(|| model.valid(), WeightAverage::model);
        let mut judge = task.judge(metrics.needs(task.kind()) == Needs::Rows)?;
        evaluate(&snapshot, &valid_loader, &mut *judge, device, drop)?;
        let valid = judge.figures(&metrics)?;
        if !valid.loss().is_finite() {
            return Err(TrainError::NotFinite { epoch, step: steps, lr, found: None });
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
        if training.time_limit.is_some_and(|limit| taken() >= limit) {
            stop = stop.or(Some(StopReason::TimeLimit));
        }
        history.push(record);
        if let Some(saver) = &mut saver
            && saver.after_epoch()
            && stop.is_none()
        {
            let moment = Moment::new(&model, rule, &history, best.as_ref(), taken());
            saver.begin(moment.averaged(average.as_ref()))?;
        }
    }
    if let Some(reason @ StopReason::Suspended(_)) = callbacks.stop_now() {
        // What comes of it is judged another time.
        stop = Some(reason);
    }
    let stop = stop.unwrap_or(StopReason::Completed);
    let mut saved = Ok(());
    if let Some(saver) = &mut saver {
        if !within_epoch {
            // Patience has the last word; any other end may be gone on from, as by more epochs.
            let ended = Some(stop.clone()).filter(|stop| *stop == StopReason::Patience);
            let moment =
                Moment::new(&model, rule, &history, best.as_ref(), taken()).averaged(average.as_ref());
            saved = saver.begin(Moment { stop: ended, ..moment });
        }
        saved = saved.and_then(|()| saver.settle());
    }
    let unsaved = match saved {
        // A training that is over is not lost for it; one that is not would be.
        Err(error) if !stop.is_pause() => Some(error),
        saved => saved.map(|()| None)?,
    };
    let model = average.map_or_else(|| model.valid(), |average| average.model());
    callbacks.on_end(&stop)?;
    let (best_epoch, model) = best.map_or((0, model), |(epoch, _, model)| (epoch, model));
    Ok(Outcome { model, best_epoch, history, stop, unsaved, bagged: None })
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

/// Refuses outputs that are not finite: an argmax over them is a class, and no answer.
fn check_outputs(outputs: &[f32], rows: &[usize]) -> Result<()> {
    match rows_not_finite(outputs, rows).as_slice() {
        [] => Ok(()),
        bad @ [first, ..] => Err(TrainError::Outputs { count: bad.len(), of: rows.len(), first: *first }),
    }
}

/// What has been told `outputs`, of all rows in their order, row-major.
fn judged(
    outputs: &[f32],
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    rows: &[usize],
    keep_rows: bool,
) -> Result<Box<dyn Judge>> {
    check_outputs(outputs, rows)?;
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
    check_outputs(&outputs, rows)?;
    Ok((judge.scores(recipe.metrics().all())?, outputs))
}
