//! The section about predicted numbers.

use brasa_plot::{HistogramChart, PredictedChart, ResidualChart};

use super::charts::Chart;
use super::html::{chart_grid, section};
use super::{Report, ReportError};

/// True and predicted numbers of one target on one split.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Regression {
    /// What is predicted, with its unit, for example `alcohol (% vol)`.
    pub target: String,
    /// Which split was predicted, for example `test`.
    pub split: String,
    /// `(true, predicted)` of each row, in the target's own unit. Rows that are not finite are left out of the pictures,
    /// which say so.
    pub pairs: Vec<(f64, f64)>,
}

/// A section for each target.
pub(super) fn sections(report: &Report) -> Result<String, ReportError> {
    let one = |(part, regression): (usize, &Regression)| {
        let heading = format!("Predicted {} on {}", regression.target, regression.split);
        let id = format!("regression{}", numbered(part));
        Ok(section(&id, &heading, &chart_grid(&charts(report, part)?)))
    };
    report.regression.iter().enumerate().map(one).collect()
}

/// The pictures of one target: predicted against true, residuals, and how often which residual is.
pub(super) fn charts(report: &Report, part: usize) -> Result<Vec<Chart>, ReportError> {
    let Some(Regression { target, split, pairs }) = report.regression.get(part) else {
        return Ok(Vec::new());
    };
    let predicted = PredictedChart {
        title: format!("Predicted against true ({split})"),
        label: target.clone(),
        pairs: pairs.clone(),
    };
    let residuals =
        ResidualChart { title: format!("Residuals ({split})"), label: target.clone(), pairs: pairs.clone() };
    let histogram = HistogramChart {
        title: format!("Histogram of the residuals ({split})"),
        value_label: "residual (true - predicted)".to_owned(),
        count_label: "rows".to_owned(),
        values: pairs.iter().map(|(truth, predicted)| truth - predicted).collect(),
        line_at: Some(0.0),
    };
    let rows = pairs.len();
    let alt = |what: &str| format!("{what} of {target}, {rows} rows of the {split} split");
    [
        ("predicted", alt("Predicted against true values"), predicted.to_svg()),
        ("residuals", alt("Residuals against predicted values"), residuals.to_svg()),
        ("residual-histogram", alt("Histogram of the residuals"), histogram.to_svg()),
    ]
    .into_iter()
    .map(|(name, alt, svg)| Chart::drawn(format!("{name}{}", numbered(part)), alt, svg))
    .collect()
}

/// What tells the files of several targets apart: nothing for the first.
fn numbered(part: usize) -> String {
    if part == 0 { String::new() } else { format!("-{}", part + 1) }
}
