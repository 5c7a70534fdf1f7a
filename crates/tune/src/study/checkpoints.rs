//! Which checkpoints are there, and which of them are still needed.

use std::collections::BTreeSet;

use super::event::Event;
use super::trial::{State, Trial};
use super::{Result, Study};

impl Study {
    /// The caller has saved a checkpoint of a trial after an epoch that is reported, whatever became of the trial then. An
    /// older checkpoint of the trial may be deleted now, and no sooner: until this is told, it is what the trial would go on from.
    pub fn checkpoint(&mut self, trial: usize, epoch: usize) -> Result<()> {
        if self.trials.get(trial).is_some_and(|known| known.checkpoint == epoch) {
            return Ok(());
        }
        self.tell(&Event::Checkpoint { trial, epoch }).map(|_| ())
    }

    /// The caller has deleted a trial's checkpoint. Should the trial go on all the same, it starts from scratch.
    pub fn checkpoint_deleted(&mut self, trial: usize) -> Result<()> {
        self.tell(&Event::Forgot { trial }).map(|_| ())
    }

    /// The trials whose checkpoints are kept: those that run, those that may be promoted, and the best `most` by the metric.
    #[must_use]
    pub fn checkpoints_to_keep(&self, most: usize) -> BTreeSet<usize> {
        let to_come = self.total.saturating_sub(self.trials.len());
        let is_needed = |trial: &&Trial| match trial.state {
            State::Running => true,
            State::Paused => self.scheduler.may_go_on(trial.number, to_come),
            _ => false,
        };
        let has_one = |trial: &&Trial| trial.checkpoint > 0;
        let best =
            self.ranked().into_iter().filter(has_one).filter(|trial| self.result(trial).is_some()).take(most);
        let needed = self.trials.iter().filter(has_one).filter(is_needed);
        needed.chain(best).map(|trial| trial.number).collect()
    }

    /// The trials whose checkpoints may be deleted.
    #[must_use]
    pub fn checkpoints_to_delete(&self, most: usize) -> Vec<usize> {
        let kept = self.checkpoints_to_keep(most);
        let others = self.trials.iter().filter(|trial| trial.checkpoint > 0 && !kept.contains(&trial.number));
        others.map(|trial| trial.number).collect()
    }
}
