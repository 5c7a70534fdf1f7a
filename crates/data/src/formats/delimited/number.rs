//! Cells that hold a number, and what is wrong with those that do not.

/// Cells that are taken for missing, in any case, beside blank ones.
const MISSING: [&str; 8] = ["na", "n/a", "nan", "#n/a", "null", "none", "?", "-"];

/// Whether a cell is blank or says that its value is missing.
pub(crate) fn is_missing(cell: &str) -> bool {
    let cell = cell.trim();
    cell.is_empty() || MISSING.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

/// Whether a cell was meant as a number, in whatever notation.
pub(crate) fn looks_numeric(cell: &str) -> bool {
    let of_a_number = |c: char| c.is_ascii_digit() || "+-.,eE'_ \u{a0}\u{202f}".contains(c);
    let starts = cell.starts_with(|c: char| c.is_ascii_digit() || "+-.,".contains(c));
    starts && cell.contains(|c: char| c.is_ascii_digit()) && cell.chars().all(of_a_number)
}

/// Why a cell is no number: what was expected of it, and what can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotNumber {
    pub expected: &'static str,
    /// Follows the cell in a message; may be empty.
    pub advice: &'static str,
}

/// The finite number that a cell holds.
pub(crate) fn number(cell: &str) -> Result<f64, NotNumber> {
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(not_finite(cell)),
        Err(_) => Err(no_number(cell)),
    }
}

/// What is wrong with a cell that parses as something that is not finite.
pub(crate) fn not_finite(cell: &str) -> NotNumber {
    let expected = "a finite number";
    match cell.contains(|c: char| c.is_ascii_digit()) {
        true => NotNumber { expected, advice: ", which is beyond what 64 bits hold, 1.8e308" },
        false => NotNumber { expected, advice: REMOVE },
    }
}

/// What is wrong with a cell that does not parse.
pub(crate) fn no_number(cell: &str) -> NotNumber {
    let advice = match cell {
        _ if is_missing(cell) => REMOVE,
        _ if looks_numeric(cell) => {
            "; write numbers with a decimal point and nothing between their thousands"
        }
        _ => "",
    };
    NotNumber { expected: "a number", advice }
}

const REMOVE: &str = "; missing values are not filled in: remove such rows, or train without the column";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_told_apart() {
        for (cell, value) in [("-1.5", -1.5), ("+2", 2.0), (".5", 0.5), ("3.", 3.0), ("1e-3", 0.001)] {
            assert_eq!(number(cell), Ok(value));
        }
        let advice = |cell| number(cell).map_err(|wrong| wrong.advice).err();
        for cell in ["", "NA", "NaN", "-inf", "infinity", "?", "null", "N/A"] {
            assert_eq!(advice(cell), Some(REMOVE), "{cell}");
        }
        for cell in ["1,5", "1.234,5", "1,234,567", "12 000", "1'000", "-3,1", "1_000", "1.2.3"] {
            assert!(advice(cell).is_some_and(|advice| advice.contains("decimal point")), "{cell}");
        }
        assert!(advice("1e999").is_some_and(|advice| advice.contains("64 bits")));
        for cell in ["0x1F", "abc", "1f", "$5", "12kg", "1e", "--1"] {
            assert!(number(cell).is_err(), "{cell}");
        }
        assert_eq!(advice("0x1F"), Some(""));
    }
}
