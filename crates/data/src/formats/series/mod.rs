//! Time series: rows of readings that an id column groups and a step column orders.

mod config;
mod group;
mod input;
mod labels;
mod runs;
#[cfg(test)]
mod tests;

pub use config::{SeriesConfig, SeriesLabels};
pub use input::SeriesInput;

use std::io::Read;

use crate::config::TaskKind;
use crate::formats::delimited::Expected;
use crate::formats::records::Header;
use crate::formats::{Features, GivenSplit, Groups, Source, SplitColumn, join};
use crate::stream::Recorded;
use crate::{DataError, Files, InputSpec, Labelled, Result, Role, SourceFile};
use group::Grouped;
use runs::Columns;

/// The files of one split, or of all rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    pub role: Option<Role>,
    pub file: String,
    pub labels: Option<String>,
}

/// A `[data.series]` table that has passed its check.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SeriesSource {
    pub parts: Vec<Part>,
    pub split: Option<SplitColumn>,
    pub series: String,
    pub step: String,
    pub features: Option<Vec<String>>,
    pub target: String,
    pub task: TaskKind,
    pub group: Option<String>,
    pub classes: Option<Vec<String>>,
}

impl Source for SeriesSource {
    fn name(&self) -> &'static str {
        "series"
    }

    fn file_names(&self) -> Vec<&str> {
        let files = self.parts.iter().flat_map(|part| [Some(part.file.as_str()), part.labels.as_deref()]);
        files.flatten().collect()
    }

    fn features(&self) -> Features {
        Features::Steps
    }

    fn input(&self, data: &Labelled) -> InputSpec {
        InputSpec::Series(SeriesInput {
            series: self.series.clone(),
            step: self.step.clone(),
            columns: data.feature_names.clone(),
            steps: data.samples.shape().first().copied().unwrap_or_default(),
        })
    }

    fn classes(&self) -> Option<&[String]> {
        self.classes.as_deref()
    }

    fn groups(&self) -> Groups {
        if self.group.is_some() { Groups::Given } else { Groups::NoColumn }
    }

    fn given_split(&self) -> GivenSplit {
        if self.split.is_some() || self.parts.len() > 1 { GivenSplit::Any } else { GivenSplit::None }
    }

    fn split_keys(&self) -> &'static [&'static str] {
        &["split", "files"]
    }

    /// Reads, groups and labels the series: samples `[steps, channels]` in the order of their first rows.
    fn read(&self, files: &Files) -> Result<Labelled> {
        if let [part] = &*self.parts {
            return self.read_part(part, files);
        }
        let read = |part: &Part| Ok((part.role.unwrap_or(Role::Train), self.read_part(part, files)?));
        join(self.parts.iter().map(read).collect::<Result<_>>()?, files.cache())
    }
}

impl SeriesSource {
    fn read_part(&self, part: &Part, files: &Files) -> Result<Labelled> {
        let constant = match &part.labels {
            Some(_) => Vec::new(),
            None => {
                let split = self.split.as_ref().map(|split| &split.column);
                std::iter::once(&self.target).chain(&self.group).chain(split).collect()
            }
        };
        let (label, readings, bytes) = files.open(&part.file)?;
        let labels = part.labels.as_ref().map(|name| Ok((name, files.read(name)?))).transpose()?;
        let mut readings = Recorded::new(readings);
        let named =
            Named { series: &self.series, step: &self.step, features: self.features.as_deref(), constant };
        let (series, feature_names) = group(&label, &mut readings, bytes, None, &named)?;
        let mut records = vec![readings.record(&part.file)];
        let labels = match &labels {
            Some((name, file)) => {
                records.push(SourceFile::of(name, &file.bytes));
                labels::of_file(self, &label, &series, &file.label, &file.bytes)
            }
            None => labels::of_rows(self, &label, &series),
        }?;
        Ok(Labelled {
            feature_names,
            groups: labels.groups,
            group_names: labels.group_names,
            roles: labels.roles,
            files: records,
            targets: labels.targets,
            ..Labelled::new(part.file.clone(), series.samples, Vec::new(), Vec::new())
        })
    }
}

/// The columns of a file of readings.
struct Named<'s> {
    series: &'s str,
    step: &'s str,
    /// The channels; all others when absent.
    features: Option<&'s [String]>,
    /// Target and group, where they are in the same file.
    constant: Vec<&'s String>,
}

/// The series of a file, and the names of their channels.
fn group(
    label: &str,
    content: impl Read + Send,
    bytes: u64,
    delimiter: Option<u8>,
    named: &Named<'_>,
) -> Result<(Grouped, Vec<String>)> {
    let all = [named.series, named.step].into_iter();
    let all = all.chain(named.constant.iter().map(|name| name.as_str()));
    let columns = all.chain(named.features.into_iter().flatten().map(String::as_str)).collect::<Vec<_>>();
    let mut channels = Vec::new();
    let places = |header: &Header| {
        channels = match named.features {
            Some(features) => features.to_vec(),
            None => header.columns.iter().filter(|name| !columns.contains(&name.as_str())).cloned().collect(),
        };
        if channels.is_empty() {
            let problem = format!("{label} has no column beside those of the other keys");
            return Err(DataError::config("series.features", problem));
        }
        Ok(Columns {
            count: header.columns.len(),
            delimiter: header.delimiter,
            series: header.column(named.series)?,
            step: header.column(named.step)?,
            features: channels.iter().map(|name| header.column(name)).collect::<Result<_>>()?,
            constant: named.constant.iter().map(|name| header.column(name)).collect::<Result<_>>()?,
        })
    };
    let expected = Expected { delimiter, columns: columns.clone(), ..Expected::default() };
    let grouped = group::read(label, content, bytes, &expected, places)?;
    Ok((grouped, channels))
}
