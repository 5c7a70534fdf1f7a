//! From a block of rows to numbers.

use std::collections::BTreeMap;

use super::NamedEncoding;
use super::names::Names;
use super::places::Places;
use crate::config::TaskKind;
use crate::formats::records::{Fault, Header, LineFault, Lines, Parser, Record, each_record};
use crate::formats::table::CsvSource;
use crate::formats::table::columns::Encoding;
use crate::{DataError, LabelEncoder, Result, Role, name_list};

/// What is made of a block of rows.
#[derive(Default)]
pub(super) struct Part {
    pub features: Vec<f64>,
    /// Targets that are numbers.
    pub numbers: Vec<f64>,
    /// Targets that are names.
    pub names: Names,
    pub groups: Names,
    pub roles: Vec<Role>,
    /// Rows without a target that were left out.
    pub unlabelled: usize,
    /// For each column of features.
    pub unknown: Vec<Unknown>,
    /// What is wrong with rows that are not among those above.
    pub bad: Vec<LineFault>,
}

/// Cells that are none of the levels of an ordered column, or neither yes nor no.
#[derive(Default)]
pub(super) struct Unknown {
    count: usize,
    first: Option<String>,
}

impl Unknown {
    pub fn append(&mut self, part: Self) {
        self.count += part.count;
        self.first = self.first.take().or(part.first);
    }

    /// What to say of them.
    pub fn warning(&self, name: &str, encoding: &Encoding) -> Option<String> {
        let first = self.first.as_ref()?;
        let levels = match encoding {
            Encoding::Ordered { levels, .. } => levels.classes().join(" < "),
            _ => "yes and no".into(),
        };
        Some(match self.count {
            1 => format!(
                "`{name}` has the levels {levels}; 1 cell, `{first}`, is none of them: the network is told nothing by it."
            ),
            count => format!(
                "`{name}` has the levels {levels}; {count} cells, the first `{first}`, are none of them: the network is told nothing by these."
            ),
        })
    }
}

/// How a row of the file is read.
pub(super) struct RowParser<'s> {
    source: &'s CsvSource,
    header: Header,
    places: Places,
    /// The classes, where the recipe gives them.
    known: Option<LabelEncoder>,
    encodings: Vec<Encoding>,
}

impl<'s> RowParser<'s> {
    /// With the levels of each column that has some.
    pub fn of(
        source: &'s CsvSource,
        header: &Header,
        levels: &BTreeMap<String, Vec<String>>,
    ) -> Result<Self> {
        let places = Places::of(source, header)?;
        let encoding = |&column: &usize| {
            let name = header.columns.get(column).map_or("", String::as_str);
            let Some(kinds) = &source.columns else { return Ok(Encoding::Number { optional: false }) };
            match kinds.get(name) {
                Some(kind) => Ok(Encoding::of(kind, levels.get(name).map(Vec::as_slice))),
                None => Err(DataError::missing_column(&header.file, name, &header.columns)),
            }
        };
        let encodings = places.features.iter().map(encoding).collect::<Result<_>>()?;
        let known = source.classes.clone().map(LabelEncoder::with_classes);
        Ok(Self { source, header: header.clone(), places, known, encodings })
    }

    /// The columns of features.
    pub fn named_encodings(&self) -> Vec<NamedEncoding> {
        let names = self.places.features.iter().filter_map(|&column| self.header.columns.get(column));
        names.cloned().zip(self.encodings.iter().cloned()).collect()
    }

    /// Whether a column says which split each row belongs to.
    pub fn has_splits(&self) -> bool {
        self.places.split.is_some()
    }

    pub fn error(&self, fault: LineFault, lines_before: u64) -> DataError {
        fault.into_error(&self.header, lines_before)
    }

    /// Whether a row lacks a target.
    fn is_unlabelled(&self, record: &Record<'_>) -> std::result::Result<bool, Fault> {
        for &target in &self.places.targets {
            let cell = record.text(target)?;
            // A class may be called as a number would be that is missing: `None`, `-`.
            let missing = match self.source.task {
                TaskKind::Classification => cell.is_empty(),
                TaskKind::Regression => self.source.notation.is_missing(cell),
            };
            if missing {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes a row, or nothing of it but some of its features.
    fn push(&self, record: &Record<'_>, part: &mut Part) -> std::result::Result<(), Fault> {
        if self.source.skip_unlabelled && self.is_unlabelled(record)? {
            part.unlabelled += 1;
            return Ok(());
        }
        let group = self.places.group.map(|column| record.name(column)).transpose()?;
        let role = match (&self.source.split, self.places.split) {
            (Some(split), Some(column)) => {
                let role = split.role(record.name(column)?);
                Some(role.ok_or_else(|| record.fault(column, split.expected()))?)
            }
            _ => None,
        };
        let start = part.features.len();
        for (&column, encoding) in self.places.features.iter().zip(&self.encodings) {
            encoding.push_cell(record, column, &self.source.notation, &mut part.features)?;
        }
        match (self.source.task, self.source.threshold, self.places.targets.as_slice()) {
            (TaskKind::Classification, None, &[target]) => {
                let name = record.name(target)?;
                if let Some(known) = self.known.as_ref().filter(|known| known.encode(name).is_err()) {
                    let expected = format!("one of {}", name_list(known.classes()));
                    return Err(record.fault(target, expected));
                }
                part.names.push(name);
            }
            (_, _, targets) => {
                let number = |&column: &usize| {
                    let number = self.source.notation.number(record.text(column)?);
                    number.map_err(|wrong| record.not_a_number(column, wrong))
                };
                let numbers = targets.iter().map(number).collect::<std::result::Result<Vec<_>, Fault>>()?;
                part.numbers.extend(numbers);
            }
        }
        if let Some(group) = group {
            part.groups.push(group);
        }
        part.roles.extend(role);
        self.find_unknown(record, start, part);
        Ok(())
    }

    /// Counts the cells of a row that are none of the levels of their column; its features begin at `start`.
    fn find_unknown(&self, record: &Record<'_>, mut start: usize, part: &mut Part) {
        let columns = self.places.features.iter().zip(&self.encodings).zip(&mut part.unknown);
        for ((&column, encoding), unknown) in columns {
            let end = start + encoding.width();
            if encoding.is_unknown(part.features.get(start..end).unwrap_or_default()) {
                unknown.count += 1;
                unknown
                    .first
                    .get_or_insert_with(|| record.text(column).map(str::to_owned).unwrap_or_default());
            }
            start = end;
        }
    }
}

impl Parser for RowParser<'_> {
    type Part = Part;

    fn parse(&self, rows: &[u8]) -> std::result::Result<Part, Fault> {
        let mut part = Part::default();
        part.unknown.resize_with(self.encodings.len(), Unknown::default);
        let mut lines = Lines::of(rows);
        each_record(rows, self.header.delimiter, self.header.columns.len(), |record| {
            // One more than may be bad ends the reading, whatever is behind it.
            if part.bad.len() > self.source.skip_bad {
                return Ok(());
            }
            let before = part.features.len();
            if let Err(fault) = record.and_then(|record| self.push(record, &mut part)) {
                part.features.truncate(before);
                part.bad.push(fault.at_line(&mut lines));
            }
            Ok(())
        })?;
        Ok(part)
    }
}
