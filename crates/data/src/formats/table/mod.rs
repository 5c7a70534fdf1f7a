//! Tables of text: comma-separated values and their kin.

use std::collections::BTreeMap;

use ::csv::{ByteRecord, ReaderBuilder};

mod config;
mod input;

pub(crate) use config::CsvSource;
pub use config::{CsvConfig, TargetColumns};
pub use input::TableInput;

use crate::checked::CheckedData;
use crate::config::TaskKind;
use crate::formats::records::line_of;
use crate::formats::{Features, GivenSplit, Groups, Source, SplitColumn, join};
use crate::{
    ClassTargets, DataError, Files, InputSpec, LabelEncoder, Labelled, NumberTargets, Result, Role, Samples,
    SourceFile, Targets, Values, name_list,
};

/// Cells that [`scan_missing`] takes for missing, in any case, beside blank ones.
const MISSING: [&str; 7] = ["na", "n/a", "nan", "null", "none", "?", "-"];

/// All rows of a file, with the column names.
pub(crate) struct Table<'a> {
    pub file: &'a str,
    bytes: &'a [u8],
    pub columns: Vec<String>,
    pub rows: Vec<ByteRecord>,
}

impl<'a> Table<'a> {
    /// Splits the bytes into cells; every row has as many cells as there are columns.
    /// `has_header` decides by the first row.
    pub fn read(
        file: &'a str,
        bytes: &'a [u8],
        delimiter: u8,
        has_header: impl Fn(&[&str]) -> bool,
    ) -> Result<Self> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
        let mut table = Self { file, bytes, columns: Vec::new(), rows: Vec::new() };
        for record in reader.byte_records() {
            let record = record.map_err(|error| DataError::CsvSyntax {
                file: file.to_owned(),
                line: error.position().map_or(0, ::csv::Position::line),
                problem: error.to_string(),
            })?;
            if table.columns.is_empty() {
                let cells = (0..record.len())
                    .map(|column| table.text(&record, column))
                    .collect::<Result<Vec<_>>>()?;
                let header = has_header(&cells);
                table.columns = match header {
                    true => cells.into_iter().map(str::to_owned).collect(),
                    false => (0..cells.len()).map(|column| format!("c{column}")).collect(),
                };
                if header {
                    continue;
                }
            }
            if record.len() != table.columns.len() {
                return Err(DataError::RaggedRow {
                    file: file.to_owned(),
                    line: table.line(&record),
                    expected: table.columns.len(),
                    found: record.len(),
                });
            }
            table.rows.push(record);
        }
        check_columns(file, &table.columns)?;
        match table.rows.is_empty() {
            true => Err(DataError::NoRows { file: file.to_owned() }),
            false => Ok(table),
        }
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Result<usize> {
        place_of(self.file, &self.columns, name)
    }

    /// The 1-based line a record starts on. The reader's own count is off after blank lines and
    /// lines that end in CR LF.
    pub fn line(&self, record: &ByteRecord) -> u64 {
        line_of(self.bytes, record.position().map_or(0, ::csv::Position::byte) as usize)
    }

    pub fn cell_error(&self, record: &ByteRecord, column: usize, expected: &str) -> DataError {
        let cell = String::from_utf8_lossy(record.get(column).unwrap_or_default());
        let cell = cell.trim();
        DataError::Cell {
            file: self.file.to_owned(),
            line: self.line(record),
            column: self.columns.get(column).cloned().unwrap_or_else(|| format!("c{column}")),
            expected: expected.to_owned(),
            found: match cell {
                "" => "nothing".to_owned(),
                _ => format!("`{}`", cell.chars().take(40).collect::<String>()),
            },
        }
    }

    fn text<'r>(&self, record: &'r ByteRecord, column: usize) -> Result<&'r str> {
        std::str::from_utf8(record.get(column).unwrap_or_default())
            .map(str::trim)
            .map_err(|_| self.cell_error(record, column, "UTF-8 text"))
    }

    /// Cells of text, none of them blank.
    pub fn texts(&self, column: usize) -> Result<Vec<&str>> {
        let cell = |record| match self.text(record, column)? {
            "" => Err(self.cell_error(record, column, "a name")),
            text => Ok(text),
        };
        self.rows.iter().map(cell).collect()
    }

    /// The cells of the given columns as finite numbers, row by row.
    pub fn numbers(&self, columns: &[usize]) -> Result<Vec<f64>> {
        let mut values = Vec::with_capacity(self.rows.len() * columns.len());
        for record in &self.rows {
            for &column in columns {
                let value = self.text(record, column)?.parse::<f64>();
                match value {
                    Ok(value) if value.is_finite() => values.push(value),
                    Ok(_) => return Err(self.cell_error(record, column, "a finite number")),
                    Err(_) => return Err(self.cell_error(record, column, "a number")),
                }
            }
        }
        Ok(values)
    }
}

