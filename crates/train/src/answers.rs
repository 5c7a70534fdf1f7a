//! The objective of a batch, however often a model answers each row.

use brasa_data::Batch;
use burn::tensor::{Device, Tensor};

use crate::task::Task;

/// The loss over all answers, and the mean answer of each row. Inputs of `batch` are not looked at.
///
/// # Shapes
/// `outputs [rows * answers, outputs]` to `[1]` and `[rows, outputs]`.
pub(crate) fn loss_of(
    task: &dyn Task,
    outputs: Tensor<2>,
    batch: &Batch,
    answers: usize,
    device: &Device,
) -> (Tensor<1>, Tensor<2>) {
    if answers < 2 {
        return (task.loss(outputs.clone(), batch, device), outputs);
    }
    let loss = task.loss(outputs.clone(), &batch.repeated(answers), device);
    let [rows, width] = outputs.dims();
    let each = outputs.reshape([rows / answers, answers, width]);
    (loss, each.mean_dim(1).reshape([rows / answers, width]))
}
