//! A rung of a ladder: who reached an epoch, and how well.

use std::cmp::Ordering;

use serde::Serialize;

use crate::metric::by_loss;

/// A rung as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RungView {
    /// Its bracket, from 0.
    pub bracket: usize,
    /// Its epoch.
    pub epoch: usize,
    /// The trials that reached it, best first.
    pub trials: Vec<usize>,
    /// Those of them that went on.
    pub promoted: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// Infinite where the trial failed: it is counted, but never goes on.
    pub(super) loss: f64,
    pub(super) trial: usize,
    pub(super) promoted: bool,
}

/// The trials that reached an epoch, best first.
#[derive(Debug, Clone)]
pub(super) struct Rung {
    pub(super) epoch: usize,
    pub(super) entries: Vec<Entry>,
}

impl Rung {
    pub(super) fn new(epoch: usize) -> Self {
        Self { epoch, entries: Vec::new() }
    }

    pub(super) fn insert(&mut self, trial: usize, loss: f64) {
        let before = |entry: &Entry| by_loss((entry.loss, entry.trial), (loss, trial)) == Ordering::Less;
        let place = self.entries.partition_point(before);
        self.entries.insert(place, Entry { loss, trial, promoted: false });
    }

    /// The best that is not promoted among the best `count`.
    pub(super) fn promotable(&self, count: usize) -> Option<usize> {
        let best = self.entries.iter().take(count);
        best.filter(|entry| !entry.promoted && entry.loss.is_finite()).map(|entry| entry.trial).next()
    }

    pub(super) fn entry(&mut self, trial: usize) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.trial == trial)
    }

    pub(super) fn rank(&self, trial: usize) -> Option<usize> {
        self.entries.iter().position(|entry| entry.trial == trial)
    }

    pub(super) fn view(&self, bracket: usize) -> RungView {
        let trials = |promoted: bool| {
            self.entries.iter().filter(|entry| entry.promoted || !promoted).map(|entry| entry.trial).collect()
        };
        RungView { bracket, epoch: self.epoch, trials: trials(false), promoted: trials(true) }
    }
}

/// The epochs of the rungs below `max_epochs`: `grace_period` times powers of the factor, the first `skipped` of them
/// left out, as Ray counts them.
pub(super) fn epochs(grace_period: usize, factor: f64, max_epochs: usize, skipped: usize) -> Vec<usize> {
    let ratio = max_epochs as f64 / grace_period as f64;
    let count = (ratio.ln() / factor.ln() - skipped as f64 + 1.0).max(0.0) as usize;
    let epoch = |k: usize| (grace_period as f64 * factor.powi((k + skipped) as i32)).ceil() as usize;
    (0..count).map(epoch).filter(|epoch| *epoch < max_epochs).collect()
}
