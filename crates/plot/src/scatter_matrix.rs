use crate::axis::{Axis, Scale};
use crate::canvas::{AXIS_LINE, Anchor, Canvas, FAINT_INK, Font, GRID, INK, Point, draw_svg};
use crate::colours::categorical;
use crate::error::{PlotError, Result};
use crate::frame::{EDGE, header};
use crate::legend::Legend;
use crate::scatter::{MOST_POINTS, group_legend, marker};
use crate::text::{width, wrap};

const GAP: f64 = 6.0;
const LEFT: f64 = 44.0;
const BELOW: f64 = 30.0;
const BINS: usize = 16;
const SMALL: f64 = 12.0;

/// Every pair of features against each other in one picture, with each feature's histogram on the diagonal.
///
/// Cells shrink to 96 px and then the page grows, so pick the features worth looking at; four to six read
/// well on a phone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScatterMatrix {
    /// Heading; may be empty.
    pub title: String,
    /// Name of each feature, with its unit.
    pub features: Vec<String>,
    /// Name and rows of each group (class); a row holds one value per feature. Values that are not finite
    /// are left out, and of more than 3000 rows in a group every n-th is drawn.
    pub groups: Vec<(String, Vec<Vec<f64>>)>,
}

/// One cell: its corners and the two features' axes.
struct Cell {
    left: f64,
    top: f64,
    side: f64,
}

impl Cell {
    fn x(&self, fraction: f64) -> f64 {
        self.left + fraction * self.side
    }

    fn y(&self, fraction: f64) -> f64 {
        self.top + (1.0 - fraction) * self.side
    }
}

impl ScatterMatrix {
    /// Draws the sheet.
    ///
    /// # Errors
    ///
    /// [`PlotError::FeatureCount`] if a row has not one value per feature, [`PlotError::Draw`] if the drawing
    /// backend fails.
    pub fn to_svg(&self) -> Result<String> {
        self.check()?;
        let count = self.features.len();
        let side = (460.0 / count.max(1) as f64 - GAP).clamp(96.0, 240.0);
        let page_width = (LEFT + count as f64 * (side + GAP) + EDGE).max(300.0);
        let names = self.groups.iter().map(|(name, _)| name.as_str());
        let legend = Legend::new(group_legend(names), page_width - 2.0 * EDGE);
        let head = if self.title.trim().is_empty() { 8.0 } else { 32.0 } + legend.height() + 6.0;
        let page_height = head + (count as f64 * (side + GAP)).max(40.0) + BELOW;
        draw_svg(&self.title, (page_width, page_height), |canvas| {
            let top = header(canvas, &self.title, page_width, &legend)?;
            if count == 0 {
                let font = Font::new(12.5, FAINT_INK, Anchor::Middle);
                return canvas.text("no data", (page_width / 2.0, top + 20.0), font);
            }
            let axes: Vec<Axis> = (0..count).map(|i| Axis::around(self.column(i), Scale::Linear)).collect();
            for (row, y_axis) in axes.iter().enumerate() {
                for (column, x_axis) in axes.iter().enumerate() {
                    let cell = Cell {
                        left: LEFT + column as f64 * (side + GAP),
                        top: top + row as f64 * (side + GAP),
                        side,
                    };
                    border(canvas, &cell)?;
                    if row == column {
                        self.histogram(canvas, &cell, column, x_axis)?;
                    } else {
                        self.points(canvas, &cell, (column, x_axis), (row, y_axis))?;
                    }
                    if row + 1 == count {
                        ticks_below(canvas, &cell, x_axis)?;
                    }
                    if column == 0 && (row > 0 || count == 1) {
                        ticks_beside(canvas, &cell, y_axis)?;
                    }
                }
            }
            Ok(())
        })
    }

    fn check(&self) -> Result<()> {
        for (name, rows) in &self.groups {
            for (row, values) in rows.iter().enumerate() {
                if values.len() != self.features.len() {
                    return Err(PlotError::FeatureCount {
                        chart: self.title.clone(),
                        group: name.clone(),
                        row,
                        expected: self.features.len(),
                        found: values.len(),
                    });
                }
            }
        }
        Ok(())
    }

