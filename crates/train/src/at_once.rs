//! Models that are fitted to all training rows at once, not in steps.

use std::time::Instant;

use brasa_models::{Model, Network};
use burn::tensor::Device;

use crate::callback::{Callback, Callbacks, EpochRecord, Plan, StopReason};
use crate::evaluate::evaluate;
use crate::fit::Outcome;
use crate::metrics::{Figures, Needs};
use crate::prepared::Prepared;
use crate::recipe::CheckedRecipe;
use crate::task::task;
use crate::update::kernels_of;
use crate::{Result, TrainError};

/// What `fit` makes, told to the callbacks as one epoch; `lr` is the rate that the epoch has in tables.
pub(crate) fn one_epoch(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    device: &Device,
    callbacks: &mut [&mut dyn Callback],
    lr: f64,
    fit: impl FnOnce() -> Result<Network>,
) -> Result<Outcome<Network>> {
    let _kernels = kernels_of(recipe);
    let metrics = recipe.metrics().of_epoch().clone();
    let split = &prepared.split;
    let mut callbacks = Callbacks::new(None, callbacks);
    let (train_rows, valid_rows) = (split.train.len(), split.valid.len());
    callbacks.on_start(&Plan { epochs: 1, steps: 1, train_rows, valid_rows, metrics, resumed: None })?;

    let started = Instant::now();
    let model = fit()?;
    let figures = |rows: &[usize]| figures(&model, recipe, prepared, rows, device);
    let train = figures(&split.train)?;
    let train_seconds = started.elapsed().as_secs_f64();

    let started = Instant::now();
    let valid = figures(&split.valid)?;
    if !valid.loss().is_finite() {
        return Err(TrainError::NotFinite { epoch: 1, step: 1, lr, found: None });
    }
    let valid_seconds = started.elapsed().as_secs_f64();
    let record = EpochRecord { epoch: 1, lr, train_seconds, valid_seconds, train, valid, improved: true };
    callbacks.on_snapshot(1, &model)?;
    callbacks.on_improvement(1, &model)?;
    let stop = callbacks.on_epoch(&record)?.reason().unwrap_or(StopReason::Completed);
    callbacks.on_end(&stop)?;
    Ok(Outcome { model, best_epoch: 1, history: vec![record], stop, unsaved: None, bagged: None })
}

/// The metrics of an epoch over `rows`.
fn figures(
    model: &impl Model,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    rows: &[usize],
    device: &Device,
) -> Result<Figures> {
    let (task, metrics) = (task(recipe, prepared)?, recipe.metrics().of_epoch());
    let mut judge = task.judge(metrics.needs(task.kind()) == Needs::Rows)?;
    evaluate(model, &prepared.eval_loader(rows, 0)?, &mut *judge, device, drop)?;
    judge.figures(&metrics)
}
