//! The report's charts, from its data.

use brasa_plot::{ImageSheet, Line, LineChart, PlotError, SheetImage};

use super::{Curves, FigureCurve, Mistake, Report, ReportError, calibration, classes, regression};

/// Pictures per row of the mistakes sheet.
const SHEET_COLUMNS: usize = 6;
/// Small pictures are enlarged to about this many pixels.
const PICTURE_SIDE: u32 = 96;

/// One drawn chart.
pub(crate) struct Chart {
    /// File name without its ending.
    pub(crate) name: String,
    /// What is seen, for those who cannot see it.
    pub(crate) alt: String,
    pub(crate) svg: String,
}

impl Chart {
    /// The chart that was drawn, or an error with its name.
    pub(crate) fn drawn(
        name: impl Into<String>,
        alt: String,
        svg: Result<String, PlotError>,
    ) -> Result<Self, ReportError> {
        let name = name.into();
        let svg = drawn(&name, svg)?;
        Ok(Self { name, alt, svg })
    }
}

/// Every chart that has data, in the order of the page.
pub(super) fn all(report: &Report) -> Result<Vec<Chart>, ReportError> {
    let mut charts = curves(&report.curves)?;
    if let Some(folds) = &report.folds {
        charts.extend(super::folds::charts(folds)?);
    }
    for part in 0..report.regression.len() {
        charts.extend(regression::charts(report, part)?);
    }
    if let Some(confusion) = &report.confusion {
        charts.extend(classes::confusion_pair(confusion)?);
    }
    charts.extend(calibration::chart(report)?);
    charts.extend(classes::histogram(report)?);
    Ok(charts)
}

/// Every figure and the learning rate per epoch.
pub(super) fn curves(curves: &Curves) -> Result<Vec<Chart>, ReportError> {
    let figure = |curve: &'_ FigureCurve| {
        let axis = if curve.axis.trim().is_empty() { &curve.name } else { &curve.axis };
        (slug(&curve.name), curve.name.clone(), axis.clone())
    };
    let mut charts: Vec<(String, String, String, Vec<Series<'_>>, bool)> = Vec::new();
    for curve in &curves.figures {
        let (name, title, axis) = figure(curve);
        charts.push((name, title, axis, pair(&curve.train, &curve.valid), true));
    }
    let lr = vec![("", curves.lr.as_slice(), false)];
    charts.push(("learning-rate".into(), "Learning rate".into(), "learning rate".into(), lr, false));
    charts
        .into_iter()
        .filter(|(.., series, _)| series.iter().any(|(_, values, _)| !values.is_empty()))
        .map(|(name, title, y_label, series, marked)| {
            let chart = LineChart {
                title: title.clone(),
                x_label: "epoch".to_owned(),
                y_label,
                series: series
                    .into_iter()
                    .map(|(name, values, dashed)| line(curves, name, values, dashed))
                    .collect(),
                marks: curves
                    .best_epoch
                    .filter(|_| marked)
                    .map(|epoch| (epoch as f64, format!("kept: epoch {epoch}")))
                    .into_iter()
                    .collect(),
                log_y: name == "learning-rate" && mostly_tiny(&curves.lr),
                ..LineChart::default()
            };
            let alt = format!("{title} per epoch over {} epochs", curves.epochs.len());
            Chart::drawn(name, alt, chart.to_svg())
        })
        .collect()
}

/// A name as a file's: `Macro F1` as `macro-f1`.
fn slug(name: &str) -> String {
    let letters = name.chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' });
    let words = letters.collect::<String>().to_lowercase();
    words.split_whitespace().collect::<Vec<_>>().join("-")
}

type Series<'a> = (&'static str, &'a [f64], bool);

fn pair<'a>(train: &'a [f64], valid: &'a [f64]) -> Vec<Series<'a>> {
    vec![("train", train, false), ("validation", valid, true)]
}

fn line(curves: &Curves, name: &str, values: &[f64], dashed: bool) -> Line {
    let points = curves.epochs.iter().zip(values).map(|(epoch, value)| (*epoch as f64, *value)).collect();
    // A curve without values gets no entry in the legend either.
    let name = if values.is_empty() { String::new() } else { name.to_owned() };
    Line { name, points, dashed }
}

/// Whether most values would vanish on a linear axis: half of them lie below a twentieth of the largest.
pub(crate) fn mostly_tiny(values: &[f64]) -> bool {
    let mut positive: Vec<f64> = values.iter().copied().filter(|v| *v > 0.0 && v.is_finite()).collect();
    positive.sort_by(f64::total_cmp);
    match (positive.get(positive.len() / 2), positive.last()) {
        (Some(median), Some(largest)) => median * 20.0 < *largest,
        _ => false,
    }
}

/// The mistakes on one sheet; none where there is no picture of one.
pub fn mistake_sheet(mistakes: &[Mistake]) -> Option<ImageSheet> {
    let largest = mistakes.iter().map(|m| m.width.max(m.height)).max()?;
    Some(ImageSheet {
        images: mistakes.iter().map(picture).collect(),
        columns: SHEET_COLUMNS,
        scale: (PICTURE_SIDE / largest.max(1)).max(1),
        note: String::new(),
    })
}

/// The mistakes as files: a captioned SVG, and a PNG of the pictures alone.
pub(super) fn mistake_sheets(report: &Report) -> Result<Vec<(String, Vec<u8>)>, ReportError> {
    let Some(sheet) = mistake_sheet(&report.mistakes) else { return Ok(Vec::new()) };
    Ok(vec![
        ("mistakes.svg".to_owned(), drawn("mistakes", sheet.to_svg())?.into_bytes()),
        ("mistakes.png".to_owned(), drawn("mistakes", sheet.to_png())?),
    ])
}

/// One mistake as a picture with its caption.
pub(super) fn picture(mistake: &Mistake) -> SheetImage {
    SheetImage {
        pixels: mistake.pixels.clone(),
        width: mistake.width,
        height: mistake.height,
        channels: mistake.channels,
        caption: [
            format!("true: {}", mistake.true_class),
            format!("said: {} ({:.2})", mistake.predicted, mistake.probability),
        ]
        .into_iter()
        .chain(Some(mistake.name.clone()).filter(|name| !name.is_empty()))
        .collect(),
    }
}

pub(crate) fn drawn<T>(picture: &str, result: Result<T, PlotError>) -> Result<T, ReportError> {
    result.map_err(|source| ReportError::Picture { picture: picture.to_owned(), source })
}
