//! What follows from an event.

use super::event::{End, Event};
use super::trial::{Difference, State, Trial};
use super::{Result, Study, StudyError, limited};
use crate::sampler::Outcome;
use crate::scheduler::Verdict;

impl Study {
    /// Whether an event can follow those before.
    pub(super) fn check(&self, event: &Event) -> Result<()> {
        let misuse = |trial: usize, expected: String, found: String| {
            Err(StudyError::Misuse { trial, expected, found })
        };
        let running = |trial: usize, what: &str| match self.trials.get(trial) {
            Some(known) if known.state == State::Running => Ok(known),
            Some(known) => {
                let state = serde_json::to_string(&known.state).unwrap_or_default();
                Err(StudyError::Misuse {
                    trial,
                    expected: "a running trial".into(),
                    found: format!("{what} of a {state} one"),
                })
            }
            None => Err(StudyError::Misuse {
                trial,
                expected: format!("a trial below {}", self.trials.len()),
                found: what.into(),
            }),
        };
        match event {
            Event::Study(_) => misuse(0, "a trial's event".into(), "another first line".into()),
            Event::Start { trial, values: Some(values), .. } => {
                let next = self.trials.len();
                if *trial != next {
                    return misuse(*trial, format!("the start of trial {next}"), "its start".into());
                }
                if !self.header.space.contains(values) {
                    let found = serde_json::to_string(values).unwrap_or_default();
                    return misuse(*trial, "values of the search space".into(), found);
                }
                Ok(())
            }
            Event::Start { trial, values: None, .. } => {
                let promoted = self.scheduler.promotion().is_some_and(|next| next.trial == *trial);
                if promoted { Ok(()) } else { running(*trial, "another start").map(|_| ()) }
            }
            Event::Report { trial, epoch, .. } => {
                let next = running(*trial, "a report")?.epochs() + 1;
                if *epoch != next {
                    return misuse(
                        *trial,
                        format!("a report of epoch {next}"),
                        format!("one of epoch {epoch}"),
                    );
                }
                Ok(())
            }
            Event::Checkpoint { trial, epoch } => match self.trials.get(*trial) {
                Some(known) if *epoch <= known.epochs() => Ok(()),
                Some(known) => {
                    let expected = format!("a checkpoint of epoch {} at most", known.epochs());
                    misuse(*trial, expected, format!("one of epoch {epoch}"))
                }
                None => running(*trial, "a checkpoint").map(|_| ()),
            },
            Event::Forgot { trial } if *trial < self.trials.len() => Ok(()),
            Event::Forgot { trial } => running(*trial, "a deleted checkpoint").map(|_| ()),
            Event::Differs { trial, .. } => running(*trial, "a report").map(|_| ()),
            Event::Ended { trial, .. } => running(*trial, "an end").map(|_| ()),
            Event::Extend { .. } => Ok(()),
        }
    }

    /// Does what an event says that [can follow](Self::check). The verdict counts where it is a report.
    pub(super) fn apply(&mut self, event: &Event) -> Verdict {
        match event {
            Event::Study(_) => {}
            Event::Start { trial, values: Some(values), .. } => {
                let until = self.scheduler.start(*trial);
                self.sampling.record(values);
                self.trials.push(Trial::new(*trial, values.clone(), until));
                self.outcomes.push(Outcome::Running);
            }
            Event::Start { trial, values: None, .. } => self.start_again(*trial),
            Event::Report { trial, epoch, value } => return self.reported(*trial, *epoch, *value),
            Event::Differs { trial, epoch, value } => {
                if let Some(known) = self.trials.get_mut(*trial) {
                    known.differs = Some(Difference { epoch: *epoch, value: *value });
                }
            }
            Event::Checkpoint { trial, epoch } => self.set_checkpoint(*trial, *epoch),
            Event::Forgot { trial } => self.set_checkpoint(*trial, 0),
            Event::Ended { trial, end } => {
                let direction = self.header.metric.direction;
                let last = self.trials.get(*trial).and_then(|known| known.curve.last()).copied();
                let (state, loss) = match end {
                    End::Completed => (State::Completed, last.map(|value| direction.loss(value))),
                    End::Failed(message) => (State::Failed(message.clone()), None),
                    End::Diverged => (State::Diverged, None),
                };
                self.scheduler.end(*trial, loss);
                self.leave(*trial, state);
            }
            Event::Extend { trials } => {
                self.total = limited(&self.header, self.total.saturating_add(*trials));
                self.scheduler.set_total(self.total);
            }
        }
        Verdict::Continue
    }

    /// A trial is promoted, or run again since its process is gone.
    fn start_again(&mut self, trial: usize) {
        self.interrupted.remove(&trial);
        let Some(known) = self.trials.get_mut(trial) else { return };
        if known.state == State::Running {
            return;
        }
        if let Some(promotion) = self.scheduler.promotion() {
            known.until = promotion.until_epoch;
        }
        known.state = State::Running;
        self.scheduler.promote(trial);
    }

    fn reported(&mut self, trial: usize, epoch: usize, value: Option<f64>) -> Verdict {
        let Some(known) = self.trials.get_mut(trial) else { return Verdict::Stop };
        known.curve.push(value.unwrap_or(f64::NAN));
        let Some(value) = value else {
            self.scheduler.end(trial, None);
            self.leave(trial, State::Diverged);
            return Verdict::Stop;
        };
        let verdict = self.scheduler.report(trial, epoch, self.header.metric.direction.loss(value));
        match verdict {
            Verdict::Continue => {}
            Verdict::Pause => self.leave(trial, State::Paused),
            Verdict::Stop if epoch >= self.header.max_epochs => self.leave(trial, State::Completed),
            Verdict::Stop => self.leave(trial, State::Stopped),
        }
        verdict
    }

    /// A trial does not run any more.
    fn leave(&mut self, trial: usize, state: State) {
        self.interrupted.remove(&trial);
        let (Some(known), Some(outcome)) = (self.trials.get_mut(trial), self.outcomes.get_mut(trial)) else {
            return;
        };
        known.state = state;
        *outcome = known.outcome(self.header.score, self.header.metric.direction);
    }

    fn set_checkpoint(&mut self, trial: usize, epoch: usize) {
        if let Some(known) = self.trials.get_mut(trial) {
            known.checkpoint = epoch;
        }
    }
}
