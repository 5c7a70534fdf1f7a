use crate::axis::{Axis, Scale};
use crate::canvas::{AXIS_LINE, Anchor, Canvas, FAINT_INK, Font, GRID, INK, Point, draw_svg};
use crate::colours::categorical;
use crate::error::{PlotError, Result};
use crate::frame::{BASE, EDGE, Frame, LABEL, TICK, Words, header, horizontal_ticks};
use crate::legend::{Entry, Legend, Swatch};
use crate::names::{short_names, tell_whole};
use crate::text::{fit, short_number, width};

/// Names wider than this are cut in their middle.
const WIDEST_NAME: f64 = 150.0;
const VALUE_TEXT: f64 = 12.0;

/// Grouped bars: one group per category, one bar per series, such as a class histogram per split.
///
/// Bars stand upright where all category names fit side by side; else they lie, and the page grows with
/// their number.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BarChart {
    /// Heading; may be empty.
    pub title: String,
    /// What the categories are; may be empty.
    pub category_label: String,
    /// What the length of a bar measures, with its unit.
    pub value_label: String,
    /// Name of each category.
    pub categories: Vec<String>,
    /// The series, in legend order.
    pub series: Vec<BarSeries>,
}

/// One series of a [`BarChart`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BarSeries {
    /// Name in the legend; empty leaves it out.
    pub name: String,
    /// One value per category; a value that is not finite draws no bar.
    pub values: Vec<f64>,
}

