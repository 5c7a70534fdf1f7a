//! The rows of a `[data.csv]` table.

mod levels;
mod names;
mod parser;
mod places;

use std::path::Path;

use super::columns::Encoding;
use super::opened::Opened;
use super::{CsvSource, check_classes, unpack};
use crate::cache::{CacheKey, cached};
use crate::config::TaskKind;
use crate::formats::delimited::BadRows;
use crate::limits::check_memory;
use crate::spill::Spill;
use crate::{
    ClassTargets, DataError, Files, LabelEncoder, Labelled, NumberTargets, Result, Role, Samples, SourceFile,
    Targets, Values, stream,
};

use names::Names;
use parser::{Part, RowParser, Unknown};

/// Rises when the same files and settings come out otherwise.
const VERSION: u32 = 1;

/// The numbers of the file's rows, encoded. Those of a large file lie in the cache folder and are mapped, where there is one.
pub(super) fn read(source: &CsvSource, files: &Files) -> Result<Labelled> {
    let records = stream::records(files, &[&source.file])?;
    let (label, reader, bytes) = files.open(&source.file)?;
    let start = unpack::start(&label, reader, bytes)?;
    let build_in = |folder| {
        let opened = Opened::of(&label, files, &source.file, start, source.charset)?;
        encoded(source, files, opened, folder, records.clone())
    };
    let build = || match build_in(files.cache()) {
        // The cache has no room: what is read is kept in memory.
        Err(DataError::Io { action: "write", .. }) if files.cache().is_some() => build_in(None),
        read => read,
    };
    match start.text_bytes >= unpack::LARGE {
        false => build(),
        // Warnings name the file where it lies.
        true => cached(files, &CacheKey::new("table", VERSION, &(source, &label), &records), build),
    }
}

fn encoded(
    source: &CsvSource,
    files: &Files,
    opened: Opened<'_>,
    folder: Option<&Path>,
    records: Vec<SourceFile>,
) -> Result<Labelled> {
    let levels = levels::read(source, &opened)?;
    let mut columns = None;
    let mut rows = Rows::new(folder);
    let mut bad = BadRows::allow(source.skip_bad);
    opened.parse(
        &source.expected(),
        &|_| source.header,
        |header| {
            let parser = RowParser::of(source, header, &levels)?;
            columns = Some((parser.named_encodings(), parser.has_splits()));
            Ok(parser)
        },
        |parser, part, lines_before| {
            let taken = rows.take(parser, part, lines_before, &mut bad);
            taken.map_err(|error| match error {
                DataError::Refused { .. } => DataError::in_file(&opened.label, error.to_string()),
                error => error,
            })
        },
    )?;
    if records.iter().any(|file| files.open(&file.name).is_ok_and(|(.., bytes)| bytes != file.bytes)) {
        return Err(DataError::in_file(opened.label, "was changed while it was read"));
    }
    let (columns, has_splits) = columns.ok_or_else(|| DataError::no_rows(&opened.label))?;
    if rows.features.len() == 0 {
        return Err(DataError::no_rows(opened.label));
    }
    let mut warnings: Vec<String> = bad.warning().into_iter().collect();
    let unknown = columns.iter().zip(&rows.unknown);
    warnings.extend(unknown.filter_map(|((name, encoding), unknown)| unknown.warning(name, encoding)));
    warnings.extend(match rows.unlabelled {
        0 => None,
        1 => Some("1 row has no target and was left out.".into()),
        rows => Some(format!("{rows} rows have no target and were left out.")),
    });

    let targets = targets(source, &opened.label, rows.numbers, rows.names)?;
    let (groups, group_names) = match source.group {
        Some(_) => {
            let (groups, encoder) = rows.groups.encoded(None)?;
            (Some(groups), encoder.classes().to_vec())
        }
        None => (None, Vec::new()),
    };
    let width = columns.iter().map(|(_, encoding)| encoding.width()).sum();
    let levels: Vec<_> = columns.iter().flat_map(|(_, encoding)| encoding.levels()).collect();
    Ok(Labelled {
        name: source.file.clone(),
        samples: Samples::new(vec![width], Values::F64(rows.features.into_buffer()?))?,
        targets,
        feature_names: columns.iter().flat_map(|(name, encoding)| encoding.names(name)).collect(),
        levels: if levels.iter().all(Vec::is_empty) { Vec::new() } else { levels },
        columns: if source.columns.is_some() { columns } else { Vec::new() },
        groups,
        group_names,
        roles: has_splits.then_some(rows.roles),
        lengths: None,
        files: records,
        text: None,
        sample_names: None,
        warnings,
    })
}

