//! How numbers are written in a file.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::formats::delimited::{NotNumber, number};

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
        number(&self.plain(cell))
    }

    /// The cell without units and thousands, its decimals behind a point.
    fn plain<'c>(&self, cell: &'c str) -> Cow<'c, str> {
        let mut bare = cell;
        for unit in &self.units {
            let stripped = bare.strip_prefix(unit.as_str()).or_else(|| bare.strip_suffix(unit.as_str()));
            bare = stripped.map_or(bare, str::trim);
        }
        match (self.decimal, self.thousands) {
            (None, None) => Cow::Borrowed(bare),
            (decimal, thousands) => {
                let digits = bare.chars().filter(|c| Some(*c) != thousands);
                Cow::Owned(digits.map(|c| if Some(c) == decimal { '.' } else { c }).collect())
            }
        }
    }
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
            missing: Vec::new(),
        };
        for (notation, cell, value) in [
            (notation(None, None, &[]), "1.5", Some(1.5)),
            (notation(Some(','), None, &[]), "1,5", Some(1.5)),
            (notation(Some(','), Some('.'), &[]), "1.234,5", Some(1234.5)),
            (notation(None, Some(','), &["$"]), "$1,234", Some(1234.0)),
            (notation(None, None, &["%"]), "12 %", Some(12.0)),
            (notation(None, None, &["kg"]), "kg", None),
            (notation(None, None, &[]), "1,5", None),
        ] {
            assert_eq!(notation.number(cell).ok(), value, "{cell}");
        }
    }
}
