//! What rows that were held out of training say of how far a model's answers can be trusted: conformal prediction. A new row must be
//! of the same kind as these; where they also chose the weights, as validation rows do, the coverage is approximate.

use serde::{Deserialize, Serialize};

use crate::{Answers, ClassAnswer, Coverage, Prediction, softmax};

/// How far off a model is on rows that it was not trained on.
///
/// # Reference
/// Split conformal prediction: [Lei et al. 2018](https://arxiv.org/abs/1604.04173) for numbers, by the absolute residual;
/// [Sadinle et al. 2019](https://arxiv.org/abs/1609.00451) for classes, by what the probability of the right one lacks to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOut {
    /// Rows that it was measured on.
    pub rows: usize,
    /// One for all classes, or one for each number that is predicted.
    pub margins: Vec<Margins>,
}

/// The greatest distance from the truth for each [`Coverage`], from the smallest; those that would need more rows are not there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Margins(Vec<f64>);

impl Margins {
    /// Of distances on rows that were held out. With probability `coverage`, that of one more such row is at most the margin.
    ///
    /// ```
    /// use brasa_predict::Margins;
    ///
    /// let margins = Margins::of((1..=19).map(f64::from).collect());
    /// assert_eq!(margins.at("0.9".parse()?), Some(18.0));
    /// assert_eq!(margins.at("0.96".parse()?), None); // needs 24 rows
    /// # Ok::<(), &'static str>(())
    /// ```
    #[must_use]
    pub fn of(mut distances: Vec<f64>) -> Self {
        distances.retain(|distance| distance.is_finite());
        distances.sort_by(f64::total_cmp);
        let at = |coverage: Coverage| {
            coverage.rank(distances.len()).checked_sub(1).and_then(|place| distances.get(place))
        };
        Self(Coverage::all().map_while(at).copied().collect())
    }

    /// The margin of a coverage; `None` where too few rows were held out for it.
    pub fn at(&self, coverage: Coverage) -> Option<f64> {
        self.0.get(coverage.place()).copied()
    }

    /// The largest coverage that there is a margin for.
    pub fn most(&self) -> Option<Coverage> {
        Coverage::all().take(self.0.len()).last()
    }

    fn is_sound(&self) -> bool {
        self.0.len() < 100
            && self.0.iter().all(|margin| margin.is_finite() && *margin >= 0.0)
            && self.0.is_sorted()
    }
}

/// What holds the truth with a certain probability.
#[derive(Debug, Clone, PartialEq)]
pub enum Certainty {
    /// The classes, the most probable first; never none.
    Classes(Vec<u32>),
    /// From and to, for each number.
    Intervals(Vec<[f64; 2]>),
}

impl HeldOut {
    /// Of outputs for rows whose right class is known: logits, row-major.
    ///
    /// # Shapes
    /// `logits [rows, classes]`, row-major; `labels [rows]`.
    #[must_use]
    pub fn of_classes(logits: &[f32], labels: &[u32]) -> Self {
        let width = logits.len() / labels.len().max(1);
        let lacks = |(row, label): (&[f32], &u32)| {
            softmax(row).get(*label as usize).map_or(f64::NAN, |probability| 1.0 - probability)
        };
        let distances = logits.chunks(width.max(1)).zip(labels).map(lacks).collect();
        Self { rows: labels.len(), margins: vec![Margins::of(distances)] }
    }

    /// Of numbers that were predicted, and the right ones, in the units of the data.
    ///
    /// # Shapes
    /// Both `[rows, numbers]`, row-major.
    #[must_use]
    pub fn of_numbers(predicted: &[f64], truth: &[f64], numbers: usize) -> Self {
        let of = |place: usize| {
            let own = |values: &[f64]| {
                values.iter().skip(place).step_by(numbers.max(1)).copied().collect::<Vec<_>>()
            };
            let pairs = own(predicted).into_iter().zip(own(truth));
            Margins::of(pairs.map(|(predicted, truth)| (truth - predicted).abs()).collect())
        };
        Self { rows: truth.len() / numbers.max(1), margins: (0..numbers).map(of).collect() }
    }

    /// The largest coverage that there is a margin for.
    pub fn most(&self) -> Option<Coverage> {
        self.margins.iter().map(Margins::most).min().flatten()
    }

    /// What holds the truth of a sample with this probability: each number by itself, where there are several. `None` where too few
    /// rows were held out for it, and where nothing is predicted.
    pub fn certainty(&self, prediction: &Prediction, coverage: Coverage) -> Option<Certainty> {
        match prediction {
            Prediction::Class(ClassAnswer { probabilities, .. }) => {
                let margin = self.margins.first()?.at(coverage)?;
                let mut classes: Vec<(u32, f64)> = (0..).zip(probabilities.iter().copied()).collect();
                classes.sort_by(|a, b| b.1.total_cmp(&a.1));
                // As distances were taken: rounded otherwise, equal probabilities would not be equally far off.
                let held = classes.iter().filter(|(_, probability)| 1.0 - *probability <= margin).count();
                Some(Certainty::Classes(
                    classes.into_iter().take(held.max(1)).map(|(class, _)| class).collect(),
                ))
            }
            Prediction::Numbers { values } => {
                let interval = |(value, margins): (&f64, &Margins)| {
                    margins.at(coverage).map(|margin| [value - margin, value + margin])
                };
                values
                    .iter()
                    .zip(&self.margins)
                    .map(interval)
                    .collect::<Option<_>>()
                    .map(Certainty::Intervals)
            }
            Prediction::NotFinite => None,
        }
    }

