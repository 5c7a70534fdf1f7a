use crate::colours::{Rgb, categorical, mix};
use crate::error::{PlotError, Result};
use crate::png::encode_rgb;

/// How much of a class's colour its region shows; the rest is white.
const STRENGTH: f64 = 0.36;
/// The same where the class is no more likely than chance, so that borders between classes show.
const UNSURE: f64 = 0.1;
const WHITE: Rgb = (255, 255, 255);

/// A rectangle of the plane cut into cells, at whose centres a model is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaneGrid {
    /// First and last value of the first feature.
    pub x: (f64, f64),
    /// First and last value of the second feature.
    pub y: (f64, f64),
    /// Cells along the first feature; 160 give smooth borders.
    pub columns: usize,
    /// Cells along the second feature.
    pub rows: usize,
}

/// What a model answers in each cell of a [`PlaneGrid`], in the order of [`PlaneGrid::centres`].
#[derive(Debug, Clone, PartialEq)]
pub enum Regions {
    /// The predicted class of each cell.
    Classes {
        /// Where the cells lie.
        grid: PlaneGrid,
        /// Class numbers, one per cell.
        classes: Vec<usize>,
    },
    /// The probability of every class in each cell, drawn as the most likely one in a deeper colour the surer it is.
    Probabilities {
        /// Where the cells lie.
        grid: PlaneGrid,
        /// For each cell one probability per class, adding up to 1.
        probabilities: Vec<Vec<f64>>,
    },
}

impl PlaneGrid {
    /// The grid over all of `points` (those that are finite) with a tenth of air on each side.
    ///
    /// ```
    /// use brasa_plot::PlaneGrid;
    ///
    /// let grid = PlaneGrid::around([(0.0, 10.0), (1.0, 30.0)], 160, 120);
    /// assert_eq!((grid.x, grid.y), ((-0.1, 1.1), (8.0, 32.0)));
    /// assert_eq!(grid.centres().len(), 160 * 120);
    /// ```
    pub fn around(points: impl IntoIterator<Item = (f64, f64)>, columns: usize, rows: usize) -> Self {
        let empty = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut x, mut y) = (empty, empty);
        for point in points.into_iter().filter(|point| point.0.is_finite() && point.1.is_finite()) {
            x = (x.0.min(point.0), x.1.max(point.0));
            y = (y.0.min(point.1), y.1.max(point.1));
        }
        let widen = |(low, high): (f64, f64)| match high - low {
            span if span > 0.0 => (low - 0.1 * span, high + 0.1 * span),
            0.0 => (low - 1.0, high + 1.0),
            _ => (0.0, 1.0),
        };
        Self { x: widen(x), y: widen(y), columns, rows }
    }

    /// The centre of each cell: row by row from the top (the largest second feature), from left to right.
    pub fn centres(&self) -> Vec<(f64, f64)> {
        let along = |(low, high): (f64, f64), share: f64| low + (high - low) * share;
        let middle = |index: usize, count: usize| (index as f64 + 0.5) / count as f64;
        (0..self.rows)
            .flat_map(|row| {
                (0..self.columns).map(move |column| {
                    let y = along(self.y, 1.0 - middle(row, self.rows));
                    (along(self.x, middle(column, self.columns)), y)
                })
            })
            .collect()
    }
}

impl Regions {
    /// The regions of a classifier that is asked cell by cell.
    pub fn of_classifier(grid: PlaneGrid, class_of: impl Fn(f64, f64) -> usize) -> Self {
        let classes = grid.centres().into_iter().map(|(x, y)| class_of(x, y)).collect();
        Self::Classes { grid, classes }
    }

    /// Where the cells lie.
    pub fn grid(&self) -> PlaneGrid {
        match self {
            Self::Classes { grid, .. } | Self::Probabilities { grid, .. } => *grid,
        }
    }

    /// One pixel per cell in light class colours.
    pub(crate) fn to_png(&self) -> Result<Vec<u8>> {
        let PlaneGrid { columns, rows, .. } = self.grid();
        let colours: Vec<Rgb> = match self {
            Self::Classes { classes, .. } => {
                classes.iter().map(|&class| mix(WHITE, categorical(class), STRENGTH)).collect()
            }
            Self::Probabilities { probabilities, .. } => {
                probabilities.iter().map(|p| shaded_by_sureness(p)).collect()
            }
        };
        let expected = columns.saturating_mul(rows);
        if expected == 0 || colours.len() != expected {
            let found = colours.len();
            return Err(PlotError::GridSize {
                chart: "decision regions".into(),
                columns,
                rows,
                expected,
                found,
            });
        }
        let pixels: Vec<u8> = colours.into_iter().flat_map(|(r, g, b)| [r, g, b]).collect();
        encode_rgb(&pixels, columns as u32, rows as u32)
    }
}

fn shaded_by_sureness(probabilities: &[f64]) -> Rgb {
    let finite = probabilities.iter().enumerate().filter(|(_, share)| share.is_finite());
    let most_likely = finite.max_by(|a, b| a.1.total_cmp(b.1));
    let Some((class, &share)) = most_likely else { return WHITE };
    let chance = 1.0 / probabilities.len() as f64;
    let sureness = if chance < 1.0 { ((share - chance) / (1.0 - chance)).clamp(0.0, 1.0) } else { 1.0 };
    mix(WHITE, categorical(class), UNSURE + (STRENGTH - UNSURE) * sureness)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cell_lies_at_the_upper_left() {
        let grid = PlaneGrid { x: (0.0, 4.0), y: (0.0, 2.0), columns: 4, rows: 2 };
        let centres = grid.centres();
        assert_eq!(centres.first(), Some(&(0.5, 1.5)));
        assert_eq!(centres.last(), Some(&(3.5, 0.5)));
    }

    #[test]
    fn a_sure_probability_has_the_colour_of_its_class() {
        assert_eq!(shaded_by_sureness(&[0.0, 1.0]), mix(WHITE, categorical(1), STRENGTH));
        assert_eq!(shaded_by_sureness(&[]), WHITE);
    }

    #[test]
    fn classes_differ_even_where_the_model_hardly_prefers_one() {
        let unsure = shaded_by_sureness(&[0.5001, 0.4999]);
        assert!(unsure != WHITE && unsure != shaded_by_sureness(&[1.0, 0.0]));
        assert_ne!(shaded_by_sureness(&[0.5001, 0.4999]), shaded_by_sureness(&[0.4999, 0.5001]));
    }
}