impl BarChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// [`PlotError::SeriesLength`] if a series has not one value per category, [`PlotError::Draw`] if the
    /// drawing backend fails.
    pub fn to_svg(&self) -> Result<String> {
        for series in &self.series {
            if series.values.len() != self.categories.len() {
                return Err(PlotError::SeriesLength {
                    chart: self.title.clone(),
                    series: series.name.clone(),
                    expected: self.categories.len(),
                    found: series.values.len(),
                });
            }
        }
        let slot = (BASE.0 - 80.0) / self.categories.len().max(1) as f64;
        let widest = self.categories.iter().map(|name| width(name, TICK)).fold(0.0, f64::max);
        if widest + 6.0 <= slot { self.upright() } else { self.lying(widest.min(WIDEST_NAME)) }
    }

    fn legend(&self) -> Legend {
        let entry = |(index, series): (usize, &BarSeries)| Entry {
            name: series.name.clone(),
            colour: categorical(index),
            swatch: Swatch::Box,
        };
        let entries = self.series.iter().enumerate().map(entry).collect();
        Legend::new(entries, BASE.0 - 2.0 * EDGE)
    }

    fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.series.iter().flat_map(|series| series.values.iter().copied())
    }

    fn is_empty(&self) -> bool {
        !self.values().any(f64::is_finite)
    }

    /// Offset and thickness of the bar of `series` in a slot of `slot` pixels.
    fn bar(&self, series: usize, slot: f64) -> (f64, f64) {
        let count = self.series.len().max(1) as f64;
        let thickness = (slot * 0.78 / count).min(46.0);
        (slot / 2.0 - thickness * count / 2.0 + thickness * series as f64, thickness)
    }

    fn upright(&self) -> Result<String> {
        draw_svg(&self.title, BASE, |canvas| {
            let legend = self.legend();
            let top = header(canvas, &self.title, BASE.0, &legend)?;
            let slots = Axis::slots(self.categories.len());
            let axes = (slots, Axis::around(self.values(), Scale::FromZero));
            let words = Words { x_label: &self.category_label, y_label: &self.value_label };
            let frame = Frame::draw(canvas, words, BASE, top, axes)?;
            if self.is_empty() {
                return frame.no_data(canvas);
            }
            let slot = (frame.right - frame.left) / self.categories.len().max(1) as f64;
            for (index, name) in self.categories.iter().enumerate() {
                let at = (frame.left + slot * (index as f64 + 0.5), frame.bottom + 13.0);
                canvas.text(name, at, Font::new(TICK, FAINT_INK, Anchor::Middle))?;
            }
            for (series, bars) in self.series.iter().enumerate() {
                let (offset, thickness) = self.bar(series, slot);
                for (index, &value) in bars.values.iter().enumerate() {
                    let x = frame.left + slot * index as f64 + offset;
                    let (Some((_, end)), Some((_, zero))) =
                        (frame.point((0.0, value)), frame.point((0.0, 0.0)))
                    else {
                        continue;
                    };
                    let (high, low) = (end.min(zero), end.max(zero));
                    canvas.rect((x, high), (x + thickness * 0.94, low), categorical(series), 1.0)?;
                    let written = short_number(value);
                    if width(&written, VALUE_TEXT) <= thickness + 2.0 && high - 8.0 > top {
                        let font = Font::new(VALUE_TEXT, FAINT_INK, Anchor::Middle);
                        canvas.text(&written, (x + thickness * 0.47, high - 7.0), font)?;
                    }
                }
            }
            Ok(())
        })
    }

    fn lying(&self, names: f64) -> Result<String> {
        let legend = self.legend();
        let head = if self.title.trim().is_empty() { 8.0 } else { 32.0 } + legend.height() + 6.0;
        let slot = (self.series.len() as f64 * 14.0 + 6.0).max(22.0);
        let below = TICK + LABEL + 20.0;
        let page: Point = (BASE.0, head + 4.0 + slot * self.categories.len() as f64 + below);
        draw_svg(&self.title, page, |canvas| {
            let top = header(canvas, &self.title, page.0, &legend)? + 4.0;
            let left = names + EDGE + 8.0 + if self.category_label.is_empty() { 0.0 } else { 16.0 };
            let (right, bottom) = (page.0 - 44.0, page.1 - below);
            let axis = Axis::around(self.values(), Scale::FromZero);
            for tick in horizontal_ticks(&axis, right - left) {
                let x = left + tick.at * (right - left);
                canvas.path(&[(x, top), (x, bottom)], GRID, 0.75, false)?;
                canvas.text(&tick.label, (x, bottom + 12.0), Font::new(TICK, FAINT_INK, Anchor::Middle))?;
            }
            let zero = left + axis.fraction(0.0).unwrap_or(0.0) * (right - left);
            canvas.path(&[(zero, top), (zero, bottom)], AXIS_LINE, 1.0, false)?;
            self.lying_bars(canvas, (left, top), (zero, right - left), &axis, slot)?;
            let font = Font::new(LABEL, INK, Anchor::Middle);
            let value_label = fit(&self.value_label, LABEL, right - left + 30.0);
            canvas.text(&value_label, ((left + right) / 2.0, page.1 - 11.0), font)?;
            let category_label = fit(&self.category_label, LABEL, bottom - top);
            canvas.text(&category_label, (12.0, (top + bottom) / 2.0), font.upward())
        })
    }

    fn lying_bars(
        &self,
        canvas: &Canvas<'_>,
        (left, top): Point,
        (zero, length): (f64, f64),
        axis: &Axis,
        slot: f64,
    ) -> Result<()> {
        let shown = short_names(self.categories.iter().map(String::as_str), TICK, WIDEST_NAME);
        for (index, (name, whole)) in shown.iter().zip(&self.categories).enumerate() {
            let y = top + slot * index as f64;
            canvas.text(name, (left - 6.0, y + slot / 2.0), Font::new(TICK, FAINT_INK, Anchor::End))?;
            tell_whole(canvas, ((left - 6.0 - WIDEST_NAME, y), (left, y + slot)), whole, name);
        }
        for (series, bars) in self.series.iter().enumerate() {
            let (offset, thickness) = self.bar(series, slot);
            for (index, &value) in bars.values.iter().enumerate() {
                let Some(at) = axis.fraction(value) else { continue };
                let y = top + slot * index as f64 + offset;
                let end = left + at * length;
                let (from, to) = (end.min(zero), end.max(zero));
                canvas.rect((from, y), (to, y + thickness * 0.94), categorical(series), 1.0)?;
                if thickness >= 8.5 {
                    let font = Font::new(VALUE_TEXT, FAINT_INK, Anchor::Start);
                    canvas.text(&short_number(value), (to + 4.0, y + thickness * 0.47), font)?;
                }
            }
        }
        Ok(())
    }
}
