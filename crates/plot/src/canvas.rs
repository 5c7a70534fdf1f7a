//! Drawing primitives in pixels over the SVG backend of plotters.

use std::cell::RefCell;

use plotters::coord::Shift;
use plotters::element::{DashedPathElement, Drawable};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::colours::Rgb;
use crate::error::{PlotError, Result};
use crate::png::data_uri;
use crate::text::{clean, escape};

/// plotters draws on whole units; four of them per pixel keep curves smooth.
const UNITS: f64 = 4.0;

/// plotters divides font sizes by this when it writes SVG.
const FONT_FACTOR: f64 = 1.24;

/// Colour of titles and labels.
pub(crate) const INK: Rgb = (0x22, 0x22, 0x22);
/// Colour of tick labels and secondary text.
pub(crate) const FAINT_INK: Rgb = (0x55, 0x55, 0x55);
/// Colour of grid lines.
pub(crate) const GRID: Rgb = (0xE4, 0xE4, 0xE4);
/// Colour of axis lines.
pub(crate) const AXIS_LINE: Rgb = (0x88, 0x88, 0x88);

/// Which part of a text lies at its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks; its vertical middle lies at its position.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Font {
    pub(crate) size: f64,
    pub(crate) colour: Rgb,
    pub(crate) anchor: Anchor,
    pub(crate) bold: bool,
    /// Reads from bottom to top.
    pub(crate) upward: bool,
}

impl Font {
    pub(crate) fn new(size: f64, colour: Rgb, anchor: Anchor) -> Self {
        Self { size, colour, anchor, bold: false, upward: false }
    }

    pub(crate) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(crate) fn upward(self) -> Self {
        Self { upward: true, ..self }
    }
}

pub(crate) type Point = (f64, f64);

/// A white page that is being drawn on, in pixels from the upper left corner.
pub(crate) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    chart: &'a str,
    /// SVG of the embedded pictures, which lie under all that is drawn.
    pictures: RefCell<String>,
    /// SVG of what shows where the pointer rests, which lies over all that is drawn.
    tooltips: RefCell<String>,
}

/// Draws a page of `width` x `height` pixels and returns it as a complete SVG.
pub(crate) fn draw_svg(
    title: &str,
    (width, height): Point,
    draw: impl FnOnce(&Canvas<'_>) -> Result<()>,
) -> Result<String> {
    let mut drawn = String::new();
    let (pictures, tooltips) = {
        let size = (units(width).max(1) as u32, units(height).max(1) as u32);
        let area = SVGBackend::with_string(&mut drawn, size).into_drawing_area();
        let (pictures, tooltips) = Default::default();
        let canvas = Canvas { area, chart: title, pictures, tooltips };
        draw(&canvas)?;
        canvas.area.present().map_err(|e| canvas.failed(e))?;
        (canvas.pictures.take(), canvas.tooltips.take())
    };
    let body = drawn.split_once('>').map_or("", |(_, rest)| rest);
    let body = body.trim_end().trim_end_matches("</svg>").trim_start();
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"100%\" \
         role=\"img\" aria-label=\"{label}\">\n\
         <rect width=\"{width:.0}\" height=\"{height:.0}\" fill=\"#FFFFFF\"/>\n{pictures}\
         <g transform=\"scale({scale})\">\n{body}</g>\n{tooltips}</svg>\n",
        label = escape(title),
        scale = 1.0 / UNITS,
    ))
}

