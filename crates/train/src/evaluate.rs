//! From batches to logits to scores of a whole side.

use brasa_data::{Batch, Loader};
use brasa_models::Network;
use burn::tensor::{Device, Tensor, TensorData};

use crate::metrics::Evaluator;
use crate::{Result, TrainError};

/// A batch on a device.
///
/// # Shapes
/// `[rows, features]`.
pub(crate) fn inputs(batch: &mut Batch, device: &Device) -> Tensor<2> {
    let rows = batch.targets.len();
    let values = std::mem::take(&mut batch.inputs);
    let features = values.len() / rows.max(1);
    Tensor::from_data(TensorData::new(values, [rows, features]), device)
}

/// The values of a tensor on the host.
pub(crate) fn values<const D: usize>(tensor: Tensor<D>, what: &'static str) -> Result<Vec<f32>> {
    let failed = |reason: String| TrainError::Device { what, reason };
    let data = tensor.try_into_data().map_err(|error| failed(error.to_string()))?;
    data.convert::<f32>().try_into_vec().map_err(|error| failed(format!("{error:?}")))
}

/// Collects logits on their device and reads them back in large pieces, so that a GPU is not waited for at
/// every step.
#[derive(Debug, Default)]
pub(crate) struct LogitQueue {
    waiting: Vec<Tensor<2>>,
    targets: Vec<u32>,
}

/// Rows of logits to keep on the device before they are read back.
const QUEUE_ROWS: usize = 8192;

impl LogitQueue {
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
        Ok(Some((values(logits, "logits")?, std::mem::take(&mut self.targets))))
    }
}

/// Hands the logits of every sample of `loader`, row-major, with their targets to `take`, in the loader's order and a few
/// batches at a time.
fn each_logits(
    network: &Network,
    loader: &Loader,
    device: &Device,
    mut take: impl FnMut(Vec<f32>, Vec<u32>) -> Result<()>,
) -> Result<()> {
    let mut queue = LogitQueue::default();
    for mut batch in loader.epoch(0) {
        let output = network.forward(inputs(&mut batch, device));
        if let Some((logits, targets)) = queue.push(output, batch.targets)? {
            take(logits, targets)?;
        }
    }
    match queue.drain()? {
        Some((logits, targets)) => take(logits, targets),
        None => Ok(()),
    }
}

/// Logits of every sample of `loader`, in its order, row-major, with their targets.
pub(crate) fn all_logits(
    network: &Network,
    loader: &Loader,
    device: &Device,
) -> Result<(Vec<f32>, Vec<u32>)> {
    let (mut logits, mut targets) = (Vec::new(), Vec::new());
    each_logits(network, loader, device, |more_logits, more_targets| {
        logits.extend(more_logits);
        targets.extend(more_targets);
        Ok(())
    })?;
    Ok((logits, targets))
}

/// Has `evaluator` judge `network`, in evaluation mode, over all of `loader`, and nothing else.
pub(crate) fn evaluate(
    network: &Network,
    loader: &Loader,
    evaluator: &mut Evaluator,
    device: &Device,
) -> Result<()> {
    evaluator.reset();
    each_logits(network, loader, device, |logits, targets| {
        evaluator.push(&logits, &targets)?;
        Ok(())
    })
}
