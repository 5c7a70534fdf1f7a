//! Tables of text: comma-separated values and their kin.

mod cells;
mod columns;
mod config;
mod facts;
mod input;
mod opened;
mod records;
mod rows;
pub(crate) mod unpack;

pub(crate) use cells::{Table, check_classes, check_columns, place_of};
pub use columns::{ColumnKind, Encoding, Notation};
pub(crate) use config::CsvSource;
pub use config::{CsvConfig, TargetColumns};
pub use facts::{ColumnFacts, ColumnUse, TableFacts, TableWishes};
pub use input::TableInput;
pub use unpack::{Charset, is_packed_table};

use crate::checked::CheckedData;
use crate::formats::delimited::{BadRows, is_missing};
use crate::formats::{Features, GivenSplit, Groups, Source, join};
use crate::{DataError, Files, InputSpec, Labelled, Result, Role};

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
        let Some(parts) = &self.parts else { return rows::read(self, files) };
        let mut read_parts: Vec<(Role, Labelled)> = Vec::new();
        for (role, file) in parts.iter() {
            let mut part = Self { file: file.to_owned(), ..self.clone() };
            if let Some((_, first)) = read_parts.first() {
                // The columns of the first file, by name; those that it drops may be absent here.
                match first.columns.is_empty() {
                    true => (part.features, part.drop) = (Some(first.feature_names.clone()), Vec::new()),
                    false => part.levels = Encoding::levels_by_column(&first.columns),
                }
            }
            read_parts.push((role, rows::read(&part, files)?));
        }
        join(read_parts, files.cache())
    }

    fn features(&self) -> Features {
        Features::Columns
    }

    fn input(&self, data: &Labelled) -> InputSpec {
        let (columns, encodings) = match data.columns.as_slice() {
            [] => (data.feature_names.clone(), Vec::new()),
            columns => columns.iter().cloned().unzip(),
        };
        let delimiter = self.delimiter.map(char::from);
        let (charset, notation) = (self.charset, self.notation.clone());
        InputSpec::Table(TableInput { columns, delimiter, encodings, charset, notation })
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
    let bytes = unpack::text(&source.file, bytes, source.charset)?;
    let dialect = bytes.dialect(&source.expected());
    let mut bad = BadRows::allow(source.skip_bad);
    let table = Table::read(&source.file, &bytes.text, dialect, &|_| bytes.named || source.header, &mut bad)?;
    let missing = |cell: &[u8]| std::str::from_utf8(cell).is_ok_and(is_missing);
    let count = |column| table.rows.iter().filter(|row| row.get(column).is_none_or(missing)).count();
    Ok(table.columns.iter().cloned().zip((0..table.columns.len()).map(count)).collect())
}
