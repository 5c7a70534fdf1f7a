//! The values that a key may take.

use serde_json::Value;

/// The values that a key may take, and how likely each is before anything is known.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Domain {
    /// `choice = [..]`: one of these, each as likely; any JSON values, lists and tables included.
    Choice(Vec<Value>),
    /// `grid = [..]`: each of these in turn. Other samplers than `grid` try every combination of these keys for each
    /// draw of the rest.
    Grid(Vec<Value>),
    /// `uniform = [low, high]`: a number between.
    Uniform {
        /// Least value.
        low: f64,
        /// Bound above.
        high: f64,
    },
    /// `loguniform = [low, high]`: a number between, whose logarithm is uniform.
    LogUniform {
        /// Least value, above 0.
        low: f64,
        /// Bound above.
        high: f64,
    },
    /// `quniform = [low, high, q]`: `low`, `low + q`, and so on up to `high`, each as likely.
    QUniform {
        /// Least value.
        low: f64,
        /// No value is above.
        high: f64,
        /// Distance of the values.
        q: f64,
        /// Whether the values are whole numbers, as they are when all three are written so.
        whole: bool,
    },
    /// `randint = [low, high]`: a whole number, both ends included.
    RandInt {
        /// Least value.
        low: i64,
        /// Greatest value.
        high: i64,
    },
    /// `lograndint = [low, high]`: a whole number, both ends included, small ones more likely, as their logarithm is
    /// about uniform.
    LogRandInt {
        /// Least value, at least 1.
        low: i64,
        /// Greatest value.
        high: i64,
    },
    /// `normal = [mean, sd]`: a number around `mean`, without bounds.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
}

/// How a domain looks to a sampler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Numbers between 0 and 1, all as likely.
    Interval,
    /// So many cells that lie side by side between 0 and 1, in the order of their values.
    Lattice(usize),
    /// So many values without an order.
    Category(usize),
}

/// The words for the domains.
pub(crate) const WORDS: [&str; 8] =
    ["choice", "grid", "uniform", "loguniform", "quniform", "randint", "lograndint", "normal"];

impl Domain {
    /// The word for it in a recipe.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Choice(_) => "choice",
            Self::Grid(_) => "grid",
            Self::Uniform { .. } => "uniform",
            Self::LogUniform { .. } => "loguniform",
            Self::QUniform { .. } => "quniform",
            Self::RandInt { .. } => "randint",
            Self::LogRandInt { .. } => "lograndint",
            Self::Normal { .. } => "normal",
        }
    }

    /// How many values it has; none where they cannot be counted.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        match self.shape() {
            Shape::Interval => None,
            Shape::Lattice(count) | Shape::Category(count) => Some(count),
        }
    }

    pub(crate) fn shape(&self) -> Shape {
        match self {
            Self::Choice(values) | Self::Grid(values) => Shape::Category(values.len()),
            Self::Uniform { .. } | Self::LogUniform { .. } | Self::Normal { .. } => Shape::Interval,
            // What rounding takes from an exact multiple is given back.
            Self::QUniform { low, high, q, .. } => Shape::Lattice(((high - low) / q + 1e-9) as usize + 1),
            Self::RandInt { low, high } | Self::LogRandInt { low, high } => Shape::Lattice(
                usize::try_from(high.saturating_sub(*low).saturating_add(1)).unwrap_or(usize::MAX),
            ),
        }
    }

    /// What stands behind the word in a recipe.
    pub(crate) fn arguments(&self) -> Value {
        match self {
            Self::Choice(values) | Self::Grid(values) => values.clone().into(),
            Self::Uniform { low, high } | Self::LogUniform { low, high } => vec![*low, *high].into(),
            Self::QUniform { low, high, q, whole: true } => vec![*low as i64, *high as i64, *q as i64].into(),
            Self::QUniform { low, high, q, whole: false } => vec![*low, *high, *q].into(),
            Self::RandInt { low, high } | Self::LogRandInt { low, high } => vec![*low, *high].into(),
            Self::Normal { mean, sd } => vec![*mean, *sd].into(),
        }
    }
}