/// There must be at least two classes among the labels.
pub(crate) fn check_classes(file: &str, encoder: &LabelEncoder, labels: &[u32]) -> Result<()> {
    match labels.first().filter(|&first| labels.iter().all(|label| label == first)) {
        Some(&class) => {
            let class = encoder.decode(class).unwrap_or_default().to_owned();
            Err(DataError::OneClass { file: file.to_owned(), class })
        }
        None => Ok(()),
    }
}

/// No two columns may have one name.
pub(crate) fn check_columns(file: &str, columns: &[String]) -> Result<()> {
    let mut places = BTreeMap::new();
    for (place, column) in columns.iter().enumerate() {
        if let Some(first) = places.insert(column, place) {
            return Err(DataError::DuplicateColumn {
                file: file.to_owned(),
                column: column.clone(),
                first: first + 1,
                second: place + 1,
            });
        }
    }
    Ok(())
}

/// The place of a column among those of a file.
pub(crate) fn place_of(file: &str, columns: &[String], name: &str) -> Result<usize> {
    columns.iter().position(|column| column == name).ok_or_else(|| DataError::MissingColumn {
        file: file.to_owned(),
        column: name.to_owned(),
        available: columns.to_vec(),
    })
}

impl Source for CsvSource {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn file_names(&self) -> Vec<&str> {
        match &self.parts {
            None => vec![&self.file],
            Some(parts) => parts.iter().map(|(_, file)| file).collect(),
        }
    }

    fn read(&self, files: &Files) -> Result<Labelled> {
        let Some(parts) = &self.parts else { return read(self, files) };
        let mut read_parts: Vec<(Role, Labelled)> = Vec::new();
        for (role, file) in parts.iter() {
            // The columns of the first file, by name.
            let features = read_parts.first().map(|(_, first)| first.feature_names.clone());
            let features = features.or_else(|| self.features.clone());
            let part = Self { file: file.to_owned(), features, ..self.clone() };
            read_parts.push((role, read(&part, files)?));
        }
        join(read_parts)
    }

    fn features(&self) -> Features {
        Features::Columns
    }

    fn input(&self, data: &Labelled) -> InputSpec {
        InputSpec::Table(TableInput { columns: data.feature_names.clone() })
    }

    fn classes(&self) -> Option<&[String]> {
        self.classes.as_deref()
    }

    fn shape(&self) -> Option<Vec<usize>> {
        self.features.as_ref().map(|features| vec![features.len()])
    }

    fn given_split(&self) -> GivenSplit {
        if self.split.is_some() || self.parts.is_some() { GivenSplit::Any } else { GivenSplit::None }
    }

    fn split_keys(&self) -> &'static [&'static str] {
        &["split", "files"]
    }

    fn groups(&self) -> Groups {
        if self.group.is_some() { Groups::Given } else { Groups::NoColumn }
    }
}

