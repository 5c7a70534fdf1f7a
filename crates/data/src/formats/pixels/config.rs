//! The `[data.pixels]` table.

use serde::{Deserialize, Serialize};

use super::PixelsSource;
use crate::checked::{class_names, required};
use crate::config::TaskKind;
use crate::formats::{FormatConfig, Source, SplitColumn, SplitNames};
use crate::{DataError, Files, Labelled, Result};

/// Grey images in a CSV file whose pixels are text in one column, as FER2013 has them.
///
/// ```
/// use brasa_data::{Files, PixelsConfig, SplitNames};
/// let files = Files::embedded(&[(
///     "pixels.csv",
///     b"emotion,pixels,Usage\n1,0 255 7 8,Training\n0,1 2 3 4,PrivateTest\n",
/// )]);
/// let config = PixelsConfig {
///     file: Some("pixels.csv".into()),
///     pixels: Some("pixels".into()),
///     label: Some("emotion".into()),
///     split: Some("Usage".into()),
///     split_names: Some(SplitNames {
///         train: "Training".into(),
///         valid: None,
///         test: Some("PrivateTest".into()),
///     }),
///     size: Some([2, 2]),
///     classes: Some(vec!["Angry".into(), "Happy".into()]),
///     ..PixelsConfig::default()
/// };
/// let data = config.read(&files)?;
/// assert_eq!(data.samples.shape(), [1, 2, 2]);
/// assert_eq!(data.samples.u8_row(0), Some([0, 255, 7, 8].as_slice()));
/// # Ok::<(), brasa_data::DataError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PixelsConfig {
    /// The file: CSV, plain or in gzip, or a zip archive with one `.csv` file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The column with the pixels: numbers from 0 to 255 with blanks between them, row by row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixels: Option<String>,
    /// The column with the number of the class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The column that says which split each row belongs to: `train`, `valid` or `test`, or a longer form of these
    /// (`Training`, `validation`). Use split kind `given` where it has validation rows.
    #[serde(alias = "side", skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// What the splits are called in that column, where it is otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_names: Option<SplitNames>,
    /// Height and width of the images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<[usize; 2]>,
    /// The names of the classes by number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    /// A CSV file, plain or in gzip, with how many people saw which class in each image, in the same order of rows, as
    /// FER+ has it: the images get soft labels, each class its share of the votes. Where none of the classes got a vote,
    /// the class of `file` gets all. The column `split` must agree where that file has it, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub votes: Option<String>,
    /// The columns of `votes` by the number of the class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vote_columns: Option<Vec<String>>,
}

impl FormatConfig for PixelsConfig {
    fn source(&self, task: TaskKind) -> Result<Box<dyn Source>> {
        task.only_classes("pixels")?;
        Ok(Box::new(self.check()?))
    }
}

impl PixelsConfig {
    /// Reads the data set that the table describes, without the rest of a recipe.
    ///
    /// # Errors
    /// [`DataError::Config`] for the table itself; what is wrong with a file, and where, for its content.
    pub fn read(&self, files: &Files) -> Result<Labelled> {
        let data = self.check()?.read(files)?;
        data.check()?;
        Ok(data)
    }

    /// Checks that all that is needed is there and fits together.
    pub(crate) fn check(&self) -> Result<PixelsSource> {
        let pixels = required("pixels.pixels", self.pixels.as_ref())?;
        let label = required("pixels.label", self.label.as_ref())?;
        if label == pixels {
            return Err(DataError::config("pixels.label", "is the pixels' column; name another"));
        }
        if self.split.as_ref().is_some_and(|split| *split == pixels || *split == label) {
            return Err(DataError::config(
                "pixels.split",
                "is the pixels' or the label's column; name another",
            ));
        }
        let size = required("pixels.size", self.size.as_ref())?;
        if size.iter().any(|side| !(1..=8192).contains(side)) {
            let problem = format!("expected height and width from 1 to 8192, found {size:?}");
            return Err(DataError::config("pixels.size", problem));
        }
        let classes = required("pixels.classes", self.classes.as_ref())?;
        class_names("pixels.classes", &classes)?;
        let votes = match (&self.votes, &self.vote_columns) {
            (Some(file), Some(columns)) if columns.len() == classes.len() => {
                class_names("pixels.vote_columns", columns)?;
                Some((file.clone(), columns.clone()))
            }
            (Some(_), Some(columns)) => {
                let problem =
                    format!("expected {} columns, one per class, found {}", classes.len(), columns.len());
                return Err(DataError::config("pixels.vote_columns", problem));
            }
            (Some(_), None) => {
                return Err(DataError::config("pixels.vote_columns", "missing; `votes` needs it"));
            }
            (None, Some(_)) => {
                return Err(DataError::config("pixels.votes", "missing; `vote_columns` is given"));
            }
            (None, None) => None,
        };
        Ok(PixelsSource {
            file: required("pixels.file", self.file.as_ref())?,
            pixels,
            label,
            split: SplitColumn::checked("pixels", self.split.as_ref(), self.split_names.as_ref())?,
            size,
            classes,
            votes,
        })
    }
}
