//! The objective of a batch, however often a model answers each row.

use brasa_data::Batch;
use brasa_models::mean_answer;
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
    (loss, mean_answer(outputs, answers))
}
