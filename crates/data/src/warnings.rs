//! What looks like an accident in a data set, and may be none.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use crate::labels::{likeness, says_missing};
use crate::{Labelled, Targets, Values};

/// Rows below which nothing is concluded from the values of a column.
pub(crate) const FEWEST_ROWS: usize = 10;

/// Different numbers that are still likely to be names of classes.
const MOST_NUMBERS: usize = 20;

/// Something that looks like an accident. Its sentence says what, where, and what helps.
#[derive(Debug, Clone, PartialEq)]
pub enum Warning {
    /// Classes whose names may be spellings of one.
    AlikeClasses {
        /// Their names and rows, in the order of the classes.
        classes: Vec<(String, usize)>,
    },
    /// A class that is called as if there were none.
    MissingClass {
        /// Its name.
        name: String,
        /// Its rows.
        rows: usize,
    },
    /// Numbers that are taken for the names of classes.
    ManyNumbers {
        /// How many different ones.
        classes: usize,
        /// Rows of the data.
        rows: usize,
    },
    /// A column that tells the rows apart, and nothing else.
    RowNumber {
        /// The column.
        column: String,
        /// What its values grow by from row to row; none where only the name says that it numbers the rows.
        step: Option<f64>,
    },
    /// A column from which the target follows.
    GivesTarget {
        /// The column.
        column: String,
        /// The target's name, where it has one.
        target: Option<String>,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drop = |column: &str| {
            format!(
                "leave it out with drop = [\"{column}\"] in [data.csv], or without its line in [data.csv.columns]"
            )
        };
        match self {
            Self::AlikeClasses { classes } => {
                let spelt = classes.iter().map(|(name, rows)| format!("`{name}` ({})", count(*rows)));
                write!(
                    f,
                    "The classes {} may be one, spelt differently; if so, spell them alike in the data.",
                    spelt.collect::<Vec<_>>().join(" and ")
                )
            }
            Self::MissingClass { name, rows } => write!(
                f,
                "`{name}` ({}) is a class like the others; if it says that the label is missing, remove these rows.",
                count(*rows)
            ),
            Self::ManyNumbers { classes, rows } => write!(
                f,
                "The target has {classes} different numbers in {rows} rows, each of which is a class; to predict the \
                 number itself, set task = \"regression\" in [data]."
            ),
            Self::RowNumber { column, step: Some(step) } => write!(
                f,
                "The column `{column}` grows by {step} from row to row, as a row number does: what a model learns from the \
                 order of the rows is of no use for new ones. Unless it means something, {}.",
                drop(column)
            ),
            Self::RowNumber { column, step: None } => write!(
                f,
                "The column `{column}` is different in every row, as its name says: a model can learn rows by it, and \
                 nothing for new ones. Unless it means something, {}.",
                drop(column)
            ),
            Self::GivesTarget { column, target } => {
                let target = target.as_ref().map_or("the class".to_owned(), |target| format!("`{target}`"));
                write!(
                    f,
                    "The column `{column}` gives {target} away: one follows from the other in every row. Unless it will \
                     be known for new rows, too, {}.",
                    drop(column)
                )
            }
        }
    }
}

fn count(rows: usize) -> String {
    if rows == 1 { "1 row".into() } else { format!("{rows} rows") }
}

impl Labelled {
    /// What looks like an accident: names of classes that differ by case, blanks or the way a number is written, columns
    /// that number the rows or give the target away.
    ///
    /// ```
    /// use brasa_data::{CsvConfig, DataConfig, Files, load};
    ///
    /// let files = Files::embedded(&[("pets.csv", b"Id,height,species\n7,24,cat\n9,25,Cat\n4,55,dog\n")]);
    /// let csv = CsvConfig { file: Some("pets.csv".into()), target: Some("species".into()), ..CsvConfig::default() };
    /// let data = load(&DataConfig { csv: Some(csv), ..DataConfig::default() }.check()?, &files)?;
    /// let warnings: Vec<_> = data.find_warnings().iter().map(ToString::to_string).collect();
    /// assert!(warnings[0].starts_with("The classes `Cat` (1 row) and `cat` (1 row) may be one"));
    /// assert!(warnings[1].starts_with("The column `Id` is different in every row"));
    /// # Ok::<(), brasa_data::DataError>(())
    /// ```
    #[must_use]
    pub fn find_warnings(&self) -> Vec<Warning> {
        let mut found = class_warnings(self);
        let Values::F64(values) = self.samples.values() else { return found };
        let width = self.samples.sample_len();
        for (place, name) in self.feature_names.iter().enumerate().take(width) {
            let column = values.iter().skip(place).step_by(width).copied().collect::<Vec<_>>();
            if let Some(step) = row_number(name, &column) {
                found.push(Warning::RowNumber { column: name.clone(), step });
            } else if let Some(target) = given_away(&self.targets, &column) {
                found.push(Warning::GivesTarget { column: name.clone(), target });
            }
        }
        found
    }
}

