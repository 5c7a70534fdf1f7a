//! What the columns of a table held that a model was trained on.

use std::collections::BTreeSet;

use brasa_data::{PlacedColumn, Samples};
use serde::{Deserialize, Serialize};

/// The least and the greatest number of each column over the training rows, and the levels that they lack. A row beyond, or with such a
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    levels: Option<Lacking>,
}

/// Levels of a column that the training rows lack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lacking {
    /// Whether a number behind says that the cell is missing.
    flag: bool,
    /// Levels that the column knows and no training row has.
    unseen: BTreeSet<u32>,
    /// Whether training rows have cells that are none of the levels.
    unknown: bool,
}

impl Lacking {
    /// Of the levels of the rows, of which 0 is none, and so many are known.
    fn of(codes: impl Iterator<Item = u32>, known: usize, flag: bool) -> Self {
        let seen: BTreeSet<u32> = codes.collect();
        let known = u32::try_from(known).unwrap_or(u32::MAX);
        let unseen = (1..=known).filter(|level| !seen.contains(level)).collect();
        Self { flag, unseen, unknown: seen.contains(&0) }
    }

    /// Whether no training row is like one with this level.
    fn beyond(&self, code: u32) -> bool {
        if code == 0 { !self.unknown } else { self.unseen.contains(&code) }
    }
}

/// The number of a level, 0 for none of them. A cell that is missing, as the number behind says, is like one of the first level.
fn code(samples: &Samples, row: usize, place: usize, flag: bool) -> Option<u32> {
    let number = samples.exact(row, place);
    match number.is_nan() {
        true if flag && samples.exact(row, place + 1) == 1.0 => None,
        true => Some(0),
        false => Some(number as u32),
    }
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
    /// A level that no training row has, or none where all of these have one.
    Level,
}

impl Ranges {
    /// Of those of the columns that hold numbers or levels; `rows` are those of the training.
    pub fn of<'c>(
        samples: &Samples,
        rows: &[usize],
        columns: impl IntoIterator<Item = PlacedColumn<'c>>,
    ) -> Self {
        let range = |PlacedColumn { name, from: place, width, levels, .. }: PlacedColumn<'_>| {
            let numbers =
                rows.iter().map(|&row| samples.exact(row, place)).filter(|number| number.is_finite());
            let (least, most) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), number| {
                (least.min(number), most.max(number))
            });
            let (column, flag) = (name.to_owned(), width > 1);
            let codes = || rows.iter().filter_map(|&row| code(samples, row, place, flag));
            let levels = levels.map(|known| Lacking::of(codes(), known, flag));
            (least <= most).then_some(ColumnRange { place, column, least, most, levels })
        };
        // Of a date or a text, the numbers that it becomes say nothing to a person.
        let told = columns.into_iter().filter(|column| column.is_number || column.levels.is_some());
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
                match &range.levels {
                    None => number < least || number > most,
                    Some(levels) => {
                        code(samples, row, range.place, levels.flag).is_some_and(|code| levels.beyond(code))
                    }
                }
            };
            let mut rows = (0..samples.len()).filter(beyond);
            let first = rows.next()?;
            let beyond = match range.levels {
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
        let flag = |range: &ColumnRange| usize::from(range.levels.as_ref().is_some_and(|levels| levels.flag));
        let is_there = |range: &ColumnRange| {
            range.place.checked_add(flag(range)).is_some_and(|last| last < numbers)
                && range.least <= range.most
        };
        match self.0.iter().all(is_there) {
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
        Samples::new(vec![2], Values::F64(values.to_vec().into())).unwrap()
    }

    fn column(name: &str, from: usize, width: usize) -> PlacedColumn<'_> {
        PlacedColumn { name, from, width, is_number: true, is_date: false, levels: None }
    }

    #[test]
    fn levels_that_no_training_row_has_are_told() {
        let levels = |name, from, width| PlacedColumn {
            is_number: false,
            levels: Some(3),
            ..column(name, from, width)
        };
        // Of three levels the first column has the second and the third, the other one the first and some that are none.
        let training = samples(&[2.0, 1.0, 3.0, f64::NAN]);
        let ranges = Ranges::of(&training, &[0, 1], [levels("town", 0, 1), levels("size", 1, 1)]);
        assert!(ranges.outside(&training).is_empty());
        let unknown =
            |column: &str, rows, first| Outside { column: column.into(), rows, first, beyond: Beyond::Level };
        let new = samples(&[2.0, f64::NAN, 0.0, 2.0, 1.0, 1.0]);
        assert_eq!(ranges.outside(&new), [unknown("town", 2, 1), unknown("size", 1, 1)]);
        // Of a level that may be missing, the number behind it tells which it is.
        let ranges = Ranges::of(&samples(&[1.0, 0.0]), &[0], [levels("size", 0, 2)]);
        assert_eq!(ranges.outside(&samples(&[f64::NAN, 1.0, f64::NAN, 0.0])), [unknown("size", 1, 1)]);
        assert!(ranges.check(&[2]).is_ok() && ranges.check(&[1]).is_err());
        let far = r#"[{"place":18446744073709551615,"column":"x","least":1.0,"most":1.0,"levels":{"flag":true,"unseen":[],"unknown":false}}]"#;
        assert!(serde_json::from_str::<Ranges>(far).unwrap().check(&[2]).is_err());
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
