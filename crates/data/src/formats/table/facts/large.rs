//! Tables that are too large to be held while they are looked at: some rows are kept, and the others counted as they go by. What is
//! thought of the columns by those rows is then checked in all rows, and thought again with the rows that it does not hold for.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};

use csv::ByteRecord;

use super::census::Census;
use super::sample::Sample;
use super::{ColumnUse, Form, TableFacts, TableWishes, is_header};
use crate::formats::delimited::Expected;
use crate::formats::records::{Fault, Header, Parser, each_record};
use crate::formats::table::Table;
use crate::formats::table::columns::{ColumnKind, Encoding, Notation};
use crate::formats::table::opened::Opened;
use crate::formats::table::records::Records;
use crate::formats::table::unpack::LARGE;
use crate::{DataError, Files, Result, TaskKind};

/// Bytes of cells at most that columns are judged by.
const ENOUGH: usize = 32 << 20;

/// How often is thought again, at most.
const ROUNDS: usize = 5;

/// Different cells that speak against what is thought of a column, of which no more are needed.
const MOST_AGAINST: usize = 100;

/// Different classes at most that are looked for.
const MOST_CLASSES: usize = 10_000;

/// Of so few different cells of a column all are looked for: on them depends what it holds.
const FEW: usize = 64;

/// What a large table of text holds; none where it is no such file.
pub(super) fn facts(
    label: &str,
    files: &Files,
    name: &str,
    wishes: &TableWishes,
) -> Result<Option<TableFacts>> {
    sampled(LARGE, ENOUGH, label, files, name, wishes)
}

/// As [`facts`], of a file of at least so many bytes, by cells of at most so many.
fn sampled(
    least: u64,
    enough: usize,
    label: &str,
    files: &Files,
    name: &str,
    wishes: &TableWishes,
) -> Result<Option<TableFacts>> {
    let Some(opened) = Opened::large_text(label, files, name, least)? else { return Ok(None) };
    let named = wishes.target.iter().chain(&wishes.group).chain(&wishes.drop);
    let expected = Expected { columns: named.map(String::as_str).collect(), ..Expected::default() };
    let Some(Counted { header, census, mut table }) = counted(&opened, enough, &expected, wishes)? else {
        return Ok(None);
    };
    let form = Form { delimiter: header.delimiter, charset: None, header: header.named };
    for _ in 0..=ROUNDS {
        let facts = TableFacts::of_table(&table, form, wishes, Some(&census));
        let checks = checks(&table, &census, wishes, facts.as_ref().ok());
        let notation = facts.as_ref().map(|facts| &facts.notation).ok();
        let against = against(&opened, &expected, header.named, checks, notation, enough)?;
        if against.is_empty() {
            return facts.map(Some);
        }
        for row in against {
            table.rows.push(row.iter(), 0);
        }
    }
    // What does not come to rest is looked at as a whole.
    Ok(None)
}

/// What is known of all rows once they have gone by.
struct Counted<'l> {
    header: Header,
    census: Vec<Census>,
    /// Some of the rows.
    table: Table<'l>,
}

/// Counts the cells of each column, and keeps some rows. None where cells are no text in UTF-8.
fn counted<'l>(
    opened: &'l Opened<'_>,
    enough: usize,
    expected: &Expected<'_>,
    wishes: &TableWishes,
) -> Result<Option<Counted<'l>>> {
    let (mut census, mut sample, mut header) = (Vec::<Census>::new(), None, None);
    let mut foreign = false;
    let read = opened.parse(
        expected,
        &is_header,
        |found| {
            header = Some(found.clone());
            Ok(CountParser::of(found.clone(), &wishes.missing))
        },
        |parser, part, _| {
            if part.foreign {
                foreign = true;
                return Err(DataError::no_rows(&opened.label));
            }
            census.resize_with(part.census.len(), || Census::of_one_of(part.census.len()));
            for ((all, part), level) in census.iter_mut().zip(part.census).zip(&parser.levels) {
                all.append(part);
                level.store(all.cells.level, Ordering::Relaxed);
            }
            let width = parser.header.columns.len();
            sample.get_or_insert_with(|| Sample::of_width(width, enough)).append(&part.rows);
            Ok(())
        },
    );
    if foreign {
        return Ok(None);
    }
    read?;
    let (Some(header), Some(sample)) = (header, sample) else {
        return Err(DataError::no_rows(&opened.label));
    };
    if census.first().is_none_or(|census| census.rows == 0) {
        return Err(DataError::no_rows(&opened.label));
    }
    let table = Table::of_records(&opened.label, header.columns.clone(), sample.into_rows());
    Ok(Some(Counted { header, census, table }))
}

struct CountParser<'w> {
    header: Header,
    /// Words that a person calls missing.
    missing: &'w [String],
    /// Of the different cells of each column, which need not be counted: a hint, which changes no result.
    levels: Vec<AtomicU32>,
}

impl<'w> CountParser<'w> {
    fn of(header: Header, missing: &'w [String]) -> Self {
        let levels = header.columns.iter().map(|_| AtomicU32::new(0)).collect();
        Self { header, missing, levels }
    }
}

/// What is made of a block of rows.
struct CountPart {
    census: Vec<Census>,
    rows: Records,
    /// Whether cells are no text in UTF-8.
    foreign: bool,
}