fn class_warnings(data: &Labelled) -> Vec<Warning> {
    let mut counts = vec![0; data.class_count()];
    for &label in data.labels() {
        if let Some(count) = counts.get_mut(label as usize) {
            *count += 1;
        }
    }
    let classes =
        data.class_names().iter().cloned().zip(counts).filter(|&(_, rows)| rows > 0).collect::<Vec<_>>();
    let mut alike = BTreeMap::<String, Vec<(String, usize)>>::new();
    for class in &classes {
        alike.entry(likeness(&class.0)).or_default().push(class.clone());
    }
    let alike = alike.into_values().filter(|classes| classes.len() > 1);
    let mut found = alike.map(|classes| Warning::AlikeClasses { classes }).collect::<Vec<_>>();
    let missing = classes.iter().filter(|(name, _)| says_missing(name));
    found.extend(missing.map(|(name, rows)| Warning::MissingClass { name: name.clone(), rows: *rows }));
    if classes.len() > MOST_NUMBERS && classes.iter().all(|(name, _)| name.parse::<f64>().is_ok()) {
        found.push(Warning::ManyNumbers { classes: classes.len(), rows: data.len() });
    }
    found
}

/// Whether a column numbers the rows: by its name, or because it grows by the same from row to row.
fn row_number(name: &str, column: &[f64]) -> Option<Option<f64>> {
    if let Some(step) = steady_step(column) {
        return Some(Some(step));
    }
    let named = names_rows(name);
    let distinct =
        || column.iter().map(|value| value.to_bits()).collect::<HashSet<_>>().len() == column.len();
    (named && distinct()).then_some(None)
}

/// Whether a name is one that row numbers have.
pub(crate) fn names_rows(name: &str) -> bool {
    const NAMES: [&str; 8] = ["", "id", "index", "row", "rowname", "rownames", "row_id", "rowid"];
    let plain = name.trim().to_lowercase();
    NAMES.contains(&plain.as_str()) || plain.starts_with("unnamed:")
}

/// What a column grows by from row to row, where that is the same in all of enough rows, and not 0.
pub(crate) fn steady_step(column: &[f64]) -> Option<f64> {
    let step = match column {
        [first, second, ..] => second - first,
        _ => return None,
    };
    let steady = column.windows(2).all(|pair| matches!(pair, [a, b] if b - a == step));
    (step != 0.0 && steady && column.len() >= FEWEST_ROWS).then_some(step)
}

/// The target that follows from a column in every row, and the column from it.
fn given_away(targets: &Targets, column: &[f64]) -> Option<Option<String>> {
    if column.len() < FEWEST_ROWS {
        return None;
    }
    match targets {
        Targets::Classes(classes) => {
            let mut class_of = HashMap::new();
            let mut value_of = HashMap::new();
            let one_to_one = column.iter().zip(&classes.labels).all(|(value, &label)| {
                let value = (value + 0.0).to_bits();
                *class_of.entry(value).or_insert(label) == label
                    && *value_of.entry(label).or_insert(value) == value
            });
            (one_to_one && value_of.len() > 1).then_some(None)
        }
        Targets::Numbers(numbers) => {
            let width = numbers.names.len().max(1);
            let of = |(place, name): (usize, &String)| {
                let target = numbers.values.iter().skip(place).step_by(width).copied().collect::<Vec<_>>();
                on_a_line(column, &target).then(|| Some(name.clone()))
            };
            numbers.names.iter().enumerate().find_map(of)
        }
    }
}

