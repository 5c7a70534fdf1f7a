//! The target and the group of each series.

use std::collections::HashMap;

use super::SeriesSource;
use super::group::Grouped;
use crate::config::TaskKind;
use crate::formats::delimited::{BadRows, Dialect, Expected, number};
use crate::formats::table::{Table, check_classes};
use crate::{ClassTargets, DataError, LabelEncoder, NumberTargets, Result, Role, Targets, decode, name_list};

/// What a series is called and where that stands, for messages.
struct Cell {
    text: String,
    line: u64,
}

/// What is to be predicted of the series, and numbers of groups with their names.
pub(super) struct Labels {
    pub targets: Targets,
    pub groups: Option<Vec<u32>>,
    pub group_names: Vec<String>,
    pub roles: Option<Vec<Role>>,
}

/// From the columns of the readings' own file.
pub(super) fn of_rows(source: &SeriesSource, file: &str, series: &Grouped) -> Result<Labels> {
    let column = |place: usize| {
        let cells = series.constant.iter().zip(&series.lines);
        let cell = |(cells, &line): (&Vec<String>, &u64)| Cell {
            text: cells.get(place).cloned().unwrap_or_default(),
            line,
        };
        cells.map(cell).collect::<Vec<_>>()
    };
    let groups = source.group.is_some().then(|| column(1));
    let splits = source.split.is_some().then(|| column(1 + usize::from(groups.is_some())));
    encode(source, file, &column(0), groups.as_deref(), splits.as_deref())
}

/// From a file with one row per series, which must be the series that were read, each once.
pub(super) fn of_file(
    source: &SeriesSource,
    readings: &str,
    series: &Grouped,
    file: &str,
    bytes: &[u8],
) -> Result<Labels> {
    let bytes = decode::whole(file, bytes)?;
    let split = source.split.as_ref().map(|split| &split.column);
    let columns = [Some(&source.series), Some(&source.target), source.group.as_ref(), split];
    let columns = columns.into_iter().flatten().map(String::as_str).collect();
    let expected = Expected { columns, ..Expected::default() };
    let dialect = Dialect::of(&bytes, true, &expected);
    let table = Table::read(file, &bytes, dialect, &|_| true, &mut BadRows::default())?;
    let names = |name: &str| table.names(table.column(name)?);
    let ids = names(&source.series)?;
    // Blank cells are told as what they should be.
    let target = table.column(&source.target)?;
    let targets = table.rows.iter().map(|record| table.text(record, target)).collect::<Result<Vec<_>>>()?;
    let groups = source.group.as_deref().map(names).transpose()?;
    let splits = split.map(|column| names(column)).transpose()?;
    let line = |row: usize| table.rows.get(row).map_or(0, |record| table.line(record));
    let fault = |row: usize, problem: String| {
        DataError::series(file, line(row), ids.get(row).copied().unwrap_or_default().to_owned(), problem)
    };

    let read = series.ids.iter().map(String::as_str).collect::<std::collections::HashSet<_>>();
    let mut rows = HashMap::new();
    for (row, &id) in ids.iter().enumerate() {
        if !read.contains(id) {
            return Err(fault(row, format!("labelled, but {readings} has no rows of it")));
        }
        if let Some(first) = rows.insert(id, row) {
            return Err(fault(row, format!("labelled twice, on line {} too", line(first))));
        }
    }
    let found = series.ids.iter().zip(&series.lines).map(|(id, &line)| {
        rows.get(id.as_str()).copied().ok_or_else(|| {
            DataError::series(readings.to_owned(), line, id.clone(), format!("no label in {file}"))
        })
    });
    let found = found.collect::<Result<Vec<_>>>()?;
    // The table is small, but its lines are counted from its start.
    let lines = table.rows.iter().map(|record| table.line(record)).collect::<Vec<_>>();
    let cells = |texts: &[&str]| {
        let cell = |&row: &usize| Cell {
            text: texts.get(row).copied().unwrap_or_default().to_owned(),
            line: lines.get(row).copied().unwrap_or_default(),
        };
        found.iter().map(cell).collect::<Vec<_>>()
    };
    let of = |texts: Option<Vec<&str>>| texts.map(|texts| cells(&texts));
    encode(source, file, &cells(&targets), of(groups).as_deref(), of(splits).as_deref())
}

fn encode(
    source: &SeriesSource,
    file: &str,
    cells: &[Cell],
    groups: Option<&[Cell]>,
    splits: Option<&[Cell]>,
) -> Result<Labels> {
    let fault = |column: &str, expected: String, cell: &Cell| {
        DataError::cell(
            file,
            cell.line,
            column.to_owned(),
            expected,
            if cell.text.is_empty() { "nothing".into() } else { format!("`{}`", cell.text) },
        )
    };
    let named = |column: &str, cells: &[Cell]| match cells.iter().find(|cell| cell.text.is_empty()) {
        Some(cell) => Err(fault(column, "a name".into(), cell)),
        None => Ok(LabelEncoder::fit(cells.iter().map(|cell| cell.text.as_str()))),
    };
    let targets = match source.task {
        TaskKind::Regression => {
            let value = |cell: &Cell| {
                number(&cell.text)
                    .map_err(|wrong| fault(&source.target, wrong.expected.into(), cell).and(wrong.advice))
            };
            let values = cells.iter().map(value).collect::<Result<_>>()?;
            Targets::Numbers(NumberTargets { values, names: vec![source.target.clone()] })
        }
        TaskKind::Classification => {
            let fitted = named(&source.target, cells)?;
            let encoder = source.classes.clone().map_or(fitted, LabelEncoder::with_classes);
            let label = |cell: &Cell| {
                let expected = || format!("one of {}", name_list(encoder.classes()));
                encoder.encode(&cell.text).map_err(|_| fault(&source.target, expected(), cell))
            };
            let labels = cells.iter().map(label).collect::<Result<Vec<_>>>()?;
            if source.parts.len() == 1 {
                check_classes(file, &encoder, &labels)?;
            }
            Targets::Classes(ClassTargets { labels, names: encoder.classes().to_vec(), soft: None })
        }
    };
    let (groups, group_names) = match groups {
        Some(cells) => {
            let encoder = named(source.group.as_deref().unwrap_or_default(), cells)?;
            let numbers = cells.iter().map(|cell| encoder.encode(&cell.text)).collect::<Result<_>>()?;
            (Some(numbers), encoder.classes().to_vec())
        }
        None => (None, Vec::new()),
    };
    let roles = source.split.as_ref().zip(splits).map(|(split, cells)| {
        let role =
            |cell: &Cell| split.role(&cell.text).ok_or_else(|| fault(&split.column, split.expected(), cell));
        cells.iter().map(role).collect::<Result<Vec<_>>>()
    });
    let roles = roles.transpose()?;
    Ok(Labels { targets, groups, group_names, roles })
}
