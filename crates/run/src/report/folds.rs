//! The section about cross-validation: every figure over the folds.

use brasa_plot::{Strip, StripChart};

use super::charts::Chart;
use super::html::{chart_grid, score, section, table};
use super::{Report, ReportError};

/// What cross-validation found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Folds {
    /// The figures, in the order in which they should be read.
    pub figures: Vec<FoldFigure>,
}

/// One figure over the folds; NaN is shown as a dash.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoldFigure {
    /// What it is, for example `macro F1`.
    pub name: String,
    /// Whether it is a share from 0 to 1, which is drawn beside the other shares; a loss is not.
    pub share: bool,
    /// Mean over the folds.
    pub mean: f64,
    /// Standard deviation over the folds.
    pub deviation: f64,
    /// 95 % interval of the mean.
    pub interval: [f64; 2],
    /// The value of each fold.
    pub values: Vec<f64>,
}

pub(super) fn section_of(report: &Report) -> Result<String, ReportError> {
    let Some(folds) = &report.folds else { return Ok(String::new()) };
    let columns = [
        ("figure", false),
        ("mean", true),
        ("deviation", true),
        ("95 % interval", true),
        ("lowest fold", true),
        ("highest fold", true),
    ];
    let extreme = |figure: &FoldFigure, pick: fn(f64, f64) -> f64| {
        score(figure.values.iter().copied().reduce(pick).unwrap_or(f64::NAN))
    };
    let rows: Vec<Vec<String>> = folds
        .figures
        .iter()
        .map(|figure| {
            let [low, high] = figure.interval;
            let mut row = vec![figure.name.clone()];
            row.extend([figure.mean, figure.deviation].map(score));
            row.push(format!("{} to {}", score(low), score(high)));
            row.extend([extreme(figure, f64::min), extreme(figure, f64::max)]);
            row
        })
        .collect();
    let body = table("Figures over the folds", &columns, &rows) + &chart_grid(&charts(folds)?);
    Ok(section("folds", "Over the folds", &body))
}

/// Shares on one axis, and each other figure on its own.
pub(super) fn charts(folds: &Folds) -> Result<Vec<Chart>, ReportError> {
    let (shares, others): (Vec<_>, Vec<_>) = folds.figures.iter().partition(|figure| figure.share);
    let mut axes = vec![("folds".to_owned(), "Scores of each fold".to_owned(), shares)];
    for figure in others {
        let name = figure.name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let name = if name == "loss" { "fold-losses".to_owned() } else { format!("fold-{name}") };
        let (first, rest) = figure.name.split_at(figure.name.chars().next().map_or(0, char::len_utf8));
        axes.push((name, format!("{}{rest} of each fold", first.to_uppercase()), vec![figure]));
    }
    let mut charts = Vec::new();
    for (name, title, figures) in axes.into_iter().filter(|(_, _, figures)| !figures.is_empty()) {
        let strip = |figure: &&FoldFigure| Strip {
            name: figure.name.clone(),
            values: figure.values.clone(),
            mean: figure.mean,
            interval: figure.interval,
        };
        let chart = StripChart {
            title: title.clone(),
            value_label: "dots: folds; bar: mean with its 95 % interval".to_owned(),
            strips: figures.iter().map(strip).collect(),
        };
        let alt = format!("{title} as dots, with mean and 95 % interval");
        charts.push(Chart::drawn(name, alt, chart.to_svg())?);
    }
    Ok(charts)
}
