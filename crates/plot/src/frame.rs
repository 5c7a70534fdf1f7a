//! What charts with two axes share: title, legend, axes, grid, and the rectangle that is left for data.

use crate::axis::{Axis, Tick};
use crate::canvas::{AXIS_LINE, Anchor, Canvas, FAINT_INK, Font, GRID, INK, Point};
use crate::error::Result;
use crate::legend::Legend;
use crate::text::{fit, width};

/// Base size of a chart in pixels.
pub(crate) const BASE: Point = (480.0, 320.0);
/// Text size of titles.
pub(crate) const TITLE: f64 = 15.0;
/// Text size of axis labels.
pub(crate) const LABEL: f64 = 13.5;
/// Text size of tick labels.
pub(crate) const TICK: f64 = 13.0;
/// Text size of a remark below the title.
pub(crate) const NOTE: f64 = 12.5;
/// Height of such a remark.
pub(crate) const NOTE_ROW: f64 = 16.0;
/// Space that is kept free at the edges of the page.
pub(crate) const EDGE: f64 = 12.0;

/// The words around a chart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'a> {
    pub(crate) x_label: &'a str,
    pub(crate) y_label: &'a str,
}

/// Draws title and legend from the top; returns the y at which they end.
pub(crate) fn header(canvas: &Canvas<'_>, title: &str, page_width: f64, legend: &Legend) -> Result<f64> {
    let mut y = 8.0;
    if !title.trim().is_empty() {
        let font = Font::new(TITLE, INK, Anchor::Start).bold();
        // Bold text is about a tenth wider than the estimate.
        canvas.text(&fit(title, TITLE * 1.1, page_width - 2.0 * EDGE), (EDGE, y + 10.0), font)?;
        y += 24.0;
    }
    legend.draw(canvas, (EDGE, y))?;
    Ok(y + legend.height() + 6.0)
}

/// Writes a remark below the header, where there is one; returns the y at which it ends.
pub(crate) fn remark(canvas: &Canvas<'_>, words: &str, page_width: f64, top: f64) -> Result<f64> {
    if words.is_empty() {
        return Ok(top);
    }
    let words = fit(words, NOTE, page_width - 2.0 * EDGE);
    canvas.text(&words, (EDGE, top + NOTE_ROW / 2.0 - 4.0), Font::new(NOTE, FAINT_INK, Anchor::Start))?;
    Ok(top + NOTE_ROW)
}

/// The data rectangle of a chart and its axes.
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
    x: Axis,
    y: Axis,
}

impl Frame {
    /// Draws everything but the data into a page of `size`, below `top`.
    pub(crate) fn draw(
        canvas: &Canvas<'_>,
        words: Words<'_>,
        (page_width, page_height): Point,
        top: f64,
        (x, y): (Axis, Axis),
    ) -> Result<Self> {
        let top = top + 4.0;
        let below = TICK + 10.0 + if words.x_label.trim().is_empty() { 4.0 } else { LABEL + 10.0 };
        let bottom = page_height - below;
        let y_ticks = y.ticks(((bottom - top) / 26.0) as usize);
        let widest = y_ticks.iter().map(|t| width(&t.label, TICK)).fold(0.0, f64::max);
        let beside = if words.y_label.trim().is_empty() { EDGE } else { LABEL + 14.0 };
        let left = (beside + widest + 8.0).min(page_width * 0.45);
        let x_ticks = horizontal_ticks(&x, page_width - left - EDGE);
        let overhang = x_ticks.last().map_or(0.0, |t| width(&t.label, TICK) / 2.0);
        let right = page_width - EDGE.max(overhang + 4.0);
        let frame = Self { left, top, right, bottom, x, y };

        for tick in &y_ticks {
            let at = frame.bottom - tick.at * (frame.bottom - frame.top);
            canvas.path(&[(left, at), (right, at)], GRID, 0.75, false)?;
            canvas.text(&tick.label, (left - 6.0, at), Font::new(TICK, FAINT_INK, Anchor::End))?;
        }
        canvas.path(&[(left, bottom), (right, bottom)], AXIS_LINE, 1.0, false)?;
        for tick in &x_ticks {
            let at = left + tick.at * (right - left);
            canvas.path(&[(at, bottom), (at, bottom + 4.0)], AXIS_LINE, 1.0, false)?;
            canvas.text(&tick.label, (at, bottom + 13.0), Font::new(TICK, FAINT_INK, Anchor::Middle))?;
        }
        frame.axis_labels(canvas, words, page_height)?;
        Ok(frame)
    }

    fn axis_labels(&self, canvas: &Canvas<'_>, words: Words<'_>, page_height: f64) -> Result<()> {
        let font = Font::new(LABEL, INK, Anchor::Middle);
        let x_label = fit(words.x_label, LABEL, self.right - self.left);
        canvas.text(&x_label, ((self.left + self.right) / 2.0, page_height - 11.0), font)?;
        let y_label = fit(words.y_label, LABEL, self.bottom - self.top + 16.0);
        canvas.text(&y_label, (12.0, (self.top + self.bottom) / 2.0), font.upward())
    }

    /// The pixel of a value pair; `None` where either cannot be drawn.
    pub(crate) fn point(&self, (x, y): Point) -> Option<Point> {
        Some((self.x_of(x)?, self.y_of(y)?))
    }

    /// The vertical pixel of a value.
    pub(crate) fn y_of(&self, y: f64) -> Option<f64> {
        Some(self.bottom - self.y.fraction(y)? * (self.bottom - self.top))
    }

    /// The horizontal pixel of a value.
    pub(crate) fn x_of(&self, x: f64) -> Option<f64> {
        Some(self.left + self.x.fraction(x)? * (self.right - self.left))
    }

    /// Whether a pixel lies in the data rectangle.
    pub(crate) fn holds(&self, (x, y): Point) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    /// Says that there is nothing to see.
    pub(crate) fn no_data(&self, canvas: &Canvas<'_>) -> Result<()> {
        let middle = ((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0);
        canvas.text("no data", middle, Font::new(LABEL, FAINT_INK, Anchor::Middle))
    }
}

/// As many ticks as fit side by side with some air between their labels.
pub(crate) fn horizontal_ticks(axis: &Axis, room: f64) -> Vec<Tick> {
    let mut ticks = axis.ticks(10);
    for most in (2..10).rev() {
        let crowded = ticks.windows(2).any(|pair| match pair {
            [a, b] => (b.at - a.at) * room < (width(&a.label, TICK) + width(&b.label, TICK)) / 2.0 + 12.0,
            _ => false,
        });
        if !crowded {
            break;
        }
        ticks = axis.ticks(most);
    }
    ticks
}
