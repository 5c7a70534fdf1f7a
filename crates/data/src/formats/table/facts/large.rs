//! Tables that are too large to be held while they are looked at: some rows are kept, and the others counted as they go by. What is
//! thought of the columns by those rows is then checked in all rows, and thought again with the rows that it does not hold for.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};

use csv::ByteRecord;

use super::census::Census;
use super::sample::Sample;
use super::{ColumnUse, Form, TableFacts, TableWishes, is_header};
use crate::formats::delimited::Expected;
use crate::formats::records::{Fault, Header, Parser, Record, each_record};
use crate::formats::table::Table;
use crate::formats::table::columns::{ColumnKind, Encoding, Notation};
use crate::formats::table::opened::Opened;
use crate::formats::table::records::Records;
use crate::{DataError, Files, Result, TaskKind};

/// A file of fewer bytes is looked at as a whole.
const LARGE: u64 = 32 << 20;

/// Bytes of cells at most that columns are judged by.
const ENOUGH: usize = 16 << 20;

/// How often is thought again, at most.
const ROUNDS: usize = 4;

/// Different cells that speak against what is thought of a column, of which no more are needed.
const MOST_AGAINST: usize = 100;

/// Different classes at most that are looked for.
const MOST_CLASSES: usize = 10_000;

/// What a large table of text holds; none where it is no such file.
pub(super) fn facts(
    label: &str,
    files: &Files,
    name: &str,
    wishes: &TableWishes,
) -> Result<Option<TableFacts>> {
    sampled([LARGE, ENOUGH as u64], label, files, name, wishes)
}

/// As [`facts`], of a file of at least so many bytes, by cells of at most so many.
fn sampled(
    [least, enough]: [u64; 2],
    label: &str,
    files: &Files,
    name: &str,
    wishes: &TableWishes,
) -> Result<Option<TableFacts>> {
    let Some(opened) = Opened::large_text(label, files, name, least)? else { return Ok(None) };
    let named = wishes.target.iter().chain(&wishes.group).chain(&wishes.drop);
    let expected = Expected { columns: named.map(String::as_str).collect(), ..Expected::default() };
    let Some(Counted { header, census, mut table }) = counted(&opened, enough as usize, &expected, wishes)?
    else {
        return Ok(None);
    };
    let form = Form { delimiter: header.delimiter, charset: None, header: header.named };
    for round in 0.. {
        let facts = TableFacts::of_table(&table, form, wishes, Some(&census));
        if round == ROUNDS {
            return facts.map(Some);
        }
        let checks = checks(&table, &census, wishes, facts.as_ref().ok());
        let against = against(
            &opened,
            &expected,
            header.named,
            checks,
            facts.as_ref().map(|facts| &facts.notation).ok(),
        )?;
        if against.is_empty() {
            return facts.map(Some);
        }
        for row in against {
            table.rows.push(&row, 0);
        }
    }
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
            census.resize_with(part.census.len(), Census::default);
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
            census: vec![Census::default(); width],
            rows: Records::of_width(width, [rows.len(), 0, 0]),
            foreign: false,
        };
        let mut cells = ByteRecord::new();
        each_record(rows, self.header.delimiter, width, |record| {
            let record = record?;
            for (column, (census, level)) in part.census.iter_mut().zip(&levels).enumerate() {
                match record.text(column) {
                    Ok(cell) => census.push(cell, self.missing, *level),
                    Err(_) => part.foreign = true,
                }
            }
            fill(&mut cells, record, width);
            part.rows.push(&cells, 0);
            Ok(())
        })?;
        Ok(part)
    }
}

fn fill(cells: &mut ByteRecord, record: &Record<'_>, width: usize) {
    cells.clear();
    (0..width).for_each(|column| cells.push_field(record.cell(column)));
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
    for (place, column) in facts.iter().flat_map(|facts| facts.columns.iter().enumerate()) {
        let kind = column.kind.as_ref().filter(|_| column.used == ColumnUse::Feature);
        if let Some(kind) = kind.filter(|kind| !matches!(kind, ColumnKind::Category | ColumnKind::Text)) {
            checks.push((place, Check::Fits(Encoding::of(kind, Some(&column.levels)))));
        }
    }
    let target =
        wishes.target.as_ref().and_then(|target| table.columns.iter().position(|name| name == target));
    let Some(target) = target else { return checks };
    if facts.is_some_and(|facts| facts.task == Some(TaskKind::Regression)) {
        checks.push((target, Check::Fits(Encoding::Number { optional: true })));
    } else if census.get(target).is_some_and(|census| census.distinct() <= MOST_CLASSES) {
        let cells = table.rows.iter().filter_map(|row| table.text(row, target).ok().map(str::to_owned));
        checks.push((target, Check::OneOf(cells.collect())));
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

/// Rows with cells that are not what they must be, one for each such cell of a column.
fn against(
    opened: &Opened<'_>,
    expected: &Expected<'_>,
    named: bool,
    checks: Vec<(usize, Check)>,
    notation: Option<&Notation>,
) -> Result<Vec<ByteRecord>> {
    let mut found = vec![HashSet::new(); checks.len()];
    let mut rows = Vec::new();
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
            for (place, row) in part {
                let (Some((column, check)), Some(found)) = (parser.checks.get(place), found.get_mut(place))
                else {
                    continue;
                };
                let cell = row.get(*column).unwrap_or_default();
                if found.len() < check.most() && found.insert(cell.to_vec()) {
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
    /// Rows with the number of the check that they do not pass.
    type Part = Vec<(usize, ByteRecord)>;

    fn parse(&self, rows: &[u8]) -> std::result::Result<Self::Part, Fault> {
        let width = self.header.columns.len();
        let mut part = Vec::new();
        let mut found = vec![HashSet::new(); self.checks.len()];
        let mut numbers = Vec::new();
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
                    let mut cells = ByteRecord::new();
                    fill(&mut cells, record, width);
                    part.push((place, cells));
                }
            }
            Ok(())
        })?;
        Ok(part)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests;
