//! What is compared: a metric, its direction, and the order of values.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// Which values of a metric are better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Smaller is better.
    Minimize,
    /// Greater is better.
    Maximize,
}

impl Direction {
    /// The value as something to minimise: infinite where it is not finite, so that it ranks last.
    #[must_use]
    pub fn loss(self, value: f64) -> f64 {
        match self {
            _ if !value.is_finite() => f64::INFINITY,
            Self::Minimize => value,
            Self::Maximize => -value,
        }
    }

    /// Whether `value` is better than `other`; one that is not finite is better than none.
    #[must_use]
    pub fn is_better(self, value: f64, other: f64) -> bool {
        self.loss(value) < self.loss(other)
    }
}

/// The metric that a study is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its name, such as `accuracy`.
    pub name: String,
    /// Which of its values are better.
    pub direction: Direction,
}

/// Order of trials by loss, ties broken by number. Losses come from [`Direction::loss`] and are never NaN.
pub(crate) fn by_loss(a: (f64, usize), b: (f64, usize)) -> Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_ranks_last_in_both_directions() {
        for direction in [Direction::Minimize, Direction::Maximize] {
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                assert!(
                    direction.is_better(0.0, bad) && !direction.is_better(bad, 0.0),
                    "{direction:?} {bad}"
                );
            }
        }
        assert!(Direction::Maximize.is_better(2.0, 1.0) && Direction::Minimize.is_better(1.0, 2.0));
    }

    #[test]
    fn ties_go_to_the_lower_number() {
        assert_eq!(by_loss((1.0, 3), (1.0, 2)), Ordering::Greater);
        assert_eq!(by_loss((0.5, 3), (1.0, 2)), Ordering::Less);
    }
}
