//! The readings of one channel of one case.

use super::config::Missing;
use super::lines::{Line, shown};
use crate::Result;
use crate::formats::delimited::number;

/// Where a channel is.
#[derive(Clone, Copy)]
pub(super) struct Place<'l> {
    pub line: &'l Line<'l>,
    /// From 1.
    pub channel: usize,
}

/// Reads a channel to the end of `all`.
pub(super) fn append(text: &str, place: Place<'_>, missing: Missing, all: &mut Vec<f64>) -> Result<()> {
    let Place { line, channel } = place;
    let start = all.len();
    let mut gaps = false;
    for (step, cell) in (1..).zip(text.split(',')) {
        let cell = cell.trim();
        let absent = cell == "?" || cell.eq_ignore_ascii_case("nan");
        let problem = match (number(cell), missing) {
            (Ok(value), _) => {
                all.push(value);
                continue;
            }
            (Err(_), Missing::Refuse) if absent => {
                "the reading is missing; missing = \"mean\" or missing = \"previous\" in [data.ts] fills it"
                    .to_owned()
            }
            (Err(_), _) if absent => {
                gaps = true;
                all.push(f64::NAN);
                continue;
            }
            // Advice on cells that say in a word that they are missing is for tables; here, they are `?`.
            (Err(wrong), _) => {
                let advice = if cell.contains(|c: char| c.is_ascii_digit()) { wrong.advice } else { "" };
                format!("expected {}, found {}{advice}", wrong.expected, shown(cell))
            }
        };
        return Err(line.fault(format!("channel {channel}, step {step}: {problem}")));
    }
    let readings = all.get_mut(start..).unwrap_or_default();
    match gaps && readings.iter().all(|reading| reading.is_nan()) {
        true => Err(line.fault(format!(
            "channel {channel}: all readings are missing, so there is nothing to fill them from"
        ))),
        false => {
            if gaps {
                fill(readings, missing);
            }
            Ok(())
        }
    }
}

/// Fills gaps, which are NaN; there is a reading among them.
fn fill(readings: &mut [f64], missing: Missing) {
    let there = || readings.iter().copied().filter(|reading| !reading.is_nan());
    let mut value = match missing {
        // Each by its share, since a sum may be beyond 64 bits.
        Missing::Mean => {
            let count = there().count() as f64;
            there().map(|reading| reading / count).sum()
        }
        _ => there().next().unwrap_or_default(),
    };
    for reading in readings {
        match (reading.is_nan(), missing) {
            (true, _) => *reading = value,
            (false, Missing::Previous) => value = *reading,
            (false, _) => {}
        }
    }
}
