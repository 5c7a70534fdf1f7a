//! The `[data.series]` table.

use serde::{Deserialize, Serialize};

use super::SeriesSource;
use crate::checked::{class_names, required};
use crate::config::TaskKind;
use crate::formats::{FormatConfig, Source};
use crate::{DataError, Files, InputSpec, Labelled, Result};

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
/// assert_eq!(data.samples.f32_row(0), Some([0.5, 0.25].as_slice()));
/// assert_eq!(data.labels, [0, 1]);
/// # Ok::<(), brasa_data::DataError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeriesConfig {
    /// The file with the readings, one row per step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The file with one row per series: its id (in a column of the same name), its class, its group. When absent, every
    /// row of `file` repeats them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// The column that says which series a row belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// The column with the number of the step within its series, a whole number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The columns with the channels, in the order of the samples' second axis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
    /// The column with the classes, in `labels` where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The column with the groups, beside the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The order of the classes; sorted when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
}

impl FormatConfig for SeriesConfig {
    fn source(&self, task: TaskKind) -> Result<Box<dyn Source>> {
        task.only_classes("series")?;
        Ok(Box::new(self.check()?))
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
        let features = required("series.features", self.features.as_ref())?;
        if features.is_empty() {
            return Err(DataError::config("series.features", "is empty; name at least one column"));
        }
        let series = required("series.series", self.series.as_ref())?;
        let step = required("series.step", self.step.as_ref())?;
        let target = required("series.target", self.target.as_ref())?;
        let named = [("series", Some(&series)), ("step", Some(&step)), ("target", Some(&target))];
        let mut used = Vec::<(&str, &String)>::new();
        let all = named.into_iter().chain([("group", self.group.as_ref())]);
        let columns = all.filter_map(|(key, column)| column.map(|column| (key, column)));
        for (key, column) in columns.chain(features.iter().map(|column| ("features", column))) {
            if let Some((other, _)) = used.iter().find(|(_, used)| *used == column) {
                let problem = format!("`{column}` is named by `{other}` already; name another column");
                return Err(DataError::config(&format!("series.{key}"), problem));
            }
            used.push((key, column));
        }
        if let Some(classes) = &self.classes {
            class_names("series.classes", classes)?;
        }
        Ok(SeriesSource {
            file: required("series.file", self.file.as_ref())?,
            labels: self.labels.clone(),
            series,
            step,
            features,
            target,
            group: self.group.clone(),
            classes: self.classes.clone(),
        })
    }
}
