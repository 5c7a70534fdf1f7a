//! `training.checkpoint`: how often a training is written down.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How often a training that leaves checkpoints writes one, beside the one at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Every {
    /// At its end alone.
    Never,
    /// When so much time has passed since the last one.
    Time(Duration),
    /// After so many steps.
    Steps(usize),
    /// After so many epochs.
    Epochs(usize),
}

impl Default for Every {
    /// Half a minute: what a kill can cost.
    fn default() -> Self {
        Self::Time(Duration::from_secs(30))
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::Time(time) => write!(f, "{} s", time.as_secs_f64()),
            Self::Steps(1) => f.write_str("1 step"),
            Self::Steps(steps) => write!(f, "{steps} steps"),
            Self::Epochs(1) => f.write_str("1 epoch"),
            Self::Epochs(epochs) => write!(f, "{epochs} epochs"),
        }
    }
}

impl From<Every> for String {
    fn from(every: Every) -> Self {
        every.to_string()
    }
}

impl TryFrom<String> for Every {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Every {
    type Err = String;

    /// ```
    /// use brasa_train::Every;
    ///
    /// assert_eq!("200 steps".parse(), Ok(Every::Steps(200)));
    /// assert_eq!("5 min".parse(), Ok(Every::Time(std::time::Duration::from_secs(300))));
    /// assert!("often".parse::<Every>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, String> {
        // What was found, whoever reads a recipe says.
        let wrong = || "expected \"30 s\", \"5 min\", \"200 steps\", \"1 epoch\" or \"never\"".to_owned();
        let trimmed = text.trim();
        if trimmed == "never" {
            return Ok(Self::Never);
        }
        let split = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
        let (number, unit) = trimmed.split_at_checked(split).ok_or_else(wrong)?;
        let count = || number.parse().ok().filter(|count: &usize| *count > 0).ok_or_else(wrong);
        let time = |unit: f64| {
            let seconds = number.parse::<f64>().ok().map(|number| number * unit);
            let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            time.filter(|time| !time.is_zero()).map(Self::Time).ok_or_else(wrong)
        };
        match unit.trim() {
            "s" => time(1.0),
            "min" => time(60.0),
            "h" => time(3600.0),
            "step" | "steps" => Ok(Self::Steps(count()?)),
            "epoch" | "epochs" => Ok(Self::Epochs(count()?)),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["never", "30 s", "0.5 s", "200 steps", "1 epoch"] {
            assert_eq!(text.parse::<Every>().unwrap().to_string(), text);
        }
        assert_eq!("1.5min".parse::<Every>().unwrap().to_string(), "90 s");
        assert_eq!("2 epoch".parse::<Every>().unwrap(), Every::Epochs(2));
    }

    #[test]
    fn what_says_no_time_is_refused() {
        for text in [
            "",
            "s",
            "0 s",
            "-1 s",
            "0 steps",
            "1.5 steps",
            "1e400 s",
            "1e9 epochs",
            "30",
            "30 minutes",
            "1..2 s",
        ] {
            assert!(text.parse::<Every>().is_err(), "{text}");
        }
    }
}
