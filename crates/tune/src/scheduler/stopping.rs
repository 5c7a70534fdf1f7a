use super::asha::bracket;
use super::rung::epochs;
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
    brackets: Vec<Vec<Recorded>>,
    /// Of each trial its bracket.
    places: Vec<usize>,
}

/// The epoch of a rung, and the losses and trials in the order in which they came.
type Recorded = (usize, Vec<(f64, usize)>);

impl Stopping {
    /// Over so many epochs; trials are dealt to brackets by the study's seed.
    #[must_use]
    pub fn new(config: &AshaConfig, max_epochs: usize, seed: u64) -> Self {
        let factor = config.reduction_factor;
        let brackets = (0..config.brackets)
            .map(|skipped| {
                let epochs = epochs(config.grace_period, factor, max_epochs, skipped);
                epochs.into_iter().rev().map(|epoch| (epoch, Vec::new())).collect()
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
        self.brackets.get(bracket).and_then(|rungs| rungs.last()).map_or(self.max_epochs, |(epoch, _)| *epoch)
    }

    fn report(&mut self, trial: usize, epoch: usize, loss: f64) -> Verdict {
        if epoch >= self.max_epochs {
            return Verdict::Stop;
        }
        let rungs = self.places.get(trial).and_then(|bracket| self.brackets.get_mut(*bracket));
        for (rung, recorded) in rungs.into_iter().flatten() {
            if epoch < *rung || recorded.iter().any(|(_, known)| *known == trial) {
                continue;
            }
            let cutoff =
                percentile(recorded.iter().map(|(loss, _)| -loss).collect(), 1.0 - 1.0 / self.factor);
            recorded.push((loss, trial));
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
        let view = |bracket: usize, (epoch, recorded): &Recorded| {
            let mut rung = super::rung::Rung::new(*epoch);
            recorded.iter().for_each(|(loss, trial)| rung.insert(*trial, *loss));
            rung.view(bracket)
        };
        let brackets = self.brackets.iter().enumerate();
        brackets
            .flat_map(|(bracket, rungs)| rungs.iter().rev().map(move |rung| view(bracket, rung)))
            .collect()
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
