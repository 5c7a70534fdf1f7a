/// What every fallible function of this crate returns.
pub type Result<T> = std::result::Result<T, PlotError>;

/// Why a chart or a picture sheet could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// A series of a bar chart has not one value per category.
    #[error(
        "bar chart {chart:?}: series {series:?} has {found} values, but there are {expected} categories; \
         give one value per category"
    )]
    SeriesLength {
        /// Title of the chart.
        chart: String,
        /// Name of the series.
        series: String,
        /// Number of categories.
        expected: usize,
        /// Number of values of the series.
        found: usize,
    },
    /// A confusion matrix has not one row per class.
    #[error(
        "confusion matrix: {found} rows of counts came for {expected} classes; give one row per true class"
    )]
    ConfusionRows {
        /// Number of classes.
        expected: usize,
        /// Number of rows.
        found: usize,
    },
    /// A row of a confusion matrix has not one count per class.
    #[error(
        "confusion matrix: row {row} ({class:?}) has {found} counts, but there are {expected} classes; \
         give one count per predicted class"
    )]
    ConfusionColumns {
        /// Index of the row, from 0.
        row: usize,
        /// Name of the true class of that row.
        class: String,
        /// Number of classes.
        expected: usize,
        /// Number of counts in the row.
        found: usize,
    },
    /// A row of a scatter matrix has not one value per feature.
    #[error(
        "scatter matrix {chart:?}: row {row} of group {group:?} has {found} values, but there are {expected} \
         features; give one value per feature"
    )]
    FeatureCount {
        /// Title of the chart.
        chart: String,
        /// Name of the group.
        group: String,
        /// Index of the row within the group, from 0.
        row: usize,
        /// Number of features.
        expected: usize,
        /// Number of values in the row.
        found: usize,
    },
    /// The bytes of a picture do not fill its shape.
    #[error(
        "picture {picture}: {width} x {height} pixels with {channels} channel(s) need {expected} bytes, \
         but {found} came"
    )]
    PixelCount {
        /// Index of the picture, from 0.
        picture: usize,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Channels per pixel.
        channels: u8,
        /// `width * height * channels`.
        expected: u64,
        /// Bytes given.
        found: usize,
    },
    /// A picture is neither grey nor RGB.
    #[error("picture {picture}: {found} channels came; only 1 (grey) and 3 (RGB) can be drawn")]
    Channels {
        /// Index of the picture, from 0.
        picture: usize,
        /// Channels per pixel given.
        found: u8,
    },
    /// A picture has no pixels.
    #[error("picture {picture}: its size is {width} x {height}; both sides must be at least one pixel")]
    EmptyPicture {
        /// Index of the picture, from 0.
        picture: usize,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// `columns` or `scale` of a sheet is zero.
    #[error("picture sheet: `{setting}` is 0; it must be at least 1")]
    ZeroSetting {
        /// Name of the field.
        setting: &'static str,
    },
    /// A PNG of a sheet without pictures was asked for.
    #[error("picture sheet: there are no pictures, and a PNG cannot be empty; add one or skip the sheet")]
    NoPictures,
    /// A sheet or picture would be larger than an image file may be.
    #[error("picture sheet: the result would be {width} x {height} pixels; lower `scale` or split the sheet")]
    TooLarge {
        /// Width of the result in pixels.
        width: u64,
        /// Height of the result in pixels.
        height: u64,
    },
    /// The bytes of a raster picture do not fill its size.
    #[error(
        "frame {frame}: {width} x {height} pixels need {} bytes (red, green, blue each), but {found} came",
        u64::from(*width).saturating_mul(u64::from(*height)).saturating_mul(3)
    )]
    FrameSize {
        /// Index of the frame, from 0.
        frame: usize,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Bytes given.
        found: usize,
    },
    /// The frames of an animation have not all the same size.
    #[error(
        "animation: frame {frame} has {width} x {height} pixels, but the first has {first_width} x \
         {first_height}; draw all frames in one size"
    )]
    FrameDiffers {
        /// Index of the frame, from 0.
        frame: usize,
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
        /// Width of the first frame.
        first_width: u32,
        /// Height of the first frame.
        first_height: u32,
    },
    /// A grid has not one value per cell.
    #[error("{chart}: {columns} x {rows} cells need {expected} values, but {found} came")]
    GridSize {
        /// Which chart, and which grid of it.
        chart: String,
        /// Cells per row.
        columns: usize,
        /// Rows.
        rows: usize,
        /// `columns * rows`.
        expected: usize,
        /// Values given.
        found: usize,
    },
    /// The range of an axis or of colours is empty or not finite.
    #[error("{what}: the range {low} to {high} is empty; give finite numbers, the lower one first")]
    Range {
        /// Which range.
        what: String,
        /// Its lower end.
        low: f64,
        /// Its upper end.
        high: f64,
    },
    /// The APNG encoder refused the animation.
    #[error("cannot encode an animation as APNG")]
    Apng(#[from] png::EncodingError),
    /// The PNG encoder refused the pixels.
    #[error("cannot encode a picture as PNG")]
    Png(#[from] image::ImageError),
    /// The drawing backend failed.
    #[error("cannot draw {chart:?}: {reason}")]
    Draw {
        /// Title of the chart.
        chart: String,
        /// What the backend said.
        reason: String,
    },
}
