//! The rows of a `[data.csv]` table.

use super::cells::role;
use super::columns::{Encoding, Notation, yes_or_no};
use super::records::Record;
use super::{CsvSource, Table, check_classes, unpack};
use crate::config::TaskKind;
use crate::formats::delimited::BadRows;
use crate::limits::check_memory;
use crate::{
    ClassTargets, DataError, Files, LabelEncoder, Labelled, NumberTargets, Result, Role, Samples, SourceFile,
    Targets, Values, name_list,
};

/// Where the columns are.
struct Places {
    features: Vec<usize>,
    targets: Vec<usize>,
    group: Option<usize>,
    split: Option<usize>,
}

impl Places {
    fn of(source: &CsvSource, table: &Table) -> Result<Self> {
        let all = |names: &[String]| names.iter().map(|name| table.column(name)).collect::<Result<Vec<_>>>();
        let optional = |name: &Option<String>| name.as_deref().map(|name| table.column(name)).transpose();
        let targets = all(source.target.names())?;
        let group = optional(&source.group)?;
        let split = source.split.as_ref().map(|split| table.column(&split.column)).transpose()?;
        let dropped = all(&source.drop)?;
        let features = match (&source.features, &source.columns) {
            (Some(names), _) => all(names)?,
            (None, Some(kinds)) => {
                // In the order of their names, which is that of every file.
                kinds.keys().map(|name| table.column(name)).collect::<Result<Vec<_>>>()?
            }
            (None, None) => {
                let used = |column: usize| {
                    targets.contains(&column)
                        || dropped.contains(&column)
                        || [group, split].contains(&Some(column))
                };
                let others = table.columns.iter().enumerate().filter(|(column, _)| !used(*column));
                others.map(|(_, name)| table.column(name)).collect::<Result<Vec<_>>>()?
            }
        };
        match features.is_empty() {
            true => Err(DataError::config("csv.target", format!("{} has no column beside it", table.file))),
            false => Ok(Self { features, targets, group, split }),
        }
    }
}

/// The cells of all good rows.
#[derive(Default)]
struct Rows<'t> {
    features: Vec<f64>,
    /// Targets that are numbers.
    numbers: Vec<f64>,
    /// Targets that are names.
    names: Vec<&'t str>,
    groups: Vec<&'t str>,
    roles: Vec<Role>,
}

impl<'t> Rows<'t> {
    /// Takes a row, or nothing of it.
    fn push(
        &mut self,
        source: &CsvSource,
        table: &Table,
        places: &Places,
        known: Option<&LabelEncoder>,
        encodings: &[Encoding],
        record: Record<'t>,
    ) -> Result<()> {
        let group = places.group.map(|column| table.name(record, column)).transpose()?;
        let split = source.split.as_ref().zip(places.split);
        let role = split.map(|(split, column)| role(table, record, split, column)).transpose()?;
        let mut features = Vec::with_capacity(places.features.len());
        for (&column, encoding) in places.features.iter().zip(encodings) {
            table.push(record, column, encoding, &source.notation, &mut features)?;
        }
        let (name, numbers) = match (source.task, source.threshold, places.targets.as_slice()) {
            (TaskKind::Classification, None, &[target]) => {
                let name = table.name(record, target)?;
                if let Some(known) = known.filter(|known| known.encode(name).is_err()) {
                    let expected = format!("one of {}", name_list(known.classes()));
                    return Err(table.cell_error(record, target, &expected));
                }
                (Some(name), Vec::new())
            }
            (_, _, targets) => (None, numbers(source, table, record, targets)?),
        };
        self.features.extend(features);
        self.numbers.extend(numbers);
        self.names.extend(name);
        self.groups.extend(group);
        self.roles.extend(role);
        Ok(())
    }
}

fn numbers(source: &CsvSource, table: &Table, record: Record<'_>, columns: &[usize]) -> Result<Vec<f64>> {
    columns.iter().map(|&column| table.number_in(record, column, &source.notation)).collect()
}

/// What the cells of each column of features become, and what is to be said of cells that are none of the levels.
fn encodings(source: &CsvSource, table: &Table, places: &Places) -> Result<(Vec<Encoding>, Vec<String>)> {
    let mut warnings = Vec::new();
    let Some(kinds) = &source.columns else {
        return Ok((vec![Encoding::Number { optional: false }; places.features.len()], warnings));
    };
    let mut encoding = |&column: &usize| {
        let name = table.columns.get(column).map_or("", String::as_str);
        let Some(kind) = kinds.get(name) else {
            return Err(DataError::missing_column(table.file, name, &table.columns));
        };
        let known = source.levels.get(name).map(Vec::as_slice);
        let cells = table.rows.iter().map(|record| table.text(record, column)).collect::<Result<Vec<_>>>()?;
        let encoding = Encoding::of(kind, known, &source.notation, cells.iter().copied());
        warnings.extend(unknown_levels(name, &encoding, &source.notation, &cells));
        Ok(encoding)
    };
    let encodings = places.features.iter().map(&mut encoding).collect::<Result<_>>()?;
    Ok((encodings, warnings))
}