impl Parser for CountParser<'_> {
    type Part = CountPart;

    fn parse(&self, rows: &[u8]) -> std::result::Result<CountPart, Fault> {
        let width = self.header.columns.len();
        let levels: Vec<u32> = self.levels.iter().map(|level| level.load(Ordering::Relaxed)).collect();
        let mut part = CountPart {
            census: vec![Census::of_one_of(width); width],
            rows: Records::of_width(width, [rows.len(), 0, 0]),
            foreign: false,
        };
        each_record(rows, self.header.delimiter, width, |record| {
            let record = record?;
            for (column, (census, level)) in part.census.iter_mut().zip(&levels).enumerate() {
                match record.text(column) {
                    Ok(cell) => census.push(cell, self.missing, *level),
                    Err(_) => part.foreign = true,
                }
            }
            part.rows.push(record.cells(), 0);
            Ok(())
        })?;
        Ok(part)
    }
}

/// What the cells of a column must be if what is thought of it holds.
enum Check {
    /// What this encoding reads.
    Fits(Encoding),
    /// One of these.
    OneOf(HashSet<String>),
}

/// What is to be checked, by what is thought of the columns; classes in any case: without those of all rows nothing is thought.
fn checks(
    table: &Table<'_>,
    census: &[Census],
    wishes: &TableWishes,
    facts: Option<&TableFacts>,
) -> Vec<(usize, Check)> {
    let mut checks = Vec::new();
    let cells = |place: usize| table.rows.iter().filter_map(move |row| table.text(row, place).ok());
    let known = |place: usize| cells(place).map(str::to_owned).collect::<HashSet<String>>();
    for (place, census) in census.iter().enumerate() {
        let is_target = wishes.target.as_ref() == table.columns.get(place);
        let Some(column) = facts.and_then(|facts| facts.columns.get(place)).filter(|_| !is_target) else {
            if is_target && facts.is_some_and(|facts| facts.task == Some(TaskKind::Regression)) {
                checks.push((place, Check::Fits(Encoding::Number { optional: true })));
            } else if is_target && census.distinct() <= MOST_CLASSES {
                checks.push((place, Check::OneOf(known(place))));
            }
            continue;
        };
        let is_there = |cell: &&str| !cell.is_empty() && !census.words.contains_key(*cell);
        let there = || cells(place).filter(is_there);
        let distinct = census.distinct();
        let lacks_some = match distinct <= FEW {
            true => there().collect::<HashSet<_>>().len() < distinct,
            false => there().next().is_none(),
        };
        match column.kind.as_ref().filter(|_| column.used == ColumnUse::Feature) {
            // All that is known of it is in rows that are not at hand, or some of its few cells.
            _ if lacks_some => checks.push((place, Check::OneOf(known(place)))),
            None | Some(ColumnKind::Category | ColumnKind::Text) => {}
            Some(kind) => checks.push((place, Check::Fits(Encoding::of(kind, Some(&column.levels))))),
        }
    }
    checks
}

impl Check {
    /// Different cells that are looked for, at most.
    fn most(&self) -> usize {
        match self {
            Self::Fits(_) => MOST_AGAINST,
            Self::OneOf(_) => MOST_CLASSES,
        }
    }
}

/// Rows with cells that are not what they must be, one for each such cell of a column while they are of no more than so many bytes.
fn against(
    opened: &Opened<'_>,
    expected: &Expected<'_>,
    named: bool,
    checks: Vec<(usize, Check)>,
    notation: Option<&Notation>,
    enough: usize,
) -> Result<Vec<ByteRecord>> {
    let mut found = vec![HashSet::new(); checks.len()];
    let (mut rows, mut bytes) = (Vec::new(), 0);
    if checks.is_empty() {
        return Ok(rows);
    }
    opened.parse(
        expected,
        &|_| named,
        |header| {
            Ok(CheckParser {
                header: header.clone(),
                checks,
                notation: notation.cloned().unwrap_or_default(),
            })
        },
        |parser, part, _| {
            for (row, places) in part {
                let mut is_new = false;
                for place in places {
                    let check = parser.checks.get(place).zip(found.get_mut(place));
                    is_new |= check.is_some_and(|((column, check), found)| {
                        let cell = row.get(*column).unwrap_or_default();
                        found.len() < check.most() && found.insert(cell.to_vec())
                    });
                }
                if is_new && (rows.is_empty() || bytes < enough) {
                    bytes += row.as_slice().len();
                    rows.push(row);
                }
            }
            Ok(())
        },
    )?;
    Ok(rows)
}

struct CheckParser {
    header: Header,
    checks: Vec<(usize, Check)>,
    notation: Notation,
}

impl Parser for CheckParser {
    /// Rows with the numbers of the checks that they do not pass.
    type Part = Vec<(ByteRecord, Vec<usize>)>;

    fn parse(&self, rows: &[u8]) -> std::result::Result<Self::Part, Fault> {
        let width = self.header.columns.len();
        let mut part = Vec::new();
        let mut found = vec![HashSet::new(); self.checks.len()];
        let (mut numbers, mut failed) = (Vec::new(), Vec::new());
        each_record(rows, self.header.delimiter, width, |record| {
            let record = record?;
            for (place, ((column, check), found)) in self.checks.iter().zip(&mut found).enumerate() {
                let cell = record.text(*column)?;
                numbers.clear();
                let passes = match check {
                    Check::OneOf(known) => known.contains(cell),
                    Check::Fits(encoding) => {
                        encoding.push(cell, &self.notation, &mut numbers).is_ok()
                            && !encoding.is_unknown(&numbers)
                    }
                };
                if !passes && found.len() < check.most() && found.insert(cell.to_owned()) {
                    failed.push(place);
                }
            }
            if !failed.is_empty() {
                part.push((record.cells().collect(), std::mem::take(&mut failed)));
            }
            Ok(())
        })?;
        Ok(part)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
pub(super) mod tests;