    fn column(&self, feature: usize) -> impl Iterator<Item = f64> + '_ {
        self.groups.iter().flat_map(|(_, rows)| rows).filter_map(move |row| row.get(feature).copied())
    }

    fn points(
        &self,
        canvas: &Canvas<'_>,
        cell: &Cell,
        (column, x_axis): (usize, &Axis),
        (row, y_axis): (usize, &Axis),
    ) -> Result<()> {
        for (group, (_, rows)) in self.groups.iter().enumerate() {
            let every = rows.len().div_ceil(MOST_POINTS).max(1);
            for values in rows.iter().step_by(every) {
                let x = values.get(column).and_then(|v| x_axis.fraction(*v));
                let y = values.get(row).and_then(|v| y_axis.fraction(*v));
                if let (Some(x), Some(y)) = (x, y) {
                    marker(canvas, group, (cell.x(x), cell.y(y)), 1.9, categorical(group), 0.65)?;
                }
            }
        }
        Ok(())
    }

    /// The feature's name above a histogram of each group.
    fn histogram(&self, canvas: &Canvas<'_>, cell: &Cell, feature: usize, axis: &Axis) -> Result<()> {
        let name = self.features.get(feature).map_or("", String::as_str);
        let lines = wrap(name, SMALL * 1.05, cell.side - 8.0, 2);
        let font = Font::new(SMALL, INK, Anchor::Middle).bold();
        for (index, line) in lines.iter().enumerate() {
            canvas.text(line, (cell.x(0.5), cell.top + 10.0 + index as f64 * 13.0), font)?;
        }
        let counts: Vec<[u32; BINS]> = self
            .groups
            .iter()
            .map(|(_, rows)| {
                let mut bins = [0; BINS];
                for at in rows.iter().filter_map(|row| axis.fraction(*row.get(feature)?)) {
                    let bin = (at * BINS as f64).clamp(0.0, (BINS - 1) as f64) as usize;
                    bins[bin] += 1;
                }
                bins
            })
            .collect();
        let tallest = counts.iter().flatten().copied().max().unwrap_or(0).max(1);
        let room = cell.side - 8.0 - 13.0 * lines.len() as f64;
        let bottom = cell.top + cell.side;
        for (group, bins) in counts.iter().enumerate() {
            for (bin, &count) in bins.iter().enumerate().filter(|(_, count)| **count > 0) {
                let height = room * f64::from(count) / f64::from(tallest);
                let from: Point = (cell.x(bin as f64 / BINS as f64), bottom - height);
                let to = (cell.x((bin + 1) as f64 / BINS as f64), bottom);
                canvas.rect(from, to, categorical(group), 0.55)?;
            }
        }
        Ok(())
    }
}

fn border(canvas: &Canvas<'_>, cell: &Cell) -> Result<()> {
    let corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)];
    canvas.path(&corners.map(|(x, y)| (cell.x(x), cell.y(y))), GRID, 1.0, false)
}

fn ticks_below(canvas: &Canvas<'_>, cell: &Cell, axis: &Axis) -> Result<()> {
    let bottom = cell.top + cell.side;
    for tick in axis.ticks(4) {
        let half = width(&tick.label, SMALL) / 2.0;
        let x = cell.x(tick.at);
        canvas.path(&[(x, bottom), (x, bottom + 3.0)], AXIS_LINE, 1.0, false)?;
        if x - half > cell.left - GAP / 2.0 && x + half < cell.left + cell.side + GAP / 2.0 {
            canvas.text(&tick.label, (x, bottom + 12.0), Font::new(SMALL, FAINT_INK, Anchor::Middle))?;
        }
    }
    Ok(())
}

fn ticks_beside(canvas: &Canvas<'_>, cell: &Cell, axis: &Axis) -> Result<()> {
    for tick in axis.ticks(4) {
        let y = cell.y(tick.at);
        canvas.path(&[(cell.left - 3.0, y), (cell.left, y)], AXIS_LINE, 1.0, false)?;
        canvas.text(&tick.label, (cell.left - 6.0, y), Font::new(SMALL, FAINT_INK, Anchor::End))?;
    }
    Ok(())
}
