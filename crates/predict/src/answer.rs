//! What a model says of one sample.

use serde::Serialize;

use crate::{Answers, ModelCard};

/// What a model says of one sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Prediction {
    /// A class.
    Class(ClassAnswer),
    /// Numbers, in the units of the data.
    Numbers {
        /// One per target.
        values: Vec<f64>,
    },
    /// The outputs are not all finite, so that they say nothing.
    NotFinite,
}

/// A class and how sure the model is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassAnswer {
    /// The most probable class, or that of the model's [`Decision`](crate::Decision).
    pub class: String,
    /// Its number.
    pub index: u32,
    /// Its probability.
    pub probability: f64,
    /// Probabilities of all classes, in the order of their numbers.
    pub probabilities: Vec<f64>,
}

impl Prediction {
    /// The class, where it is one.
    pub fn class(&self) -> Option<&ClassAnswer> {
        match self {
            Self::Class(answer) => Some(answer),
            Self::Numbers { .. } | Self::NotFinite => None,
        }
    }

    /// Reads a row of outputs: logits of classes, or scaled numbers.
    pub(crate) fn of_outputs(card: &ModelCard, outputs: &[f32]) -> Self {
        if !outputs.iter().all(|output| output.is_finite()) {
            return Self::NotFinite;
        }
        match &card.answers {
            Answers::Classes { classes } => {
                let probabilities = softmax(outputs);
                let largest = |best: usize, index: usize| {
                    if outputs.get(index) > outputs.get(best) { index } else { best }
                };
                let likeliest = (0..outputs.len()).fold(0, largest);
                let index = card.decision.map_or(likeliest, |decision| decision.class(&probabilities));
                Self::Class(ClassAnswer {
                    class: classes.get(index).cloned().unwrap_or_default(),
                    index: index as u32,
                    probability: probabilities.get(index).copied().unwrap_or(0.0),
                    probabilities,
                })
            }
            Answers::Numbers { mean, std, .. } => {
                let scales = mean.iter().zip(std);
                let values: Vec<f64> = outputs
                    .iter()
                    .zip(scales)
                    .map(|(&output, (mean, std))| f64::from(output) * std + mean)
                    .collect();
                match values.iter().all(|value| value.is_finite()) {
                    true => Self::Numbers { values },
                    false => Self::NotFinite,
                }
            }
        }
    }
}

/// Probabilities in 64 bits, the largest logit taken off so that none overflows.
#[must_use]
pub fn softmax(logits: &[f32]) -> Vec<f64> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let shares: Vec<f64> =
        logits.iter().map(|&logit| (f64::from(logit) - f64::from(largest)).exp()).collect();
    let total: f64 = shares.iter().sum();
    shares.into_iter().map(|share| share / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(answers: Answers) -> ModelCard {
        let input = brasa_data::InputSpec::Table(brasa_data::TableInput::of(vec!["x".into()]));
        ModelCard::new("t", input, brasa_data::Scaler::Identity, answers)
    }

    #[test]
    fn outputs_become_a_class_numbers_or_nothing() {
        let mut classes = card(Answers::Classes { classes: vec!["a".into(), "b".into()] });
        let of = |card: &ModelCard| Prediction::of_outputs(card, &[0.0, 3f32.ln()]);
        let answer = of(&classes);
        let class = answer.class().unwrap_or_else(|| unreachable!());
        assert_eq!((class.class.as_str(), class.index), ("b", 1));
        assert!((class.probability - 0.75).abs() < 1e-7);
        assert_eq!(Prediction::of_outputs(&classes, &[f32::NAN, 1.0]), Prediction::NotFinite);

        classes.decision = Some(crate::Decision { positive: 0, threshold: 0.25 - 1e-7 });
        let answer = of(&classes);
        let class = answer.class().unwrap_or_else(|| unreachable!());
        assert_eq!(class.class, "a", "by its threshold, though it is the less probable one");
        assert!((class.probability - 0.25).abs() < 1e-7);

        let numbers = Answers::Numbers { numbers: vec!["price".into()], mean: vec![100.0], std: vec![20.0] };
        assert_eq!(
            Prediction::of_outputs(&card(numbers), &[-0.5]),
            Prediction::Numbers { values: vec![90.0] }
        );
    }
}
