//! How the numbers of a table are written.

use super::Columns;
use crate::formats::delimited::{is_missing, number};
use crate::formats::table::columns::Notation;

/// Bytes of a unit at most.
const MOST_UNIT: usize = 8;

/// The notation under which the most columns hold nothing but numbers, the plainest of these; and a question where another one
/// reads as many, to other numbers. `missing` are cells that a person calls missing.
pub(super) fn notation(cells: &Columns<'_>, delimiter: u8, missing: &[String]) -> (Notation, Option<String>) {
    let units = units(cells);
    let parentheses = cells.iter().any(|column| column.iter().any(|cell| in_parentheses(cell)));
    let of = |decimal, thousands| Notation {
        decimal,
        thousands,
        units: units.clone(),
        parentheses,
        missing: missing.to_vec(),
    };
    // Where cells are not parted by commas, a comma parts decimals more often than thousands.
    let [likelier, other] = match delimiter {
        b',' => [of(None, Some(',')), of(Some(','), None)],
        _ => [of(Some(','), None), of(None, Some(','))],
    };
    let candidates = [
        of(None, None),
        likelier,
        other,
        of(Some(','), Some('.')),
        of(None, Some(' ')),
        of(Some(','), Some(' ')),
        of(None, Some('\'')),
    ];
    // One pass: a column is put together for it.
    let (mut counts, mut commas) = ([0_usize; 7], false);
    for column in cells.iter() {
        commas |= column.iter().any(|cell| cell.contains(','));
        for (candidate, count) in candidates.iter().zip(&mut counts) {
            *count += usize::from(all_numbers(&column, candidate) && grouped_in_threes(&column, candidate));
        }
    }
    let mut best = (0, of(None, None));
    for (candidate, count) in candidates.into_iter().zip(counts) {
        let idle = delimiter == b',' && candidate.decimal == Some(',') && !commas;
        if count > best.0 && !idle {
            best = (count, candidate);
        }
    }
    let mut notation = best.1;
    // A unit that no column of numbers has is none.
    let plain = Notation { units: Vec::new(), ..notation.clone() };
    notation.units.retain(|unit| {
        let has_it = |column: &Vec<&str>| column.iter().any(|cell| cell.contains(unit.as_str()));
        cells.iter().filter(has_it).any(|column| all_numbers(&column, &notation_of(&plain, unit)))
    });
    // So it is with parentheses.
    notation.parentheses &= cells.iter().any(|column| {
        // Where all have some, they are marks around names.
        let count = column.iter().filter(|cell| in_parentheses(cell)).count();
        (1..column.len()).contains(&count) && all_numbers(&column, &notation)
    });
    let doubt = doubt(cells, &notation);
    (notation, doubt)
}

/// A question about a comma that may part thousands as well as decimals.
fn doubt(cells: &Columns<'_>, notation: &Notation) -> Option<String> {
    let (other, as_read, otherwise) = match (notation.decimal, notation.thousands) {
        (Some(','), None) => {
            let other = Notation { decimal: None, thousands: Some(','), ..notation.clone() };
            (other, "before decimals", "thousands = \",\" in the place of decimal = \",\"")
        }
        (None, Some(',')) => {
            let other = Notation { decimal: Some(','), thousands: None, ..notation.clone() };
            (other, "between thousands", "decimal = \",\" in the place of thousands = \",\"")
        }
        _ => return None,
    };
    let with_comma =
        |column: &Vec<&str>| column.iter().any(|cell| cell.contains(',')) && all_numbers(column, notation);
    let mut columns = cells.iter().filter(with_comma).peekable();
    let example = columns.peek()?.iter().find(|cell| cell.contains(','))?.to_string();
    columns.all(|column| all_numbers(&column, &other) && grouped_in_threes(&column, &other)).then(|| {
        format!("The comma of `{example}` is read as one {as_read}. If it is the other, write {otherwise} into the recipe.")
    })
}

/// Whether a cell may be a number in parentheses, with a unit inside or outside.
fn in_parentheses(cell: &str) -> bool {
    let inner = cell.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map(|(inner, _)| inner);
    inner.is_some_and(|inner| inner.contains(|c: char| c.is_ascii_digit()))
}

fn notation_of(plain: &Notation, unit: &str) -> Notation {
    Notation { units: vec![unit.to_owned()], ..plain.clone() }
}

/// Whether every cell that is there holds a number, and one is.
pub(super) fn all_numbers(cells: &[&str], notation: &Notation) -> bool {
    let mut there = cells.iter().filter(|cell| !is_absent(cell, notation)).peekable();
    there.peek().is_some() && there.all(|cell| notation.number(cell).is_ok())
}

/// Whether a cell says that its value is missing, by the recipe or by the words that people use.
pub(super) fn is_absent(cell: &str, notation: &Notation) -> bool {
    notation.is_missing(cell) || is_missing(cell)
}

/// Whether what parts the thousands has three digits behind it everywhere, as it must, and is there at all.
fn grouped_in_threes(cells: &[&str], notation: &Notation) -> bool {
    let Some(mark) = notation.thousands else { return true };
    let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).count();
    cells.iter().filter(|cell| cell.contains(mark)).all(|cell| {
        let mut parts = cell.split(mark);
        let first = parts.next().unwrap_or_default().trim_start_matches(|c: char| !c.is_ascii_digit());
        (1..=3).contains(&first.len()) && !first.starts_with('0') && parts.all(|part| digits(part) == 3)
    })
}

/// What stands before or behind the digits of every cell of some column.
fn units(cells: &Columns<'_>) -> Vec<String> {
    let mut units = Vec::new();
    for column in cells.iter() {
        let mut there = column.iter().filter(|cell| !is_missing(cell)).peekable();
        let Some(first) = there.peek() else { continue };
        let first = first.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(first);
        if number(first).is_ok() || !first.contains(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let numeric = |c: char| c.is_ascii_digit() || "+-.,' ".contains(c);
        let before = first.split(numeric).next().unwrap_or_default();
        let behind = first.rsplit(numeric).next().unwrap_or_default();
        // Letters that stand at a number without a blank are part of a name: `v2`, `Q1`.
        let parted = first.strip_prefix(before).is_some_and(|rest| rest.starts_with(' '));
        let before = if before.chars().any(char::is_alphabetic) && !parted { "" } else { before };
        for unit in [before, behind] {
            let fits = !unit.is_empty() && unit.len() <= MOST_UNIT;
            if fits
                && there.clone().all(|cell| cell.contains(unit))
                && !units.iter().any(|known| known == unit)
            {
                units.push(unit.to_owned());
            }
        }
    }
    units
}
