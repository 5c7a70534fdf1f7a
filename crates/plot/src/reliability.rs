use crate::axis::{Axis, Scale};
use crate::canvas::{AXIS_LINE, Anchor, Canvas, FAINT_INK, Font, INK, Point, draw_svg};
use crate::colours::categorical;
use crate::error::{PlotError, Result};
use crate::frame::{BASE, EDGE, Frame, LABEL, Words, header, remark};
use crate::legend::Legend;
use crate::text::{short_number, width};

/// Height of the panel of counts below the plot.
const COUNTS: f64 = 74.0;
const COUNT_TEXT: f64 = 11.0;
/// Smaller numbers are left out: there are too many bins.
const LEAST_COUNT_TEXT: f64 = 7.0;

/// A reliability diagram: how often a classifier is right where it says how sure it is, and how many rows say so.
/// Bars below the diagonal are surer than they should be.
///
/// ```
/// use brasa_plot::ReliabilityChart;
///
/// let rows = [(0.95, true), (0.9, true), (0.9, false), (0.6, true), (0.55, false)];
/// let chart = ReliabilityChart::of("Calibration on test", rows, 10);
/// assert!((chart.expected_calibration_error() - 0.2).abs() < 1e-9);
/// assert!(chart.to_svg()?.contains("expected calibration error 0.2000"));
/// # Ok::<(), brasa_plot::PlotError>(())
/// ```
///
/// # Reference
///
/// Guo et al. (2017), On calibration of modern neural networks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReliabilityChart {
    /// Heading; may be empty.
    pub title: String,
    /// Bins of equal width from 0 to 1; the upper end of each belongs to it.
    pub bins: Vec<ReliabilityBin>,
}

/// The rows of one bin of a [`ReliabilityChart`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ReliabilityBin {
    /// Mean of their confidences, 0 to 1.
    pub confidence: f64,
    /// Share of them that is right, 0 to 1.
    pub accuracy: f64,
    /// How many there are; of a bin without rows nothing else is looked at.
    pub count: u64,
}

impl ReliabilityChart {
    /// The chart of rows given as (confidence of the prediction, whether it is right), in `bins` bins, at least one.
    /// Confidences that are not numbers from 0 to 1 are left out.
    pub fn of(title: &str, rows: impl IntoIterator<Item = (f64, bool)>, bins: usize) -> Self {
        let mut gathered = vec![(0.0, 0_u64, 0_u64); bins.max(1)];
        for (confidence, right) in rows {
            let bin = ((confidence * gathered.len() as f64).ceil() as usize).saturating_sub(1);
            let held = (0.0..=1.0).contains(&confidence).then(|| gathered.get_mut(bin)).flatten();
            if let Some((sum, hits, count)) = held {
                *sum += confidence;
                *hits += u64::from(right);
                *count += 1;
            }
        }
        let mean = |sum: f64, count: u64| if count == 0 { 0.0 } else { sum / count as f64 };
        let bins = gathered.into_iter().map(|(sum, hits, count)| ReliabilityBin {
            confidence: mean(sum, count),
            accuracy: mean(hits as f64, count),
            count,
        });
        Self { title: title.to_owned(), bins: bins.collect() }
    }

    /// The mean distance between confidence and accuracy, each bin weighted by its rows; NaN without rows.
    pub fn expected_calibration_error(&self) -> f64 {
        let filled = || self.bins.iter().filter(|bin| bin.count > 0);
        let gaps: f64 = filled().map(|bin| (bin.accuracy - bin.confidence).abs() * bin.count as f64).sum();
        gaps / filled().map(|bin| bin.count as f64).sum::<f64>()
    }

    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// [`PlotError::Range`] for a bin with rows whose accuracy or confidence is not from 0 to 1,
    /// [`PlotError::Draw`] if the drawing backend fails.
    pub fn to_svg(&self) -> Result<String> {
        self.check()?;
        let rows: u64 = self.bins.iter().map(|bin| bin.count).sum();
        let words = match rows {
            0 => String::new(),
            rows => format!(
                "expected calibration error {:.4} over {rows} rows in {} bins",
                self.expected_calibration_error(),
                self.bins.len()
            ),
        };
        let plot = (BASE.0, 380.0);
        draw_svg(&self.title, (plot.0, plot.1 + COUNTS), |canvas| {
            let top = header(canvas, &self.title, plot.0, &Legend::new(Vec::new(), 0.0))?;
            let top = remark(canvas, &words, plot.0, top)?;
            let Some(axis) = Axis::between((0.0, 1.0), Scale::Linear) else { return Ok(()) };
            let words = Words { x_label: "confidence of the prediction", y_label: "accuracy" };
            let frame = Frame::draw(canvas, words, plot, top, (axis, axis))?;
            if rows == 0 {
                return frame.no_data(canvas);
            }
            self.draw_bars(canvas, &frame)?;
            canvas.path(&[(frame.left, frame.bottom), (frame.right, frame.top)], INK, 1.25, true)?;
            self.draw_counts(canvas, &frame, plot.1)
        })
    }

