use crate::canvas::{AXIS_LINE, Anchor, Canvas, FAINT_INK, Font, Point, draw_svg};
use crate::cells::{Cells, check_settings};
use crate::colours::{Rgb, diverging, viridis};
use crate::error::{PlotError, Result};
use crate::frame::{EDGE, LABEL, header};
use crate::legend::Legend;
use crate::png::encode_rgb;
use crate::raster::{RgbFrame, SHARP};
use crate::text::short_number;

const BAR_HEIGHT: f64 = 10.0;
const BAR_TEXT: f64 = 12.5;
const BAR_STEPS: u32 = 128;
const LEAST_WIDTH: f64 = 200.0;
/// Colour of a value that is not finite.
const MISSING: Rgb = (0xBB, 0xBB, 0xBB);

/// Tiles of numbers as colours, such as the kernels of a layer or its feature maps, with a colour bar.
///
/// Values that are not finite are grey.
///
/// ```
/// use brasa_plot::{HeatColours, HeatGrid, HeatRange, HeatTile};
///
/// let kernel = HeatTile { values: vec![-0.5, 0.0, 0.25, 0.5], width: 2, height: 2, caption: vec!["1".into()] };
/// let grid = HeatGrid {
///     title: "First layer".into(),
///     value_label: "weight".into(),
///     tiles: vec![kernel],
///     columns: 8,
///     scale: 12,
///     colours: HeatColours::Diverging,
///     range: HeatRange::Shared,
/// };
/// assert!(grid.to_svg()?.contains(">\n-0.5\n<"));
/// assert!(grid.to_png()?.starts_with(b"\x89PNG"));
/// # Ok::<(), brasa_plot::PlotError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct HeatGrid {
    /// Heading; may be empty.
    pub title: String,
    /// What the numbers are, with their unit; stands beside the colour bar.
    pub value_label: String,
    /// The tiles, row by row.
    pub tiles: Vec<HeatTile>,
    /// Tiles per row, at least 1.
    pub columns: usize,
    /// Every number is drawn as a square of this many pixels, at least 1.
    pub scale: u32,
    /// Which colours the numbers become.
    pub colours: HeatColours,
    /// Which numbers have the first and the last colour.
    pub range: HeatRange,
}

/// One tile of a [`HeatGrid`] with the lines of text under it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeatTile {
    /// Rows from top to bottom, numbers from left to right.
    pub values: Vec<f32>,
    /// Numbers per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Lines of text under the tile.
    pub caption: Vec<String>,
}

/// How numbers become colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeatColours {
    /// [`viridis`] from the lowest to the highest number: for amounts, such as activations.
    Sequential,
    /// [`diverging`], blue over white to orange with white at zero: for signed numbers, such as weights.
    Diverging,
}

/// Which numbers have the first and the last colour; a diverging range always reaches as far below zero as
/// above.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HeatRange {
    /// From the lowest to the highest number of all tiles: tiles can be compared.
    Shared,
    /// From the lowest to the highest number of each tile, written under it: patterns show in weak tiles too.
    EachTile,
    /// From the first to the second number; what lies outside has the end's colour.
    Fixed(f64, f64),
}

impl HeatGrid {
    /// Draws the grid; one without tiles says "no tiles".
    ///
    /// # Errors
    ///
    /// [`PlotError::GridSize`] for a tile whose numbers do not fill its shape, [`PlotError::ZeroSetting`],
    /// [`PlotError::Range`] for a fixed range that is empty, [`PlotError::Draw`] if the drawing backend fails.
    pub fn to_svg(&self) -> Result<String> {
        self.check()?;
        let ranges = self.ranges()?;
        let captions: Vec<Vec<String>> = self
            .tiles
            .iter()
            .zip(&ranges)
            .map(|(tile, (low, high))| {
                let mut lines = tile.caption.clone();
                if self.range == HeatRange::EachTile {
                    lines.push(format!("{} to {}", short_number(*low), short_number(*high)));
                }
                lines
            })
            .collect();
        let captions: Vec<&[String]> = captions.iter().map(Vec::as_slice).collect();
        let size = |tile: &HeatTile| {
            (tile.width as f64 * f64::from(self.scale), tile.height as f64 * f64::from(self.scale))
        };
        let largest =
            self.tiles.iter().map(size).fold((0.0, 0.0), |(w, h): Point, s| (w.max(s.0), h.max(s.1)));
        let head = if self.title.trim().is_empty() { 0.0 } else { 26.0 };
        let cells = Cells::new(&captions, self.columns, largest, head);
        let page = (cells.area.0.max(LEAST_WIDTH), cells.area.1.max(head + 40.0) + BAR_HEIGHT + 44.0);
        draw_svg(&self.title, page, |canvas| {
            header(canvas, &self.title, page.0, &Legend::new(Vec::new(), page.0))?;
            if self.tiles.is_empty() {
                let font = Font::new(LABEL, FAINT_INK, Anchor::Middle);
                return canvas.text("no tiles", (page.0 / 2.0, head + 24.0), font);
            }
            for (index, (tile, range)) in self.tiles.iter().zip(&ranges).enumerate() {
                let (from, to) = cells.place(index, size(tile));
                canvas.picture(from, to, &self.tile_png(tile, *range)?);
                outline(canvas, from, to)?;
                cells.caption(canvas, index, captions.get(index).copied().unwrap_or_default())?;
            }
            self.colour_bar(canvas, ranges.first().copied().unwrap_or((0.0, 1.0)), page)
        })
    }

