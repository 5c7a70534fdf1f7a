//! What the columns of a table held that a model was trained on.

use brasa_data::{PlacedColumn, Samples};
use serde::{Deserialize, Serialize};

/// The least and the greatest number of each column over the training rows, and which columns have levels. A row beyond, or with another
/// level, is answered as any other, but the model has seen nothing like it.
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
    /// Of levels: whether a number behind says that the cell is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    level_or_missing: Option<bool>,
}

/// Rows of which a column holds what no training row does.
#[derive(Debug, Clone, PartialEq)]
pub struct Outside {
    /// The column.
    pub column: String,
    /// How many rows there are.
    pub rows: usize,
    /// The first of them, from 0.
    pub first: usize,
    /// What it holds.
    pub beyond: Beyond,
}

/// What no training row holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Beyond {
    /// A number beyond those of the training rows.
    Number {
        /// The number.
        value: f64,
        /// The least of the training rows.
        least: f64,
        /// The greatest.
        most: f64,
    },
    /// A level that the column does not know.
    Level,
}

impl Ranges {
    /// Of those of the columns that hold numbers or levels; `rows` are those of the training.
    pub fn of<'c>(
        samples: &Samples,
        rows: &[usize],
        columns: impl IntoIterator<Item = PlacedColumn<'c>>,
    ) -> Self {
        let range = |PlacedColumn { name, from: place, width, has_levels, .. }: PlacedColumn<'_>| {
            let numbers =
                rows.iter().map(|&row| samples.exact(row, place)).filter(|number| number.is_finite());
            let (least, most) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), number| {
                (least.min(number), most.max(number))
            });
            let level_or_missing = has_levels.then_some(width > 1);
            let column = name.to_owned();
            (least <= most).then_some(ColumnRange { place, column, least, most, level_or_missing })
        };
        // Of a date or a text, the numbers that it becomes say nothing to a person.
        let told = columns.into_iter().filter(|column| column.is_number || column.has_levels);
        Self(told.filter_map(range).collect())
    }

    /// Whether nothing is known of any column.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What of raw samples is beyond, column by column.
    pub fn outside(&self, samples: &Samples) -> Vec<Outside> {
        let of = |range: &ColumnRange| {
            let (least, most) = (range.least, range.most);
            let beyond = |&row: &usize| {
                let number = samples.exact(row, range.place);
                match range.level_or_missing {
                    None => number < least || number > most,
                    Some(false) => number == 0.0 || number.is_nan(),
                    Some(true) => number.is_nan() && samples.exact(row, range.place + 1) == 0.0,
                }
            };
            let mut rows = (0..samples.len()).filter(beyond);
            let first = rows.next()?;
            let beyond = match range.level_or_missing {
                None => Beyond::Number { value: samples.exact(first, range.place), least, most },
                Some(_) => Beyond::Level,
            };
            Some(Outside { column: range.column.clone(), rows: 1 + rows.count(), first, beyond })
        };
        self.0.iter().filter_map(of).collect()
    }

    /// Whether they can be those of samples of this shape.
    pub(crate) fn check(&self, shape: &[usize]) -> Result<(), String> {
        let numbers: usize = shape.iter().product();
        let last = |range: &ColumnRange| range.place + usize::from(range.level_or_missing == Some(true));
        match self.0.iter().all(|range| last(range) < numbers && range.least <= range.most) {
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

    fn column(name: &str, from: usize, width: usize) -> PlacedColumn<'_> {
        PlacedColumn { name, from, width, is_number: true, is_date: false, has_levels: false }
    }

    #[test]
    fn levels_that_no_training_row_has_are_told() {
        let levels = |name, from, width| PlacedColumn {
            is_number: false,
            has_levels: true,
            ..column(name, from, width)
        };
        let training = samples(&[1.0, 3.0, 2.0, 1.0]);
        let ranges = Ranges::of(&training, &[0, 1], [levels("town", 0, 1), levels("size", 1, 1)]);
        assert!(ranges.outside(&training).is_empty());
        let unknown =
            |column: &str, rows, first| Outside { column: column.into(), rows, first, beyond: Beyond::Level };
        let new = samples(&[1.0, f64::NAN, 0.0, 2.0, 0.0, 1.0]);
        assert_eq!(ranges.outside(&new), [unknown("town", 2, 1), unknown("size", 1, 0)]);
        // Of a level that may be missing, the number behind it tells which it is.
        let ranges = Ranges::of(&samples(&[1.0, 0.0]), &[0], [levels("size", 0, 2)]);
        assert_eq!(ranges.outside(&samples(&[f64::NAN, 1.0, f64::NAN, 0.0])), [unknown("size", 1, 1)]);
        assert!(ranges.check(&[2]).is_ok() && ranges.check(&[1]).is_err());
    }

    #[test]
    fn what_is_beyond_the_training_rows_is_told_by_its_column() {
        let training = samples(&[1.0, 5.0, f64::NAN, 7.0, 3.0, 6.0, 900.0, 0.0]);
        let ranges = Ranges::of(&training, &[0, 1, 2], [column("rooms", 0, 1), column("age", 1, 1)]);
        let beyond = Beyond::Number { value: 900.0, least: 1.0, most: 3.0 };
        assert_eq!(
            ranges.outside(&training)[..1],
            [Outside { column: "rooms".into(), rows: 1, first: 3, beyond }]
        );
        let new = samples(&[2.0, 4.0, 1.0, 6.0, f64::NAN, 70.0]);
        let outside = ranges.outside(&new);
        assert_eq!(outside.len(), 1);
        assert_eq!((outside[0].column.as_str(), outside[0].rows, outside[0].first), ("age", 2, 0));
        assert!(ranges.check(&[2]).is_ok() && ranges.check(&[1]).is_err());
    }
}
