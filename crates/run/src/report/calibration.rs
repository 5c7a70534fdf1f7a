//! The section about how far a classifier's probabilities can be believed.

use brasa_plot::{ReliabilityBin, ReliabilityChart};

use super::charts::Chart;
use super::html::{chart_grid, count, score, section, table};
use super::{Report, ReportError};

/// How often a classifier is right where it says how sure it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibration {
    /// Which split was judged, for example `test`.
    pub split: String,
    /// Bins of equal width from 0 to 1, as [`ReliabilityChart::of`] makes them.
    pub bins: Vec<ReliabilityBin>,
}

pub(super) fn of_report(report: &Report) -> Result<String, ReportError> {
    let Some(calibration) = &report.calibration else { return Ok(String::new()) };
    let columns =
        [("confidence", false), ("mean confidence", true), ("accuracy", true), ("gap", true), ("rows", true)];
    let bins = calibration.bins.len();
    let edge = |index: usize| index as f64 / bins.max(1) as f64;
    let row = |(index, bin): (usize, &ReliabilityBin)| {
        let mut row = vec![format!("{:.2} to {:.2}", edge(index), edge(index + 1))];
        row.extend([bin.confidence, bin.accuracy, bin.accuracy - bin.confidence].map(score));
        row.push(count(bin.count));
        row
    };
    let filled = calibration.bins.iter().enumerate().filter(|(_, bin)| bin.count > 0);
    let rows: Vec<Vec<String>> = filled.map(row).collect();
    let charts: Vec<Chart> = chart(report)?.into_iter().collect();
    let body = chart_grid(&charts) + &table("Confidence and accuracy of each bin", &columns, &rows);
    Ok(section("calibration", &format!("Calibration on {}", calibration.split), &body))
}

/// The reliability diagram.
pub(super) fn chart(report: &Report) -> Result<Option<Chart>, ReportError> {
    let Some(Calibration { split, bins }) = &report.calibration else { return Ok(None) };
    let chart = ReliabilityChart { title: format!("Reliability ({split})"), bins: bins.clone() };
    let error = score(chart.expected_calibration_error());
    let alt = format!("Accuracy against confidence on the {split} split; expected calibration error {error}");
    Chart::drawn("reliability", alt, chart.to_svg()).map(Some)
}
