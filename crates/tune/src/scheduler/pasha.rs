use super::asha::Asha;
use super::stopping::percentile;
use super::{AshaConfig, PashaConfig, Promotion, RungView, Scheduler, Verdict};

/// Progressive ASHA (Bohdal et al., 2023): ASHA that starts with two rungs, and gets the next one only as long as the two
/// highest rungs rank the trials differently.
///
/// Trials whose losses differ by less than the noise rank equally. The noise is what separates trials whose learning curves have crossed
/// back and forth: the 90th percentile of their last distances.
#[derive(Debug)]
pub struct Pasha {
    asha: Asha,
    /// Of each trial its losses by epoch.
    curves: Vec<Vec<f64>>,
}

impl Pasha {
    /// Over so many epochs at most.
    #[must_use]
    pub fn new(config: &PashaConfig, max_epochs: usize) -> Self {
        let PashaConfig { grace_period, reduction_factor } = *config;
        let config = AshaConfig { grace_period, reduction_factor, brackets: 1, promote: true };
        // With one bracket, the seed deals nothing.
        let mut asha = Asha::new(&config, max_epochs, 0);
        if let Some(ladder) = asha.ladder() {
            ladder.top = ladder.top.min(1);
        }
        Self { asha, curves: Vec::new() }
    }

    /// Opens the next rung where the two highest ones disagree.
    fn grow(&mut self) {
        let curves = &self.curves;
        let Some(ladder) = self.asha.ladder() else { return };
        let top = ladder.top;
        if top + 1 >= ladder.rungs.len() {
            return;
        }
        let (Some(below), Some(above)) =
            (top.checked_sub(1).and_then(|k| ladder.rungs.get(k)), ladder.rungs.get(top))
        else {
            return;
        };
        let ranked = |rung: &super::rung::Rung| -> Vec<(usize, f64)> {
            let entries = rung.entries.iter().filter(|entry| entry.loss.is_finite());
            entries.map(|entry| (entry.trial, entry.loss)).collect()
        };
        let above = ranked(above);
        let reached = |trial: usize| above.iter().any(|(other, _)| *other == trial);
        let below: Vec<_> = ranked(below).into_iter().filter(|(trial, _)| reached(*trial)).collect();
        let trials: Vec<&[f64]> =
            above.iter().filter_map(|(trial, _)| curves.get(*trial).map(Vec::as_slice)).collect();
        if !agree(&below, &above, noise(&trials)) {
            ladder.top += 1;
        }
    }
}

/// Whether the trial at each place of one ranking is, in the other, as good as the one at that place.
fn agree(below: &[(usize, f64)], above: &[(usize, f64)], noise: f64) -> bool {
    above.iter().zip(below).all(|((trial, _), (_, loss))| {
        below.iter().any(|(other, theirs)| other == trial && (theirs - loss).abs() <= noise)
    })
}

/// The 90th percentile of the last distances of learning curves that have crossed back and forth; 0 without any.
fn noise(curves: &[&[f64]]) -> f64 {
    let mut distances = Vec::new();
    for (i, a) in curves.iter().enumerate() {
        for b in curves.iter().take(i) {
            let mut lead = 0.0;
            let mut changes = 0;
            for (a, b) in a.iter().zip(*b).filter(|(a, b)| a != b) {
                let now = (a - b).signum();
                changes += usize::from(lead * now < 0.0);
                lead = now;
            }
            if changes >= 2 {
                distances.extend(a.iter().zip(*b).next_back().map(|(a, b)| (a - b).abs()));
            }
        }
    }
    percentile(distances, 0.9).unwrap_or(0.0)
}

impl Scheduler for Pasha {
    fn start(&mut self, trial: usize) -> usize {
        self.curves.push(Vec::new());
        self.asha.start(trial)
    }

    fn report(&mut self, trial: usize, epoch: usize, loss: f64) -> Verdict {
        if let Some(curve) = self.curves.get_mut(trial) {
            curve.push(loss);
        }
        let before = self.asha.place(trial);
        let verdict = self.asha.report(trial, epoch, loss);
        let top = self.asha.ladder().map(|ladder| ladder.top);
        if verdict != Verdict::Continue && before.map(|(_, level)| level) == top {
            self.grow();
        }
        verdict
    }

    fn end(&mut self, trial: usize, loss: Option<f64>) {
        self.asha.end(trial, loss);
        self.grow();
    }

    fn promotion(&self) -> Option<Promotion> {
        self.asha.promotion()
    }

    fn promote(&mut self, trial: usize) {
        self.asha.promote(trial);
    }

    fn may_go_on(&self, trial: usize, to_come: usize) -> bool {
        self.asha.may_go_on(trial, to_come)
    }

    fn rungs(&self) -> Vec<RungView> {
        self.asha.rungs()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_what_separates_curves_that_cross_back_and_forth() {
        assert_eq!(noise(&[&[1.0, 2.0, 3.0], &[2.0, 1.0, 2.0]]), 0.0, "crossed once");
        assert_eq!(noise(&[&[1.0, 2.0, 3.0], &[2.0, 1.0, 3.25, 9.0]]), 0.25);
        assert_eq!(noise(&[]), 0.0);
    }

    #[test]
    fn trials_within_the_noise_rank_equally() {
        let below = [(1, 0.1), (2, 0.2), (3, 0.9)];
        let above = [(2, 0.05), (1, 0.06), (3, 0.5)];
        assert!(!agree(&below, &above, 0.05));
        assert!(agree(&below, &above, 0.1 + 1e-9));
        assert!(agree(&below, &[(1, 0.0), (2, 0.1), (3, 0.2)], 0.0));
    }
}
