use super::asha::bracket;
use super::rung::{Rung, epochs};
use super::{AshaConfig, RungView, Scheduler, Verdict};

/// Ray's variant of ASHA (`promote = false`): a trial that reaches a rung stops for good where it is worse than
/// the best 1/`reduction_factor` of those before it, and goes on otherwise. Nothing pauses, so it needs no checkpoints; a
/// trial that was stopped too early stays so. With one bracket its decisions are those of Ray's `AsyncHyperBandScheduler`.
#[derive(Debug)]
pub struct Stopping {
    seed: u64,
    max_epochs: usize,
    factor: f64,
    /// Of each bracket its rungs from the highest.
    brackets: Vec<Vec<Rung>>,
    /// Of each trial its bracket.
    places: Vec<usize>,
}

impl Stopping {
    /// Over so many epochs; trials are dealt to brackets by the study's seed.
    #[must_use]
    pub fn new(config: &AshaConfig, max_epochs: usize, seed: u64) -> Self {
        let factor = config.reduction_factor;
        let brackets = (0..config.brackets)
            .map(|skipped| {
                let epochs = epochs(config.grace_period, factor, max_epochs, skipped);
                epochs.into_iter().rev().map(Rung::new).collect()
            })
            .collect();
        Self { seed, max_epochs, factor, brackets, places: Vec::new() }
    }
}

impl Scheduler for Stopping {
    fn start(&mut self, trial: usize) -> usize {
        let sizes: Vec<usize> = self.brackets.iter().map(Vec::len).collect();
        let bracket = bracket(self.seed, trial, &sizes);
        self.places.push(bracket);
        self.brackets.get(bracket).and_then(|rungs| rungs.last()).map_or(self.max_epochs, |rung| rung.epoch)
    }

    fn report(&mut self, trial: usize, epoch: usize, loss: f64) -> Verdict {
        if epoch >= self.max_epochs {
            return Verdict::Stop;
        }
        let rungs = self.places.get(trial).and_then(|bracket| self.brackets.get_mut(*bracket));
        for rung in rungs.into_iter().flatten() {
            if epoch < rung.epoch || rung.rank(trial).is_some() {
                continue;
            }
            let before = rung.entries.iter().map(|entry| -entry.loss).collect();
            let cutoff = percentile(before, 1.0 - 1.0 / self.factor);
            rung.insert(trial, loss);
            return if cutoff.is_some_and(|cutoff| -loss < cutoff) {
                Verdict::Stop
            } else {
                Verdict::Continue
            };
        }
        Verdict::Continue
    }

    fn end(&mut self, _trial: usize, _loss: Option<f64>) {}

    fn rungs(&self) -> Vec<RungView> {
        let brackets = self.brackets.iter().enumerate();
        brackets.flat_map(|(bracket, rungs)| rungs.iter().rev().map(move |rung| rung.view(bracket))).collect()
    }
}

/// A percentile as numpy interpolates it.
pub(super) fn percentile(mut values: Vec<f64>, fraction: f64) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let place = (values.len().checked_sub(1)?) as f64 * fraction;
    let (below, part) = (place.floor(), place - place.floor());
    let left = *values.get(below as usize)?;
    let right = *values.get(below as usize + 1).unwrap_or(&left);
    // The end that is nearer is added to: the last digit decides ties.
    Some(if part < 0.5 { left + (right - left) * part } else { right - (right - left) * (1.0 - part) })
}
