//! What the columns of a table held that a model was trained on.

use brasa_data::Samples;
use serde::{Deserialize, Serialize};

/// The least and the greatest number of each column over the training rows. A row beyond is answered as any other, but the model has seen
/// nothing like it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ranges(Vec<ColumnRange>);

/// Of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnRange {
    /// Its place in a sample.
    place: usize,
    /// What it is called.
    column: String,
    least: f64,
    most: f64,
}

/// Numbers of a column that are beyond those of the training rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Outside {
    /// The column.
    pub column: String,
    /// The least number of the training rows.
    pub least: f64,
    /// The greatest.
    pub most: f64,
    /// How many rows are beyond.
    pub rows: usize,
    /// The first of them, from 0.
    pub first: usize,
    /// Its number.
    pub value: f64,
}

impl Ranges {
    /// Of the columns of numbers, which are given as the place in a sample and the name; `rows` are those of the training.
    pub fn of(samples: &Samples, rows: &[usize], columns: impl IntoIterator<Item = (usize, String)>) -> Self {
        let range = |(place, column): (usize, String)| {
            let numbers =
                rows.iter().map(|&row| samples.exact(row, place)).filter(|number| number.is_finite());
            let (least, most) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), number| {
                (least.min(number), most.max(number))
            });
            (least <= most).then_some(ColumnRange { place, column, least, most })
        };
        Self(columns.into_iter().filter_map(range).collect())
    }

    /// Whether nothing is known of any column.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What of raw samples is beyond, column by column.
    pub fn outside(&self, samples: &Samples) -> Vec<Outside> {
        let of = |range: &ColumnRange| {
            let ColumnRange { place, column, least, most } = range;
            let beyond = |&(_, number): &(usize, f64)| number < *least || number > *most;
            let mut rows = (0..samples.len()).map(|row| (row, samples.exact(row, *place))).filter(beyond);
            let (first, value) = rows.next()?;
            let column = column.clone();
            Some(Outside { column, least: *least, most: *most, rows: 1 + rows.count(), first, value })
        };
        self.0.iter().filter_map(of).collect()
    }

    /// Whether they can be those of samples of this shape.
    pub(crate) fn check(&self, shape: &[usize]) -> Result<(), String> {
        let numbers: usize = shape.iter().product();
        match self.0.iter().all(|range| range.place < numbers && range.least <= range.most) {
            true => Ok(()),
            false => Err("has ranges of columns that are not there".into()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use brasa_data::Values;

    use super::*;

    fn samples(values: &[f64]) -> Samples {
        Samples::new(vec![2], Values::F64(values.to_vec())).unwrap()
    }

    #[test]
    fn what_is_beyond_the_training_rows_is_told_by_its_column() {
        let training = samples(&[1.0, 5.0, f64::NAN, 7.0, 3.0, 6.0, 900.0, 0.0]);
        let ranges = Ranges::of(&training, &[0, 1, 2], [(0, "rooms".into()), (1, "age".into())]);
        assert_eq!(
            ranges.outside(&training)[..1],
            [Outside { column: "rooms".into(), least: 1.0, most: 3.0, rows: 1, first: 3, value: 900.0 }]
        );
        let new = samples(&[2.0, 4.0, 1.0, 6.0, f64::NAN, 70.0]);
        let outside = ranges.outside(&new);
        assert_eq!(outside.len(), 1);
        assert_eq!((outside[0].column.as_str(), outside[0].rows, outside[0].first), ("age", 2, 0));
        assert!(ranges.check(&[2]).is_ok() && ranges.check(&[1]).is_err());
    }
}
