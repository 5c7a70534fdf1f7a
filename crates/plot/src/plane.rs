use crate::axis::{Axis, Scale};
use crate::canvas::{Canvas, INK, Point, draw_svg};
use crate::colours::categorical;
use crate::error::{PlotError, Result};
use crate::frame::{EDGE, Frame, Words, header};
use crate::legend::{Entry, Legend, Swatch};
use crate::plane_grid::Regions;
use crate::raster::{RgbFrame, SHARP};
use crate::scatter::{MOST_POINTS, group_legend, marker};

const PAGE: Point = (480.0, 420.0);
const WHITE: (u8, u8, u8) = (255, 255, 255);

/// What a model of two features decides: its regions, its decision line and the points that it was given.
///
/// Classes differ by colour and by the shape of their points, so the picture reads without colour too. The
/// plane shows the area of the regions where there are any, else the points with some air; fix `x_range` and
/// `y_range` where several planes are compared or animated. What lies outside is not drawn.
///
/// ```
/// use brasa_plot::{DecisionLine, DecisionPlane};
///
/// let plane = DecisionPlane {
///     title: "Epoch 3".into(),
///     x_label: "x1".into(),
///     y_label: "x2".into(),
///     groups: vec![("no".into(), vec![(0.1, 0.2)]), ("yes".into(), vec![(0.9, 0.8)])],
///     line: Some(DecisionLine { w1: 1.0, w2: 1.0, b: -1.0 }),
///     ..DecisionPlane::default()
/// };
/// assert!(plane.to_svg()?.contains("decision line"));
/// assert_eq!(plane.to_rgb()?.width, 960);
/// # Ok::<(), brasa_plot::PlotError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DecisionPlane {
    /// Heading; may be empty.
    pub title: String,
    /// What the first feature measures, with its unit.
    pub x_label: String,
    /// What the second feature measures, with its unit.
    pub y_label: String,
    /// Name and `(x, y)` points of each class, in class order. Points that are not finite are left out, and of
    /// more than 3000 in a class every n-th is drawn.
    pub groups: Vec<(String, Vec<(f64, f64)>)>,
    /// What the model answers over the plane, as a light background.
    pub regions: Option<Regions>,
    /// Where a linear model changes its mind.
    pub line: Option<DecisionLine>,
    /// First and last value of the horizontal axis.
    pub x_range: Option<(f64, f64)>,
    /// First and last value of the vertical axis.
    pub y_range: Option<(f64, f64)>,
}

/// The line `w1 x + w2 y + b = 0`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecisionLine {
    /// Weight of the first feature.
    pub w1: f64,
    /// Weight of the second feature.
    pub w2: f64,
    /// Bias.
    pub b: f64,
}

impl DecisionLine {
    /// The part of the line within a rectangle; `None` if it does not pass through, or is no line.
    fn within(&self, x: Point, y: Point) -> Option<(Point, Point)> {
        let Self { w1, w2, b } = *self;
        let level = |(px, py): Point| w1 * px + w2 * py + b;
        let corners = [(x.0, y.0), (x.1, y.0), (x.1, y.1), (x.0, y.1)];
        let mut crossings: Vec<Point> = Vec::new();
        for (from, to) in corners.iter().zip(corners.iter().cycle().skip(1)) {
            let (start, end) = (level(*from), level(*to));
            if (start < 0.0) != (end < 0.0) {
                let share = start / (start - end);
                crossings.push((from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1)));
            }
        }
        match crossings.as_slice() {
            [from, to, ..] => Some((*from, *to)),
            _ => None,
        }
    }
}

impl DecisionPlane {
    /// Draws the plane.
    ///
    /// # Errors
    ///
    /// [`PlotError::GridSize`] if the regions have not one value per cell, [`PlotError::Range`] for an axis
    /// range that is empty or not finite, [`PlotError::Draw`] if the drawing backend fails.
    pub fn to_svg(&self) -> Result<String> {
        let (x_axis, y_axis) = (self.axis(true)?, self.axis(false)?);
        draw_svg(&self.title, PAGE, |canvas| {
            let legend = Legend::new(self.legend(), PAGE.0 - 2.0 * EDGE);
            let top = header(canvas, &self.title, PAGE.0, &legend)?;
            let words = Words { x_label: &self.x_label, y_label: &self.y_label };
            let frame = Frame::draw(canvas, words, PAGE, top, (x_axis, y_axis))?;
            if let Some(regions) = &self.regions {
                draw_regions(canvas, &frame, regions)?;
            }
            let points = self.draw_points(canvas, &frame)?;
            let mut line = None;
            if let Some(decision) = &self.line {
                line = decision.within(x_axis.bounds(), y_axis.bounds());
            }
            if let Some((Some(from), Some(to))) = line.map(|(from, to)| (frame.point(from), frame.point(to)))
            {
                canvas.path(&[from, to], WHITE, 5.0, false)?;
                canvas.path(&[from, to], INK, 2.5, false)?;
            }
            match points == 0 && self.regions.is_none() && line.is_none() {
                true => frame.no_data(canvas),
                false => Ok(()),
            }
        })
    }