    /// The grid as pixels, two for each of the SVG's.
    ///
    /// # Errors
    ///
    /// As [`to_svg`](Self::to_svg).
    pub fn to_rgb(&self) -> Result<RgbFrame> {
        RgbFrame::from_svg(&self.to_svg()?, SHARP)
    }

    /// The grid as a PNG file, two pixels for each of the SVG's.
    ///
    /// # Errors
    ///
    /// As [`to_svg`](Self::to_svg).
    pub fn to_png(&self) -> Result<Vec<u8>> {
        self.to_rgb()?.to_png()
    }

    fn check(&self) -> Result<()> {
        check_settings(self.columns, self.scale)?;
        for (index, tile) in self.tiles.iter().enumerate() {
            let (columns, rows, found) = (tile.width, tile.height, tile.values.len());
            let expected = columns.saturating_mul(rows);
            if expected == 0 || found != expected {
                let chart = format!("heat grid {:?}, tile {index}", self.title);
                return Err(PlotError::GridSize { chart, columns, rows, expected, found });
            }
        }
        Ok(())
    }

    /// First and last number of each tile's colours.
    fn ranges(&self) -> Result<Vec<(f64, f64)>> {
        let shared = || extent(self.tiles.iter().flat_map(|tile| tile.values.iter()));
        let one = match self.range {
            HeatRange::EachTile => {
                return Ok(self.tiles.iter().map(|tile| self.balance(extent(tile.values.iter()))).collect());
            }
            HeatRange::Shared => self.balance(shared()),
            HeatRange::Fixed(low, high) if low < high && (high - low).is_finite() => {
                self.balance((low, high))
            }
            HeatRange::Fixed(low, high) => {
                return Err(PlotError::Range { what: format!("colours of {:?}", self.title), low, high });
            }
        };
        Ok(vec![one; self.tiles.len()])
    }

    fn balance(&self, (low, high): (f64, f64)) -> (f64, f64) {
        match self.colours {
            HeatColours::Sequential => (low, high),
            HeatColours::Diverging => {
                let reach = low.abs().max(high.abs());
                (-reach, reach)
            }
        }
    }

    fn colour(&self, position: f64) -> Rgb {
        match self.colours {
            HeatColours::Sequential => viridis(position),
            HeatColours::Diverging => diverging(position),
        }
    }

    fn tile_png(&self, tile: &HeatTile, (low, high): (f64, f64)) -> Result<Vec<u8>> {
        let middle = match self.colours {
            HeatColours::Sequential => 0.0,
            HeatColours::Diverging => 0.5,
        };
        let pixel = |value: &f32| match f64::from(*value) {
            value if !value.is_finite() => MISSING,
            value if high > low => self.colour((value - low) / (high - low)),
            _ => self.colour(middle),
        };
        let pixels: Vec<u8> = tile.values.iter().map(pixel).flat_map(|(r, g, b)| [r, g, b]).collect();
        encode_rgb(&pixels, tile.width as u32, tile.height as u32)
    }

    /// The colours from first to last at the foot of the page, with the numbers that they stand for.
    fn colour_bar(&self, canvas: &Canvas<'_>, (low, high): (f64, f64), page: Point) -> Result<()> {
        let (left, right) = (EDGE, page.0.min(EDGE + 320.0) - EDGE);
        let top = page.1 - BAR_HEIGHT - 36.0;
        let steps = (0..BAR_STEPS).map(|step| f64::from(step) / f64::from(BAR_STEPS - 1));
        let pixels: Vec<u8> = steps.map(|at| self.colour(at)).flat_map(|(r, g, b)| [r, g, b]).collect();
        canvas.picture((left, top), (right, top + BAR_HEIGHT), &encode_rgb(&pixels, BAR_STEPS, 1)?);
        outline(canvas, (left, top), (right, top + BAR_HEIGHT))?;
        let (first, last) = match self.range {
            HeatRange::EachTile => ("lowest of tile".into(), "highest of tile".into()),
            _ => (short_number(low), short_number(high)),
        };
        let font = |anchor| Font::new(BAR_TEXT, FAINT_INK, anchor);
        let y = top + BAR_HEIGHT + 10.0;
        canvas.text(&first, (left, y), font(Anchor::Start))?;
        canvas.text(&last, (right, y), font(Anchor::End))?;
        if self.colours == HeatColours::Diverging && self.range != HeatRange::EachTile {
            canvas.text("0", ((left + right) / 2.0, y), font(Anchor::Middle))?;
        }
        canvas.text(&self.value_label, (left, y + 15.0), font(Anchor::Start))
    }
}

fn outline(canvas: &Canvas<'_>, (left, top): Point, (right, bottom): Point) -> Result<()> {
    let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
    canvas.path(&corners, AXIS_LINE, 0.5, false)
}

/// Lowest and highest of the finite values; 0 and 0 without any.
fn extent<'a>(values: impl Iterator<Item = &'a f32>) -> (f64, f64) {
    let finite = values.copied().filter(|value| value.is_finite()).map(f64::from);
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low <= high { (low, high) } else { (0.0, 0.0) }
}
