//! From batches to outputs to scores of a whole split.

use brasa_data::{Batch, BatchInputs, BatchTargets, Loader};
use brasa_models::{Input, Model, read_back};
use burn::tensor::{Device, Tensor, TensorData};

use crate::task::Judge;
use crate::update::kernels_of;
use crate::{CheckedRecipe, Result};

/// A batch of samples of `shape` on a device.
pub(crate) fn input(batch: &mut Batch, shape: &[usize], device: &Device) -> Input {
    let rows = batch.len();
    match std::mem::replace(&mut batch.inputs, BatchInputs::Numbers(Vec::new())) {
        BatchInputs::Numbers(values) => {
            let features = values.len() / rows.max(1);
            Input::numbers(Tensor::from_data(TensorData::new(values, [rows, features]), device), shape)
        }
        BatchInputs::Ids(ids) => {
            let length = ids.len() / rows.max(1);
            let ids = ids.into_iter().map(|id| id as i32).collect::<Vec<_>>();
            Input::ids(Tensor::from_data(TensorData::new(ids, [rows, length]), device))
        }
    }
}

/// A batch whose outputs are on the host.
pub(crate) struct Finished {
    pub(crate) outputs: Vec<f32>,
    pub(crate) rows: usize,
    pub(crate) targets: BatchTargets,
}

/// Collects outputs on their device and reads them back in large pieces, so that a GPU is not waited for at
/// every step.
#[derive(Debug, Default)]
pub(crate) struct OutputQueue {
    waiting: Vec<Tensor<2>>,
    targets: Vec<(usize, BatchTargets)>,
    rows: usize,
}

/// Rows of outputs to keep on the device before they are read back.
const QUEUE_ROWS: usize = 8192;

impl OutputQueue {
    /// Adds the outputs of one batch; hands back what is due to be counted.
    pub(crate) fn push(&mut self, outputs: Tensor<2>, targets: BatchTargets) -> Result<Vec<Finished>> {
        let [rows, _] = outputs.dims();
        self.waiting.push(outputs);
        self.targets.push((rows, targets));
        self.rows += rows;
        if self.rows < QUEUE_ROWS { Ok(Vec::new()) } else { self.drain() }
    }

    /// What is left.
    pub(crate) fn drain(&mut self) -> Result<Vec<Finished>> {
        if self.waiting.is_empty() {
            return Ok(Vec::new());
        }
        let outputs = Tensor::cat(std::mem::take(&mut self.waiting), 0);
        let [_, width] = outputs.dims();
        let outputs = read_back(outputs, "outputs")?;
        self.rows = 0;
        let mut rest = outputs.as_slice();
        let finished = std::mem::take(&mut self.targets).into_iter().map(|(rows, targets)| {
            let (outputs, later) = rest.split_at(rows * width);
            rest = later;
            Finished { outputs: outputs.to_vec(), rows, targets }
        });
        Ok(finished.collect())
    }
}

/// Hands the outputs of `model` for every batch of `loader` to `take`, in the loader's order.
fn each_batch(
    model: &impl Model,
    loader: &Loader,
    device: &Device,
    mut take: impl FnMut(Finished) -> Result<()>,
) -> Result<()> {
    let mut queue = OutputQueue::default();
    for mut batch in loader.epoch(0) {
        brasa_kernels::stay_awake(device);
        let outputs = model.forward(&input(&mut batch, loader.data().samples.shape(), device));
        queue.push(outputs, batch.targets)?.into_iter().try_for_each(&mut take)?;
    }
    queue.drain()?.into_iter().try_for_each(take)
}

/// The outputs of `model`, in evaluation mode, for every sample of `loader`, in its order, row-major; by the kernels that
/// the recipe names.
///
/// # Errors
/// [`TrainError::Model`](crate::TrainError::Model) where the device fails.
pub fn outputs(
    model: &impl Model,
    recipe: &CheckedRecipe,
    loader: &Loader,
    device: &Device,
) -> Result<Vec<f32>> {
    let _kernels = kernels_of(recipe);
    let mut outputs = Vec::new();
    each_batch(model, loader, device, |batch| {
        outputs.extend(batch.outputs);
        Ok(())
    })?;
    Ok(outputs)
}

/// Has `judge` judge `model`, in evaluation mode, over all of `loader`; `keep` gets the outputs that it was given.
pub(crate) fn evaluate(
    model: &impl Model,
    loader: &Loader,
    judge: &mut dyn Judge,
    device: &Device,
    mut keep: impl FnMut(Vec<f32>),
) -> Result<()> {
    each_batch(model, loader, device, |batch| {
        judge.push(&batch.outputs, &batch.targets)?;
        keep(batch.outputs);
        Ok(())
    })
}

/// The rows (from 1) with a number that is not finite among their own of `values`, row-major.
pub(crate) fn rows_not_finite(values: &[f32], rows: &[usize]) -> Vec<usize> {
    let width = (values.len() / rows.len().max(1)).max(1);
    let each = values.chunks(width).zip(rows);
    each.filter(|(own, _)| own.iter().any(|value| !value.is_finite())).map(|(_, row)| *row + 1).collect()
}