fn units(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

fn at((x, y): Point) -> (i32, i32) {
    (units(x), units(y))
}

fn paint((r, g, b): Rgb, opacity: f64) -> RGBAColor {
    RGBColor(r, g, b).mix(opacity)
}

impl Canvas<'_> {
    fn failed(&self, error: impl std::fmt::Display) -> PlotError {
        PlotError::Draw { chart: self.chart.to_owned(), reason: error.to_string() }
    }

    fn put<E>(&self, element: E) -> Result<()>
    where
        for<'e> &'e E: plotters::element::PointCollection<'e, (i32, i32)>,
        for<'b> E: Drawable<SVGBackend<'b>>,
    {
        self.area.draw(&element).map_err(|e| self.failed(e))
    }

    /// A filled rectangle between two corners.
    pub(crate) fn rect(&self, from: Point, to: Point, colour: Rgb, opacity: f64) -> Result<()> {
        self.put(Rectangle::new([at(from), at(to)], paint(colour, opacity).filled()))
    }

    /// Connected straight lines, `width` pixels thick.
    pub(crate) fn path(&self, points: &[Point], colour: Rgb, width: f64, dashed: bool) -> Result<()> {
        let style = paint(colour, 1.0).stroke_width(units(width).max(1) as u32);
        let mut points: Vec<(i32, i32)> = points.iter().copied().map(at).collect();
        points.dedup();
        if dashed {
            self.put(DashedPathElement::new(points, units(6.0), units(3.5), style))
        } else {
            self.put(PathElement::new(points, style))
        }
    }

    /// A filled disc.
    pub(crate) fn disc(&self, centre: Point, radius: f64, colour: Rgb, opacity: f64) -> Result<()> {
        self.put(Circle::new(at(centre), units(radius), paint(colour, opacity).filled()))
    }

    /// A filled polygon.
    pub(crate) fn polygon(&self, corners: &[Point], colour: Rgb, opacity: f64) -> Result<()> {
        let corners: Vec<(i32, i32)> = corners.iter().copied().map(at).collect();
        self.put(Polygon::new(corners, paint(colour, opacity)))
    }

    /// A PNG stretched between two corners, its pixels kept sharp; it lies under everything that is drawn.
    pub(crate) fn picture(&self, (left, top): Point, (right, bottom): Point, png: &[u8]) {
        let (wide, tall) = (right - left, bottom - top);
        self.pictures.borrow_mut().push_str(&format!(
            "<image x=\"{left:.2}\" y=\"{top:.2}\" width=\"{wide:.2}\" height=\"{tall:.2}\" \
             preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" href=\"{}\"/>\n",
            data_uri(png)
        ));
    }

    /// As [`picture`](Self::picture), of which only what lies within two other corners shows.
    pub(crate) fn cut_picture(&self, corners: (Point, Point), within: (Point, Point), png: &[u8]) {
        let ((left, top), (right, bottom)) = within;
        let (wide, tall) = (right - left, bottom - top);
        let id = self.pictures.borrow().len();
        self.pictures.borrow_mut().push_str(&format!(
            "<clipPath id=\"clip-{id}\"><rect x=\"{left:.2}\" y=\"{top:.2}\" width=\"{wide:.2}\" \
             height=\"{tall:.2}\"/></clipPath>\n<g clip-path=\"url(#clip-{id})\">\n"
        ));
        self.picture(corners.0, corners.1, png);
        self.pictures.borrow_mut().push_str("</g>\n");
    }

    /// Words that a viewer shows where the pointer rests between two corners.
    pub(crate) fn tooltip(&self, (left, top): Point, (right, bottom): Point, words: &str) {
        let (wide, tall) = (right - left, bottom - top);
        self.tooltips.borrow_mut().push_str(&format!(
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{tall:.1}\" \
             fill-opacity=\"0\"><title>{}</title></rect>\n",
            escape(words)
        ));
    }

    /// One line of text; control characters are dropped, the rest is escaped by the backend.
    pub(crate) fn text(&self, text: &str, position: Point, font: Font) -> Result<()> {
        let weight = if font.bold { FontStyle::Bold } else { FontStyle::Normal };
        let mut desc = FontDesc::new(FontFamily::SansSerif, font.size * UNITS * FONT_FACTOR, weight);
        if font.upward {
            desc = desc.transform(FontTransform::Rotate270);
        }
        let h_pos = match font.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let colour = paint(font.colour, 1.0);
        let style = TextStyle::from(desc).color(&colour).pos(Pos::new(h_pos, VPos::Center));
        self.put(Text::new(clean(text), at(position), style))
    }
}
