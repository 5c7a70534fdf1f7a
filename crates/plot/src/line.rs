use crate::axis::{Axis, Scale};
use crate::canvas::{Anchor, Canvas, FAINT_INK, Font, Point, draw_svg};
use crate::colours::{Rgb, categorical};
use crate::error::Result;
use crate::frame::{BASE, EDGE, Frame, Words, header};
use crate::legend::{Entry, Legend, Swatch};
use crate::text::{fit, width};

/// Up to this many points a line also shows each of them as a dot.
const DOTTED_UP_TO: usize = 15;
const MARK_TEXT: f64 = 12.5;
const MARK_ROW: f64 = 16.0;
const MARK_COLOUR: Rgb = (0x77, 0x77, 0x77);

/// Curves over a common horizontal axis, such as loss per epoch.
///
/// If every `x` is a whole number (epochs, steps), the axis is labelled with whole numbers only.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LineChart {
    /// Heading; may be empty.
    pub title: String,
    /// What the horizontal axis counts, with its unit.
    pub x_label: String,
    /// What the vertical axis measures, with its unit.
    pub y_label: String,
    /// The curves, in legend order.
    pub series: Vec<Line>,
    /// Vertical marks at an `x`, with a label above the plot (for example the best epoch).
    pub marks: Vec<(f64, String)>,
    /// Logarithmic vertical axis; values that are not positive leave a gap.
    pub log_y: bool,
}

/// One curve of a [`LineChart`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// Name in the legend; empty leaves the curve out of the legend.
    pub name: String,
    /// `(x, y)` in drawing order; a value that is not finite leaves a gap.
    pub points: Vec<(f64, f64)>,
    /// Dashed instead of solid, so that curves differ in print too.
    pub dashed: bool,
}

impl LineChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// [`PlotError::Draw`](crate::PlotError::Draw) if the drawing backend fails.
    pub fn to_svg(&self) -> Result<String> {
        draw_svg(&self.title, BASE, |canvas| self.draw(canvas))
    }

    fn draw(&self, canvas: &Canvas<'_>) -> Result<()> {
        let legend = Legend::new(self.legend(), BASE.0 - 2.0 * EDGE);
        let top = header(canvas, &self.title, BASE.0, &legend)?;
        let points = || self.series.iter().flat_map(|line| line.points.iter());
        let xs = points().map(|p| p.0).chain(self.marks.iter().map(|mark| mark.0));
        let scale = if self.log_y { Scale::Log10 } else { Scale::Linear };
        let axes = (Axis::along(xs), Axis::around(points().map(|p| p.1), scale));
        let rows = self.marks.iter().filter(|mark| mark.0.is_finite()).count().min(3);
        let words = Words { x_label: &self.x_label, y_label: &self.y_label };
        let frame = Frame::draw(canvas, words, BASE, top + rows as f64 * MARK_ROW, axes)?;
        self.draw_marks(canvas, &frame, rows)?;

        let mut drawn = 0;
        for (index, line) in self.series.iter().enumerate() {
            drawn += draw_line(canvas, &frame, line, categorical(index))?;
        }
        if drawn == 0 { frame.no_data(canvas) } else { Ok(()) }
    }

    fn legend(&self) -> Vec<Entry> {
        let entry = |(index, line): (usize, &Line)| Entry {
            name: line.name.clone(),
            colour: categorical(index),
            swatch: Swatch::Line { dashed: line.dashed },
        };
        self.series.iter().enumerate().map(entry).collect()
    }

    /// Labels lie above the plot, one row each (three rows in turn), so that they never cover a curve.
    fn draw_marks(&self, canvas: &Canvas<'_>, frame: &Frame, rows: usize) -> Result<()> {
        let marks = self.marks.iter().filter_map(|(x, label)| Some((frame.x_of(*x)?, label)));
        for (index, (x, label)) in marks.enumerate() {
            let row = rows - index % rows.max(1);
            let y = frame.top - row as f64 * MARK_ROW + MARK_ROW / 2.0 - 5.0;
            canvas.path(&[(x, y + 8.5), (x, frame.bottom)], MARK_COLOUR, 1.25, true)?;
            let label = fit(label, MARK_TEXT, frame.right - frame.left);
            let half = width(&label, MARK_TEXT) / 2.0;
            let centre = x.max(frame.left + half).min(BASE.0 - 4.0 - half);
            canvas.text(&label, (centre, y), Font::new(MARK_TEXT, FAINT_INK, Anchor::Middle))?;
        }
        Ok(())
    }
}

/// Draws the unbroken runs of a line; returns how many points could be drawn.
fn draw_line(canvas: &Canvas<'_>, frame: &Frame, line: &Line, colour: Rgb) -> Result<usize> {
    let pixels: Vec<Option<Point>> = line.points.iter().map(|p| frame.point(*p)).collect();
    let drawable = pixels.iter().flatten().count();
    for run in pixels.split(Option::is_none) {
        let run: Vec<Point> = run.iter().flatten().copied().collect();
        if run.len() > 1 {
            canvas.path(&run, colour, 2.0, line.dashed)?;
        }
        if run.len() == 1 || drawable <= DOTTED_UP_TO {
            for centre in &run {
                canvas.disc(*centre, 2.75, colour, 1.0)?;
            }
        }
    }
    Ok(drawable)
}
