//! How much of something: one number or a range.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::seed::uniform;

/// How much a step changes: one number, or a range `[low, high]` that each sample draws from uniformly. What one number
/// means stands at its key.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number or a range [low, high]")]
pub enum Span {
    /// One number.
    One(f64),
    /// Both ends of a range.
    Range([f64; 2]),
}

impl Span {
    /// One number `x` is the range from `centre - x` to `centre + x`.
    pub(super) fn around(self, centre: f64) -> Ends {
        match self {
            Self::One(x) => Ends { low: centre - x, high: centre + x },
            Self::Range([low, high]) => Ends { low, high },
        }
    }

    /// One number is always that number.
    pub(super) fn exactly(self) -> Ends {
        match self {
            Self::One(x) => Ends { low: x, high: x },
            Self::Range([low, high]) => Ends { low, high },
        }
    }
}

/// A range to draw from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ends {
    pub low: f64,
    pub high: f64,
}

impl Ends {
    /// Whether the range is one, and within `least..=most`.
    pub fn check(self, key: &str, least: f64, most: f64) -> Result<(), String> {
        let Self { low, high } = self;
        match low <= high && low >= least && high <= most {
            true => Ok(()),
            false => {
                Err(format!("`{key}`: expected a range within {least} to {most}, found {low} to {high}"))
            }
        }
    }

    pub fn draw(self, rng: &mut ChaCha8Rng) -> f64 {
        self.low + (self.high - self.low) * uniform(rng)
    }
}
