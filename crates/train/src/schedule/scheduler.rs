use serde::{Deserialize, Serialize};

use super::{Mode, Plateau, PlateauState, Schedule, ScheduleError};

/// What a [`Scheduler`] remembers between epochs; saved in checkpoints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchedulerState {
    /// Epochs ended so far.
    pub epochs_ended: usize,
    /// The plateau's memory; none for every other kind.
    pub plateau: Option<PlateauState>,
}

/// A schedule at work: what the training loop asks for the learning rate, whatever the kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheduler {
    schedule: Schedule,
    plateau: Option<Plateau>,
    epochs_ended: usize,
}

impl Scheduler {
    /// Starts at the first epoch. `mode` says which direction of the monitored metric is better; only kind plateau
    /// looks at it.
    pub fn new(schedule: Schedule, mode: Mode) -> Self {
        let plateau = schedule.plateau(mode);
        Self { schedule, plateau, epochs_ended: 0 }
    }

    /// The learning rate of one step; `epoch` and `step_in_run` count from 0, as in [`Schedule::lr`].
    pub fn lr(&self, epoch: usize, step_in_run: usize) -> f64 {
        match &self.plateau {
            Some(plateau) => plateau.lr() * self.schedule.warmup_factor_at(epoch, step_in_run),
            None => self.schedule.lr(epoch, step_in_run),
        }
    }

    /// Ends an epoch with its monitored metric. Answers the new learning rate where a plateau cut it.
    ///
    /// A plateau does not look at epochs that belong to the warm-up, wholly or in part.
    pub fn end_epoch(&mut self, monitored: f64) -> Option<f64> {
        let epoch = self.epochs_ended;
        self.epochs_ended += 1;
        if self.schedule.warms_up_in(epoch) {
            return None;
        }
        self.plateau.as_mut()?.observe(monitored)
    }

    /// The schedule.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// What to save for a resumed run.
    pub fn state(&self) -> SchedulerState {
        SchedulerState { epochs_ended: self.epochs_ended, plateau: self.plateau.as_ref().map(Plateau::state) }
    }

    /// Takes over a saved state, after which the run continues as if it had not been interrupted.
    /// Fails, and changes nothing, where the state belongs to another kind of schedule or holds an impossible
    /// learning rate.
    pub fn restore(&mut self, state: SchedulerState) -> Result<(), ScheduleError> {
        match (&mut self.plateau, state.plateau) {
            (Some(plateau), Some(saved)) => plateau.restore(saved)?,
            (None, None) => {}
            (own, saved) => {
                let word = |present: bool| if present { "with" } else { "without" };
                return Err(ScheduleError::StateOfAnotherKind {
                    kind: self.schedule.config().shape.name(),
                    expected: word(own.is_some()),
                    found: word(saved.is_some()),
                });
            }
        }
        self.epochs_ended = state.epochs_ended;
        Ok(())
    }
}
