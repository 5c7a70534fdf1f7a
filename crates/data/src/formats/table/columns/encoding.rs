//! From the cells of a column to the numbers of a sample.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ColumnKind, Notation, date, text, yes_or_no};
use crate::LabelEncoder;
use crate::formats::delimited::NotNumber;
use crate::formats::records::{Fault, Record};

/// The levels of a column of yes and no.
const NO_YES: [&str; 2] = ["no", "yes"];

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// What a cell of a column becomes. A missing number is NaN, and so is an ordered level that is not known; another level that is not
/// known is 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Encoding {
    /// The number itself; where it may be missing, 1 for one that is, else 0, behind it.
    Number {
        /// Whether it may be missing.
        optional: bool,
    },
    /// 1 for no and 2 for yes; where it may be missing, 1 for one that is, and 2 and 3; 0 for what is neither.
    YesNo {
        /// Whether it may be missing.
        optional: bool,
    },
    /// The number of its level, from 1.
    Category {
        /// The levels in their order.
        levels: LabelEncoder,
    },
    /// The place of its level, from 1; where it may be missing, 1 for one that is, else 0, behind it.
    Ordered {
        /// The levels in their order.
        levels: LabelEncoder,
        /// Whether it may be missing.
        optional: bool,
    },
    /// Days since 2000 (and whether they are missing), the month and the weekday.
    Date {
        /// Whether it may be missing.
        optional: bool,
        /// How it is written.
        form: String,
    },
    /// Hours since midnight; where it may be missing, 1 for one that is, else 0, behind it.
    Time {
        /// Whether it may be missing.
        optional: bool,
    },
    /// Its words and triples of letters, hashed.
    Text,
}

/// Why a cell does not hold what its column does: what was expected, and what can be done.
pub(crate) struct NotThat {
    pub expected: String,
    pub advice: &'static str,
}

const TIME_MISSING: &str = "; write the kind with a question mark, `time?`, where some are missing";
const DATE_MISSING: &str = "; write the kind with a question mark, `date?`, where some are missing";

impl NotThat {
    /// With advice for a cell that is missing.
    fn new(expected: String, missing: bool, advice: &'static str) -> Self {
        Self { expected, advice: if missing { advice } else { "" } }
    }
}

impl From<NotNumber> for NotThat {
    fn from(error: NotNumber) -> Self {
        Self { expected: error.expected.into(), advice: error.advice }
    }
}

impl Encoding {
    /// The encoding of a column of this kind, with these levels where it has some.
    pub(crate) fn of(kind: &ColumnKind, levels: Option<&[String]>) -> Self {
        let levels = || LabelEncoder::with_classes(levels.unwrap_or_default().to_vec());
        match kind {
            ColumnKind::Number { optional } => Self::Number { optional: *optional },
            ColumnKind::Date { optional, form } => Self::Date { optional: *optional, form: form.clone() },
            ColumnKind::Time { optional } => Self::Time { optional: *optional },
            ColumnKind::YesNo { optional } => Self::YesNo { optional: *optional },
            ColumnKind::Ordered { optional } => Self::Ordered { levels: levels(), optional: *optional },
            ColumnKind::Text => Self::Text,
            ColumnKind::Category => Self::Category { levels: levels() },
        }
    }

