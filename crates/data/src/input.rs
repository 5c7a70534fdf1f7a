//! What a saved model takes: raw rows of a table, image files, or titles.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use serde::{Deserialize, Serialize};

use crate::config::Resize;
use crate::csv::Table;
use crate::{DataError, Labelled, Result, Samples, Values};

/// Images with more pixels are refused before they are decoded.
const MAX_PIXELS: u64 = 64 << 20;

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
    /// What a model trained on the data takes.
    #[must_use]
    pub fn of(data: &Labelled, resize: Resize) -> Self {
        if let Some(text) = &data.text {
            return Self::Text {
                field: text.field.clone(),
                tokens: text.tokens,
                length: text.length,
                vocabulary: text.vocabulary.clone(),
            };
        }
        match *data.samples.shape() {
            [channels, height, width] => Self::Image { channels, height, width, resize },
            _ => Self::Table { columns: data.feature_names.clone() },
        }
    }

    /// The shape of one sample.
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        match self {
            Self::Table { columns } => vec![columns.len()],
            Self::Image { channels, height, width, .. } => vec![*channels, *height, *width],
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
    /// [`DataError::WrongInput`] when the model takes images.
    pub fn read_csv(&self, label: &str, bytes: &[u8], delimiter: u8) -> Result<Samples> {
        let Self::Table { columns } = self else {
            let expected = match self {
                Self::Text { .. } => "titles, not rows of numbers",
                _ => "images, not rows of a table",
            };
            return Err(DataError::WrongInput { label: label.to_owned(), expected });
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

    /// Decodes a PNG or JPEG file of any size to one sample of bytes, `[channels, height, width]`.
    ///
    /// The orientation that a camera noted is applied, colours become grey (Rec. 709) where the
    /// model takes grey, 16 bits become 8, transparency is dropped, and the size is changed
    /// without keeping the proportions.
    ///
    /// # Errors
    /// [`DataError::Image`] for bytes that are no such image or have over 64 megapixels,
    /// [`DataError::WrongInput`] when the model takes a table.
    pub fn decode_image(&self, label: &str, bytes: &[u8]) -> Result<Samples> {
        let Self::Image { channels, height, width, resize } = *self else {
            let expected = match self {
                Self::Text { .. } => "titles, not images",
                _ => "rows of a table, not images",
            };
            return Err(DataError::WrongInput { label: label.to_owned(), expected });
        };
        let image = decode(bytes).map_err(|problem| DataError::Image { label: label.to_owned(), problem })?;
        let filter = match resize {
            Resize::Bilinear => FilterType::Triangle,
            Resize::Nearest => FilterType::Nearest,
        };
        let interleaved = match channels {
            1 => DynamicImage::ImageLuma8(image.into_luma8()),
            3 => DynamicImage::ImageRgb8(image.into_rgb8()),
            _ => {
                let problem = format!("the model takes {channels} channels, images have 1 or 3");
                return Err(DataError::Image { label: label.to_owned(), problem });
            }
        };
        let (width_px, height_px) = (width as u32, height as u32);
        let fits = interleaved.width() == width_px && interleaved.height() == height_px;
        let resized = match fits {
            true => interleaved,
            false => interleaved.resize_exact(width_px, height_px, filter),
        };
        let interleaved = resized.into_bytes();
        let planar = (0..channels)
            .flat_map(|channel| interleaved.iter().skip(channel).step_by(channels).copied())
            .collect();
        Samples::new(vec![channels, height, width], Values::U8(planar))
    }
}

fn decode(bytes: &[u8]) -> std::result::Result<DynamicImage, String> {
    if bytes.is_empty() {
        return Err("the file is empty".into());
    }
    let text = |error: image::ImageError| format!("cannot decode the image: {error}");
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| format!("cannot read the image: {error}"))?;
    if reader.format().is_none() {
        return Err("expected a PNG or JPEG image, found something else".into());
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_PIXELS * 8);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(text)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MAX_PIXELS {
        return Err(format!("{width} x {height} pixels; expected 1 to {MAX_PIXELS}"));
    }
    let orientation = decoder.orientation().map_err(text)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(text)?;
    image.apply_orientation(orientation);
    Ok(image)
}
