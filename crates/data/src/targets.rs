//! What is to be predicted of each sample.

use crate::error::below;
use crate::{DataError, Result};

/// A target per sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// One of several classes.
    Classes(ClassTargets),
    /// One or several numbers.
    Numbers(NumberTargets),
}

/// A class per sample.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClassTargets {
    /// A class number per sample.
    pub labels: Vec<u32>,
    /// Names by class number.
    pub names: Vec<String>,
    /// Probabilities of the classes per sample, `[samples * classes]`, where the data give them.
    pub soft: Option<Vec<f32>>,
}

/// Numbers per sample, as they are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NumberTargets {
    /// `[samples * names]`, row-major.
    pub values: Vec<f64>,
    /// The columns.
    pub names: Vec<String>,
}

/// The most strata that numbers are cut into: tenths.
const MOST_BINS: usize = 10;

/// Rows that a stratum of numbers holds at least, so that each split gets some of it.
const ROWS_PER_BIN: usize = 10;

impl NumberTargets {
    /// The numbers of one sample; none where there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f64] {
        let width = self.names.len();
        self.values.get(row * width..(row + 1) * width).unwrap_or_default()
    }
}

impl Targets {
    /// How many samples have a target, or `None` where the numbers are no whole number of rows.
    #[must_use]
    pub fn rows(&self) -> Option<usize> {
        match self {
            Self::Classes(classes) => Some(classes.labels.len()),
            Self::Numbers(numbers) => {
                let width = numbers.names.len();
                (width > 0 && numbers.values.len().is_multiple_of(width))
                    .then(|| numbers.values.len() / width)
            }
        }
    }

    /// A stratum per row of `rows`, and how many there are: the class, or for numbers the quantile (of the first target) among
    /// these rows, with at least ten rows in each. Equal numbers are in one stratum.
    #[must_use]
    pub fn strata(&self, rows: &[usize]) -> (Vec<u32>, usize) {
        match self {
            Self::Classes(classes) => {
                let label = |&row: &usize| classes.labels.get(row).copied().unwrap_or_default();
                (rows.iter().map(label).collect(), classes.names.len())
            }
            Self::Numbers(numbers) => {
                let value = |&row: &usize| numbers.row(row).first().copied().unwrap_or_default();
                let values = rows.iter().map(value).collect::<Vec<_>>();
                let bins = (rows.len() / ROWS_PER_BIN).clamp(1, MOST_BINS);
                let mut sorted = values.clone();
                sorted.sort_by(f64::total_cmp);
                let bin = |value: &f64| {
                    let below = sorted.partition_point(|other| other < value);
                    (below * bins / sorted.len().max(1)) as u32
                };
                (values.iter().map(bin).collect(), bins)
            }
        }
    }

    /// Whether two samples have the same target.
    #[must_use]
    pub fn same(&self, a: usize, b: usize) -> bool {
        match self {
            Self::Classes(classes) => classes.labels.get(a) == classes.labels.get(b),
            Self::Numbers(numbers) => numbers.row(a) == numbers.row(b),
        }
    }

    pub(crate) fn check(&self, name: &str, samples: usize) -> Result<()> {
        let mismatch = |what: &str, found: usize| {
            Err(DataError::samples(name, format!("{samples} samples, but {found} {what}")))
        };
        match self {
            Self::Classes(classes) => {
                if classes.labels.len() != samples {
                    return mismatch("labels", classes.labels.len());
                }
                let count = classes.names.len();
                if let Some(soft) = classes.soft.as_ref().filter(|soft| soft.len() != samples * count) {
                    return mismatch("probabilities of classes", soft.len());
                }
                let outside = classes.labels.iter().enumerate().find(|&(_, &label)| label as usize >= count);
                if let Some((row, &label)) = outside {
                    return Err(DataError::samples(name, below(row, label, count)));
                }
                classes.check_soft(name)
            }
            Self::Numbers(numbers) => match self.rows() {
                Some(found) if found == samples => {
                    match numbers.values.iter().position(|value| !value.is_finite()) {
                        None => Ok(()),
                        Some(place) => {
                            let row = place / numbers.names.len().max(1);
                            Err(DataError::samples(
                                name,
                                format!("row {row}: expected a finite number as the target"),
                            ))
                        }
                    }
                }
                found => mismatch("rows of targets", found.unwrap_or(numbers.values.len())),
            },
        }
    }
}

impl ClassTargets {
    fn check_soft(&self, name: &str) -> Result<()> {
        let rows = self.soft.iter().flat_map(|soft| soft.chunks(self.names.len().max(1))).enumerate();
        for (row, probabilities) in rows {
            let within = probabilities.iter().all(|p| (0.0..=1.0).contains(p));
            let sum = probabilities.iter().sum::<f32>();
            if !within || (sum - 1.0).abs() > 1e-4 {
                let found = if within { format!("a sum of {sum}") } else { "a number outside 0 to 1".into() };
                let problem = format!("row {row}: expected probabilities that sum to 1, found {found}");
                return Err(DataError::samples(name, problem));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn numbers(values: &[f64]) -> Targets {
        Targets::Numbers(NumberTargets { values: values.to_vec(), names: vec!["y".into()] })
    }

    #[test]
    fn strata_of_numbers_are_quantiles_and_equal_numbers_stay_together() {
        let values: Vec<f64> = (0..40).map(|i| f64::from((i * 7) % 40)).collect();
        let rows: Vec<usize> = (0..40).collect();
        let (strata, bins) = numbers(&values).strata(&rows);
        assert_eq!(bins, 4);
        for bin in 0..4 {
            assert_eq!(strata.iter().filter(|&&s| s == bin).count(), 10);
        }
        assert!(values.iter().zip(&strata).all(|(&value, &bin)| bin == (value / 10.0) as u32));

        let (strata, _) = numbers(&[1.0; 40]).strata(&rows);
        assert!(strata.iter().all(|&stratum| stratum == strata[0]));
    }

    #[test]
    fn a_target_that_is_no_finite_number_is_found_with_its_row() {
        let error = numbers(&[1.0, f64::NAN]).check("houses", 2).unwrap_err().to_string();
        assert_eq!(error, "houses: row 1: expected a finite number as the target");
    }
}