    /// The plane as pixels, 960 wide, for one frame of an [`Animation`](crate::Animation).
    ///
    /// # Errors
    ///
    /// As [`to_svg`](Self::to_svg).
    pub fn to_rgb(&self) -> Result<RgbFrame> {
        RgbFrame::from_svg(&self.to_svg()?, SHARP)
    }

    /// The plane as a PNG file, 960 pixels wide.
    ///
    /// # Errors
    ///
    /// As [`to_svg`](Self::to_svg).
    pub fn to_png(&self) -> Result<Vec<u8>> {
        self.to_rgb()?.to_png()
    }

    fn axis(&self, horizontal: bool) -> Result<Axis> {
        let pick = |point: &Point| if horizontal { point.0 } else { point.1 };
        let given = if horizontal { self.x_range } else { self.y_range };
        let of_regions = self.regions.as_ref().map(|regions| regions.grid());
        let area = of_regions.map(|grid| if horizontal { grid.x } else { grid.y });
        match given.or(area) {
            Some((low, high)) => Axis::between(low, high).ok_or_else(|| PlotError::Range {
                what: format!(
                    "{} axis of {:?}",
                    if horizontal { "horizontal" } else { "vertical" },
                    self.title
                ),
                low,
                high,
            }),
            None => {
                let points = self.groups.iter().flat_map(|(_, points)| points);
                Ok(Axis::around(points.map(pick), Scale::Linear))
            }
        }
    }

    fn legend(&self) -> Vec<Entry> {
        let mut entries = group_legend(self.groups.iter().map(|(name, _)| name.as_str()));
        entries.extend(self.line.map(|_| Entry {
            name: "decision line".into(),
            colour: INK,
            swatch: Swatch::Line { dashed: false },
        }));
        entries
    }

    fn draw_points(&self, canvas: &Canvas<'_>, frame: &Frame) -> Result<usize> {
        let mut drawn = 0;
        for (class, (_, points)) in self.groups.iter().enumerate() {
            let every = points.len().div_ceil(MOST_POINTS).max(1);
            let pixels = points.iter().step_by(every).filter_map(|point| frame.point(*point));
            for pixel in pixels.filter(|pixel| frame.holds(*pixel)) {
                marker(canvas, class, pixel, 5.0, WHITE, 0.9)?;
                marker(canvas, class, pixel, 3.75, categorical(class), 1.0)?;
                drawn += 1;
            }
        }
        Ok(drawn)
    }
}

fn draw_regions(canvas: &Canvas<'_>, frame: &Frame, regions: &Regions) -> Result<()> {
    let grid = regions.grid();
    let corners = (frame.point((grid.x.0, grid.y.1)), frame.point((grid.x.1, grid.y.0)));
    if let (Some(upper_left), Some(lower_right)) = corners {
        let within = ((frame.left, frame.top), (frame.right, frame.bottom));
        canvas.cut_picture((upper_left, lower_right), within, &regions.to_png()?);
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_line_is_cut_to_the_plane() {
        let line = DecisionLine { w1: 1.0, w2: 1.0, b: -1.0 };
        let (from, to) = line.within((0.0, 0.75), (0.0, 2.0)).unwrap();
        let mut ends = [from, to];
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert_eq!(ends, [(0.0, 1.0), (0.75, 0.25)]);
        let upright = DecisionLine { w1: 2.0, w2: 0.0, b: -1.0 };
        assert_eq!(upright.within((0.0, 1.0), (0.0, 1.0)), Some(((0.5, 0.0), (0.5, 1.0))));
        assert_eq!(line.within((2.0, 3.0), (2.0, 3.0)), None, "passes elsewhere");
        for (w1, w2, b) in [(0.0, 0.0, 0.0), (0.0, 0.0, 1.0), (f64::NAN, 1.0, 0.0)] {
            assert_eq!(DecisionLine { w1, w2, b }.within((0.0, 1.0), (0.0, 1.0)), None);
        }
    }
}
