use crate::axis::{Axis, Scale};
use crate::canvas::{Canvas, Point, draw_svg};
use crate::colours::{Rgb, categorical};
use crate::error::Result;
use crate::frame::{BASE, EDGE, Frame, Words, header};
use crate::legend::{Entry, Legend, Swatch};

/// More points than this per group are thinned evenly: they would cover each other and swell the file.
pub(crate) const MOST_POINTS: usize = 3000;

/// Points of two features, coloured and shaped by group (class).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scatter {
    /// Heading; may be empty.
    pub title: String,
    /// What the horizontal axis measures, with its unit.
    pub x_label: String,
    /// What the vertical axis measures, with its unit.
    pub y_label: String,
    /// Name and `(x, y)` points of each group. Points that are not finite are left out, and of more than
    /// 3000 in a group every n-th is drawn.
    pub groups: Vec<(String, Vec<(f64, f64)>)>,
}

impl Scatter {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// [`PlotError::Draw`](crate::PlotError::Draw) if the drawing backend fails.
    pub fn to_svg(&self) -> Result<String> {
        draw_svg(&self.title, BASE, |canvas| {
            let names = self.groups.iter().map(|(name, _)| name.as_str());
            let legend = Legend::new(group_legend(names), BASE.0 - 2.0 * EDGE);
            let top = header(canvas, &self.title, BASE.0, &legend)?;
            let points = || self.groups.iter().flat_map(|(_, points)| points.iter());
            let axes = (
                Axis::around(points().map(|p| p.0), Scale::Linear),
                Axis::around(points().map(|p| p.1), Scale::Linear),
            );
            let words = Words { x_label: &self.x_label, y_label: &self.y_label };
            let frame = Frame::draw(canvas, words, BASE, top, axes)?;
            let mut drawn = 0;
            for (group, (_, points)) in self.groups.iter().enumerate() {
                let every = points.len().div_ceil(MOST_POINTS).max(1);
                for pixel in points.iter().step_by(every).filter_map(|p| frame.point(*p)) {
                    marker(canvas, group, pixel, 3.0, categorical(group), 0.7)?;
                    drawn += 1;
                }
            }
            if drawn == 0 { frame.no_data(canvas) } else { Ok(()) }
        })
    }
}

pub(crate) fn group_legend<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Entry> {
    names
        .enumerate()
        .map(|(group, name)| Entry {
            name: name.to_owned(),
            colour: categorical(group),
            swatch: Swatch::Marker { group },
        })
        .collect()
}

/// A disc, triangle, square or diamond, by group: shape tells groups apart where colour cannot.
pub(crate) fn marker(
    canvas: &Canvas<'_>,
    group: usize,
    (x, y): Point,
    radius: f64,
    colour: Rgb,
    opacity: f64,
) -> Result<()> {
    match group % 4 {
        0 => canvas.disc((x, y), radius, colour, opacity),
        1 => {
            let r = radius * 1.25;
            canvas.polygon(&[(x, y - r), (x + r, y + r * 0.8), (x - r, y + r * 0.8)], colour, opacity)
        }
        2 => {
            let r = radius * 0.9;
            canvas.rect((x - r, y - r), (x + r, y + r), colour, opacity)
        }
        _ => {
            let r = radius * 1.3;
            canvas.polygon(&[(x, y - r), (x + r, y), (x, y + r), (x - r, y)], colour, opacity)
        }
    }
}