/// What to say of cells that are none of the levels of an ordered column, or neither yes nor no.
fn unknown_levels(name: &str, encoding: &Encoding, notation: &Notation, cells: &[&str]) -> Option<String> {
    let (levels, optional) = match encoding {
        Encoding::Ordered { levels, optional } => (levels.classes().join(" < "), *optional),
        Encoding::YesNo { optional } => ("yes and no".into(), *optional),
        _ => return None,
    };
    let known = |cell: &str| match encoding {
        Encoding::Ordered { levels, .. } => levels.encode(cell).is_ok(),
        _ => yes_or_no(cell).is_some(),
    };
    let mut unknown = cells.iter().filter(|cell| !(known(cell) || optional && notation.is_missing(cell)));
    let first = unknown.next()?;
    Some(match 1 + unknown.count() {
        1 => format!(
            "`{name}` has the levels {levels}; 1 cell, `{first}`, is none of them: the network is told nothing by it."
        ),
        count => format!(
            "`{name}` has the levels {levels}; {count} cells, the first `{first}`, are none of them: the network is told nothing by these."
        ),
    })
}

/// Whether a row lacks a target.
fn is_unlabelled(source: &CsvSource, table: &Table, places: &Places, record: Record<'_>) -> Result<bool> {
    for &target in &places.targets {
        let cell = table.text(record, target)?;
        // A class may be called as a number would be that is missing: `None`, `-`.
        let missing = match source.task {
            TaskKind::Classification => cell.is_empty(),
            TaskKind::Regression => source.notation.is_missing(cell),
        };
        if missing {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn read(source: &CsvSource, files: &Files) -> Result<Labelled> {
    let file = files.read(&source.file)?;
    let bytes = unpack::text(&file.label, &file.bytes, source.charset)?;
    let dialect = bytes.dialect(&source.expected());
    let mut bad = BadRows::allow(source.skip_bad);
    let table = Table::read(&file.label, &bytes.text, dialect, |_| source.header, &mut bad)?;
    let places = Places::of(source, &table)?;
    let known = source.classes.clone().map(LabelEncoder::with_classes);
    let (encodings, unknown) = encodings(source, &table, &places)?;
    let (mut rows, mut unlabelled) = (Rows::default(), 0);
    let features = table.rows.len().saturating_mul(encodings.iter().map(Encoding::width).sum());
    // As numbers, and as what is trained on.
    check_memory((features as u64).saturating_mul((size_of::<f64>() + size_of::<f32>()) as u64))
        .map_err(|problem| DataError::in_file(&file.label, problem))?;
    rows.features.reserve_exact(features);
    for record in table.rows.iter() {
        if source.skip_unlabelled && is_unlabelled(source, &table, &places, record)? {
            unlabelled += 1;
            continue;
        }
        if let Err(error) = rows.push(source, &table, &places, known.as_ref(), &encodings, record) {
            bad.pass(error)?;
        }
    }
    if rows.features.is_empty() {
        return Err(DataError::no_rows(file.label));
    }
    let mut warnings: Vec<String> = bad.warning().into_iter().chain(unknown).collect();
    if unlabelled > 0 {
        warnings.push(match unlabelled {
            1 => "1 row has no target and was left out.".into(),
            rows => format!("{rows} rows have no target and were left out."),
        });
    }

    let (groups, group_names) = match places.group {
        Some(_) => {
            let encoder = LabelEncoder::fit(rows.groups.iter().copied());
            let groups = rows.groups.iter().map(|group| encoder.encode(group)).collect::<Result<_>>()?;
            (Some(groups), encoder.classes().to_vec())
        }
        None => (None, Vec::new()),
    };
    let targets = targets(source, table.file, &rows)?;
    let width = encodings.iter().map(Encoding::width).sum();
    let samples = Samples::new(vec![width], Values::F64(rows.features))?;
    let named = places.features.iter().filter_map(|&column| table.columns.get(column)).zip(&encodings);
    let levels: Vec<_> = encodings.iter().flat_map(Encoding::levels).collect();
    Ok(Labelled {
        name: source.file.clone(),
        samples,
        targets,
        feature_names: named.clone().flat_map(|(name, encoding)| encoding.names(name)).collect(),
        levels: if levels.iter().all(Vec::is_empty) { Vec::new() } else { levels },
        columns: match source.columns {
            Some(_) => named.map(|(name, encoding)| (name.clone(), encoding.clone())).collect(),
            None => Vec::new(),
        },
        groups,
        group_names,
        roles: places.split.map(|_| rows.roles),
        lengths: None,
        files: vec![SourceFile::of(&source.file, &file.bytes)],
        text: None,
        sample_names: None,
        warnings,
    })
}

fn targets(source: &CsvSource, file: &str, rows: &Rows<'_>) -> Result<Targets> {
    if source.task == TaskKind::Regression {
        let names = source.target.names().to_vec();
        return Ok(Targets::Numbers(NumberTargets { values: rows.numbers.clone(), names }));
    }
    let encoder = match &source.classes {
        Some(classes) => LabelEncoder::with_classes(classes.clone()),
        None => LabelEncoder::fit(rows.names.iter().copied()),
    };
    let labels = match source.threshold {
        Some(threshold) => rows.numbers.iter().map(|&value| u32::from(value >= threshold)).collect(),
        None => rows.names.iter().map(|name| encoder.encode(name)).collect::<Result<Vec<_>>>()?,
    };
    if source.parts.is_none() {
        check_classes(file, &encoder, &labels)?;
    }
    let names = encoder.classes().to_vec();
    Ok(Targets::Classes(ClassTargets { labels, names, soft: None }))
}
