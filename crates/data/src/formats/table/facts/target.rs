//! What is predicted.

use super::census::Census;
use super::column::take_missing_words;
use super::numbers::{all_numbers, is_absent};
use super::tally::Tally;
use super::{ColumnUse, TableFacts};
use crate::formats::table::columns::ColumnKind;
use crate::{DataError, Result, TaskKind};

/// Whole numbers that are still likely to be names of classes.
const MOST_NUMBERS: usize = 10;

/// A class of fewer rows is said.
const FEW_ROWS: usize = 10;

/// Whether the column `at` holds classes or numbers, by its cells or as `wished`; says why in its facts.
pub(super) fn task(
    label: &str,
    cells: &[&str],
    census: Option<&Census>,
    wished: Option<TaskKind>,
    at: usize,
    facts: &mut TableFacts,
) -> Result<TaskKind> {
    let mut there: Vec<&str> =
        cells.iter().copied().filter(|cell| !is_absent(cell, &facts.notation)).collect();
    let numbers = all_numbers(&there, &facts.notation);
    let written = || cells.iter().copied().filter(|cell| !cell.is_empty()).collect::<Vec<_>>();
    // A class may be called as a number would be that is missing: `None`, `-`.
    let mut words_count = !numbers && !there.is_empty();
    if words_count {
        there = written();
    }
    let tally = Tally::of(cells, &there, &facts.notation, census);
    let mut counts = tally.counted(&there);
    let different = |counts: usize, words_count: bool| {
        let words = census.filter(|_| words_count).map_or(0, |census| census.words.len());
        counts.max(tally.distinct + words)
    };
    let mut distinct = different(counts.len(), words_count);
    let name = facts.columns.get(at).map(|column| column.name.clone()).unwrap_or_default();
    let wrong = |problem: String| Err(DataError::in_file(label, format!("the target `{name}` {problem}")));
    let whole =
        there.iter().all(|cell| facts.notation.number(cell).is_ok_and(|number| number.fract() == 0.0));
    let (task, reason) = match wished {
        Some(task) => (task, "as it was asked for".to_owned()),
        None if numbers && whole && distinct <= MOST_NUMBERS => {
            (TaskKind::Classification, format!("{distinct} different whole numbers: taken for classes"))
        }
        None if numbers => (TaskKind::Regression, format!("{distinct} different numbers")),
        None => (TaskKind::Classification, format!("{distinct} classes")),
    };
    match counts.len() {
        0 => return wrong("is missing in every row".into()),
        1 => {
            let value = counts.keys().next().copied().unwrap_or_default();
            return wrong(format!("is `{value}` in every row that has one: there is nothing to learn"));
        }
        _ if task == TaskKind::Regression && !numbers => {
            let bad =
                there.iter().find(|cell| facts.notation.number(cell).is_err()).copied().unwrap_or_default();
            return wrong(format!("has cells that are no number, such as `{bad}`"));
        }
        _ => {}
    }
    if task == TaskKind::Regression {
        take_missing_words(cells.iter().copied(), facts);
    } else if numbers {
        // Of classes that are called by numbers, `NA` is one as well.
        there = written();
        counts = tally.counted(&there);
        words_count = true;
        distinct = different(counts.len(), words_count);
    }
    if task == TaskKind::Classification {
        let rarest = census.and_then(|census| census.cells.rarest());
        facts.smallest_class = counts.values().copied().chain(rarest).min();
        let few: Vec<String> = counts
            .iter()
            .filter(|(_, rows)| **rows < FEW_ROWS)
            .map(|(class, _)| format!("`{class}`"))
            .collect();
        if !few.is_empty() && there.len() >= 10 * FEW_ROWS {
            let named = few.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
            let more = if few.len() > 5 { format!(" and {} more", few.len() - 5) } else { String::new() };
            facts.questions.push(format!(
                "Classes of fewer than {FEW_ROWS} rows: {named}{more}. Are they what is to be told apart?"
            ));
        }
        if numbers && wished.is_none() {
            facts.questions.push(format!(
                "`{name}` holds {distinct} different numbers, which are taken for classes; --task numbers predicts the number itself."
            ));
        }
    }
    if let Some(column) = facts.columns.get_mut(at) {
        column.missing = match census {
            None => cells.len() - there.len(),
            Some(all) if words_count => all.empty,
            Some(all) => all.missing(),
        };
        column.distinct = distinct;
        column.reason = reason;
        column.kind = Some(match task {
            TaskKind::Classification => ColumnKind::Category,
            TaskKind::Regression => ColumnKind::Number { optional: false },
        });
    }
    Ok(task)
}

/// Names that targets often have.
const NAMES: [&str; 9] =
    ["target", "label", "class", "y", "outcome", "response", "price", "churn", "survived"];

/// The columns that may be the target, the likeliest first, each with what speaks for it.
pub(super) fn choices(facts: &TableFacts) -> Vec<(&str, String)> {
    let count = facts.columns.len();
    let mut choices: Vec<(i32, &str, String)> = Vec::new();
    for (place, column) in facts.columns.iter().enumerate() {
        let no_target = matches!(
            column.kind,
            None | Some(ColumnKind::Date { .. } | ColumnKind::Time { .. } | ColumnKind::Text)
        );
        let fits = !no_target;
        if column.used != ColumnUse::Feature || !fits {
            continue;
        }
        let mut score = 0;
        let mut words = vec![column.reason.clone()];
        if NAMES.contains(&column.name.to_lowercase().as_str()) {
            score += 4;
            words.push("called as targets often are".into());
        }
        if place + 1 == count {
            score += 2;
            words.push("the last column".into());
        }
        if place == 0 {
            score += 1;
        }
        if column.missing > 0 {
            score -= 2;
        }
        choices.push((-score, &column.name, words.join("; ")));
    }
    choices.sort_by_key(|(score, ..)| *score);
    choices.into_iter().map(|(_, name, words)| (name, words)).collect()
}
