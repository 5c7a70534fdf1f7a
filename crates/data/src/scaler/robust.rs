//! The columns of a table, each by itself.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Scaler, check_rows, misfit};
use crate::{Encoding, Labelled, Result, Values};

/// Numbers stay within this after they are scaled.
const LIMIT: f64 = 3.0;

/// How one column is scaled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ColumnScale {
    /// `x = (value - median) * factor`, then `x / sqrt(1 + (x / 3)^2)`; 0 for a missing value.
    Number {
        /// Median of the training rows.
        median: f64,
        /// One over the distance of their quartiles; where that is 0, of half their range; 0 where they are constant.
        factor: f64,
    },
    /// The number of a level, or 0 where training has not seen it.
    Level {
        /// Levels of the column.
        levels: u32,
        /// Those of them that no training row has.
        unseen: BTreeSet<u32>,
    },
}

impl ColumnScale {
    /// The scaled value.
    pub(super) fn scale(&self, value: f64) -> f32 {
        match self {
            Self::Number { .. } if value.is_nan() => 0.0,
            Self::Number { median, factor } => {
                let x = (value - median) * factor;
                // Whose square is beyond 64 bits is as far out as can be.
                if x.abs() > 1e100 {
                    (LIMIT * x.signum()) as f32
                } else {
                    (x / (1.0 + (x / LIMIT).powi(2)).sqrt()) as f32
                }
            }
            Self::Level { levels, unseen } => {
                let level = value as u32;
                if level > *levels || unseen.contains(&level) { 0.0 } else { level as f32 }
            }
        }
    }

    fn numbers(mut values: Vec<f64>) -> Self {
        values.retain(|value| !value.is_nan());
        values.sort_by(f64::total_cmp);
        let spread = match quantile(&values, 0.75) - quantile(&values, 0.25) {
            0.0 => (quantile(&values, 1.0) - quantile(&values, 0.0)) / 2.0,
            spread => spread,
        };
        // A spread may be beyond 64 bits, or so small that one over it is.
        let factor = if spread > 0.0 { (1.0 / spread).min(f64::MAX) } else { 0.0 };
        Self::Number { median: quantile(&values, 0.5), factor }
    }

    fn levels(values: &[f64], levels: usize) -> Self {
        let seen: BTreeSet<u32> = values.iter().map(|&value| value as u32).collect();
        let levels = u32::try_from(levels).unwrap_or(u32::MAX);
        Self::Level { levels, unseen: (1..=levels).filter(|level| !seen.contains(level)).collect() }
    }
}

/// Of sorted values, with a straight line between two of them, as `numpy.quantile`; 0 of none.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let value = |place: f64| sorted.get(place as usize).copied().unwrap_or(0.0);
    let (below, above) = (value(place.floor()), value(place.ceil()));
    if below == above { below } else { below + (above - below) * (place - place.floor()) }
}

impl Scaler {
    /// Medians, quartiles and the levels seen of each column over the given rows.
    ///
    /// # Errors
    /// [`DataError::Refused`](crate::DataError::Refused) when there are no rows, or one is out of range.
    pub fn robust(data: &Labelled, rows: &[usize]) -> Result<Self> {
        check_rows(&data.samples, rows)?;
        let column =
            |place: usize| -> Vec<f64> { rows.iter().map(|&row| data.samples.exact(row, place)).collect() };
        let scale = |place: usize| match data.levels.get(place).map_or(0, Vec::len) {
            0 => ColumnScale::numbers(column(place)),
            levels => ColumnScale::levels(&column(place), levels),
        };
        Ok(Self::Robust { columns: (0..data.samples.sample_len()).map(scale).collect() })
    }
}

/// Whether every feature is a number that is there.
pub(super) fn check_plain(data: &Labelled) -> Result<()> {
    let missing =
        matches!(data.samples.values(), Values::F64(values) if values.iter().any(|value| value.is_nan()));
    // Whether there are some here or not: there may be in what is predicted.
    let gaps = data.columns.iter().find(|(_, encoding)| encoding.has_gaps());
    let what = match (data.levels.is_empty(), gaps, missing) {
        (true, None, false) => return Ok(()),
        (false, ..) => "columns of categories",
        (true, Some((_, Encoding::Ordered { .. })), _) => "ordered columns",
        (true, ..) => "columns with missing cells",
    };
    let problem = format!("{}: {what} need scaling = \"robust\"", data.name);
    Err(misfit(data.samples.shape(), &problem))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Samples;

    fn data() -> Labelled {
        let nan = f64::NAN;
        // A number with a missing one and an outlier, a constant, and a level.
        let values = vec![1.0, 7.0, 1.0, 2.0, 7.0, 3.0, nan, 7.0, 1.0, 3.0, 7.0, 3.0, 1e300, 7.0, 2.0];
        let samples = Samples::new(vec![3], Values::F64(values.into())).unwrap();
        let names = vec!["no".into(), "yes".into()];
        Labelled {
            levels: vec![vec![], vec![], vec!["a".into(), "b".into(), "c".into()]],
            ..Labelled::new("t", samples, vec![0, 1, 0, 1, 1], names)
        }
    }

    #[test]
    fn numbers_are_scaled_by_quartiles_and_levels_by_whether_they_were_seen() {
        let data = data();
        let scaler = Scaler::robust(&data, &[0, 1, 2, 3]).unwrap();
        let scaled = |row: usize| {
            let mut out = [f32::NAN; 3];
            scaler.transform_into(&data.samples, row, &mut out).unwrap();
            out
        };
        // numpy.quantile([1, 2, 3], [.25, .5, .75]) = 1.5, 2, 2.5
        let one = (1.0 / (1.0 + 1.0 / 9.0_f64).sqrt()) as f32;
        assert_eq!(scaled(0), [-one, 0.0, 1.0]);
        assert_eq!(scaled(2), [0.0, 0.0, 1.0], "a missing number is the median");
        assert_eq!(scaled(4), [3.0, 0.0, 0.0], "level b is in no training row");
        let again: Scaler = serde_json::from_str(&serde_json::to_string(&scaler).unwrap()).unwrap();
        assert_eq!(again, scaler);
    }

    #[test]
    fn other_scalings_refuse_levels_and_missing_cells() {
        let message = check_plain(&data()).unwrap_err().to_string();
        assert!(message.contains("columns of categories need scaling = \"robust\""), "{message}");
        let message = check_plain(&Labelled { levels: Vec::new(), ..data() }).unwrap_err().to_string();
        assert!(message.contains("columns with missing cells need"), "{message}");
    }
}
