//! Cells of one size in rows, with captions: the layout of picture sheets and heat grids.

use crate::canvas::{Anchor, Canvas, FAINT_INK, Font, Point};
use crate::error::{PlotError, Result};
use crate::names::{fit_middle, tell_whole};
use crate::text::width;

const CAPTION: f64 = 12.5;
const CAPTION_ROW: f64 = 15.0;
const WIDEST_CAPTION: f64 = 150.0;
/// Space around and between cells.
pub(crate) const GAP: f64 = 12.0;

/// Where each picture and its caption lies, in whole pixels, so that enlarged pixels stay sharp.
pub(crate) struct Cells {
    columns: usize,
    /// Size of a cell, caption included.
    cell: Point,
    picture: Point,
    top: f64,
    /// Size of the area that all cells take, from the upper left corner of the page.
    pub(crate) area: Point,
}

impl Cells {
    /// Room for pictures of at most `picture` pixels and their captions, below `top`.
    pub(crate) fn new(captions: &[&[String]], columns: usize, picture: Point, top: f64) -> Self {
        let widest = captions.iter().flat_map(|lines| lines.iter());
        let widest = widest.map(|line| width(line, CAPTION)).fold(0.0, f64::max);
        let lines = captions.iter().map(|lines| lines.len()).max().unwrap_or(0) as f64;
        let cell = (picture.0.max(widest.min(WIDEST_CAPTION)).ceil(), picture.1 + lines * CAPTION_ROW + 4.0);
        let columns = columns.min(captions.len()).max(1);
        let rows = captions.len().div_ceil(columns).max(1);
        let area = (GAP + columns as f64 * (cell.0 + GAP), top + GAP + rows as f64 * (cell.1 + GAP));
        Self { columns, cell, picture, top, area }
    }

    fn corner(&self, index: usize) -> Point {
        let (row, column) = ((index / self.columns) as f64, (index % self.columns) as f64);
        (GAP + column * (self.cell.0 + GAP), self.top + GAP + row * (self.cell.1 + GAP))
    }

    /// The two corners of a picture of `size` in the cell's middle.
    pub(crate) fn place(&self, index: usize, size: Point) -> (Point, Point) {
        let (left, top) = self.corner(index);
        let x = (left + (self.cell.0 - size.0) / 2.0).floor();
        let y = (top + (self.picture.1 - size.1) / 2.0).floor();
        ((x, y), (x + size.0, y + size.1))
    }

    /// Writes the lines under a picture.
    pub(crate) fn caption(&self, canvas: &Canvas<'_>, index: usize, lines: &[String]) -> Result<()> {
        let (left, top) = self.corner(index);
        let font = Font::new(CAPTION, FAINT_INK, Anchor::Middle);
        for (row, line) in lines.iter().enumerate() {
            let y = top + self.picture.1 + 4.0 + CAPTION_ROW * (row as f64 + 0.5);
            let shown = fit_middle(line, CAPTION, self.cell.0 + GAP / 2.0);
            canvas.text(&shown, (left + self.cell.0 / 2.0, y), font)?;
            let half = CAPTION_ROW / 2.0;
            tell_whole(canvas, ((left, y - half), (left + self.cell.0, y + half)), line, &shown);
        }
        Ok(())
    }
}

/// Refuses a sheet without columns or with pixels of no size.
pub(crate) fn check_settings(columns: usize, scale: u32) -> Result<()> {
    for (setting, zero) in [("columns", columns == 0), ("scale", scale == 0)] {
        if zero {
            return Err(PlotError::ZeroSetting { setting });
        }
    }
    Ok(())
}