/// All good rows so far.
struct Rows {
    features: Spill<f64>,
    /// Targets that are numbers.
    numbers: Vec<f64>,
    /// Targets that are names.
    names: Names,
    groups: Names,
    roles: Vec<Role>,
    /// Rows without a target that were left out.
    unlabelled: usize,
    unknown: Vec<Unknown>,
    /// For so many bytes beside the features there is memory.
    room: u64,
}

/// Bytes of a row beside its features: its class, its group, its split.
const BESIDE: u64 = 2 * size_of::<u32>() as u64 + 1;

impl Rows {
    fn new(folder: Option<&Path>) -> Self {
        Self {
            features: Spill::beyond(Spill::<f64>::MOST, folder),
            numbers: Vec::new(),
            names: Names::default(),
            groups: Names::default(),
            roles: Vec::new(),
            unlabelled: 0,
            unknown: Vec::new(),
            room: 64 << 20,
        }
    }

    /// Whether there is memory for what all rows have beside their features, which grows by doubling.
    fn check_room(&mut self) -> Result<()> {
        let named = self.names.len().max(self.groups.len()).max(self.roles.len()) as u64;
        let bytes = named.saturating_mul(BESIDE).saturating_add(size_of_val(self.numbers.as_slice()) as u64);
        if bytes > self.room {
            self.room = 2 * bytes;
            check_memory(self.room)
                .map_err(|problem| DataError::refused("keep the rows in memory", problem))?;
        }
        Ok(())
    }

    fn take(
        &mut self,
        parser: &RowParser<'_>,
        part: Part,
        lines_before: u64,
        bad: &mut BadRows,
    ) -> Result<()> {
        part.bad.into_iter().try_for_each(|fault| bad.pass(parser.error(fault, lines_before)))?;
        self.features.write(&part.features)?;
        self.numbers.extend(part.numbers);
        self.names.append(part.names);
        self.groups.append(part.groups);
        self.roles.extend(part.roles);
        self.unlabelled += part.unlabelled;
        self.unknown.resize_with(part.unknown.len(), Unknown::default);
        self.unknown.iter_mut().zip(part.unknown).for_each(|(all, part)| all.append(part));
        self.check_room()
    }
}

fn targets(source: &CsvSource, file: &str, numbers: Vec<f64>, names: Names) -> Result<Targets> {
    if source.task == TaskKind::Regression {
        let names = source.target.names().to_vec();
        return Ok(Targets::Numbers(NumberTargets { values: numbers, names }));
    }
    let known = source.classes.clone().map(LabelEncoder::with_classes);
    let (labels, encoder) = match (source.threshold, known) {
        (Some(threshold), known) => {
            let labels = numbers.iter().map(|&value| u32::from(value >= threshold)).collect();
            (labels, known.unwrap_or_else(|| LabelEncoder::with_classes(Vec::new())))
        }
        (None, known) => names.encoded(known)?,
    };
    if source.parts.is_none() {
        check_classes(file, &encoder, &labels)?;
    }
    let names = encoder.classes().to_vec();
    Ok(Targets::Classes(ClassTargets { labels, names, soft: None }))
}

/// The name of a column, and what its cells become.
type NamedEncoding = (String, Encoding);
