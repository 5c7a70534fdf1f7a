//! How often the truth is to be within what a model says.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A share of rows, in whole percents: how often an interval or a set of classes is to hold the truth.
///
/// ```
/// use brasa_predict::Coverage;
///
/// let coverage: Coverage = "0.9".parse()?;
/// assert_eq!((coverage.share(), coverage.to_string().as_str()), (0.9, "90 %"));
/// assert_eq!("90".parse::<Coverage>().unwrap_err(), "a share from 0.01 to 0.99 in hundredths, such as 0.9");
/// # Ok::<(), &'static str>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Coverage(u8);

impl Coverage {
    /// What reports show.
    pub const USUAL: [Self; 3] = [Self(80), Self(90), Self(95)];

    /// All of them, from the smallest.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (1..=99).map(Self)
    }

    /// The place among [`all`](Self::all).
    pub(crate) fn place(self) -> usize {
        usize::from(self.0).saturating_sub(1)
    }

    /// The share, between 0 and 1.
    pub fn share(self) -> f64 {
        f64::from(self.0) / 100.0
    }

    /// Rows that have to be held out for a margin of this coverage: with fewer, none is wide enough.
    ///
    /// ```
    /// # use brasa_predict::Coverage;
    /// assert_eq!("0.9".parse::<Coverage>().map(Coverage::rows_needed), Ok(9));
    /// ```
    pub fn rows_needed(self) -> usize {
        let percents = usize::from(self.0);
        percents.div_ceil(100 - percents)
    }

    /// Among `rows` scores in ascending order the one, from 1, that a new score is at most with this probability.
    pub(crate) fn rank(self, rows: usize) -> usize {
        ((rows + 1) * usize::from(self.0)).div_ceil(100)
    }
}

impl TryFrom<f64> for Coverage {
    type Error = &'static str;

    fn try_from(share: f64) -> Result<Self, Self::Error> {
        let percents = share * 100.0;
        match (percents - percents.round()).abs() < 1e-6 && (1.0..=99.0).contains(&percents.round()) {
            true => Ok(Self(percents.round() as u8)),
            false => Err("a share from 0.01 to 0.99 in hundredths, such as 0.9"),
        }
    }
}

impl From<Coverage> for f64 {
    fn from(coverage: Coverage) -> Self {
        coverage.share()
    }
}

impl FromStr for Coverage {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_from(text.parse::<f64>().unwrap_or(f64::NAN))
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_is_there_from_the_rows_needed_on() {
        for coverage in Coverage::all() {
            let needed = coverage.rows_needed();
            assert!(coverage.rank(needed) <= needed, "{coverage}");
            assert!(needed == 1 || coverage.rank(needed - 1) > needed - 1, "{coverage}");
            assert_eq!(coverage.to_string().trim_end_matches(" %"), (coverage.place() + 1).to_string());
        }
    }

    #[test]
    fn shares_are_read_as_they_are_written() {
        for coverage in Coverage::all() {
            let text = serde_json::to_string(&coverage).unwrap();
            assert_eq!(serde_json::from_str::<Coverage>(&text).unwrap(), coverage);
        }
        for wrong in ["", "0", "1", "0.999", "nan", "-0.5", "9"] {
            assert!(wrong.parse::<Coverage>().is_err(), "{wrong}");
        }
    }
}