/// Whether one is the other in another unit: the correlation is 1 up to rounding.
fn on_a_line(a: &[f64], b: &[f64]) -> bool {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let there: (Vec<f64>, Vec<f64>) =
        a.iter().zip(b).filter(|(a, b)| !a.is_nan() && !b.is_nan()).map(|(a, b)| (*a, *b)).unzip();
    let (a, b) = (there.0.as_slice(), there.1.as_slice());
    if a.len() < FEWEST_ROWS {
        return false;
    }
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        (aa, bb, ab) = (aa + a * a, bb + b * b, ab + a * b);
    }
    aa > 0.0 && bb > 0.0 && 1.0 - ab * ab / (aa * bb) < 1e-12
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::{NumberTargets, Samples};

    /// A table with one column and the classes `no` and `yes` by turns in threes.
    fn column(name: &str, values: &[f64]) -> Labelled {
        let labels = (0..values.len() as u32).map(|row| row / 3 % 2).collect();
        let samples = Samples::new(vec![1], Values::F64(values.to_vec().into())).unwrap();
        let classes = vec!["no".into(), "yes".into()];
        Labelled { feature_names: vec![name.into()], ..Labelled::new("t", samples, labels, classes) }
    }

    fn classes(names: &[&str], labels: &[u32]) -> Vec<Warning> {
        let samples = Samples::new(vec![1], Values::F64(vec![0.5; labels.len()].into())).unwrap();
        Labelled::new("t", samples, labels.to_vec(), names.iter().map(|&name| name.into()).collect())
            .find_warnings()
    }

    #[test]
    fn classes_that_differ_by_accident_are_named_with_their_rows() {
        let found = classes(&["1", "1.0", "Wood", "wood", "stone"], &[0, 1, 1, 2, 3, 4]);
        assert_eq!(
            found.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "The classes `1` (1 row) and `1.0` (2 rows) may be one, spelt differently; if so, spell them alike in the \
                 data.",
                "The classes `Wood` (1 row) and `wood` (1 row) may be one, spelt differently; if so, spell them alike in \
                 the data.",
            ]
        );
        assert_eq!(classes(&["NA", "b"], &[0, 0, 1]), [Warning::MissingClass { name: "NA".into(), rows: 2 }]);
        assert_eq!(classes(&["wood", "stone", "woods"], &[0, 1, 2]), []);
        assert_eq!(classes(&["Wood", "wood"], &[1, 1]), [], "a class without rows is no accident");
    }

    #[test]
    fn many_numbers_are_likely_to_be_no_classes() {
        let names = (0..21).map(|n| n.to_string()).collect::<Vec<_>>();
        let of = |count: usize| {
            classes(
                &names[..count].iter().map(String::as_str).collect::<Vec<_>>(),
                &(0..count as u32).collect::<Vec<_>>(),
            )
        };
        assert_eq!(of(21), [Warning::ManyNumbers { classes: 21, rows: 21 }]);
        assert_eq!(of(20), []);
    }

    #[test]
    fn columns_that_number_the_rows_are_found_by_their_values_or_their_name() {
        let counted = (0..12).map(f64::from).collect::<Vec<_>>();
        let back = counted.iter().map(|n| 100.0 - 2.0 * n).collect::<Vec<_>>();
        let shuffled = [7.0, 1.0, 12.0, 3.0, 9.0, 2.0, 11.0, 5.0, 4.0, 8.0, 6.0, 10.0];
        let step = |step| [Warning::RowNumber { column: "x".into(), step }];
        assert_eq!(column("x", &counted).find_warnings(), step(Some(1.0)));
        assert_eq!(column("x", &back).find_warnings(), step(Some(-2.0)));
        assert_eq!(column("x", &shuffled).find_warnings(), []);
        assert_eq!(column("x", &counted[..5]).find_warnings(), [], "a few rows happen to");
        for name in ["Id", "id", "INDEX", "Unnamed: 0", "", "rownames"] {
            assert_eq!(column(name, &shuffled).find_warnings().len(), 1, "{name}");
        }
        let mut twice = shuffled;
        twice[0] = 1.0;
        assert_eq!(column("Id", &twice).find_warnings(), [], "a number that comes twice numbers no rows");
    }

    #[test]
    fn columns_that_give_the_target_away_are_found() {
        let coded = (0..12).map(|row| if row / 3 % 2 == 0 { 10.0 } else { -4.0 }).collect::<Vec<_>>();
        assert_eq!(
            column("code", &coded).find_warnings(),
            [Warning::GivesTarget { column: "code".into(), target: None }]
        );
        let mut other = coded.clone();
        other[5] = 10.0;
        assert_eq!(column("code", &other).find_warnings(), []);

        let euros = [3.0, 8.0, 1.0, 9.0, 4.0, 4.5, 7.25, 2.0, 6.0, 5.5, 8.5, 1.5];
        let cents = euros.map(|euro| 100.0 * euro + 7.0);
        let numbers = |values: &[f64]| NumberTargets { values: values.to_vec(), names: vec!["price".into()] };
        let found = column("cents", &cents).with_numbers(numbers(&euros)).find_warnings();
        assert_eq!(found, [Warning::GivesTarget { column: "cents".into(), target: Some("price".into()) }]);
        let mut near = euros;
        near[3] = 9.01;
        assert_eq!(column("cents", &cents).with_numbers(numbers(&near)).find_warnings(), []);
    }
}