    /// Whether it can be that of a model with these answers.
    pub(crate) fn check(&self, answers: &Answers) -> Result<(), String> {
        let wanted = match answers {
            Answers::Classes { .. } => 1,
            Answers::Numbers { numbers, .. } => numbers.len(),
        };
        match self.margins.len() == wanted && self.margins.iter().all(Margins::is_sound) {
            true => Ok(()),
            false => Err("holds margins of rows held out that cannot be".into()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn coverage(text: &str) -> Coverage {
        text.parse().unwrap()
    }

    fn class(probabilities: &[f64]) -> Prediction {
        Prediction::Class(ClassAnswer {
            class: String::new(),
            index: 0,
            probability: 0.0,
            probabilities: probabilities.to_vec(),
        })
    }

    #[test]
    fn sets_hold_what_is_as_probable_as_nine_of_ten_right_classes_were() {
        // Ten rows whose right class has the probabilities 0.5, 0.55, ... 0.95.
        let logits: Vec<f32> = (0..10)
            .flat_map(|row| {
                let share = 0.5 + 0.05 * f64::from(row);
                [(share as f32).ln(), (1.0 - share as f32).ln()]
            })
            .collect();
        let held_out = HeldOut::of_classes(&logits, &[0; 10]);
        // The rank of 0.9 among 10 is ceil(9.9) = 10: the least of all.
        let set = |probabilities: &[f64]| held_out.certainty(&class(probabilities), coverage("0.9")).unwrap();
        assert_eq!(set(&[0.45, 0.55]), Certainty::Classes(vec![1]));
        assert_eq!(set(&[0.501, 0.499]), Certainty::Classes(vec![0]));
        assert_eq!(set(&[0.4, 0.3, 0.3]), Certainty::Classes(vec![0]), "never none");
        assert_eq!(held_out.most(), Some(coverage("0.9")));
        assert_eq!(held_out.certainty(&class(&[0.5, 0.5]), coverage("0.91")), None);
    }

    #[test]
    fn each_number_has_its_interval() {
        let truth: Vec<f64> = (0..40).flat_map(|row| [f64::from(row), 100.0 * f64::from(row)]).collect();
        let predicted = vec![0.0; 80];
        let held_out = HeldOut::of_numbers(&predicted, &truth, 2);
        assert_eq!(held_out.rows, 40);
        let prediction = Prediction::Numbers { values: vec![1.0, 2.0] };
        // The rank is ceil(41 * 0.8) = 33, from 0 on the residual 32.
        let expected = Certainty::Intervals(vec![[-31.0, 33.0], [-3198.0, 3202.0]]);
        assert_eq!(held_out.certainty(&prediction, coverage("0.8")), Some(expected));
    }

    proptest! {
        /// The promise itself: over all choices of the one row that is new, the truth is within as often as is said.
        #[test]
        fn the_truth_of_one_more_row_is_within_as_often_as_said(
            residuals in prop::collection::vec(-1e3..1e3_f64, 12..80),
            percents in 1_u8..=99,
        ) {
            let coverage = Coverage::try_from(f64::from(percents) / 100.0).unwrap();
            let held = (0..residuals.len()).filter(|&new| {
                let mut others = residuals.clone();
                let truth = others.remove(new);
                let zeros = vec![0.0; others.len()];
                let held_out = HeldOut::of_numbers(&zeros, &others, 1);
                match held_out.certainty(&Prediction::Numbers { values: vec![0.0] }, coverage) {
                    Some(Certainty::Intervals(intervals)) => (intervals[0][0]..=intervals[0][1]).contains(&truth),
                    _ => true,
                }
            });
            prop_assert!(held.count() as f64 >= coverage.share() * residuals.len() as f64 - 1e-9);
        }

        /// The same for classes, with probabilities that many rows share.
        #[test]
        fn the_right_class_of_one_more_row_is_in_the_set_as_often_as_said(
            shares in prop::collection::vec(1_u8..10, 12..60),
            percents in 1_u8..=99,
        ) {
            let coverage = Coverage::try_from(f64::from(percents) / 100.0).unwrap();
            let logits = |share: &u8| [(f32::from(*share) / 10.0).ln(), (1.0 - f32::from(*share) / 10.0).ln()];
            let held = (0..shares.len()).filter(|&new| {
                let mut others = shares.clone();
                let own = logits(&others.remove(new));
                let held_out = HeldOut::of_classes(&others.iter().flat_map(logits).collect::<Vec<_>>(), &vec![0; others.len()]);
                match held_out.certainty(&class(&softmax(&own)), coverage) {
                    Some(Certainty::Classes(set)) => set.contains(&0),
                    _ => true,
                }
            });
            prop_assert!(held.count() as f64 >= coverage.share() * shares.len() as f64 - 1e-9);
        }

        #[test]
        fn margins_are_read_as_they_are_written(distances in prop::collection::vec(0.0..1e300_f64, 0..300)) {
            let margins = Margins::of(distances);
            prop_assert!(margins.is_sound());
            let text = serde_json::to_string(&margins).unwrap();
            prop_assert_eq!(serde_json::from_str::<Margins>(&text).unwrap(), margins);
        }
    }
}
