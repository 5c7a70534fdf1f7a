use crate::canvas::{AXIS_LINE, Anchor, Canvas, FAINT_INK, Font, INK, Point, draw_svg};
use crate::colours::viridis;
use crate::error::{PlotError, Result};
use crate::frame::{EDGE, LABEL, TICK, header};
use crate::legend::Legend;
use crate::names::{short_names, tell_whole};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 380.0;
/// The widest name of an axis, in pixels.
const WIDEST_NAME: f64 = 120.0;

/// Parallel coordinates: an axis for each of several properties, a line for each thing that has them, such as the trials of
/// a search with the values that they tried.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParallelChart {
    /// Heading; may be empty.
    pub title: String,
    /// The axes from left to right.
    pub axes: Vec<ParallelAxis>,
    /// The lines, which are drawn in this order.
    pub lines: Vec<ParallelLine>,
}

/// One axis of a [`ParallelChart`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParallelAxis {
    /// What it shows.
    pub name: String,
    /// Labels, each at its place from 0, the lower end, to 1.
    pub labels: Vec<(f64, String)>,
}

/// One line of a [`ParallelChart`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParallelLine {
    /// Its place on each axis, from 0 to 1; without one, the line passes the axis below its end.
    pub places: Vec<Option<f64>>,
    /// From 0, the first colour of [`viridis`], to 1.
    pub colour: f64,
}

impl ParallelChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// [`PlotError::SeriesLength`] if a line has not one place per axis, [`PlotError::Draw`] if the drawing backend fails.
    pub fn to_svg(&self) -> Result<String> {
        for (index, line) in self.lines.iter().enumerate() {
            if line.places.len() != self.axes.len() {
                let (expected, found) = (self.axes.len(), line.places.len());
                let (chart, series) = (self.title.clone(), index.to_string());
                return Err(PlotError::SeriesLength { chart, series, expected, found });
            }
        }
        draw_svg(&self.title, (WIDTH, HEIGHT), |canvas| {
            let top = header(canvas, &self.title, WIDTH, &Legend::new(Vec::new(), WIDTH))? + 14.0;
            self.draw(canvas, top, HEIGHT - 40.0)
        })
    }

    fn draw(&self, canvas: &Canvas<'_>, top: f64, bottom: f64) -> Result<()> {
        // The outer names are centred, too.
        let side = EDGE + WIDEST_NAME / 2.0;
        let room = WIDTH - 2.0 * side;
        let gaps = self.axes.len().saturating_sub(1).max(1) as f64;
        let x = |axis: usize| side + room * axis as f64 / gaps;
        let y = |place: Option<f64>| match place {
            Some(place) => bottom - 14.0 - place.clamp(0.0, 1.0) * (bottom - 14.0 - top),
            None => bottom,
        };
        for line in &self.lines {
            let points: Vec<Point> =
                line.places.iter().enumerate().map(|(axis, place)| (x(axis), y(*place))).collect();
            canvas.path(&points, viridis(line.colour), 1.0, false)?;
        }
        let names =
            short_names(self.axes.iter().map(|axis| axis.name.as_str()), LABEL, WIDEST_NAME.min(room / gaps));
        for (index, (axis, name)) in self.axes.iter().zip(names).enumerate() {
            canvas.path(&[(x(index), top), (x(index), bottom)], AXIS_LINE, 1.25, false)?;
            // Names in two rows, since they are wider than the gaps.
            let below = if index % 2 == 0 { 13.0 } else { 29.0 };
            canvas.text(&name, (x(index), bottom + below), Font::new(LABEL, INK, Anchor::Middle))?;
            let corners = ((x(index) - 40.0, bottom), (x(index) + 40.0, bottom + below));
            tell_whole(canvas, corners, &axis.name, &name);
            for (place, label) in &axis.labels {
                let font = Font::new(TICK - 2.0, FAINT_INK, Anchor::Start);
                canvas.text(label, (x(index) + 4.0, y(Some(*place))), font)?;
            }
        }
        Ok(())
    }
}
