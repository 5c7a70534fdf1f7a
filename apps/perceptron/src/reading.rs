//! What the epochs mean, in sentences: converged, not yet, or never.

use brasa_data::Scaler;
use brasa_train::Prepared;

use crate::separability::{Separability, separability};
use crate::trace::Epoch;

/// The verdict over a training.
#[derive(Debug)]
pub(crate) struct Reading {
    /// Whether some line parts the training points; not known for more than two features.
    pub(crate) separable: Option<bool>,
    /// The first epoch whose weights have every training point right.
    pub(crate) separated_after: Option<usize>,
    pub(crate) sentences: Vec<String>,
}

impl Reading {
    pub(crate) fn of(epochs: &[Epoch], prepared: &Prepared) -> Self {
        let separated_after = epochs.iter().find(|epoch| epoch.errors == 0).map(|epoch| epoch.number);
        let separable = match (separated_after, separability(&prepared.data, &prepared.split.train)) {
            (Some(_), _) | (_, Separability::Separable) => Some(true),
            (_, Separability::NotSeparable) => Some(false),
            (_, Separability::Unknown) => None,
        };
        let mut sentences = vec![verdict(separated_after, separable, epochs.len())];
        if *prepared.scaler != Scaler::Identity {
            sentences.push(
                "The weights are those of the scaled features; the pictures show the features as they are."
                    .into(),
            );
        }
        Self { separable, separated_after, sentences }
    }
}

fn verdict(separated_after: Option<usize>, separable: Option<bool>, epochs: usize) -> String {
    match (separated_after, separable) {
        (Some(epoch), _) => format!(
            "Separated after epoch {epoch}: the perceptron has converged. Every training point is on its side of the line, so \
             nothing is left to correct and the weights stay as they are."
        ),
        (None, Some(false)) => "No line was found, and there is none: the training points are not separable, because the convex hulls of \
             the two classes meet. The weights never come to rest."
            .into(),
        (None, Some(true)) => format!(
            "Not separated within {epochs} epochs, but the training points are separable: with enough epochs the perceptron \
             finds a line."
        ),
        (None, None) => format!(
            "Not separated within {epochs} epochs. Whether the training points are separable is decided for at most two \
             features."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn each_end_has_its_sentence() {
        let starts = [
            (Some(7), Some(true), "Separated after epoch 7: the perceptron has converged."),
            (
                None,
                Some(false),
                "No line was found, and there is none: the training points are not separable",
            ),
            (None, Some(true), "Not separated within 15 epochs, but the training points are separable"),
            (None, None, "Not separated within 15 epochs. Whether"),
        ];
        for (after, separable, start) in starts {
            assert!(verdict(after, separable, 15).starts_with(start), "{start}");
        }
    }
}
