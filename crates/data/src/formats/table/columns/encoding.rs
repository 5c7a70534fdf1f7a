//! From the cells of a column to the numbers of a sample.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ColumnKind, Notation, date, text};
use crate::LabelEncoder;
use crate::formats::delimited::NotNumber;

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// What a cell of a column becomes. A missing number is NaN, and a level that is not known is 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Encoding {
    /// The number itself; where it may be missing, 1 for one that is, else 0, behind it.
    Number {
        /// Whether it may be missing.
        optional: bool,
    },
    /// The number of its level, from 1.
    Category {
        /// The levels in their order.
        levels: LabelEncoder,
    },
    /// Days since 2000 (and whether they are missing), the month and the weekday.
    Date {
        /// Whether it may be missing.
        optional: bool,
        /// How it is written.
        form: String,
    },
    /// Its words and triples of letters, hashed.
    Text,
}

/// Why a cell does not hold what its column does: what was expected, and what can be done.
pub(crate) struct NotThat {
    pub expected: String,
    pub advice: &'static str,
}

impl From<NotNumber> for NotThat {
    fn from(error: NotNumber) -> Self {
        Self { expected: error.expected.into(), advice: error.advice }
    }
}

impl Encoding {
    /// The encoding of a column of this kind with these cells; the levels are `known`, or those of the cells.
    pub(crate) fn of<'c>(
        kind: &ColumnKind,
        known: Option<&[String]>,
        notation: &Notation,
        cells: impl Iterator<Item = &'c str>,
    ) -> Self {
        match kind {
            ColumnKind::Number { optional } => Self::Number { optional: *optional },
            ColumnKind::Date { optional, form } => Self::Date { optional: *optional, form: form.clone() },
            ColumnKind::Text => Self::Text,
            ColumnKind::Category => Self::Category {
                levels: match known {
                    Some(levels) => LabelEncoder::with_classes(levels.to_vec()),
                    None => LabelEncoder::fit(cells.map(|cell| level(cell, notation))),
                },
            },
        }
    }

    /// The levels of each column of categories.
    pub(crate) fn levels_by_column<'c>(
        columns: impl IntoIterator<Item = &'c (String, Self)>,
    ) -> BTreeMap<String, Vec<String>> {
        let of_column = |(name, encoding): &(String, Self)| match encoding {
            Self::Category { levels } => Some((name.clone(), levels.classes().to_vec())),
            _ => None,
        };
        columns.into_iter().filter_map(of_column).collect()
    }

    /// What a column is called for each number that its cells become.
    pub(crate) fn names(&self, column: &str) -> Vec<String> {
        let and = |parts: &[&str]| {
            let parts = parts.iter().map(|part| format!("{column} {part}"));
            std::iter::once(column.to_owned()).chain(parts).collect()
        };
        match self {
            Self::Number { optional: false } | Self::Category { .. } => and(&[]),
            Self::Number { optional: true } => and(&["is missing"]),
            Self::Date { optional: false, .. } => and(&["month", "weekday"]),
            Self::Date { optional: true, .. } => and(&["is missing", "month", "weekday"]),
            Self::Text => (1..=text::DIMS).map(|place| format!("{column} {place}")).collect(),
        }
    }

    /// The levels of each number that its cells become; none for what is no level.
    pub(crate) fn levels(&self) -> Vec<Vec<String>> {
        let calendar = || {
            let months = (1..=12).map(|month: u32| month.to_string()).collect();
            [months, WEEKDAYS.map(str::to_owned).to_vec()]
        };
        match self {
            Self::Number { optional: false } => vec![Vec::new()],
            Self::Number { optional: true } => vec![Vec::new(); 2],
            Self::Category { levels } => vec![levels.classes().to_vec()],
            Self::Date { optional, .. } => {
                vec![Vec::new(); 1 + usize::from(*optional)].into_iter().chain(calendar()).collect()
            }
            Self::Text => vec![Vec::new(); text::DIMS],
        }
    }

    /// Numbers that a cell becomes.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Self::Number { optional } => 1 + usize::from(*optional),
            Self::Category { .. } => 1,
            Self::Date { optional, .. } => 3 + usize::from(*optional),
            Self::Text => text::DIMS,
        }
    }

    /// Whether what it makes first of a cell is its number.
    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Number { .. })
    }

    /// Whether what it makes first of a cell is its day.
    pub(crate) fn is_date(&self) -> bool {
        matches!(self, Self::Date { .. })
    }

    /// Adds what a cell becomes to the end of `out`, or nothing.
    pub(crate) fn push(&self, cell: &str, notation: &Notation, out: &mut Vec<f64>) -> Result<(), NotThat> {
        let missing = notation.is_missing(cell);
        match self {
            Self::Number { optional: true } if missing => out.extend([f64::NAN, 1.0]),
            Self::Number { optional } => {
                out.push(notation.number(cell)?);
                out.extend(optional.then_some(0.0));
            }
            Self::Category { levels } => {
                let code = levels.encode(level(cell, notation)).map_or(0, |code| code + 1);
                out.push(f64::from(code));
            }
            Self::Date { optional: true, .. } if missing => out.extend([f64::NAN, 1.0, 0.0, 0.0]),
            Self::Date { optional, form } => {
                let moment = date::parse(cell, form).ok_or_else(|| NotThat {
                    expected: format!("a date in the form {form}"),
                    advice: if missing {
                        "; write the kind with a question mark, `date?`, where some are missing"
                    } else {
                        ""
                    },
                })?;
                out.push(date::days(moment));
                out.extend(optional.then_some(0.0));
                out.extend(date::calendar(moment).map(f64::from));
            }
            Self::Text => text::push(cell, out),
        }
        Ok(())
    }
}

