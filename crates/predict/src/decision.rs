//! Which of two classes is answered.

use serde::{Deserialize, Serialize};

use crate::Answers;

/// One of two classes is answered where its probability reaches a threshold, the other one elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The number of the class.
    pub positive: usize,
    /// The least probability that it is answered at.
    pub threshold: f64,
}

impl Decision {
    /// The number of the class for these probabilities of both.
    pub fn class(self, probabilities: &[f64]) -> usize {
        let reached = probabilities.get(self.positive).is_some_and(|own| *own >= self.threshold);
        if reached { self.positive } else { 1 - self.positive.min(1) }
    }

    /// Whether it can be that of a model with these answers.
    pub(crate) fn check(self, answers: &Answers) -> Result<(), String> {
        let two = matches!(answers, Answers::Classes { classes } if classes.len() == 2);
        match two && self.positive < 2 && self.threshold.is_finite() {
            true => Ok(()),
            false => Err("decides by a threshold that does not go with its classes".into()),
        }
    }
}
