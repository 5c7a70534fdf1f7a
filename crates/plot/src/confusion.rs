use crate::canvas::{Anchor, Canvas, FAINT_INK, Font, INK, Point, draw_svg};
use crate::colours::{Rgb, readable_on, viridis};
use crate::error::{PlotError, Result};
use crate::frame::{BASE, EDGE, LABEL, TICK, header};
use crate::legend::Legend;
use crate::text::{fit, short_number, width};

const WIDEST_NAME: f64 = 110.0;
const SMALLEST_NUMBER: f64 = 7.5;
const COLOUR_BAR: f64 = 56.0;
const NO_ROWS: Rgb = (0xEE, 0xEE, 0xEE);

/// A confusion matrix as a heat map: true class down the side, predicted class along the bottom, the number
/// in each cell.
///
/// With too many classes for numbers (about twenty), a colour bar takes their place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConfusionChart {
    /// Name of each class.
    pub class_names: Vec<String>,
    /// `counts[t][p]`: how many rows of true class `t` were predicted as class `p`.
    pub counts: Vec<Vec<u64>>,
    /// Show each row as fractions of its sum (the diagonal is then the recall of each class), as
    /// `normalize="true"` does in scikit-learn. A class without rows is shown grey.
    pub normalised: bool,
}

struct Layout {
    left: f64,
    top: f64,
    cell: f64,
    page: Point,
    upward_names: bool,
    /// Text size of the numbers, where they fit.
    number: Option<f64>,
}