/// The level of a cell; all missing ones are the same.
fn level<'c>(cell: &'c str, notation: &Notation) -> &'c str {
    if notation.is_missing(cell) { "" } else { cell }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn encoded(encoding: &Encoding, cells: &[&str]) -> Vec<f64> {
        let notation = Notation { missing: vec!["NA".into()], ..Notation::default() };
        let mut out = Vec::new();
        for cell in cells {
            encoding.push(cell, &notation, &mut out).map_err(|error| error.expected).unwrap();
        }
        out
    }

    #[test]
    fn names_levels_and_numbers_are_as_many() {
        let notation = Notation::default();
        for kind in ["number", "number?", "category", "date", "date?", "text"] {
            let kind = ColumnKind::try_from(kind.to_owned()).unwrap();
            let encoding = Encoding::of(&kind, None, &notation, ["2024-01-01"].into_iter());
            let cell = if matches!(kind, ColumnKind::Number { .. }) { "1" } else { "2024-01-01" };
            let width = encoded(&encoding, &[cell]).len();
            assert_eq!(width, encoding.width(), "{kind}");
            assert_eq!((encoding.names("x").len(), encoding.levels().len()), (width, width), "{kind}");
        }
    }

    #[test]
    fn missing_cells_are_marked_or_a_level_of_their_own() {
        let number = encoded(&Encoding::Number { optional: true }, &["2", "", "NA"]);
        assert_eq!(&number[..2], [2.0, 0.0]);
        assert!(number[2].is_nan() && number[3] == 1.0 && number[4].is_nan());
        let notation = Notation { missing: vec!["NA".into()], ..Notation::default() };
        let category =
            Encoding::of(&ColumnKind::Category, None, &notation, ["b", "a", "NA", "b"].into_iter());
        assert_eq!(encoded(&category, &["a", "b", "NA", "", "new"]), [2.0, 3.0, 1.0, 1.0, 0.0]);
        let known =
            Encoding::of(&ColumnKind::Category, Some(&["b".into(), "c".into()]), &notation, [].into_iter());
        assert_eq!(encoded(&known, &["c", "a"]), [2.0, 0.0]);
    }

    #[test]
    fn dates_become_days_months_and_weekdays() {
        let date = Encoding::Date { optional: false, form: "%d.%m.%Y".into() };
        assert_eq!(encoded(&date, &["02.01.2000"]), [1.0, 1.0, 7.0]);
        let mut out = Vec::new();
        let error = date.push("2000-01-02", &Notation::default(), &mut out).unwrap_err();
        assert_eq!((error.expected.as_str(), out.len()), ("a date in the form %d.%m.%Y", 0));
    }
}