fn read(source: &CsvSource, files: &Files) -> Result<Labelled> {
    let file = files.read(&source.file)?;
    let (label, bytes) = (&file.label, &*file.bytes);
    let table = Table::read(label, bytes, source.delimiter, |_| source.header)?;
    let targets = source.target.names().iter().map(|name| table.column(name)).collect::<Result<Vec<_>>>()?;
    let group = source.group.as_deref().map(|name| table.column(name)).transpose()?;
    let split = source.split.as_ref().map(|split| table.column(&split.column)).transpose()?;
    let dropped = source.drop.iter().map(|name| table.column(name)).collect::<Result<Vec<_>>>()?;
    let features = match &source.features {
        Some(names) => names.iter().map(|name| table.column(name)).collect::<Result<Vec<_>>>()?,
        None => {
            let used = |column: &usize| {
                targets.contains(column)
                    || dropped.contains(column)
                    || [group, split].contains(&Some(*column))
            };
            (0..table.columns.len()).filter(|column| !used(column)).collect()
        }
    };
    if features.is_empty() {
        return Err(DataError::config("csv.target", format!("{label} has no column beside it")));
    }

    let (groups, group_names) = match group {
        Some(column) => {
            let texts = table.texts(column)?;
            let encoder = LabelEncoder::fit(texts.iter().copied());
            let groups = texts.iter().map(|text| encoder.encode(text)).collect::<Result<_>>()?;
            (Some(groups), encoder.classes().to_vec())
        }
        None => (None, Vec::new()),
    };
    let roles = source.split.as_ref().map(|split| roles(&table, split)).transpose()?;
    let samples = Samples::new(vec![features.len()], Values::F64(table.numbers(&features)?))?;
    Ok(Labelled {
        name: source.file.clone(),
        samples,
        targets: read_targets(source, &table, &targets)?,
        feature_names: features.iter().filter_map(|&c| table.columns.get(c).cloned()).collect(),
        groups,
        group_names,
        roles,
        files: vec![SourceFile::of(&source.file, bytes)],
        text: None,
        sample_names: None,
        warnings: Vec::new(),
    })
}

fn read_targets(source: &CsvSource, table: &Table, columns: &[usize]) -> Result<Targets> {
    let target = match (source.task, columns) {
        (TaskKind::Classification, &[target]) => target,
        _ => {
            let names = source.target.names().to_vec();
            return Ok(Targets::Numbers(NumberTargets { values: table.numbers(columns)?, names }));
        }
    };
    let texts = if source.threshold.is_none() { table.texts(target)? } else { Vec::new() };
    let encoder = match &source.classes {
        Some(classes) => LabelEncoder::with_classes(classes.clone()),
        None => LabelEncoder::fit(texts.iter().copied()),
    };
    let labels = match source.threshold {
        Some(threshold) => {
            table.numbers(&[target])?.iter().map(|&value| u32::from(value >= threshold)).collect()
        }
        None => encode(table, target, &texts, &encoder)?,
    };
    if source.parts.is_none() {
        check_classes(table.file, &encoder, &labels)?;
    }
    Ok(Targets::Classes(ClassTargets { labels, names: encoder.classes().to_vec(), soft: None }))
}

fn encode(table: &Table, target: usize, texts: &[&str], encoder: &LabelEncoder) -> Result<Vec<u32>> {
    let label = |(text, record): (&&str, &ByteRecord)| {
        encoder.encode(text).map_err(|_| {
            let expected = format!("one of {}", name_list(encoder.classes()));
            table.cell_error(record, target, &expected)
        })
    };
    texts.iter().zip(&table.rows).map(label).collect()
}

pub(crate) fn roles(table: &Table, split: &SplitColumn) -> Result<Vec<Role>> {
    let column = table.column(&split.column)?;
    let role = |(text, record): (&str, &ByteRecord)| {
        split.role(text).ok_or_else(|| table.cell_error(record, column, &split.expected()))
    };
    table.texts(column)?.into_iter().zip(&table.rows).map(role).collect()
}

/// How many cells of each column are blank or say that they are missing (`NA`, `?`, ...), for
/// files that [`load`](crate::load) refuses because of them.
///
/// # Errors
/// What is wrong with the table's form, as in `load`; [`DataError::Config`] when the format is
/// not csv.
pub fn scan_missing(bytes: &[u8], config: &CheckedData) -> Result<Vec<(String, usize)>> {
    let Some(csv) = &config.config().csv else {
        return Err(DataError::config(config.format(), "only [data.csv] can have missing cells"));
    };
    let source = csv.check_for(config.config().task)?;
    let table = Table::read(&source.file, bytes, source.delimiter, |_| source.header)?;
    let missing = |cell: &[u8]| {
        let cell = cell.trim_ascii();
        cell.is_empty() || MISSING.iter().any(|word| cell.eq_ignore_ascii_case(word.as_bytes()))
    };
    let count = |column| table.rows.iter().filter(|row| row.get(column).is_none_or(missing)).count();
    Ok(table.columns.iter().cloned().zip((0..table.columns.len()).map(count)).collect())
}
