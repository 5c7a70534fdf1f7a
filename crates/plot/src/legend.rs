//! The legend: a row, or several, of swatch and name above the plot, where it cannot cover data.

use crate::canvas::{Anchor, Canvas, FAINT_INK, Font, Point};
use crate::colours::Rgb;
use crate::error::Result;
use crate::names::{short_names, tell_whole};
use crate::scatter::marker;
use crate::text::width;

const SIZE: f64 = 13.0;
const SWATCH: f64 = 20.0;
const GAP: f64 = 16.0;
/// Height of one row of entries.
pub(crate) const ROW: f64 = 18.0;

/// What stands for a series beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Swatch {
    Line { dashed: bool },
    Box,
    Marker { group: usize },
}

/// One named entry.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) colour: Rgb,
    pub(crate) swatch: Swatch,
}

/// Entries with the place of each, relative to the upper left corner of the legend.
pub(crate) struct Legend {
    placed: Vec<Placed>,
    rows: usize,
}

struct Placed {
    at: Point,
    /// The entry's name as it fits.
    shown: String,
    entry: Entry,
}

impl Legend {
    /// Fills rows no wider than `room` from left to right; unnamed entries are left out.
    pub(crate) fn new(entries: Vec<Entry>, room: f64) -> Self {
        let (mut x, mut row, mut placed) = (0.0, 0, Vec::new());
        let entries: Vec<Entry> = entries.into_iter().filter(|e| !e.name.trim().is_empty()).collect();
        let names = short_names(entries.iter().map(|e| e.name.as_str()), SIZE, room - SWATCH - 6.0);
        for (shown, entry) in names.into_iter().zip(entries) {
            let wide = SWATCH + 6.0 + width(&shown, SIZE);
            if x > 0.0 && x + wide > room {
                (x, row) = (0.0, row + 1);
            }
            placed.push(Placed { at: (x, row as f64 * ROW + ROW / 2.0), shown, entry });
            x += wide + GAP;
        }
        let rows = if placed.is_empty() { 0 } else { row + 1 };
        Self { placed, rows }
    }

    /// Height of all rows in pixels.
    pub(crate) fn height(&self) -> f64 {
        self.rows as f64 * ROW
    }

    pub(crate) fn draw(&self, canvas: &Canvas<'_>, (left, top): Point) -> Result<()> {
        for Placed { at: (x, y), shown, entry } in &self.placed {
            let (x, y) = (left + x, top + y);
            match entry.swatch {
                Swatch::Line { dashed } => {
                    canvas.path(&[(x, y), (x + SWATCH, y)], entry.colour, 2.25, dashed)?;
                }
                Swatch::Box => {
                    canvas.rect((x + 6.0, y - 5.5), (x + 17.0, y + 5.5), entry.colour, 1.0)?;
                }
                Swatch::Marker { group } => {
                    marker(canvas, group, (x + 12.0, y), 4.0, entry.colour, 1.0)?;
                }
            }
            let font = Font::new(SIZE, FAINT_INK, Anchor::Start);
            let start = x + SWATCH + 6.0;
            canvas.text(shown, (start, y), font)?;
            let corners = ((x, y - ROW / 2.0), (start + width(shown, SIZE), y + ROW / 2.0));
            tell_whole(canvas, corners, &entry.name, shown);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_wrap_and_stay_within_the_width() {
        let entries = (0..12)
            .map(|i| Entry { name: format!("a class name {i}"), colour: (0, 0, 0), swatch: Swatch::Box })
            .collect();
        let legend = Legend::new(entries, 400.0);
        assert!(legend.rows > 1);
        for placed in &legend.placed {
            assert!(placed.at.0 + SWATCH + 6.0 + width(&placed.shown, SIZE) <= 400.0);
        }
    }
}
