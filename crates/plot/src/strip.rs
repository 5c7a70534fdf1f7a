use crate::axis::{Axis, Scale};
use crate::canvas::{AXIS_LINE, Anchor, Canvas, FAINT_INK, Font, GRID, INK, Point, draw_svg};
use crate::colours::categorical;
use crate::error::Result;
use crate::frame::{BASE, EDGE, LABEL, TICK, header, horizontal_ticks};
use crate::legend::Legend;
use crate::names::{short_names, tell_whole};
use crate::text::{fit, width};

/// Height of one strip in pixels.
const STRIP: f64 = 44.0;
/// Names wider than this are cut in their middle.
const WIDEST_NAME: f64 = 150.0;

/// A strip of dots per figure on one axis, such as the scores of the folds of a cross-validation, each with its mean
/// and an interval.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StripChart {
    /// Heading; may be empty.
    pub title: String,
    /// What the axis measures, with its unit.
    pub value_label: String,
    /// The strips from top to bottom.
    pub strips: Vec<Strip>,
}

/// One strip of a [`StripChart`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Strip {
    /// What was measured.
    pub name: String,
    /// One dot each; values that are not finite are left out.
    pub values: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// Low and high end of the interval of the mean.
    pub interval: [f64; 2],
}

impl StripChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// [`PlotError::Draw`](crate::PlotError::Draw) if the drawing backend fails.
    pub fn to_svg(&self) -> Result<String> {
        let head = if self.title.trim().is_empty() { 8.0 } else { 32.0 } + 6.0;
        let below = TICK + LABEL + 20.0;
        let page: Point = (BASE.0, head + 4.0 + STRIP * self.strips.len().max(1) as f64 + below);
        draw_svg(&self.title, page, |canvas| {
            let top = header(canvas, &self.title, page.0, &Legend::new(Vec::new(), page.0))? + 4.0;
            let names = self.strips.iter().map(|strip| width(&strip.name, TICK)).fold(0.0, f64::max);
            let (left, right) = (names.min(WIDEST_NAME) + EDGE + 8.0, page.0 - EDGE - 8.0);
            let bottom = page.1 - below;
            let drawn = self
                .strips
                .iter()
                .flat_map(|strip| strip.values.iter().copied().chain(strip.interval).chain([strip.mean]));
            let axis = Axis::around(drawn, Scale::Linear);
            for tick in horizontal_ticks(&axis, right - left) {
                let x = left + tick.at * (right - left);
                canvas.path(&[(x, top), (x, bottom)], GRID, 0.75, false)?;
                canvas.text(&tick.label, (x, bottom + 12.0), Font::new(TICK, FAINT_INK, Anchor::Middle))?;
            }
            canvas.path(&[(left, bottom), (right, bottom)], AXIS_LINE, 1.0, false)?;
            let shown = short_names(self.strips.iter().map(|strip| strip.name.as_str()), TICK, WIDEST_NAME);
            for (index, (strip, name)) in self.strips.iter().zip(shown).enumerate() {
                let y = top + STRIP * (index as f64 + 0.5);
                let x = |value: f64| Some(left + axis.fraction(value)? * (right - left));
                canvas.text(&name, (left - 6.0, y), Font::new(TICK, FAINT_INK, Anchor::End))?;
                let corners = ((EDGE, y - STRIP / 2.0), (left, y + STRIP / 2.0));
                tell_whole(canvas, corners, &strip.name, &name);
                strip.draw(canvas, y, &x)?;
            }
            let value_label = fit(&self.value_label, LABEL, page.0 - 2.0 * EDGE);
            let font = Font::new(LABEL, INK, Anchor::Middle);
            canvas.text(&value_label, (page.0 / 2.0, page.1 - 11.0), font)
        })
    }
}

impl Strip {
    /// Dots above the line of the interval, so that neither hides the other.
    fn draw(&self, canvas: &Canvas<'_>, y: f64, x: &dyn Fn(f64) -> Option<f64>) -> Result<()> {
        for at in self.values.iter().filter_map(|&value| x(value)) {
            canvas.disc((at, y - 8.0), 4.0, categorical(0), 0.45)?;
        }
        let line = y + 8.0;
        if let [Some(low), Some(high)] = self.interval.map(x) {
            canvas.path(&[(low, line), (high, line)], categorical(1), 2.0, false)?;
            for end in [low, high] {
                canvas.path(&[(end, line - 4.0), (end, line + 4.0)], categorical(1), 2.0, false)?;
            }
        }
        if let Some(mean) = x(self.mean) {
            canvas.disc((mean, line), 4.5, categorical(1), 1.0)?;
        }
        Ok(())
    }
}
