//! The formats, one folder each.
//!
//! A format is a table of the recipe (`[data.csv]`) that [checks](FormatConfig) itself into a [`Source`], which reads the
//! data set, and, where a raw sample of it has a form of its own, a [`RawInput`] that a saved model keeps, so that
//! prediction reads as training did. One more of either is a folder here and a line in its list.

pub(crate) mod delimited;
pub mod idx;
pub(crate) mod images;
pub mod npz;
pub(crate) mod pixels;
pub(crate) mod points;
pub(crate) mod records;
pub mod series;
pub(crate) mod table;
pub(crate) mod text;
pub mod ts;

mod given;
mod input;
mod left_behind;
mod raw_files;
mod source;

pub(crate) use given::{SplitColumn, join};
pub use given::{SplitFiles, SplitNames};
pub use input::{RawInput, RawSamples};
pub use left_behind::is_left_behind;
pub use raw_files::{RawFile, RawFiles};
pub use source::{Features, FormatConfig, GivenSplit, Groups, Source};
pub(crate) use source::{check_scaling, check_split};

use crate::config::{TaskKind, data_config};
use input::input_spec;
pub(crate) use input::without_blank_end;

data_config! {
    /// One table of text with separators.
    csv: table::CsvConfig,
    /// The four binary files of MNIST and its kin.
    idx: idx::IdxConfig,
    /// PNG and JPEG images in folders or a zip archive.
    images: images::ImagesConfig,
    /// Arrays of NumPy in an `.npz` archive.
    npz: npz::NpzConfig,
    /// Points of two classes, made from a seed.
    points: points::PointsConfig,
    /// Time series with one row per step.
    series: series::SeriesConfig,
    /// Grey images whose pixels are text in a column.
    #[serde(alias = "faces")]
    pixels: pixels::PixelsConfig,
    /// Short texts with a category each, in JSON lines or tables.
    #[serde(alias = "titles")]
    text: text::TextConfig,
    /// Time series in the text form of aeon and sktime.
    ts: ts::TsConfig,
}

input_spec! {
    /// Rows of numbers.
    Table(table::TableInput),
    /// Images.
    Image(images::ImageInput),
    /// Time series, in rows of a table.
    Series(series::SeriesInput),
    /// Short texts.
    Text(text::TextInput),
    /// Arrays of numbers.
    Npz(npz::NpzInput),
    /// Time series, a line each.
    Ts(ts::TsInput),
}