impl ConfusionChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// [`PlotError::ConfusionRows`] or [`PlotError::ConfusionColumns`] if the counts are not square over the
    /// classes, [`PlotError::Draw`] if the drawing backend fails.
    pub fn to_svg(&self) -> Result<String> {
        self.check()?;
        let title = if self.normalised {
            "Confusion matrix (fraction of each true class)"
        } else {
            "Confusion matrix (rows counted)"
        };
        let layout = self.layout();
        draw_svg(title, layout.page, |canvas| {
            header(canvas, title, layout.page.0, &Legend::new(Vec::new(), 0.0))?;
            if self.class_names.is_empty() {
                let middle = (layout.page.0 / 2.0, layout.page.1 / 2.0);
                return canvas.text("no data", middle, Font::new(LABEL, FAINT_INK, Anchor::Middle));
            }
            self.cells(canvas, &layout)?;
            self.names(canvas, &layout)?;
            if layout.number.is_none() { self.colour_bar(canvas, &layout) } else { Ok(()) }
        })
    }

    fn check(&self) -> Result<()> {
        let expected = self.class_names.len();
        if self.counts.len() != expected {
            return Err(PlotError::ConfusionRows { expected, found: self.counts.len() });
        }
        for (row, (counts, class)) in self.counts.iter().zip(&self.class_names).enumerate() {
            if counts.len() != expected {
                let class = class.clone();
                return Err(PlotError::ConfusionColumns { row, class, expected, found: counts.len() });
            }
        }
        Ok(())
    }

    fn layout(&self) -> Layout {
        let count = self.class_names.len().max(1) as f64;
        let widest = self.class_names.iter().map(|n| width(n, TICK)).fold(0.0, f64::max).min(WIDEST_NAME);
        let left = 24.0 + widest + 8.0;
        let fitted = |room: f64| (room / count).min(84.0);
        let longest = self.counts.iter().enumerate().flat_map(|(row, counts)| {
            (0..counts.len()).map(move |column| width(&self.written(row, column), 1.0))
        });
        let longest = longest.fold(1.0, f64::max);
        let mut cell = fitted(BASE.0 - left - EDGE);
        let size = ((cell - 5.0) / longest).min(13.0).min(cell * 0.6);
        let number = (size >= SMALLEST_NUMBER).then_some(size);
        if number.is_none() {
            cell = fitted(BASE.0 - left - EDGE - COLOUR_BAR);
        }
        let upward_names = widest + 6.0 > cell;
        let below = if upward_names { widest + 12.0 } else { TICK + 10.0 } + LABEL + 12.0;
        let side = cell * count;
        let top = 38.0;
        let shift = if number.is_some() { (BASE.0 - EDGE - left - side) / 2.0 } else { 0.0 };
        Layout {
            left: left + shift.max(0.0),
            top,
            cell,
            page: (BASE.0, (top + side + below).max(200.0)),
            upward_names,
            number,
        }
    }

    fn count(&self, row: usize, column: usize) -> u64 {
        self.counts.get(row).and_then(|counts| counts.get(column)).copied().unwrap_or(0)
    }

    /// The shown value: a count, or a fraction of the row; `None` for a fraction of nothing.
    fn value(&self, row: usize, column: usize) -> Option<f64> {
        let count = self.count(row, column) as f64;
        if !self.normalised {
            return Some(count);
        }
        let sum: f64 = self.counts.get(row)?.iter().map(|c| *c as f64).sum();
        (sum > 0.0).then_some(count / sum)
    }

    fn written(&self, row: usize, column: usize) -> String {
        match self.value(row, column) {
            None => "–".to_owned(),
            Some(fraction) if self.normalised => {
                if fraction == 0.0 {
                    "0".to_owned()
                } else {
                    format!("{fraction:.2}")
                }
            }
            Some(_) => match self.count(row, column) {
                count @ 0..100_000 => count.to_string(),
                count => short_number(count as f64),
            },
        }
    }

    fn largest(&self) -> f64 {
        if self.normalised {
            return 1.0;
        }
        self.counts.iter().flatten().copied().max().unwrap_or(0).max(1) as f64
    }

    fn colour(&self, row: usize, column: usize) -> Rgb {
        self.value(row, column).map_or(NO_ROWS, |v| viridis(v / self.largest()))
    }

    fn cells(&self, canvas: &Canvas<'_>, layout: &Layout) -> Result<()> {
        let count = self.class_names.len();
        for row in 0..count {
            let y = layout.top + row as f64 * layout.cell;
            let colours: Vec<Rgb> = (0..count).map(|column| self.colour(row, column)).collect();
            let x = |column: usize| layout.left + column as f64 * layout.cell;
            let Some(size) = layout.number else {
                // Equal neighbours become one rectangle, or a hundred classes would fill a megabyte.
                let mut column = 0;
                for run in colours.chunk_by(|a, b| a == b) {
                    let end = column + run.len();
                    let colour = run.first().copied().unwrap_or(NO_ROWS);
                    // Half a pixel of overlap keeps the page from shining through the seams.
                    canvas.rect((x(column), y), (x(end) + 0.5, y + layout.cell + 0.5), colour, 1.0)?;
                    column = end;
                }
                continue;
            };
            for (column, colour) in colours.into_iter().enumerate() {
                let corner = (x(column + 1) - 1.0, y + layout.cell - 1.0);
                canvas.rect((x(column), y), corner, colour, 1.0)?;
                let middle = ((x(column) + corner.0) / 2.0, (y + corner.1) / 2.0);
                let font = Font::new(size, readable_on(colour), Anchor::Middle);
                canvas.text(&self.written(row, column), middle, font)?;
            }
        }
        Ok(())
    }

    fn names(&self, canvas: &Canvas<'_>, layout: &Layout) -> Result<()> {
        let side = layout.cell * self.class_names.len() as f64;
        let bottom = layout.top + side;
        // With narrow cells only every n-th name has room.
        let every = ((TICK + 1.0) / layout.cell).ceil().max(1.0) as usize;
        for (index, name) in self.class_names.iter().enumerate().step_by(every) {
            let name = fit(name, TICK, WIDEST_NAME);
            let middle = (index as f64 + 0.5) * layout.cell;
            let font = Font::new(TICK, FAINT_INK, Anchor::End);
            canvas.text(&name, (layout.left - 6.0, layout.top + middle), font)?;
            let x = layout.left + middle;
            if layout.upward_names {
                canvas.text(&name, (x, bottom + 6.0), font.upward())?;
            } else {
                canvas.text(&name, (x, bottom + 12.0), Font { anchor: Anchor::Middle, ..font })?;
            }
        }
        let font = Font::new(LABEL, INK, Anchor::Middle);
        let below = (layout.left + side / 2.0, layout.page.1 - 11.0);
        canvas.text("predicted class", below, font)?;
        let widest = self.class_names.iter().map(|n| width(n, TICK)).fold(0.0, f64::max).min(WIDEST_NAME);
        let beside = (layout.left - widest - 18.0, layout.top + side / 2.0);
        canvas.text("true class", beside, font.upward())
    }

    fn colour_bar(&self, canvas: &Canvas<'_>, layout: &Layout) -> Result<()> {
        let side = layout.cell * self.class_names.len() as f64;
        let x = layout.left + side + 10.0;
        const STEPS: usize = 64;
        for step in 0..STEPS {
            let from = layout.top + side * step as f64 / STEPS as f64;
            let to = from + side / STEPS as f64;
            let colour = viridis(1.0 - (step as f64 + 0.5) / STEPS as f64);
            canvas.rect((x, from), (x + 12.0, to), colour, 1.0)?;
        }
        let font = Font::new(12.0, FAINT_INK, Anchor::Start);
        canvas.text(&short_number(self.largest()), (x + 15.0, layout.top + 5.0), font)?;
        canvas.text("0", (x + 15.0, layout.top + side - 5.0), font)
    }
}
