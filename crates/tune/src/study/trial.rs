use serde::Serialize;

use super::Score;
use crate::sampler::Outcome;
use crate::{Direction, Values};

/// Where a trial stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It runs, or is to be run again since the process that ran it is gone.
    Running,
    /// It may be promoted.
    Paused,
    /// It was trained as long as its recipe says.
    Completed,
    /// The scheduler stopped it.
    Stopped,
    /// Its metric ceased to be finite.
    Diverged,
    /// It failed, with this message.
    Failed(String),
}

impl State {
    /// In a word: `paused`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::Stopped => "stopped",
            Self::Diverged => "diverged",
            Self::Failed(_) => "failed",
        }
    }
}

/// An epoch that came out differently when it was done again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// The epoch.
    pub epoch: usize,
    /// The value that came then; none where it was not finite.
    pub value: Option<f64>,
}

/// A trial.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trial {
    /// Its number, from 0.
    pub number: usize,
    /// Its values.
    pub values: Values,
    /// Where it stands.
    pub state: State,
    /// The metric by epoch; the last value is not finite where the trial diverged.
    pub curve: Vec<f64>,
    /// The epoch of its checkpoint; 0 where there is none.
    pub checkpoint: usize,
    /// The first epoch that came out differently when it was done again after a kill: the training does not repeat
    /// exactly. The first value counts.
    pub differs: Option<Difference>,
    /// The epoch after which the scheduler decides about it again.
    pub(super) until: usize,
}

impl Trial {
    pub(super) fn new(number: usize, values: Values, until: usize) -> Self {
        Self { number, values, state: State::Running, curve: Vec::new(), checkpoint: 0, differs: None, until }
    }

    /// Epochs that it has reported.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.curve.len()
    }

    /// Its result: the epoch and the value; none where it has reported nothing finite, has failed or diverged.
    #[must_use]
    pub fn result(&self, score: Score, direction: Direction) -> Option<(usize, f64)> {
        if matches!(self.state, State::Failed(_) | State::Diverged) {
            return None;
        }
        let finite = (1..).zip(self.curve.iter().copied()).filter(|(_, value)| value.is_finite());
        match score {
            Score::Last => finite.last(),
            Score::Best => {
                finite.reduce(|best, next| if direction.is_better(next.1, best.1) { next } else { best })
            }
        }
    }

    /// What a sampler is to know of it, now that it does not run.
    pub(super) fn outcome(&self, score: Score, direction: Direction) -> Outcome {
        match (&self.state, self.result(score, direction)) {
            (State::Diverged, _) => Outcome::Diverged,
            (State::Running, _) => Outcome::Running,
            (state, Some((_, value))) => Outcome::Result {
                epoch: self.epochs(),
                complete: *state == State::Completed,
                loss: direction.loss(value),
            },
            (_, None) => Outcome::Failed,
        }
    }
}
