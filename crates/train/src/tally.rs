//! The training split of one epoch, counted step by step.

use std::collections::VecDeque;

use burn::tensor::Tensor;

use crate::callback::StepLoss;
use crate::evaluate::OutputQueue;
use crate::metrics::{Evaluator, Scores};
use crate::update::StepAt;
use crate::{Result, TrainError};

/// Counts the steps of an epoch and watches for a loss that is not finite.
pub(crate) struct EpochTally {
    evaluator: Evaluator,
    queue: OutputQueue,
    /// Rows and learning rate of each step whose outputs are in the queue.
    waiting: VecDeque<(usize, f64)>,
    epoch: usize,
    /// Steps whose loss is known.
    counted: usize,
}

impl EpochTally {
    pub(crate) fn new(mut evaluator: Evaluator, epoch: usize) -> Self {
        evaluator.reset();
        Self { evaluator, queue: OutputQueue::default(), waiting: VecDeque::new(), epoch, counted: 0 }
    }

    /// Adds a step; the losses that are known since, which may be none.
    pub(crate) fn push(
        &mut self,
        outputs: Tensor<2>,
        targets: Vec<u32>,
        at: StepAt,
    ) -> Result<Vec<StepLoss>> {
        self.waiting.push_back((targets.len(), at.lr));
        let due = self.queue.push(outputs, targets)?;
        self.count(due)
    }

    fn count(&mut self, due: Option<(Vec<f32>, Vec<u32>)>) -> Result<Vec<StepLoss>> {
        let Some((outputs, targets)) = due else { return Ok(Vec::new()) };
        let width = outputs.len() / targets.len().max(1);
        let (mut outputs, mut targets) = (&outputs[..], &targets[..]);
        let mut losses = Vec::with_capacity(self.waiting.len());
        for (rows, lr) in std::mem::take(&mut self.waiting) {
            let (step_outputs, later_outputs) = outputs.split_at(rows * width);
            let (step_targets, later_targets) = targets.split_at(rows);
            (outputs, targets) = (later_outputs, later_targets);
            let (epoch, step) = (self.epoch, self.counted + 1);
            let loss = self.evaluator.push(step_outputs, step_targets)? / rows as f64;
            if !loss.is_finite() {
                return Err(TrainError::NotFinite { epoch, step, lr });
            }
            self.counted = step;
            losses.push(StepLoss { epoch, step, rows, loss });
        }
        Ok(losses)
    }

    /// The losses that were not known before, and the scores of the epoch.
    pub(crate) fn finish(mut self) -> Result<(Vec<StepLoss>, Scores)> {
        let due = self.queue.drain()?;
        let losses = self.count(due)?;
        Ok((losses, self.evaluator.scores()?))
    }
}