    /// The levels of each column that has levels of its own.
    pub(crate) fn levels_by_column<'c>(
        columns: impl IntoIterator<Item = &'c (String, Self)>,
    ) -> BTreeMap<String, Vec<String>> {
        let of_column = |(name, encoding): &(String, Self)| match encoding {
            Self::Category { levels } | Self::Ordered { levels, .. } => {
                Some((name.clone(), levels.classes().to_vec()))
            }
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
            Self::YesNo { .. } | Self::Category { .. } => and(&[]),
            Self::Number { optional } | Self::Ordered { optional, .. } | Self::Time { optional } => {
                and(if *optional { &["is missing"] } else { &[] })
            }
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
            Self::Number { .. } | Self::Ordered { .. } | Self::Time { .. } => vec![Vec::new(); self.width()],
            Self::YesNo { .. } | Self::Category { .. } => vec![self.level_names()],
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
            Self::Number { optional } | Self::Ordered { optional, .. } | Self::Time { optional } => {
                1 + usize::from(*optional)
            }
            Self::YesNo { .. } | Self::Category { .. } => 1,
            Self::Date { optional, .. } => 3 + usize::from(*optional),
            Self::Text => text::DIMS,
        }
    }

    /// What the numbers from 1 stand for that it makes first of a cell; none where these are no levels.
    #[must_use]
    pub fn level_names(&self) -> Vec<String> {
        match self {
            Self::Category { levels } | Self::Ordered { levels, .. } => levels.classes().to_vec(),
            Self::YesNo { optional } => {
                let missing = optional.then_some("");
                missing.into_iter().chain(NO_YES).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }

    /// How many levels it knows, where what it makes first of a cell is one of them or none.
    pub(crate) fn level_count(&self) -> Option<usize> {
        match self {
            Self::Category { levels } | Self::Ordered { levels, .. } => Some(levels.classes().len()),
            Self::YesNo { optional } => Some(NO_YES.len() + usize::from(*optional)),
            _ => None,
        }
    }

    /// Whether it made this of a cell that is none of its levels, where these stand in the recipe or are yes and no.
    pub(crate) fn is_unknown(&self, made: &[f64]) -> bool {
        match (self, made) {
            (Self::YesNo { .. }, [code]) => *code == 0.0,
            (Self::Ordered { .. }, [place]) => place.is_nan(),
            (Self::Ordered { .. }, [place, missing]) => place.is_nan() && *missing == 0.0,
            _ => false,
        }
    }

    /// Whether what it makes of some cell is NaN.
    pub(crate) fn has_gaps(&self) -> bool {
        match self {
            Self::Number { optional } | Self::Date { optional, .. } | Self::Time { optional } => *optional,
            Self::Ordered { .. } => true,
            Self::YesNo { .. } | Self::Category { .. } | Self::Text => false,
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

    /// Adds what a cell of a record becomes to the end of `out`, or nothing.
    pub(crate) fn push_cell(
        &self,
        record: &Record<'_>,
        column: usize,
        notation: &Notation,
        out: &mut Vec<f64>,
    ) -> Result<(), Fault> {
        let wrong = |NotThat { expected, advice }| record.fault(column, expected).and(advice);
        self.push(record.text(column)?, notation, out).map_err(wrong)
    }

    /// Adds what a cell becomes to the end of `out`, or nothing.
    pub(crate) fn push(&self, cell: &str, notation: &Notation, out: &mut Vec<f64>) -> Result<(), NotThat> {
        let missing = notation.is_missing(cell);
        match self {
            Self::Number { optional: true }
            | Self::Ordered { optional: true, .. }
            | Self::Time { optional: true }
                if missing =>
            {
                out.extend([f64::NAN, 1.0]);
            }
            Self::Number { optional } => {
                out.push(notation.number(cell)?);
                out.extend(optional.then_some(0.0));
            }
            Self::Category { levels } => {
                let code = levels.encode(level(cell, notation)).map_or(0, |code| code + 1);
                out.push(f64::from(code));
            }
            Self::YesNo { optional: true } if missing => out.push(1.0),
            Self::YesNo { optional } => {
                let code = |yes| f64::from(1 + u8::from(*optional) + u8::from(yes));
                out.push(yes_or_no(cell).map_or(0.0, code));
            }
            Self::Ordered { levels, optional } => {
                out.push(levels.encode(cell).map_or(f64::NAN, |place| f64::from(place + 1)));
                out.extend(optional.then_some(0.0));
            }
            Self::Time { optional } => {
                let hours = date::hours(cell);
                out.push(hours.ok_or_else(|| NotThat::new("a time of day".into(), missing, TIME_MISSING))?);
                out.extend(optional.then_some(0.0));
            }
            Self::Date { optional: true, .. } if missing => out.extend([f64::NAN, 1.0, 0.0, 0.0]),
            Self::Date { optional, form } => {
                let moment = date::parse(cell, form).ok_or_else(|| {
                    NotThat::new(format!("a date in the form {form}"), missing, DATE_MISSING)
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
pub(crate) fn level<'c>(cell: &'c str, notation: &Notation) -> &'c str {
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
        for (kind, cell) in [
            ("number", "1"),
            ("number?", "1"),
            ("yes/no", "Yes"),
            ("yes/no?", "Yes"),
            ("category", "a"),
            ("ordered", "a"),
            ("ordered?", "a"),
            ("date", "2024-01-01"),
            ("date?", "2024-01-01"),
            ("time", "12:00"),
            ("time?", "12:00"),
            ("text", "a"),
        ] {
            let kind = ColumnKind::try_from(kind.to_owned()).unwrap();
            let levels = ["a".to_owned(), "b".to_owned()];
            let known = matches!(kind, ColumnKind::Ordered { .. }).then_some(levels.as_slice());
            let encoding = Encoding::of(&kind, known);
            let width = encoded(&encoding, &[cell]).len();
            assert_eq!(width, encoding.width(), "{kind}");
            assert_eq!((encoding.names("x").len(), encoding.levels().len()), (width, width), "{kind}");
            assert_eq!(encoding.level_count().unwrap_or(0), encoding.level_names().len(), "{kind}");
        }
    }

    #[test]
    fn missing_cells_are_marked_or_a_level_of_their_own() {
        let number = encoded(&Encoding::Number { optional: true }, &["2", "", "NA"]);
        assert_eq!(&number[..2], [2.0, 0.0]);
        assert!(number[2].is_nan() && number[3] == 1.0 && number[4].is_nan());
        let notation = Notation { missing: vec!["NA".into()], ..Notation::default() };
        let category = Encoding::of(&ColumnKind::Category, Some(&["", "a", "b"].map(str::to_owned)));
        assert_eq!(["b", "NA", ""].map(|cell| level(cell, &notation)), ["b", "", ""]);
        assert_eq!(encoded(&category, &["a", "b", "NA", "", "new"]), [2.0, 3.0, 1.0, 1.0, 0.0]);
        let known = Encoding::of(&ColumnKind::Category, Some(&["b", "c"].map(str::to_owned)));
        assert_eq!(encoded(&known, &["c", "a"]), [2.0, 0.0]);
    }

    #[test]
    fn yes_and_no_are_told_in_any_case_and_language() {
        let sure = Encoding::YesNo { optional: false };
        assert_eq!(encoded(&sure, &["Yes", "NO", "ja", "n", "maybe", ""]), [2.0, 1.0, 2.0, 1.0, 0.0, 0.0]);
        assert_eq!(sure.level_names(), ["no", "yes"]);
        let unsure = Encoding::YesNo { optional: true };
        assert_eq!(encoded(&unsure, &["Yes", "", "no", "NA", "maybe"]), [3.0, 1.0, 2.0, 1.0, 0.0]);
        assert_eq!(unsure.level_names(), ["", "no", "yes"]);
    }

    #[test]
    fn ordered_levels_become_their_places_and_others_none() {
        let levels = LabelEncoder::with_classes(["low", "mid", "high"].map(String::from).to_vec());
        let sure = Encoding::Ordered { levels: levels.clone(), optional: false };
        let places = encoded(&sure, &["high", "low", "huge", ""]);
        assert!(places[..2] == [3.0, 1.0] && places[2].is_nan() && places[3].is_nan());
        let unsure = encoded(&Encoding::Ordered { levels, optional: true }, &["mid", "NA", "huge"]);
        assert!(unsure[..2] == [2.0, 0.0] && unsure[2].is_nan() && unsure[3] == 1.0);
        assert!(unsure[4].is_nan() && unsure[5] == 0.0);
    }

    #[test]
    fn what_a_column_does_not_hold_is_refused_and_leaves_nothing() {
        let mut out = Vec::new();
        for (encoding, cell, expected, advice) in [
            (Encoding::Time { optional: false }, "25:00", "a time of day", ""),
            (Encoding::Time { optional: true }, "noon", "a time of day", ""),
            (Encoding::Time { optional: false }, "", "a time of day", "`time?`"),
        ] {
            let error = encoding.push(cell, &Notation::default(), &mut out).unwrap_err();
            assert_eq!(error.expected, expected);
            assert!(error.advice.contains(advice) && error.advice.is_empty() == advice.is_empty(), "{cell}");
        }
        assert!(out.is_empty());
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
