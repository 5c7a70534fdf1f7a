//! Where a loss that is not finite comes from.

use std::fmt;
use std::path::Path;

use brasa_data::{Batch, BatchInputs};
use brasa_models::{Model, Network, first_gradient_not_finite, first_not_finite};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::answers::loss_of;
use crate::callback::{Callback, StepRecord, StopReason};
use crate::checkpoint::{self, Leg, Position};
use crate::evaluate::{input, rows_not_finite};
use crate::fit::train_leg;
use crate::network::{Start, start};
use crate::prepared::Prepared;
use crate::recipe::CheckedRecipe;
use crate::task::task;
use crate::update::{draws_of, kernels_of};
use crate::{Result, TrainError};

/// What a step looked like whose loss is not finite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Epoch, from 1.
    pub epoch: usize,
    /// Step within the epoch, from 1.
    pub step: usize,
    /// Rows of the data set in its batch, from 1.
    pub rows: Vec<usize>,
    /// The first place, in the order of the computation, that holds a number that is not finite.
    pub place: Place,
}

/// Where the first number is that is not finite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The inputs of these rows (from 1), after scaling and augmentation.
    Inputs(Vec<usize>),
    /// The weights of this parameter: the step before made it so.
    Weights(String),
    /// The outputs for these rows (from 1), though inputs and weights are finite.
    Outputs(Vec<usize>),
    /// The loss, though the outputs are finite.
    Loss,
    /// The gradient of this parameter, though the loss is finite.
    Gradient(String),
    /// Nowhere in this step: its update goes too far, and the next one sees it.
    Update,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inputs(of) => write!(f, "the inputs of the rows {} are not finite", listed(of)),
            Self::Weights(of) => write!(f, "the weights `{of}` are not finite since the step before"),
            Self::Outputs(of) => {
                write!(
                    f,
                    "the outputs for the rows {} are not finite, though inputs and weights are",
                    listed(of)
                )
            }
            Self::Loss => f.write_str("the loss is not finite, though the outputs are"),
            Self::Gradient(of) => write!(f, "the gradient of `{of}` is the first that is not finite"),
            Self::Update => {
                f.write_str("its update goes too far: the step after sees weights that are not finite")
            }
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, place, .. } = self;
        write!(f, "rows {} of the data: {place}", listed(rows))
    }
}

/// The first of some rows.
fn listed(rows: &[usize]) -> String {
    let shown: Vec<String> = rows.iter().take(5).map(usize::to_string).collect();
    let more = if rows.len() > shown.len() { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// Ends a training before a step.
struct Before<'a> {
    epoch: usize,
    step: usize,
    steps: usize,
    reached: bool,
    /// Whether somebody wants it to end.
    asked: &'a mut dyn FnMut() -> bool,
}

impl Callback for Before<'_> {
    fn on_step(&mut self, at: &StepRecord) {
        let next = if at.step == self.steps { (at.epoch + 1, 1) } else { (at.epoch, at.step + 1) };
        self.reached = next == (self.epoch, self.step);
    }

    fn stop_now(&mut self) -> Option<StopReason> {
        (self.reached || (self.asked)()).then_some(StopReason::Paused)
    }
}

/// Goes once more to the step whose loss is not finite, from the checkpoints in `from`, and looks at what it computes. Its steps
/// are the same again. `keep` gets the checkpoint before it, from which the step can be repeated. `asked` tells whether somebody wants it to
/// end before.
///
/// # Errors
/// As [`train`](crate::train()).
pub fn diagnose(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    device: &Device,
    from: &Path,
    (epoch, step): (usize, usize),
    keep: &Path,
    asked: &mut dyn FnMut() -> bool,
) -> Result<Diagnosis> {
    let _kernels = kernels_of(recipe);
    let steps = recipe.steps(prepared.split.train.len());
    let network = prepared.init(recipe, &device.clone().autodiff())?;
    let Start { network, prepared, mut rule } = start(recipe, prepared, network, device)?;
    let prepared = &*prepared;
    let before = Position { epochs: epoch - 1, steps: step - 1 };
    let begins = checkpoint::newest_until(from, before, keep)?;
    let kept = Leg { from: Some(keep), save: Some(keep), ..Leg::default() };
    // The end of an epoch is the start of the next: what is between changes no weight.
    let at_end = Position { epochs: epoch.saturating_sub(2), steps };
    let there = begins == Some(before) || (before.steps == 0 && begins == Some(at_end));
    if !there && before > Position::default() {
        let mut callback = Before { epoch, step, steps, reached: false, asked };
        let fresh = network.clone();
        train_leg(&mut rule, recipe, prepared, fresh, device, &mut [&mut callback], kept)?;
        if !callback.reached {
            return Err(TrainError::refusal("it was ended before the step was reached"));
        }
    }
    let of = checkpoint::digest(recipe, prepared);
    let monitor = recipe.metrics().monitor();
    let figure = |record: &crate::EpochRecord| record.valid.get(monitor.name());
    let (mut network, _) = checkpoint::load(kept, network, &mut rule, &of, figure)?;
    let batch = prepared.train_loader(recipe)?.epoch_from(epoch as u64, step.saturating_sub(1)).next();
    let Some(batch) = batch else {
        return Err(TrainError::refusal("the step that diverged is not there any more"));
    };
    let rows = batch.indices.clone();
    let progress = ((epoch - 1) * steps + step - 1) as f64 / (recipe.recipe().training.epochs * steps) as f64;
    network.set_progress(progress);
    let draws = draws_of(recipe.recipe().training.seed, epoch, step);
    let network = rule.marked(network.train(), epoch);
    let place = place(recipe, prepared, &network, batch, draws, device)?;
    let rows = rows.into_iter().map(|row| row + 1).collect();
    Ok(Diagnosis { epoch, step, rows, place })
}

fn place(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    network: &Network,
    mut batch: Batch,
    draws: u64,
    device: &Device,
) -> Result<Place> {
    let rows = batch.indices.clone();
    let bad = |values: &[f32]| rows_not_finite(values, &rows);
    if let BatchInputs::Numbers(values) = &batch.inputs
        && let rows @ [_, ..] = bad(values).as_slice()
    {
        return Ok(Place::Inputs(rows.to_vec()));
    }
    if let Some(parameter) = first_not_finite(network) {
        return Ok(Place::Weights(parameter));
    }
    let device = device.clone().autodiff();
    device.seed(draws);
    let targets = batch.clone();
    let input = input(&mut batch, prepared.data.samples.shape(), &device);
    let outputs: Tensor<2> = network.forward_train(&input, draws);
    let (loss, outputs) = loss_of(&*task(recipe, prepared)?, outputs, &targets, network.answers(), &device);
    let values = brasa_models::read_back(outputs.inner(), "outputs")?;
    if let rows @ [_, ..] = bad(&values).as_slice() {
        return Ok(Place::Outputs(rows.to_vec()));
    }
    if !brasa_models::read_back(loss.clone().inner().unsqueeze::<2>(), "loss")?
        .iter()
        .all(|value| value.is_finite())
    {
        return Ok(Place::Loss);
    }
    let gradients = GradientsParams::from_grads(loss.backward(), network);
    Ok(first_gradient_not_finite(network, &gradients).map_or(Place::Update, Place::Gradient))
}
