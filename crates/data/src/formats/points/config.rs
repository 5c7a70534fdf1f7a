//! The `[data.points]` table.

use serde::{Deserialize, Serialize};

use crate::config::TaskKind;
use crate::formats::{FormatConfig, Source};
use crate::{DataError, Result};

/// Where generated points of two classes lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointShape {
    /// Two round heaps on the diagonal, at (0.3, 0.3) and (0.7, 0.7); separable or not, as they happen to fall.
    Blobs,
    /// Anywhere, on the two sides of a random line through the middle: separable.
    #[default]
    Line,
    /// Four heaps in the corners, opposite ones of one class: not separable while the heaps stay apart.
    Xor,
    /// Two half circles, each reaching into the other, as scikit-learn's `make_moons`: not separable.
    Moons,
}

/// Points `X1`, `X2` of two classes `Y`, made from a seed, in or near the unit square and in random order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PointsConfig {
    /// Where the points lie.
    pub shape: PointShape,
    /// How many there are; the classes have as many each, or class 0 one more.
    pub rows: usize,
    /// What every random choice derives from.
    pub seed: u64,
    /// All but `line`: standard deviation of each point's place in both directions; 0.1 for `blobs`, 0.06 for `xor`,
    /// 0.03 for `moons` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<f64>,
    /// `line`: how far from the line every point keeps at least, up to 0.2; 0.05 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
}

impl Default for PointsConfig {
    fn default() -> Self {
        Self { shape: PointShape::default(), rows: 100, seed: 42, noise: None, margin: None }
    }
}

/// Points beyond this many teach nothing more and fill the memory.
const MOST_ROWS: usize = 1_000_000;

/// With this margin the smaller side of any of the lines still holds a twentieth of the square.
const WIDEST_MARGIN: f64 = 0.2;

/// A `[data.points]` table that makes sense.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PointsSource {
    pub shape: PointShape,
    pub rows: usize,
    pub seed: u64,
    /// Deviation of the noise, or for `line` the margin.
    pub spread: f64,
    pub classes: Vec<String>,
}

impl PointShape {
    /// The name in a recipe.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Blobs => "blobs",
            Self::Line => "line",
            Self::Xor => "xor",
            Self::Moons => "moons",
        }
    }
}

impl FormatConfig for PointsConfig {
    fn source(&self, task: TaskKind) -> Result<Box<dyn Source>> {
        task.only_classes("points")?;
        Ok(Box::new(self.check()?))
    }
}

impl PointsConfig {
    pub(crate) fn check(&self) -> Result<PointsSource> {
        if !(2..=MOST_ROWS).contains(&self.rows) {
            let problem = format!("expected 2 to {MOST_ROWS} points, found {}", self.rows);
            return Err(DataError::config("points.rows", problem));
        }
        let misfit = |key: &str, given: Option<f64>| match given {
            Some(_) => {
                let problem = format!("does not apply to shape \"{}\"; remove the key", self.shape.name());
                Err(DataError::config(key, problem))
            }
            None => Ok(()),
        };
        let within = |key: &str, value: f64, most: f64| match (0.0..=most).contains(&value) {
            true => Ok(value),
            false => {
                Err(DataError::config(key, format!("expected a number from 0 to {most}, found {value}")))
            }
        };
        let noise = |default: f64| {
            misfit("points.margin", self.margin)?;
            within("points.noise", self.noise.unwrap_or(default), 1.0)
        };
        let spread = match self.shape {
            PointShape::Line => {
                misfit("points.noise", self.noise)?;
                within("points.margin", self.margin.unwrap_or(0.05), WIDEST_MARGIN)?
            }
            PointShape::Blobs => noise(0.1)?,
            PointShape::Xor => noise(0.06)?,
            PointShape::Moons => noise(0.03)?,
        };
        Ok(PointsSource {
            shape: self.shape,
            rows: self.rows,
            seed: self.seed,
            spread,
            classes: vec!["0".into(), "1".into()],
        })
    }
}
