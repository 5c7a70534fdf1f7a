use crate::axis::{Axis, Scale};
use crate::canvas::{INK, Point, draw_svg};
use crate::cloud::Cloud;
use crate::error::Result;
use crate::frame::{BASE, Frame, Words, header, remark};
use crate::legend::Legend;

/// Nearly square, so that the diagonal is one.
const PAGE: Point = (BASE.0, 460.0);

/// What was predicted against what is true, on equal axes, with the diagonal on which every row of a fit without
/// fault lies.
///
/// ```
/// use brasa_plot::PredictedChart;
///
/// let svg = PredictedChart {
///     title: "Test".into(),
///     label: "price (EUR)".into(),
///     pairs: vec![(12.0, 11.5), (20.0, 21.0), (f64::NAN, 20.0)],
/// }
/// .to_svg()?;
/// assert_eq!(svg.matches("<circle").count(), 2);
/// assert!(svg.contains("1 row left out"));
/// # Ok::<(), brasa_plot::PlotError>(())
/// ```
///
/// # Reference
///
/// `sklearn.metrics.PredictionErrorDisplay` with `kind="actual_vs_predicted"`, its axes changed over.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PredictedChart {
    /// Heading; may be empty.
    pub title: String,
    /// What is predicted, with its unit.
    pub label: String,
    /// `(true, predicted)` of each row. Rows that are not finite are left out, which is said; of more than 5000 the
    /// picture shows how many lie in each small square.
    pub pairs: Vec<(f64, f64)>,
}

impl PredictedChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// [`PlotError::Draw`](crate::PlotError::Draw) if the drawing backend fails.
    pub fn to_svg(&self) -> Result<String> {
        let cloud = Cloud::new(self.pairs.iter().copied());
        draw_svg(&self.title, PAGE, |canvas| {
            let top = header(canvas, &self.title, PAGE.0, &Legend::new(Vec::new(), 0.0))?;
            let top = remark(canvas, &cloud.remark(), PAGE.0, top)?;
            let axis =
                Axis::around(cloud.points().iter().flat_map(|point| [point.0, point.1]), Scale::Linear);
            let (x_label, y_label) = (format!("true {}", self.label), format!("predicted {}", self.label));
            let words = Words { x_label: x_label.trim_end(), y_label: y_label.trim_end() };
            let frame = Frame::draw(canvas, words, PAGE, top, (axis, axis))?;
            if cloud.points().is_empty() {
                return frame.no_data(canvas);
            }
            cloud.draw(canvas, &frame)?;
            canvas.path(&[(frame.left, frame.bottom), (frame.right, frame.top)], INK, 1.25, true)
        })
    }
}
