use super::rung::{Rung, epochs};
use super::{AshaConfig, Promotion, RungView, Scheduler, Verdict};
use crate::stream::{self, purpose};

/// Asynchronous successive halving with promotions (Li et al., 2020): a trial that reaches a rung pauses unless it
/// is among the best 1/`reduction_factor` of those that have reached it, and goes on as soon as it is. A worker that
/// asks for work gets a paused trial of the highest rung that can be promoted, before any new one.
#[derive(Debug)]
pub struct Asha {
    seed: u64,
    factor: f64,
    ladders: Vec<Ladder>,
    /// Of each trial its bracket, and the position of the rung that it is trained for.
    places: Vec<(usize, usize)>,
}

/// A bracket: its rungs from the lowest; the last one is the end.
#[derive(Debug)]
pub(super) struct Ladder {
    pub(super) rungs: Vec<Rung>,
    /// The highest rung that trials are promoted to; with ASHA the last.
    pub(super) top: usize,
    /// Trials that ended by themselves, whose last loss stands for what they would have later.
    converged: Vec<usize>,
}

impl Asha {
    /// Over so many epochs; trials are dealt to brackets by the study's seed.
    #[must_use]
    pub fn new(config: &AshaConfig, max_epochs: usize, seed: u64) -> Self {
        let factor = config.reduction_factor;
        let ladders = (0..config.brackets)
            .map(|bracket| Ladder::new(epochs(config.grace_period, factor, max_epochs, bracket), max_epochs))
            .collect();
        Self { seed, factor, ladders, places: Vec::new() }
    }

    /// The only bracket, for a scheduler that has one.
    pub(super) fn ladder(&mut self) -> Option<&mut Ladder> {
        self.ladders.first_mut()
    }

    pub(super) fn place(&self, trial: usize) -> Option<(usize, usize)> {
        self.places.get(trial).copied()
    }
}

/// The bracket of a trial: those with more rungs are chosen more often, as in Ray, but by the study's seed.
pub(super) fn bracket(seed: u64, trial: usize, sizes: &[usize]) -> usize {
    let most = sizes.iter().copied().max().unwrap_or(0);
    let weights: Vec<f64> = sizes.iter().map(|size| (*size as f64 - most as f64).exp()).collect();
    let draw = stream::uniform(&mut stream::rng(seed, &[purpose::BRACKET, trial as u64]));
    let mut left = draw * weights.iter().sum::<f64>();
    let chosen = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    chosen.unwrap_or(0)
}

impl Ladder {
    fn new(epochs: Vec<usize>, max_epochs: usize) -> Self {
        let rungs: Vec<Rung> = epochs.into_iter().chain([max_epochs]).map(Rung::new).collect();
        Self { top: rungs.len() - 1, rungs, converged: Vec::new() }
    }

    /// How many of a rung go on, where so many have reached it.
    fn survivors(reached: usize, factor: f64) -> usize {
        (reached as f64 / factor) as usize
    }

    /// The position of the highest rung with a trial to promote, and the trial.
    fn promotable(&self, factor: f64) -> Option<(usize, usize)> {
        let below_top = self.rungs.iter().take(self.top).enumerate().rev();
        below_top
            .filter_map(|(level, rung)| {
                Some((level, rung.promotable(Self::survivors(rung.entries.len(), factor))?))
            })
            .next()
    }

    fn insert(&mut self, level: usize, trial: usize, loss: f64) {
        if let Some(rung) = self.rungs.get_mut(level) {
            rung.insert(trial, loss);
        }
    }

    fn mark_promoted(&mut self, level: usize, trial: usize) {
        if let Some(entry) = self.rungs.get_mut(level).and_then(|rung| rung.entry(trial)) {
            entry.promoted = true;
        }
    }

    /// A trial that has converged goes on at once, with the loss that it has.
    fn carry(&mut self, factor: f64) {
        while let Some((level, trial)) = self.promotable(factor) {
            if !self.converged.contains(&trial) {
                return;
            }
            let loss = self
                .rungs
                .get_mut(level)
                .and_then(|rung| rung.entry(trial))
                .map_or(f64::INFINITY, |e| e.loss);
            self.mark_promoted(level, trial);
            self.insert(level + 1, trial, loss);
        }
    }
}

impl Scheduler for Asha {
    fn start(&mut self, trial: usize) -> usize {
        let sizes: Vec<usize> = self.ladders.iter().map(|ladder| ladder.rungs.len() - 1).collect();
        let bracket = bracket(self.seed, trial, &sizes);
        self.places.push((bracket, 0));
        self.ladders.get(bracket).and_then(|ladder| ladder.rungs.first()).map_or(1, |rung| rung.epoch)
    }

    fn report(&mut self, trial: usize, epoch: usize, loss: f64) -> Verdict {
        let Some((bracket, level)) = self.places.get_mut(trial) else { return Verdict::Stop };
        let Some(ladder) = self.ladders.get_mut(*bracket) else { return Verdict::Stop };
        if ladder.rungs.get(*level).is_none_or(|rung| epoch < rung.epoch) {
            return Verdict::Continue;
        }
        ladder.insert(*level, trial, loss);
        ladder.carry(self.factor);
        if *level + 1 >= ladder.rungs.len() {
            return Verdict::Stop;
        }
        if ladder.promotable(self.factor) == Some((*level, trial)) {
            ladder.mark_promoted(*level, trial);
            *level += 1;
            return Verdict::Continue;
        }
        Verdict::Pause
    }

    fn end(&mut self, trial: usize, loss: Option<f64>) {
        let Some(&(bracket, level)) = self.places.get(trial) else { return };
        let Some(ladder) = self.ladders.get_mut(bracket) else { return };
        ladder.insert(level, trial, loss.unwrap_or(f64::INFINITY));
        if loss.is_some() {
            ladder.converged.push(trial);
        }
        ladder.carry(self.factor);
    }

    fn promotion(&self) -> Option<Promotion> {
        let found = self.ladders.iter().filter_map(|ladder| {
            let (level, trial) = ladder.promotable(self.factor)?;
            Some(Promotion { trial, until_epoch: ladder.rungs.get(level + 1)?.epoch })
        });
        // The one that has come farthest; of several brackets the first.
        found.reduce(|best, next| if next.until_epoch > best.until_epoch { next } else { best })
    }

    fn promote(&mut self, trial: usize) {
        let Some((bracket, level)) = self.places.get_mut(trial) else { return };
        if let Some(ladder) = self.ladders.get_mut(*bracket) {
            ladder.mark_promoted(*level, trial);
            *level += 1;
            ladder.carry(self.factor);
        }
    }

    fn may_go_on(&self, trial: usize, to_come: usize) -> bool {
        let Some(&(bracket, level)) = self.places.get(trial) else { return false };
        let Some(ladder) = self.ladders.get(bracket) else { return false };
        let Some(rung) = ladder.rungs.get(level) else { return false };
        // At best, all that can still reach this rung are worse.
        let waiting: usize = self.places.iter().filter(|place| place.0 == bracket && place.1 < level).count();
        let running = self.places.iter().filter(|place| **place == (bracket, level)).count();
        let most = to_come + waiting + running.max(rung.entries.len());
        level + 1 < ladder.rungs.len()
            && rung.rank(trial).is_some_and(|rank| rank < Ladder::survivors(most, self.factor))
    }

    fn rungs(&self) -> Vec<RungView> {
        let ladders = self.ladders.iter().enumerate();
        ladders
            .flat_map(|(bracket, ladder)| ladder.rungs.iter().map(move |rung| rung.view(bracket)))
            .collect()
    }
}
