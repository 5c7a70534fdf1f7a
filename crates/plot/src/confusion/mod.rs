mod layout;
mod view;

use self::layout::Layout;
use self::view::{NO_ROWS, View};
use crate::canvas::{Anchor, Canvas, FAINT_INK, Font, INK, draw_svg};
use crate::colours::{Rgb, readable_on, viridis};
use crate::error::{PlotError, Result};
use crate::frame::{LABEL, TICK, header, remark};
use crate::legend::Legend;
use crate::names::tell_whole;
use crate::text::short_number;

/// Up to so many classes a zero is written, too.
const ZEROS_UP_TO: usize = 20;

/// A confusion matrix as a heat map: true class down the side, predicted class along the bottom, the number
/// in each cell.
///
/// Where numbers have no room (from about twenty classes on), a colour bar takes their place. Of more than
/// [`MOST_CLASSES`](Self::MOST_CLASSES) the most confused are shown, and how much of all mistakes that is is said.
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

impl ConfusionChart {
    /// The most classes that one picture shows.
    pub const MOST_CLASSES: usize = 40;

    /// Draws the chart, in time linear in the cells.
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
        let view = View::of(self);
        let layout = Layout::of(&view);
        draw_svg(title, layout.page, |canvas| {
            let top = header(canvas, title, layout.page.0, &Legend::new(Vec::new(), 0.0))?;
            if view.names.is_empty() {
                let words = if self.class_names.is_empty() { "no data" } else { &view.note };
                let middle = (layout.page.0 / 2.0, layout.page.1 / 2.0);
                return canvas.text(words, middle, Font::new(LABEL, FAINT_INK, Anchor::Middle));
            }
            remark(canvas, &view.note, layout.page.0, top)?;
            view.draw_cells(canvas, &layout)?;
            view.draw_names(canvas, &layout)?;
            if layout.number.is_none() { view.draw_colour_bar(canvas, &layout) } else { Ok(()) }
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
}

/// The `limit` most frequent mistakes of `counts[true][predicted]` as (true class, predicted class, rows), the most
/// frequent first. Takes time linear in the cells.
///
/// ```
/// use brasa_plot::frequent_mistakes;
///
/// assert_eq!(frequent_mistakes(&[vec![9, 2], vec![5, 8]], 1), [(1, 0, 5)]);
/// ```
pub fn frequent_mistakes(counts: &[Vec<u64>], limit: usize) -> Vec<(usize, usize, u64)> {
    let cells = counts.iter().enumerate().flat_map(|(target, row)| {
        row.iter().enumerate().map(move |(predicted, &count)| (target, predicted, count))
    });
    let mut mistakes: Vec<_> =
        cells.filter(|&(target, predicted, count)| target != predicted && count > 0).collect();
    let key =
        |&(target, predicted, count): &(usize, usize, u64)| (std::cmp::Reverse(count), target, predicted);
    // Of a million cells only those that are kept are sorted.
    if mistakes.len() > limit {
        mistakes.select_nth_unstable_by_key(limit, key);
        mistakes.truncate(limit);
    }
    mistakes.sort_unstable_by_key(key);
    mistakes
}

impl View<'_> {
    fn draw_cells(&self, canvas: &Canvas<'_>, layout: &Layout) -> Result<()> {
        for (row, cells) in self.cells.iter().enumerate() {
            let y = layout.top + row as f64 * layout.cell;
            let x = |column: usize| layout.left + column as f64 * layout.cell;
            let colours: Vec<Rgb> =
                cells.iter().map(|cell| cell.value.map_or(NO_ROWS, |v| viridis(v / self.largest))).collect();
            let Some(size) = layout.number else {
                // Equal neighbours become one rectangle, which keeps the file small.
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
            for (column, (cell, colour)) in cells.iter().zip(colours).enumerate() {
                let corner = (x(column + 1) - 1.0, y + layout.cell - 1.0);
                canvas.rect((x(column), y), corner, colour, 1.0)?;
                // Of many classes most cells are zero, and their colour says it.
                if cell.value == Some(0.0) && self.names.len() > ZEROS_UP_TO {
                    continue;
                }
                let middle = ((x(column) + corner.0) / 2.0, (y + corner.1) / 2.0);
                canvas.text(&cell.written, middle, Font::new(size, readable_on(colour), Anchor::Middle))?;
            }
        }
        Ok(())
    }

    fn draw_names(&self, canvas: &Canvas<'_>, layout: &Layout) -> Result<()> {
        let side = layout.cell * self.names.len() as f64;
        let (left, bottom) = (layout.left, layout.top + side);
        for (index, (name, whole)) in layout.names.iter().zip(&self.names).enumerate() {
            let from = index as f64 * layout.cell;
            let middle = from + layout.cell / 2.0;
            let font = Font::new(TICK, FAINT_INK, Anchor::End);
            canvas.text(name, (left - 6.0, layout.top + middle), font)?;
            let beside =
                ((left - 6.0 - layout.widest, layout.top + from), (left, layout.top + from + layout.cell));
            tell_whole(canvas, beside, whole, name);
            if layout.upward_names {
                canvas.text(name, (left + middle, bottom + 6.0), font.upward())?;
            } else {
                let font = Font { anchor: Anchor::Middle, ..font };
                canvas.text(name, (left + middle, bottom + 12.0), font)?;
            }
            let below = ((left + from, bottom), (left + from + layout.cell, bottom + 6.0 + layout.widest));
            tell_whole(canvas, below, whole, name);
        }
        let font = Font::new(LABEL, INK, Anchor::Middle);
        canvas.text("predicted class", (left + side / 2.0, layout.page.1 - 11.0), font)?;
        let beside = (left - layout.widest - 18.0, layout.top + side / 2.0);
        canvas.text("true class", beside, font.upward())
    }

    fn draw_colour_bar(&self, canvas: &Canvas<'_>, layout: &Layout) -> Result<()> {
        let side = layout.cell * self.names.len() as f64;
        let x = layout.left + side + 10.0;
        const STEPS: usize = 64;
        for step in 0..STEPS {
            let from = layout.top + side * step as f64 / STEPS as f64;
            let to = from + side / STEPS as f64;
            let colour = viridis(1.0 - (step as f64 + 0.5) / STEPS as f64);
            canvas.rect((x, from), (x + 12.0, to), colour, 1.0)?;
        }
        let font = Font::new(12.0, FAINT_INK, Anchor::Start);
        canvas.text(&short_number(self.largest), (x + 15.0, layout.top + 5.0), font)?;
        canvas.text("0", (x + 15.0, layout.top + side - 5.0), font)
    }
}
