//! How the numbers of a table are written.

use crate::formats::delimited::{is_missing, number};
use crate::formats::table::columns::Notation;

/// Bytes of a unit at most.
const MOST_UNIT: usize = 8;

/// The notation under which the most columns hold nothing but numbers; the plainest of these.
pub(super) fn notation(cells: &[Vec<&str>], delimiter: u8) -> Notation {
    let units = units(cells);
    let of = |decimal, thousands| Notation { decimal, thousands, units: units.clone(), missing: Vec::new() };
    let candidates = [
        of(None, None),
        of(None, Some(',')),
        of(Some(','), None),
        of(Some(','), Some('.')),
        of(None, Some(' ')),
        of(Some(','), Some(' ')),
        of(None, Some('\'')),
    ];
    let mut best = (0, of(None, None));
    for candidate in candidates {
        if delimiter == b','
            && candidate.decimal == Some(',')
            && !cells.iter().flatten().any(|cell| cell.contains(','))
        {
            continue;
        }
        let fits = cells
            .iter()
            .filter(|column| all_numbers(column, &candidate) && grouped_in_threes(column, &candidate));
        let count = fits.count();
        if count > best.0 {
            best = (count, candidate);
        }
    }
    let mut notation = best.1;
    // A unit that no column of numbers has is none.
    let plain = Notation { units: Vec::new(), ..notation.clone() };
    notation.units.retain(|unit| {
        let has_it = |column: &&Vec<&str>| column.iter().any(|cell| cell.contains(unit.as_str()));
        cells.iter().filter(has_it).any(|column| all_numbers(column, &notation_of(&plain, unit)))
    });
    notation
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
        (1..=3).contains(&first.len()) && parts.all(|part| digits(part) == 3)
    })
}

/// What stands before or behind the digits of every cell of some column.
fn units(cells: &[Vec<&str>]) -> Vec<String> {
    let mut units = Vec::new();
    for column in cells {
        let mut there = column.iter().filter(|cell| !is_missing(cell)).peekable();
        let Some(first) = there.peek() else { continue };
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
