use super::{Scheduler, Verdict};

/// Every trial is trained for all epochs.
#[derive(Debug)]
pub struct NoScheduler {
    max_epochs: usize,
}

impl NoScheduler {
    /// For so many epochs.
    #[must_use]
    pub fn new(max_epochs: usize) -> Self {
        Self { max_epochs }
    }
}

impl Scheduler for NoScheduler {
    fn start(&mut self, _trial: usize) -> usize {
        self.max_epochs
    }

    fn report(&mut self, _trial: usize, epoch: usize, _loss: f64) -> Verdict {
        if epoch >= self.max_epochs { Verdict::Stop } else { Verdict::Continue }
    }

    fn end(&mut self, _trial: usize, _loss: Option<f64>) {}
}
