//! From batches to logits to scores of a whole side.

use brasa_data::{Batch, BatchInputs, Loader};
use brasa_models::{Input, Model, read_back};
use burn::tensor::{Device, Tensor, TensorData};

use crate::Result;
use crate::metrics::{Evaluator, Scores};

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

/// Collects logits on their device and reads them back in large pieces, so that a GPU is not waited for at
/// every step.
#[derive(Debug, Default)]
pub(crate) struct OutputQueue {
    waiting: Vec<Tensor<2>>,
    targets: Vec<u32>,
}

/// Rows of logits to keep on the device before they are read back.
const QUEUE_ROWS: usize = 8192;

impl OutputQueue {
    /// Adds the logits of one batch; hands back what is due to be counted.
    pub(crate) fn push(
        &mut self,
        logits: Tensor<2>,
        targets: Vec<u32>,
    ) -> Result<Option<(Vec<f32>, Vec<u32>)>> {
        self.waiting.push(logits);
        self.targets.extend(targets);
        if self.targets.len() < QUEUE_ROWS { Ok(None) } else { self.drain() }
    }

    /// What is left.
    pub(crate) fn drain(&mut self) -> Result<Option<(Vec<f32>, Vec<u32>)>> {
        if self.waiting.is_empty() {
            return Ok(None);
        }
        let logits = Tensor::cat(std::mem::take(&mut self.waiting), 0);
        Ok(Some((read_back(logits, "logits")?, std::mem::take(&mut self.targets))))
    }
}

/// The outputs of `model` for every sample of `loader`, in its order, row-major, with their labels.
///
/// # Errors
/// [`TrainError::Model`](crate::TrainError::Model) where the device fails.
pub fn outputs(model: &impl Model, loader: &Loader, device: &Device) -> Result<(Vec<f32>, Vec<u32>)> {
    let (mut logits, mut targets) = (Vec::new(), Vec::new());
    let mut queue = OutputQueue::default();
    let mut keep = |due: Option<(Vec<f32>, Vec<u32>)>| {
        if let Some((due_logits, due_targets)) = due {
            logits.extend(due_logits);
            targets.extend(due_targets);
        }
    };
    for mut batch in loader.epoch(0) {
        let output = model.forward(&input(&mut batch, loader.data().samples.shape(), device));
        keep(queue.push(output, batch.targets.labels().to_vec())?);
    }
    keep(queue.drain()?);
    Ok((logits, targets))
}

/// Scores of `model`, in evaluation mode, over all of `loader`.
pub(crate) fn evaluate(
    model: &impl Model,
    loader: &Loader,
    evaluator: &mut Evaluator,
    device: &Device,
) -> Result<Scores> {
    let (logits, targets) = outputs(model, loader, device)?;
    evaluator.reset().push(&logits, &targets)?;
    Ok(evaluator.scores()?)
}
