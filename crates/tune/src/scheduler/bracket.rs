//! Synchronous successive halving of a number of trials.

use super::rung::Rung;
use super::{Promotion, RungView, Verdict};

/// A number of trials and the rungs that fewer and fewer of them reach. Who goes on from a rung is decided when all that
/// were sent there have reached it or ended: the outcome does not depend on who was first.
#[derive(Debug)]
pub(super) struct Bracket {
    rungs: Vec<Rung>,
    factor: f64,
    /// Number of trials sent to each rung.
    sent: Vec<usize>,
    /// Number of the first trial; the others follow.
    first: usize,
    places: Vec<Place>,
}

/// Where a trial is.
#[derive(Debug)]
struct Place {
    /// The rung that it is trained for.
    level: usize,
    /// Whether it ended by itself, so that its last loss stands for what it would have later.
    converged: bool,
}

impl Bracket {
    /// For so many trials; the last of the epochs is the end.
    pub(super) fn new(trials: usize, epochs: Vec<usize>, factor: f64) -> Self {
        let rungs: Vec<Rung> = epochs.into_iter().map(Rung::new).collect();
        let mut sent = vec![0; rungs.len()];
        if let Some(first) = sent.first_mut() {
            *first = trials;
        }
        Self { rungs, factor, sent, first: 0, places: Vec::new() }
    }

    pub(super) fn trials(&self) -> usize {
        self.sent.first().copied().unwrap_or(0)
    }

    /// Whether nothing is left to do.
    pub(super) fn is_over(&self) -> bool {
        self.places.len() == self.trials()
            && self.rungs.iter().zip(&self.sent).all(|(rung, sent)| rung.entries.len() == *sent)
    }

    pub(super) fn start(&mut self, trial: usize) -> usize {
        if self.places.is_empty() {
            self.first = trial;
        }
        self.places.push(Place { level: 0, converged: false });
        self.rungs.first().map_or(1, |rung| rung.epoch)
    }

    pub(super) fn owns(&self, trial: usize) -> bool {
        (self.first..self.first + self.places.len()).contains(&trial)
    }

    fn place(&mut self, trial: usize) -> Option<&mut Place> {
        trial.checked_sub(self.first).and_then(|index| self.places.get_mut(index))
    }

    pub(super) fn report(&mut self, trial: usize, epoch: usize, loss: f64) -> Verdict {
        let Some(level) = self.place(trial).map(|place| place.level) else { return Verdict::Stop };
        match self.rungs.get_mut(level) {
            Some(rung) if epoch < rung.epoch => return Verdict::Continue,
            Some(rung) => rung.insert(trial, loss),
            None => return Verdict::Stop,
        }
        self.close(level);
        if level + 1 < self.rungs.len() { Verdict::Pause } else { Verdict::Stop }
    }

    pub(super) fn end(&mut self, trial: usize, loss: Option<f64>) {
        let Some(place) = self.place(trial) else { return };
        place.converged = loss.is_some();
        let level = place.level;
        let Some(rung) = self.rungs.get_mut(level) else { return };
        rung.insert(trial, loss.unwrap_or(f64::INFINITY));
        self.close(level);
    }

    /// Decides who goes on from a rung where all have reached it.
    fn close(&mut self, mut level: usize) {
        while let Some((rung, sent)) = self.rungs.get(level).zip(self.sent.get(level))
            && *sent > 0
            && rung.entries.len() == *sent
            && level + 1 < self.rungs.len()
        {
            let alive = rung.entries.iter().filter(|entry| entry.loss.is_finite()).count();
            let survivors = ((*sent as f64 / self.factor) as usize).max(1).min(alive);
            let best: Vec<_> =
                rung.entries.iter().take(survivors).map(|entry| (entry.trial, entry.loss)).collect();
            if let Some(next) = self.sent.get_mut(level + 1) {
                *next = survivors;
            }
            // Those that have converged go on at once, with the loss that they have.
            for (trial, loss) in best {
                if self.place(trial).is_some_and(|place| place.converged) {
                    self.promote(trial);
                    if let Some(rung) = self.rungs.get_mut(level + 1) {
                        rung.insert(trial, loss);
                    }
                }
            }
            level += 1;
        }
    }

    pub(super) fn promotion(&self) -> Option<Promotion> {
        let levels = self.sent.iter().skip(1).enumerate().rev();
        let found = levels.filter_map(|(level, survivors)| {
            let trial = self.rungs.get(level)?.promotable(*survivors)?;
            Some(Promotion { trial, until_epoch: self.rungs.get(level + 1)?.epoch })
        });
        found.into_iter().next()
    }

    pub(super) fn promote(&mut self, trial: usize) {
        let Some(place) = self.place(trial) else { return };
        place.level += 1;
        let below = place.level - 1;
        if let Some(entry) = self.rungs.get_mut(below).and_then(|rung| rung.entry(trial)) {
            entry.promoted = true;
        }
    }

    /// Whether a paused trial waits for its promotion, or may be promoted when its rung is complete.
    pub(super) fn may_go_on(&self, trial: usize) -> bool {
        let Some(place) = trial.checked_sub(self.first).and_then(|index| self.places.get(index)) else {
            return false;
        };
        let (Some(rung), Some(sent)) = (self.rungs.get(place.level), self.sent.get(place.level)) else {
            return false;
        };
        let last = place.level + 1 >= self.rungs.len();
        let survivors = ((*sent as f64 / self.factor) as usize).max(1);
        !last && rung.rank(trial).is_some_and(|rank| rank < survivors)
    }

    pub(super) fn rungs(&self, bracket: usize) -> impl Iterator<Item = RungView> {
        self.rungs.iter().map(move |rung| rung.view(bracket))
    }
}
