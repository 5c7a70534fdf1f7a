use crate::axis::{Axis, Scale};
use crate::canvas::{INK, draw_svg};
use crate::cloud::missing;
use crate::colours::categorical;
use crate::error::Result;
use crate::frame::{BASE, Frame, Words, header, remark};
use crate::legend::Legend;

/// More bins than this are no longer seen apart.
const MOST_BINS: usize = 60;

/// How often numbers fall into bins of equal width.
///
/// ```
/// use brasa_plot::HistogramChart;
///
/// let chart = HistogramChart {
///     title: "Residuals on test".into(),
///     value_label: "true - predicted (EUR)".into(),
///     count_label: "rows".into(),
///     values: vec![-1.0, 0.0, 0.0, 0.5, 1.0],
///     line_at: Some(0.0),
/// };
/// assert_eq!(chart.bins().iter().map(|bin| bin.count).collect::<Vec<_>>(), [1, 0, 2, 2]);
/// assert!(chart.to_svg()?.starts_with("<svg"));
/// # Ok::<(), brasa_plot::PlotError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HistogramChart {
    /// Heading; may be empty.
    pub title: String,
    /// What the numbers measure, with their unit.
    pub value_label: String,
    /// What is counted, for example `rows`.
    pub count_label: String,
    /// The numbers; those that are not finite are left out, which is said.
    pub values: Vec<f64>,
    /// Where an upright dashed line stands, for example at a residual of zero.
    pub line_at: Option<f64>,
}

/// A bin of a [`HistogramChart`]: `low` belongs to it, and `high` only to the last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HistogramBin {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// How many numbers it holds.
    pub count: u64,
}

impl HistogramChart {
    /// The bins, as many as the rules of Sturges and of Freedman and Diaconis ask for, but at most 60.
    ///
    /// # Reference
    ///
    /// `numpy.histogram(values, bins="auto")`.
    pub fn bins(&self) -> Vec<HistogramBin> {
        let mut values: Vec<f64> = self.values.iter().copied().filter(|value| value.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        let (Some(&low), Some(&high)) = (values.first(), values.last()) else { return Vec::new() };
        // As numpy, where all numbers are equal.
        let (low, high) = if low == high { (low - 0.5, high + 0.5) } else { (low, high) };
        let count = bin_count(&values);
        let step = (high - low) / count as f64;
        let edge = |index: usize| if index == count { high } else { low + step * index as f64 };
        let mut bins: Vec<HistogramBin> = (0..count)
            .map(|index| HistogramBin { low: edge(index), high: edge(index + 1), count: 0 })
            .collect();
        let mut rest = values.as_slice();
        let last = count - 1;
        for (index, bin) in bins.iter_mut().enumerate() {
            let held =
                if index == last { rest.len() } else { rest.partition_point(|&value| value < bin.high) };
            bin.count = held as u64;
            rest = rest.get(held..).unwrap_or_default();
        }
        bins
    }

    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// [`PlotError::Draw`](crate::PlotError::Draw) if the drawing backend fails.
    pub fn to_svg(&self) -> Result<String> {
        let bins = self.bins();
        let counted: u64 = bins.iter().map(|bin| bin.count).sum();
        let left_out = self.values.len() - counted as usize;
        draw_svg(&self.title, BASE, |canvas| {
            let top = header(canvas, &self.title, BASE.0, &Legend::new(Vec::new(), 0.0))?;
            let top = remark(canvas, &missing(left_out).unwrap_or_default(), BASE.0, top)?;
            let ends = bins.iter().flat_map(|bin| [bin.low, bin.high]).chain(self.line_at);
            let counts = bins.iter().map(|bin| bin.count as f64);
            let axes = (Axis::around(ends, Scale::Linear), Axis::around(counts, Scale::FromZero));
            let words = Words { x_label: &self.value_label, y_label: &self.count_label };
            let frame = Frame::draw(canvas, words, BASE, top, axes)?;
            if bins.is_empty() {
                return frame.no_data(canvas);
            }
            for bin in &bins {
                let corners = (frame.point((bin.low, bin.count as f64)), frame.point((bin.high, 0.0)));
                if let (Some((left, high)), Some((right, low))) = corners {
                    canvas.rect((left, high), ((right - 0.75).max(left + 0.5), low), categorical(0), 0.85)?;
                }
            }
            match self.line_at.and_then(|at| frame.x_of(at)) {
                Some(x) => canvas.path(&[(x, frame.top), (x, frame.bottom)], INK, 1.25, true),
                None => Ok(()),
            }
        })
    }
}

/// numpy's "auto" for sorted numbers that are not all equal.
fn bin_count(sorted: &[f64]) -> usize {
    let (Some(low), Some(high)) = (sorted.first(), sorted.last()) else { return 1 };
    let range = high - low;
    let count = sorted.len() as f64;
    let sturges = range / (count.log2() + 1.0);
    let freedman_diaconis = 2.0 * (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / count.cbrt();
    // At most twice the square root of the count, however far out the extremes lie.
    let width = freedman_diaconis.max(range / count.sqrt() / 2.0).min(sturges);
    let bins = (range / width).ceil();
    if bins.is_finite() { (bins as usize).clamp(1, MOST_BINS) } else { 1 }
}

/// The quantile of sorted numbers, interpolated linearly between neighbours.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len().saturating_sub(1)) as f64;
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    let (low, high) = (at(position.floor() as usize), at(position.ceil() as usize));
    low + (high - low) * position.fract()
}
