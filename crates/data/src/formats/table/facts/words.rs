//! What a column of words holds.

use std::collections::BTreeSet;

use super::super::columns::{ColumnKind, DATE_FORMS, LANGUAGES, hours, lower, parse_date};
use super::scale;
use super::tally::Tally;

/// So many different cells are few, whatever their share.
const FEW: usize = 50;

/// What a column holds.
pub(super) struct Found {
    pub kind: ColumnKind,
    /// Why that is thought.
    pub reason: String,
    /// The levels in their order, where they have one.
    pub levels: Vec<String>,
}

impl Found {
    pub fn new(kind: ColumnKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into(), levels: Vec::new() }
    }
}

/// What the cells that are there hold; `None` where they only tell the rows apart. `written` are all that are not blank and not called
/// missing by a person.
pub(super) fn kind(there: &[&str], written: &[&str], tally: &Tally<'_>, name: &str) -> Option<Found> {
    let &Tally { missing, distinct, there: rows, .. } = tally;
    let optional = missing > 0;
    if let Some(form) = date_form(there) {
        let kind = ColumnKind::Date { optional, form: form.to_owned() };
        return Some(Found::new(kind, format!("every cell is a date in the form {form}")));
    }
    if !there.is_empty() && there.iter().all(|cell| hours(cell).is_some()) {
        return Some(Found::new(ColumnKind::Time { optional }, "every cell is a time of day"));
    }
    // Where cells say `None`, that is a level, and no missing one.
    let none = written.iter().any(|cell| cell.eq_ignore_ascii_case("none"));
    let levels: BTreeSet<&str> = there.iter().copied().collect();
    if !none && is_yes_and_no(&levels) {
        let words: Vec<_> = levels.iter().map(|word| format!("`{word}`")).collect();
        let reason = format!("every cell is yes or no: {}", words.join(", "));
        return Some(Found::new(ColumnKind::YesNo { optional }, reason));
    }
    let alike = if none { written } else { there };
    if distinct <= FEW
        && 2 * distinct <= rows
        && let Some(levels) = scale::order(alike)
    {
        let optional = if none { tally.blank > 0 } else { missing > 0 };
        let reason = format!("levels in an order: {}", levels.join(" < "));
        return Some(Found { levels, ..Found::new(ColumnKind::Ordered { optional }, reason) });
    }
    let words = there.iter().map(|cell| cell.split_whitespace().count()).sum::<usize>() as f64
        / there.len().max(1) as f64;
    let share = distinct as f64 / rows.max(1) as f64;
    if distinct > FEW && words >= 3.0 && share > 0.2 {
        let reason = format!("{words:.0} words in a cell, {distinct} different ones");
        return Some(Found::new(ColumnKind::Text, reason));
    }
    let tells_rows_apart = distinct == rows && rows >= 20;
    if tells_rows_apart && words < 1.5 && (missing == 0 || super::column::names_rows(name)) {
        return None;
    }
    if distinct > FEW && share > 0.5 {
        let reason = format!("{distinct} different cells in {rows} rows: read by their parts");
        return Some(Found::new(ColumnKind::Text, reason));
    }
    let levels = if distinct == 1 { "1 level".into() } else { format!("{distinct} levels") };
    let more = if missing > 0 { ", and one for missing cells" } else { "" };
    Some(Found::new(ColumnKind::Category, format!("{levels}{more}")))
}

/// Whether the cells are the words for yes and no of one language, in whatever case.
fn is_yes_and_no(cells: &BTreeSet<&str>) -> bool {
    // More ways to write two words are none that people use.
    if !(2..=8).contains(&cells.len()) {
        return false;
    }
    let lower: BTreeSet<String> = cells.iter().map(|cell| lower(cell)).collect();
    LANGUAGES.iter().any(|words| lower.len() == 2 && words.iter().all(|word| lower.contains(*word)))
}

/// The form of dates that every cell has. Of day and month, one of which must be first, the day is if some is above 12.
fn date_form(there: &[&str]) -> Option<&'static str> {
    let fits = |form: &&&str| !there.is_empty() && there.iter().all(|cell| parse_date(cell, form).is_some());
    DATE_FORMS.iter().find(fits).copied()
}

/// Whether dates in this form may as well be read with day and month the other way round.
pub(super) fn other_way_round(there: &[&str], form: &str) -> Option<&'static str> {
    let other = DATE_FORMS.iter().copied().find(|other| {
        *other != form && other.replace("%d", "%x").replace("%m", "%d").replace("%x", "%m") == form
    })?;
    there.iter().all(|cell| parse_date(cell, other).is_some()).then_some(other)
}
