//! How numbers are written in a file.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::formats::delimited::{NotNumber, no_number, number};

/// How the numbers of a table are written, and what stands for a missing value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notation {
    /// The character before the decimals; a point when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// The character between thousands; none when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousands: Option<char>,
    /// What may stand before or behind a number: `$`, `%`, `kg`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    /// Whether a number in parentheses is below 0, as in accounts: `(12.50)`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub parentheses: bool,
    /// Cells that say that a value is missing, beside blank ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

impl Notation {
    /// Whether a cell without blanks around it holds nothing.
    pub(crate) fn is_missing(&self, cell: &str) -> bool {
        cell.is_empty() || self.missing.iter().any(|word| word == cell)
    }

    /// The number that a cell holds.
    pub(crate) fn number(&self, cell: &str) -> Result<f64, NotNumber> {
        let bare = self.without_units(cell);
        match bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(inner) if self.parentheses => {
                let number = self.bare_number(cell, self.without_units(inner.trim()))?;
                if number.is_sign_positive() { Ok(-number) } else { Err(no_number(cell)) }
            }
            _ => self.bare_number(cell, bare),
        }
    }

    /// The number of a cell without what stands around it.
    fn bare_number(&self, cell: &str, bare: &str) -> Result<f64, NotNumber> {
        let decimal = self.decimal.unwrap_or('.');
        match self.thousands {
            // What stands elsewhere than between groups of three digits parts no thousands.
            Some(mark) if bare.contains(mark) && !grouped(bare, mark, decimal) => Err(no_number(cell)),
            thousands => number(&plain(bare, self.decimal, thousands)),
        }
    }

    fn without_units<'c>(&self, cell: &'c str) -> &'c str {
        self.units.iter().fold(cell, |bare, unit| {
            let stripped = bare.strip_prefix(unit.as_str()).or_else(|| bare.strip_suffix(unit.as_str()));
            stripped.map_or(bare, str::trim)
        })
    }
}

/// A number without the marks between its thousands, its decimals behind a point.
fn plain(bare: &str, decimal: Option<char>, thousands: Option<char>) -> Cow<'_, str> {
    match (decimal, thousands) {
        (None, None) => Cow::Borrowed(bare),
        _ => {
            let digits = bare.chars().filter(|c| Some(*c) != thousands);
            Cow::Owned(digits.map(|c| if Some(c) == decimal { '.' } else { c }).collect())
        }
    }
}

/// Whether a mark parts the digits before the decimals in threes.
fn grouped(cell: &str, mark: char, decimal: char) -> bool {
    let whole = cell.split(decimal).next().unwrap_or_default().trim_start_matches(['+', '-']);
    let mut groups = whole.split(mark);
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    groups.next().is_some_and(|first| (1..=3).contains(&first.len()) && digits(first))
        && groups.all(|group| group.len() == 3 && digits(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let notation = |decimal, thousands, units: &[&str]| Notation {
            decimal,
            thousands,
            units: units.iter().map(ToString::to_string).collect(),
            ..Notation::default()
        };
        for (notation, cell, value) in [
            (notation(None, None, &[]), "1.5", Some(1.5)),
            (notation(Some(','), None, &[]), "1,5", Some(1.5)),
            (notation(Some(','), Some('.'), &[]), "1.234,5", Some(1234.5)),
            (notation(None, Some(','), &["$"]), "$1,234", Some(1234.0)),
            (notation(None, None, &["%"]), "12 %", Some(12.0)),
            (notation(None, None, &["kg"]), "kg", None),
            (notation(None, None, &[]), "1,5", None),
            (notation(None, Some(','), &[]), "12,5", None),
            (notation(None, Some(','), &[]), "-1,234,567.5", Some(-1_234_567.5)),
            (notation(Some(','), Some('.'), &[]), "1.5", None),
        ] {
            assert_eq!(notation.number(cell).ok(), value, "{cell}");
        }
        let accounts = Notation { parentheses: true, ..notation(None, Some(','), &["$"]) };
        for (cell, value) in [
            ("(12.50)", Some(-12.5)),
            ("$(1,200)", Some(-1200.0)),
            ("($1,200)", Some(-1200.0)),
            ("12", Some(12.0)),
            ("(-5)", None),
            ("((5))", None),
            ("()", None),
            ("(5", None),
        ] {
            assert_eq!(accounts.number(cell).ok(), value, "{cell}");
        }
        assert!(notation(None, None, &[]).number("(5)").is_err());
    }
}
