//! Many points in one frame: each as a dot, or counted in squares where dots would hide each other.

use std::collections::BTreeMap;

use crate::canvas::{Canvas, Point};
use crate::colours::{categorical, mix};
use crate::error::Result;
use crate::frame::Frame;

/// More points than this are counted in squares: dots would cover each other and swell the file.
pub(crate) const MOST_DOTS: usize = 5000;
/// Side of a square in pixels.
const SQUARE: f64 = 5.0;

/// Pairs of finite numbers among those that came.
pub(crate) struct Cloud {
    points: Vec<Point>,
    left_out: usize,
}

impl Cloud {
    pub(crate) fn new(points: impl Iterator<Item = Point>) -> Self {
        let (mut finite, mut left_out) = (Vec::new(), 0);
        for point in points {
            if point.0.is_finite() && point.1.is_finite() { finite.push(point) } else { left_out += 1 }
        }
        Self { points: finite, left_out }
    }

    pub(crate) fn points(&self) -> &[Point] {
        &self.points
    }

    /// What is shown, in words; empty where it shows by itself.
    pub(crate) fn remark(&self) -> String {
        let mut parts = Vec::new();
        if self.points.len() > MOST_DOTS {
            parts.push(format!("{} rows: darker squares hold more", self.points.len()));
        }
        parts.extend(missing(self.left_out));
        parts.join("; ")
    }

    pub(crate) fn draw(&self, canvas: &Canvas<'_>, frame: &Frame) -> Result<()> {
        let pixels = self.points.iter().filter_map(|point| frame.point(*point));
        if self.points.len() <= MOST_DOTS {
            let opacity = if self.points.len() > 500 { 0.35 } else { 0.6 };
            return pixels.into_iter().try_for_each(|at| canvas.disc(at, 2.5, categorical(0), opacity));
        }
        let mut squares: BTreeMap<(i64, i64), usize> = BTreeMap::new();
        for (x, y) in pixels {
            let square =
                (((x - frame.left) / SQUARE).floor() as i64, ((y - frame.top) / SQUARE).floor() as i64);
            *squares.entry(square).or_default() += 1;
        }
        let most = squares.values().copied().max().unwrap_or(1) as f64;
        for ((column, row), count) in squares {
            let corner = (frame.left + column as f64 * SQUARE, frame.top + row as f64 * SQUARE);
            // Logarithmic, so that a single row far out still shows.
            let share = (1.0 + count as f64).ln() / (1.0 + most).ln();
            let colour = mix((255, 255, 255), categorical(0), 0.2 + 0.8 * share);
            canvas.rect(corner, (corner.0 + SQUARE, corner.1 + SQUARE), colour, 1.0)?;
        }
        Ok(())
    }
}

/// Says that `count` rows have no finite numbers; `None` for none.
pub(crate) fn missing(count: usize) -> Option<String> {
    let rows = if count == 1 { "row" } else { "rows" };
    (count > 0).then(|| format!("{count} {rows} left out (not finite)"))
}
