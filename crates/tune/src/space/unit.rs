//! Values as numbers between 0 and 1, which is all that samplers know of them.

use serde_json::Value;

use super::Domain;
use super::domain::Shape;
use crate::normal::{cdf, quantile};

impl Domain {
    /// The value at `unit`, from 0 to 1.
    pub(crate) fn at(&self, unit: f64) -> Value {
        let unit = unit.clamp(0.0, 1.0);
        match self {
            Self::Uniform { low, high } => (low + unit * (high - low)).min(*high).into(),
            Self::LogUniform { low, high } => {
                (low.ln() + unit * (high.ln() - low.ln())).exp().clamp(*low, *high).into()
            }
            // Ten standard deviations stand for the ends, which a finite number cannot be.
            Self::Normal { mean, sd } => (mean + sd * quantile(unit).clamp(-10.0, 10.0)).into(),
            _ => self.nth(self.cell_at(unit)),
        }
    }

    /// The value of a cell or category; null where there is none.
    pub(crate) fn nth(&self, index: usize) -> Value {
        match self {
            Self::Choice(values) | Self::Grid(values) => values.get(index).cloned().unwrap_or_default(),
            Self::QUniform { low, q, whole: true, .. } => ((low + index as f64 * q) as i64).into(),
            Self::QUniform { low, q, .. } => without_noise(low + index as f64 * q).into(),
            Self::RandInt { low, .. } | Self::LogRandInt { low, .. } => {
                low.saturating_add(index as i64).into()
            }
            _ => Value::Null,
        }
    }

    /// The cell or category that `unit` falls into.
    pub(crate) fn cell_at(&self, unit: f64) -> usize {
        let count = self.count().unwrap_or(1);
        let index = match self {
            Self::LogRandInt { low, .. } => {
                let (bottom, range) = self.log_range();
                ((bottom + unit * range).exp() - *low as f64 + 0.5) as usize
            }
            _ => (unit * count as f64) as usize,
        };
        index.min(count.saturating_sub(1))
    }

    /// Where a cell lies between 0 and 1: its two ends.
    pub(crate) fn cell(&self, index: usize) -> (f64, f64) {
        match self {
            Self::LogRandInt { low, .. } => {
                let (bottom, range) = self.log_range();
                let end = |shift: f64| ((*low as f64 + index as f64 + shift).ln() - bottom) / range;
                (end(-0.5), end(0.5))
            }
            _ => {
                let count = self.count().unwrap_or(1) as f64;
                (index as f64 / count, (index + 1) as f64 / count)
            }
        }
    }

    /// Logarithm of the lower end of the first cell, and how far it is from there to the upper end of the last.
    fn log_range(&self) -> (f64, f64) {
        match self {
            Self::LogRandInt { low, high } => {
                let bottom = (*low as f64 - 0.5).ln();
                (bottom, (*high as f64 + 0.5).ln() - bottom)
            }
            _ => (0.0, 1.0),
        }
    }

    /// Which cell or category a value is.
    pub(crate) fn index(&self, value: &Value) -> Option<usize> {
        match self {
            Self::Choice(values) | Self::Grid(values) => values.iter().position(|known| same(known, value)),
            Self::QUniform { low, q, .. } => {
                let steps = (value.as_f64()? - low) / q;
                let index = steps.round();
                let near = (steps - index).abs() < 1e-6 && index >= 0.0;
                (near && (index as usize) < self.count()?).then_some(index as usize)
            }
            Self::RandInt { low, high } | Self::LogRandInt { low, high } => {
                let whole = value.as_i64()?;
                (*low <= whole && whole <= *high).then(|| usize::try_from(whole - low).ok())?
            }
            _ => None,
        }
    }

    /// Where a value lies between 0 and 1: the middle of its cell; for a category its index.
    pub(crate) fn unit(&self, value: &Value) -> Option<f64> {
        match self {
            Self::Uniform { low, high } => within((value.as_f64()? - low) / (high - low)),
            Self::LogUniform { low, high } => within((value.as_f64()? / low).ln() / (high / low).ln()),
            Self::Normal { mean, sd } => within(cdf((value.as_f64()? - mean) / sd)),
            Self::LogRandInt { low, .. } => {
                let (bottom, range) = self.log_range();
                Some(((*low as f64 + self.index(value)? as f64).ln() - bottom) / range)
            }
            _ => {
                let index = self.index(value)? as f64;
                Some(match self.shape() {
                    Shape::Lattice(count) => (index + 0.5) / count as f64,
                    _ => index,
                })
            }
        }
    }

    /// Whether the key can take this value.
    #[must_use]
    pub fn contains(&self, value: &Value) -> bool {
        self.unit(value).is_some()
    }
}

/// Numbers are the same whether they are written with a point or not.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

/// `unit` where it is between 0 and 1, but for rounding.
fn within(unit: f64) -> Option<f64> {
    (-1e-9..=1.0 + 1e-9).contains(&unit).then(|| unit.clamp(0.0, 1.0))
}

/// 0.3 rather than 0.30000000000000004: thirteen digits are what a step means.
fn without_noise(value: f64) -> f64 {
    format!("{value:.12e}").parse().unwrap_or(value)
}
