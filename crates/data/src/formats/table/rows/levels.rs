//! The levels of categories, which must be known before a cell is one of them.

use std::collections::{BTreeMap, HashSet};

use crate::formats::records::{Fault, Header, Parser, each_record};
use crate::formats::table::CsvSource;
use crate::formats::table::columns::{ColumnKind, level};
use crate::formats::table::opened::Opened;
use crate::{LabelEncoder, Result};

/// The levels of each column that has some: those of the recipe, or else those of the file, sorted.
pub(super) fn read(source: &CsvSource, opened: &Opened<'_>) -> Result<BTreeMap<String, Vec<String>>> {
    let mut levels = source.levels.clone();
    let unknown =
        |(name, kind): &(&String, &ColumnKind)| **kind == ColumnKind::Category && !levels.contains_key(*name);
    let names: Vec<&String> = source.columns.iter().flatten().filter(unknown).map(|(name, _)| name).collect();
    if names.is_empty() {
        return Ok(levels);
    }
    let mut all = vec![HashSet::new(); names.len()];
    opened.parse(
        &source.expected(),
        &|_| source.header,
        |header| LevelParser::of(source, header, &names),
        |_, part, _| {
            all.iter_mut().zip(part).for_each(|(all, part)| all.extend(part));
            Ok(())
        },
    )?;
    let sorted =
        |cells: HashSet<String>| LabelEncoder::fit(cells.iter().map(String::as_str)).classes().to_vec();
    levels.extend(names.into_iter().cloned().zip(all.into_iter().map(sorted)));
    Ok(levels)
}

struct LevelParser<'s> {
    source: &'s CsvSource,
    delimiter: u8,
    count: usize,
    columns: Vec<usize>,
}

impl<'s> LevelParser<'s> {
    fn of(source: &'s CsvSource, header: &Header, names: &[&String]) -> Result<Self> {
        Ok(Self {
            source,
            delimiter: header.delimiter,
            count: header.columns.len(),
            columns: names.iter().map(|name| header.column(name)).collect::<Result<_>>()?,
        })
    }
}

impl Parser for LevelParser<'_> {
    type Part = Vec<HashSet<String>>;

    fn parse(&self, rows: &[u8]) -> std::result::Result<Self::Part, Fault> {
        let mut levels = vec![HashSet::<String>::new(); self.columns.len()];
        each_record(rows, self.delimiter, self.count, |record| {
            // What is wrong with a row is said when it is read for its numbers.
            let Ok(record) = record else { return Ok(()) };
            for (levels, &column) in levels.iter_mut().zip(&self.columns) {
                let Ok(cell) = record.text(column) else { continue };
                let cell = level(cell, &self.source.notation);
                if !levels.contains(cell) {
                    levels.insert(cell.to_owned());
                }
            }
            Ok(())
        })?;
        Ok(levels)
    }
}
