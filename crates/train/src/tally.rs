//! The training split of one epoch, counted step by step.

use std::collections::VecDeque;

use brasa_data::BatchTargets;
use burn::tensor::Tensor;

use crate::callback::StepLoss;
use crate::evaluate::{Finished, OutputQueue};
use crate::metrics::{Figures, Metrics};
use crate::task::{Judge, Tallied};
use crate::update::StepAt;
use crate::{Result, TrainError};

/// Counts the steps of an epoch and watches for a loss that is not finite.
pub(crate) struct EpochTally {
    judge: Box<dyn Judge>,
    queue: OutputQueue,
    /// The steps whose outputs are in the queue.
    waiting: VecDeque<StepAt>,
}

impl EpochTally {
    pub(crate) fn new(judge: Box<dyn Judge>) -> Self {
        Self { judge, queue: OutputQueue::default(), waiting: VecDeque::new() }
    }

    /// Adds a step; the losses that are known since, which may be none.
    pub(crate) fn push(
        &mut self,
        outputs: Tensor<2>,
        targets: BatchTargets,
        at: StepAt,
    ) -> Result<Vec<StepLoss>> {
        self.waiting.push_back(at);
        let due = self.queue.push(outputs, targets)?;
        self.count(due)
    }

    fn count(&mut self, due: Vec<Finished>) -> Result<Vec<StepLoss>> {
        let mut losses = Vec::with_capacity(due.len());
        for batch in due {
            let Some(StepAt { epoch, step, lr, .. }) = self.waiting.pop_front() else { break };
            let loss = self.judge.push(&batch.outputs, &batch.targets)? / batch.rows as f64;
            if !loss.is_finite() {
                return Err(TrainError::NotFinite { epoch, step, lr, found: None });
            }
            losses.push(StepLoss { epoch, step, rows: batch.rows, loss });
        }
        Ok(losses)
    }

    /// Goes on with what the steps before had counted.
    pub(crate) fn restore(&mut self, tallied: Tallied) -> Result<()> {
        self.judge.restore(tallied)
    }

    /// The losses that were not known before, and what all steps so far have counted.
    pub(crate) fn settle(&mut self) -> Result<(Vec<StepLoss>, Tallied)> {
        let due = self.queue.drain()?;
        Ok((self.count(due)?, self.judge.tallied()))
    }

    /// The losses that were not known before, and the figures of the epoch.
    pub(crate) fn finish(mut self, metrics: &Metrics) -> Result<(Vec<StepLoss>, Figures)> {
        let due = self.queue.drain()?;
        let losses = self.count(due)?;
        Ok((losses, self.judge.figures(metrics)?))
    }
}
