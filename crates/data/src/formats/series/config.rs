//! The `[data.series]` table.

use serde::{Deserialize, Serialize};

use super::{Part, SeriesSource};
use crate::checked::{class_names, required};
use crate::config::TaskKind;
use crate::formats::{FormatConfig, Source, SplitColumn, SplitFiles, SplitNames};
use crate::{DataError, Files, InputSpec, Labelled, Result};

/// The files with the classes of series, beside those with the readings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected the name of a file, or a file for each split")]
pub enum SeriesLabels {
    /// One file.
    One(String),
    /// One for each of the key `files`.
    PerSplit(SplitFiles),
}

impl From<&str> for SeriesLabels {
    fn from(name: &str) -> Self {
        Self::One(name.to_owned())
    }
}

/// Time series in a CSV file with one row per step, which an id column groups and a step column orders.
///
/// ```
/// use brasa_data::{Files, SeriesConfig};
/// let config = SeriesConfig {
///     file: Some("x.csv".into()),
///     labels: Some("y.csv".into()),
///     series: Some("id".into()),
///     step: Some("step".into()),
///     features: Some(vec!["speed".into()]),
///     target: Some("surface".into()),
///     ..SeriesConfig::default()
/// };
/// let data = config.read(&Files::embedded(&[
///     ("x.csv", b"id,step,speed\n7,0,0.5\n7,1,0.25\n9,0,2\n9,1,3\n"),
///     ("y.csv", b"id,surface\n9,wood\n7,carpet\n"),
/// ]))?;
/// assert_eq!(data.samples.shape(), [2, 1]); // steps, channels
/// assert_eq!(data.samples.f64_row(0), Some([0.5, 0.25].as_slice()));
/// assert_eq!(data.labels(), [0, 1]);
/// # Ok::<(), brasa_data::DataError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeriesConfig {
    /// The file with the readings, one row per step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// A file for each split instead of `file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<SplitFiles>,
    /// The file with one row per series: its id (in a column of the same name), its class, its group; one for each
    /// split where there are several `files`. When absent, every row of `file` repeats them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<SeriesLabels>,
    /// The column that says which series a row belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// The column with the number of the step within its series, a whole number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The columns with the channels, in the order of the samples' second axis; all columns of `file` without another use
    /// when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
    /// The column with the classes, or with the numbers of a regression, in `labels` where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The column with the groups, beside the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The column that says which split each series belongs to: `train`, `valid` or `test`, or a longer form of these.
    #[serde(alias = "side", skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// What the splits are called in that column, where it is otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_names: Option<SplitNames>,
    /// The order of the classes; sorted when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
}

impl FormatConfig for SeriesConfig {
    fn source(&self, task: TaskKind) -> Result<Box<dyn Source>> {
        if task == TaskKind::Regression && self.classes.is_some() {
            let problem = "is for classes; remove it, or the key `task` with \"regression\"";
            return Err(DataError::config("series.classes", problem));
        }
        Ok(Box::new(SeriesSource { task, ..self.check()? }))
    }
}

impl SeriesConfig {
    /// Reads the data set that the table describes, without the rest of a recipe.
    ///
    /// # Errors
    /// [`DataError::Config`] for the table itself; what is wrong with a file, and where, for its content.
    pub fn read(&self, files: &Files) -> Result<Labelled> {
        let data = self.check()?.read(files)?;
        data.check()?;
        Ok(data)
    }

    /// What a model trained on the data takes.
    ///
    /// # Errors
    /// [`DataError::Config`] for the table itself.
    pub fn input(&self, data: &Labelled) -> Result<InputSpec> {
        Ok(self.check()?.input(data))
    }

    /// Checks that all that is needed is there and no column serves twice.
    pub(crate) fn check(&self) -> Result<SeriesSource> {
        if self.features.as_ref().is_some_and(Vec::is_empty) {
            return Err(DataError::config(
                "series.features",
                "is empty; name at least one column, or remove the key",
            ));
        }
        let series = required("series.series", self.series.as_ref())?;
        let step = required("series.step", self.step.as_ref())?;
        let target = required("series.target", self.target.as_ref())?;
        let named = [("series", Some(&series)), ("step", Some(&step)), ("target", Some(&target))];
        let mut used = Vec::<(&str, &String)>::new();
        let all = named.into_iter().chain([("group", self.group.as_ref()), ("split", self.split.as_ref())]);
        let columns = all.filter_map(|(key, column)| column.map(|column| (key, column)));
        for (key, column) in columns.chain(self.features.iter().flatten().map(|column| ("features", column)))
        {
            if let Some((other, _)) = used.iter().find(|(_, used)| *used == column) {
                let problem = format!("`{column}` is named by `{other}` already; name another column");
                return Err(DataError::config(&format!("series.{key}"), problem));
            }
            used.push((key, column));
        }
        if let Some(classes) = &self.classes {
            class_names("series.classes", classes)?;
        }
        let parts = self.check_parts()?;
        let split = SplitColumn::checked("series", self.split.as_ref(), self.split_names.as_ref())?;
        if split.is_some() && parts.len() > 1 {
            return Err(DataError::config("series.split", "`files` gives the splits, too; keep one of them"));
        }
        Ok(SeriesSource {
            parts,
            split,
            series,
            step,
            features: self.features.clone(),
            target,
            task: TaskKind::Classification,
            group: self.group.clone(),
            classes: self.classes.clone(),
        })
    }

    /// The readings and labels of each split, or of all.
    fn check_parts(&self) -> Result<Vec<Part>> {
        let wrong = |key: &str, problem: &str| Err(DataError::config(&format!("series.{key}"), problem));
        match (&self.file, &self.files, &self.labels) {
            (Some(_), Some(_), _) => wrong("files", "`file` is there, too; keep one of them"),
            (file, None, labels) => {
                let labels = match labels {
                    Some(SeriesLabels::PerSplit(_)) => {
                        return wrong(
                            "labels",
                            "names a file for each split; so must `files` instead of `file`",
                        );
                    }
                    Some(SeriesLabels::One(labels)) => Some(labels.clone()),
                    None => None,
                };
                Ok(vec![Part { role: None, file: required("series.file", file.as_ref())?, labels }])
            }
            (None, Some(_), Some(SeriesLabels::One(_))) => wrong(
                "labels",
                "names one file; give one for each of `files`: labels = { train = \"...\", ... }",
            ),
            (None, Some(files), labels) => {
                files.check("series.files")?;
                let labels = labels.as_ref().map(|labels| match labels {
                    SeriesLabels::PerSplit(labels) => labels,
                    SeriesLabels::One(_) => files,
                });
                let mut parts = Vec::new();
                for (role, file) in files.iter() {
                    let labels = labels.map(|labels| labels.of(role));
                    if labels == Some(None) {
                        return wrong("labels", &format!("names no file for {role}, and `files` does"));
                    }
                    let labels = labels.flatten().map(str::to_owned);
                    parts.push(Part { role: Some(role), file: file.to_owned(), labels });
                }
                Ok(parts)
            }
        }
    }
}
