//! What a saved model takes: raw rows of a table, time series, image files, or titles.

use serde::{Deserialize, Serialize};

use crate::config::Resize;
use crate::csv::Table;
use crate::images::fit::Fit;
use crate::{Crop, DataError, Labelled, Result, Samples, Values};

/// The raw input of a model, saved beside its weights.
///
/// ```
/// use brasa_data::InputSpec;
/// let spec = InputSpec::Table { columns: vec!["height".into(), "width".into()] };
/// let text = b"width,id,height\n2,a,1\n4,b,3\n";
/// let samples = spec.read_csv("new.csv", text, b',')?;
/// assert_eq!(samples.row_f32(1), [3.0, 4.0]);
/// # Ok::<(), brasa_data::DataError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum InputSpec {
    /// Rows of numbers.
    Table {
        /// The columns, in the order the model takes them.
        columns: Vec<String>,
    },
    /// Images.
    Image {
        /// 1 for grey, 3 for red, green, blue.
        channels: usize,
        /// Height in pixels.
        height: usize,
        /// Width in pixels.
        width: usize,
        /// How other sizes are brought to this one.
        resize: Resize,
        /// What becomes of other proportions.
        #[serde(default, skip_serializing_if = "Crop::is_none")]
        crop: Crop,
    },
    /// Time series, in rows of a table.
    Series {
        /// The column that says which series a row belongs to.
        series: String,
        /// The column with the number of the step.
        step: String,
        /// The columns with the channels, in the order the model takes them.
        columns: Vec<String>,
        /// The number of steps.
        steps: usize,
    },
    /// Titles.
    Text {
        /// The field with the title, where there are fields.
        field: String,
        /// That field holds tokens, which are taken as they are.
        tokens: bool,
        /// Tokens of a sample.
        length: usize,
        /// The words by number, from 1 on.
        vocabulary: Vec<String>,
    },
}

impl InputSpec {
    /// What a model trained on a table or on images takes.
    #[must_use]
    pub fn of(data: &Labelled, resize: Resize, crop: Crop) -> Self {
        if let Some(text) = &data.text {
            return Self::Text {
                field: text.field.clone(),
                tokens: text.tokens,
                length: text.length,
                vocabulary: text.vocabulary.clone(),
            };
        }
        match *data.samples.shape() {
            [channels, height, width] => Self::Image { channels, height, width, resize, crop },
            _ => Self::Table { columns: data.feature_names.clone() },
        }
    }

    /// The shape of one sample.
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        match self {
            Self::Table { columns } => vec![columns.len()],
            Self::Image { channels, height, width, .. } => vec![*channels, *height, *width],
            Self::Series { columns, steps, .. } => vec![*steps, columns.len()],
            Self::Text { length, .. } => vec![*length],
        }
    }

    /// Reads rows of a table. `label` names the input in messages.
    ///
    /// With a header, the columns are found by name, in any order and among others. Without one,
    /// each row holds exactly the model's columns in their order. The first row is a header when
    /// it names a column of the model, or holds no number at all.
    ///
    /// # Errors
    /// [`DataError::MissingColumn`], [`DataError::Cell`] and the like with the place, and
    /// [`DataError::WrongInput`] when the model takes something else.
    pub fn read_csv(&self, label: &str, bytes: &[u8], delimiter: u8) -> Result<Samples> {
        let Self::Table { columns } = self else {
            return Err(self.wrong_input(label));
        };
        let is_number = |cell: &str| cell.parse::<f32>().is_ok();
        let has_header = |cells: &[&str]| {
            let has = |column: &String| cells.contains(&column.as_str());
            // A column may be named like a number, which then must not be taken for a value.
            columns.iter().all(has)
                || columns.iter().any(|column| !is_number(column) && has(column))
                || !cells.iter().copied().any(is_number)
        };
        let seen = std::cell::Cell::new(false);
        let table = Table::read(label, bytes, delimiter, |cells| {
            seen.set(has_header(cells));
            seen.get()
        })?;
        let places = match seen.get() {
            true => columns.iter().map(|name| table.column(name)).collect::<Result<Vec<_>>>()?,
            false if table.columns.len() == columns.len() => (0..columns.len()).collect(),
            false => {
                return Err(DataError::RaggedRow {
                    file: label.to_owned(),
                    line: 1,
                    expected: columns.len(),
                    found: table.columns.len(),
                });
            }
        };
        Samples::new(vec![columns.len()], Values::F32(table.numbers(&places)?))
    }

    /// Reads time series from a CSV file with one row per step, in order; other columns are ignored. The ids and the samples,
    /// in the order in which the series first appear.
    ///
    /// # Errors
    /// As for the data that the model was trained on; [`DataError::SeriesSteps`] when the series have another number of
    /// steps, and [`DataError::WrongInput`] when the model takes something else.
    pub fn read_series(&self, label: &str, bytes: &[u8]) -> Result<(Vec<String>, Samples)> {
        let Self::Series { series, step, columns, steps } = self else {
            return Err(self.wrong_input(label));
        };
        let (ids, samples) = crate::series::read_unlabelled(label, bytes, series, step, columns)?;
        match samples.shape().first() {
            Some(found) if found != steps => {
                Err(DataError::SeriesSteps { file: label.to_owned(), expected: *steps, found: *found })
            }
            _ => Ok((ids, samples)),
        }
    }

    pub(crate) fn wrong_input(&self, label: &str) -> DataError {
        let expected = match self {
            Self::Table { .. } => "rows of a table, not images",
            Self::Image { .. } => "images, not rows of a table",
            Self::Series { .. } => "time series in a CSV file",
            Self::Text { .. } => "titles",
        };
        DataError::WrongInput { label: label.to_owned(), expected }
    }

    /// Decodes a PNG or JPEG file of any size to one sample of bytes, `[channels, height, width]`.
    ///
    /// This is what data sets of images go through, too: the orientation that a camera noted is applied,
    /// colours become grey where the model takes grey (ITU-R BT.601, to the bit as Pillow does it),
    /// transparency is dropped, then the size is changed.
    ///
    /// # Errors
    /// [`DataError::Image`] for bytes that are no such image, that are animated, have 16 bits per channel or
    /// the colours of inks (CMYK), or over 64 megapixels; [`DataError::WrongInput`] when the model takes something else.
    pub fn decode_image(&self, label: &str, bytes: &[u8]) -> Result<Samples> {
        let Self::Image { channels, height, width, resize, crop } = *self else {
            return Err(self.wrong_input(label));
        };
        let fit = Fit { channels, height, width, resize, crop };
        let decoded = fit.sample_len().and_then(|len| {
            let mut sample = vec![0; len];
            fit.decode_into(bytes, &mut sample)?;
            Ok(sample)
        });
        let sample = decoded.map_err(|problem| DataError::Image { label: label.to_owned(), problem })?;
        Samples::new(vec![channels, height, width], Values::U8(sample.into()))
    }
}
