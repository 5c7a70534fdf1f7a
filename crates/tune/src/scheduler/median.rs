use super::stopping::percentile;
use super::{MedianConfig, Scheduler, Verdict};

/// The median stopping rule (Golovin et al., 2017), as in Ray: a trial stops where its best loss so far is worse than
/// the median of the other trials' mean losses up to the same epoch. What it decides depends on what ends first.
#[derive(Debug)]
pub struct Median {
    config: MedianConfig,
    max_epochs: usize,
    /// Of each trial the sum of its losses from the end of the grace period on, by epoch.
    sums: Vec<Vec<f64>>,
    best: Vec<f64>,
}

impl Median {
    /// Over so many epochs.
    #[must_use]
    pub fn new(config: &MedianConfig, max_epochs: usize) -> Self {
        Self { config: config.clone(), max_epochs, sums: Vec::new(), best: Vec::new() }
    }

    /// Mean loss of a trial from the end of the grace period to an epoch that it has reached.
    fn mean(&self, sums: &[f64], epoch: usize) -> Option<f64> {
        let counted = (epoch + 1).checked_sub(self.config.grace_period)?;
        Some(sums.get(epoch - 1)? / counted as f64)
    }
}

impl Scheduler for Median {
    fn start(&mut self, _trial: usize) -> usize {
        self.sums.push(Vec::new());
        self.best.push(f64::INFINITY);
        self.config.grace_period.min(self.max_epochs)
    }

    fn report(&mut self, trial: usize, epoch: usize, loss: f64) -> Verdict {
        let grace = self.config.grace_period;
        let (Some(sums), Some(best)) = (self.sums.get_mut(trial), self.best.get_mut(trial)) else {
            return Verdict::Stop;
        };
        let before = sums.last().copied().unwrap_or(0.0);
        sums.push(before + if epoch >= grace { loss } else { 0.0 });
        *best = best.min(loss);
        let best = *best;
        if epoch >= self.max_epochs {
            return Verdict::Stop;
        }
        if epoch < grace {
            return Verdict::Continue;
        }
        let others = self.sums.iter().enumerate().filter(|(other, _)| *other != trial);
        let means: Vec<f64> = others.filter_map(|(_, sums)| self.mean(sums, epoch)).collect();
        let enough = means.len() >= self.config.min_samples;
        match percentile(means, 0.5) {
            Some(median) if enough && best > median => Verdict::Stop,
            _ => Verdict::Continue,
        }
    }

    fn end(&mut self, _trial: usize, _loss: Option<f64>) {}
}
