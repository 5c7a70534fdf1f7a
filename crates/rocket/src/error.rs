//! The one error type of the crate.

/// What this crate returns.
pub type Result<T> = std::result::Result<T, RocketError>;

/// Everything that can be wrong with series, features, targets, settings or saved numbers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RocketError {
    /// A setting is out of its range.
    #[error("rocket `{key}`: expected {expected}, found {found}")]
    Config {
        /// The key.
        key: &'static str,
        /// What it may be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// The values of a series do not fill its channels.
    #[error(
        "a series: expected as many values, at least one, for each of its channels, found {values} values for {channels} channels"
    )]
    Length {
        /// Values that were given.
        values: usize,
        /// Channels that were named.
        channels: usize,
    },
    /// A value of a series with which one cannot compute.
    #[error("a series: channel {channel}, step {step}: expected a number from -1e30 to 1e30, found {found}")]
    Value {
        /// 0-based channel.
        channel: usize,
        /// 0-based step in time.
        step: usize,
        /// The value.
        found: f32,
    },
    /// No series to learn from.
    #[error("expected at least one series, found none")]
    NoSeries,
    /// A series has other channels than the rest.
    #[error("series {series}: expected {expected} channels, found {found}")]
    Channels {
        /// 0-based series.
        series: usize,
        /// Channels of the first series, or of those that were learnt from.
        expected: usize,
        /// Channels of this one.
        found: usize,
    },
    /// Numbers that do not fit together, such as those of a damaged file.
    #[error("{what}: expected {expected}, found {found}")]
    Parts {
        /// Which numbers.
        what: &'static str,
        /// What they should be.
        expected: String,
        /// What they are.
        found: String,
    },
    /// A table of features or targets has not the size that it should have.
    #[error("{what}: expected {expected}, found {found}")]
    Shape {
        /// Which table.
        what: &'static str,
        /// Its size as it should be.
        expected: String,
        /// Its size.
        found: String,
    },
    /// A feature or target that is no finite number.
    #[error("{what}: row {row}, column {column}: expected a finite number, found {found}")]
    NotFinite {
        /// Which table.
        what: &'static str,
        /// 0-based row.
        row: usize,
        /// 0-based column.
        column: usize,
        /// The number.
        found: f64,
    },
    /// A row names a class that there is not.
    #[error("row {row}: expected a class below {classes}, found {found}")]
    Class {
        /// 0-based row.
        row: usize,
        /// Number of classes.
        classes: usize,
        /// The class.
        found: u32,
    },
    /// The eigenvalues could not be found.
    #[error("ridge regression: the eigenvalues of a matrix of {size} rows did not converge")]
    Eigenvalues {
        /// Rows of the matrix.
        size: usize,
    },
}

pub(crate) fn shape<T>(
    what: &'static str,
    expected: impl Into<String>,
    found: impl Into<String>,
) -> Result<T> {
    Err(RocketError::Shape { what, expected: expected.into(), found: found.into() })
}

pub(crate) fn parts<T>(what: &'static str, expected: impl Into<String>, found: impl ToString) -> Result<T> {
    Err(RocketError::Parts { what, expected: expected.into(), found: found.to_string() })
}
