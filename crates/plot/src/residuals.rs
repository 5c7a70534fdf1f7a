use crate::axis::{Axis, Scale};
use crate::canvas::{INK, draw_svg};
use crate::cloud::Cloud;
use crate::error::Result;
use crate::frame::{BASE, Frame, Words, header, remark};
use crate::legend::Legend;

/// Residuals (true minus predicted) against what was predicted, with a line at zero: a fit without fault is a band
/// around the line, of one width and without a bend.
///
/// ```
/// use brasa_plot::ResidualChart;
///
/// let svg = ResidualChart {
///     title: "Residuals on test".into(),
///     label: "price (EUR)".into(),
///     pairs: vec![(12.0, 11.5), (20.0, 21.0)],
/// }
/// .to_svg()?;
/// assert_eq!(svg.matches("<circle").count(), 2);
/// # Ok::<(), brasa_plot::PlotError>(())
/// ```
///
/// # Reference
///
/// `sklearn.metrics.PredictionErrorDisplay` with `kind="residual_vs_predicted"`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResidualChart {
    /// Heading; may be empty.
    pub title: String,
    /// What is predicted, with its unit.
    pub label: String,
    /// `(true, predicted)` of each row. Rows that are not finite are left out, which is said; of more than 5000 the
    /// picture shows how many lie in each small square.
    pub pairs: Vec<(f64, f64)>,
}

impl ResidualChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// [`PlotError::Draw`](crate::PlotError::Draw) if the drawing backend fails.
    pub fn to_svg(&self) -> Result<String> {
        let cloud = Cloud::new(self.pairs.iter().map(|(truth, predicted)| (*predicted, truth - predicted)));
        draw_svg(&self.title, BASE, |canvas| {
            let top = header(canvas, &self.title, BASE.0, &Legend::new(Vec::new(), 0.0))?;
            let top = remark(canvas, &cloud.remark(), BASE.0, top)?;
            let axes = (
                Axis::around(cloud.points().iter().map(|point| point.0), Scale::Linear),
                Axis::around(cloud.points().iter().map(|point| point.1), Scale::FromZero),
            );
            let x_label = format!("predicted {}", self.label);
            let words = Words { x_label: x_label.trim_end(), y_label: "residual (true - predicted)" };
            let frame = Frame::draw(canvas, words, BASE, top, axes)?;
            if cloud.points().is_empty() {
                return frame.no_data(canvas);
            }
            cloud.draw(canvas, &frame)?;
            match frame.y_of(0.0) {
                Some(y) => canvas.path(&[(frame.left, y), (frame.right, y)], INK, 1.25, true),
                None => Ok(()),
            }
        })
    }
}
