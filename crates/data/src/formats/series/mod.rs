//! Time series: rows of readings that an id column groups and a step column orders.

mod config;
mod group;
mod input;
mod labels;
mod runs;
mod synth;
#[cfg(test)]
mod tests;

pub use config::SeriesConfig;
pub use input::SeriesInput;
pub use synth::synth;

use std::io::Read;

use crate::formats::records::Header;
use crate::formats::{Features, Groups, Source};
use crate::stream::Recorded;
use crate::{Files, InputSpec, Labelled, Result, SourceFile};
use group::Grouped;
use runs::Columns;

/// A `[data.series]` table that has passed its check.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SeriesSource {
    pub file: String,
    pub labels: Option<String>,
    pub series: String,
    pub step: String,
    pub features: Vec<String>,
    pub target: String,
    pub group: Option<String>,
    pub classes: Option<Vec<String>>,
}

impl Source for SeriesSource {
    fn name(&self) -> &'static str {
        "series"
    }

    fn file_names(&self) -> Vec<&str> {
        std::iter::once(self.file.as_str()).chain(self.labels.as_deref()).collect()
    }

    fn features(&self) -> Features {
        Features::Steps
    }

    fn input(&self, data: &Labelled) -> InputSpec {
        InputSpec::Series(SeriesInput {
            series: self.series.clone(),
            step: self.step.clone(),
            columns: self.features.clone(),
            steps: data.samples.shape().first().copied().unwrap_or_default(),
        })
    }

    fn classes(&self) -> Option<&[String]> {
        self.classes.as_deref()
    }

    fn groups(&self) -> Groups {
        if self.group.is_some() { Groups::Given } else { Groups::NoColumn }
    }

    /// Reads, groups and labels the series: samples `[steps, channels]` in the order of their first rows.
    fn read(&self, files: &Files) -> Result<Labelled> {
        let constant = match &self.labels {
            Some(_) => Vec::new(),
            None => std::iter::once(&self.target).chain(&self.group).collect(),
        };
        let (label, readings, bytes) = files.open(&self.file)?;
        let labels = self.labels.as_ref().map(|name| Ok((name, files.read(name)?))).transpose()?;
        let mut readings = Recorded::new(readings);
        let series =
            group(&label, &mut readings, bytes, &self.series, &self.step, &self.features, &constant)?;
        let mut records = vec![readings.record(&self.file)];
        let labels = match &labels {
            Some((name, file)) => {
                records.push(SourceFile::of(name, &file.bytes));
                labels::of_file(self, &label, &series, &file.label, &file.bytes)
            }
            None => labels::of_rows(self, &label, &series),
        }?;
        Ok(Labelled {
            feature_names: self.features.clone(),
            groups: labels.groups,
            group_names: labels.group_names,
            files: records,
            ..Labelled::new(self.file.clone(), series.samples, labels.labels, labels.class_names)
        })
    }
}

fn group(
    label: &str,
    content: impl Read + Send,
    bytes: u64,
    series: &str,
    step: &str,
    features: &[String],
    constant: &[&String],
) -> Result<Grouped> {
    let columns = |header: &Header| {
        Ok(Columns {
            count: header.columns.len(),
            series: header.column(series)?,
            step: header.column(step)?,
            features: features.iter().map(|name| header.column(name)).collect::<Result<_>>()?,
            constant: constant.iter().map(|name| header.column(name)).collect::<Result<_>>()?,
        })
    };
    group::read(label, content, bytes, columns)
}