    fn check(&self) -> Result<()> {
        let outside = |share: f64| !(0.0..=1.0).contains(&share);
        match self.bins.iter().find(|bin| bin.count > 0 && (outside(bin.accuracy) || outside(bin.confidence)))
        {
            None => Ok(()),
            Some(bin) => Err(PlotError::Range {
                what: format!("confidence and accuracy of a bin of {:?}, each 0 to 1", self.title),
                low: bin.confidence,
                high: bin.accuracy,
            }),
        }
    }

    /// The left and right pixel of each bin.
    fn columns(&self, frame: &Frame) -> impl Iterator<Item = (f64, f64, &ReliabilityBin)> {
        let (left, step) = (frame.left, (frame.right - frame.left) / self.bins.len().max(1) as f64);
        self.bins
            .iter()
            .enumerate()
            .map(move |(index, bin)| (left + step * index as f64, left + step * (index + 1) as f64, bin))
    }

    /// A bar up to each accuracy, and a dot where confidence and accuracy meet: on the diagonal, if all is well.
    fn draw_bars(&self, canvas: &Canvas<'_>, frame: &Frame) -> Result<()> {
        for (left, right, bin) in self.columns(frame).filter(|(.., bin)| bin.count > 0) {
            let Some(dot) = frame.point((bin.confidence, bin.accuracy)) else { continue };
            canvas.rect((left + 0.5, dot.1), (right - 0.5, frame.bottom), categorical(0), 0.45)?;
        }
        for bin in self.bins.iter().filter(|bin| bin.count > 0) {
            let Some(dot) = frame.point((bin.confidence, bin.accuracy)) else { continue };
            canvas.disc(dot, 3.5, categorical(1), 1.0)?;
        }
        Ok(())
    }

    fn draw_counts(&self, canvas: &Canvas<'_>, frame: &Frame, top: f64) -> Result<()> {
        let most = self.bins.iter().map(|bin| bin.count).max().unwrap_or(0).max(1) as f64;
        let bottom = top + COUNTS - EDGE;
        let height = bottom - top - COUNT_TEXT - 6.0;
        let longest = self.bins.iter().map(|bin| width(&short_number(bin.count as f64), 1.0));
        let slot = (frame.right - frame.left) / self.bins.len().max(1) as f64;
        let size = ((slot - 2.0) / longest.fold(1.0, f64::max)).min(COUNT_TEXT);
        for (left, right, bin) in self.columns(frame).filter(|(.., bin)| bin.count > 0) {
            let high = bottom - height * bin.count as f64 / most;
            canvas.rect((left + 0.5, high), (right - 0.5, bottom), categorical(2), 0.8)?;
            let middle: Point = ((left + right) / 2.0, high - COUNT_TEXT / 2.0 - 2.0);
            if size >= LEAST_COUNT_TEXT {
                let font = Font::new(size, FAINT_INK, Anchor::Middle);
                canvas.text(&short_number(bin.count as f64), middle, font)?;
            }
        }
        canvas.path(&[(frame.left, bottom), (frame.right, bottom)], AXIS_LINE, 1.0, false)?;
        let label = Font::new(LABEL, INK, Anchor::Middle);
        canvas.text("rows", (12.0, (top + bottom) / 2.0), label.upward())
    }
}
