//! A diagram as SVG: top to bottom, branches side by side. Nothing is laid out by whoever shows it, and no script runs.

mod draw;
mod measure;
mod text;

use super::Diagram;
use draw::Pen;
use measure::{Column, Look, Placed};
use text::{cut, escape, width};

/// Room around everything.
const MARGIN: f64 = 24.0;
/// Height of the title and the line below it.
const HEADING: f64 = 56.0;
/// Sizes of the title and of the line below it.
const TITLE: [f64; 2] = [17.0, 12.0];
/// Characters of a title, at most.
const LONGEST_TITLE: usize = 80;

impl Diagram {
    /// A complete SVG of its own size, for light pages and, where the viewer says so, for dark ones.
    pub fn to_svg(&self, title: &str) -> String {
        let (title, totals) = (cut(title, LONGEST_TITLE), self.totals());
        let mut placed = vec![Placed::block(&self.start(), Look::Start)];
        placed.extend(self.parts.iter().map(Placed::of));
        placed.push(Placed::block(&self.output, Look::End));
        let column = Column::of(placed);

        let heading = width(&title, TITLE[0]).max(width(&totals, TITLE[1]));
        let wide = heading.max(column.left + column.right) + 2.0 * MARGIN;
        let tall = HEADING + column.height + 2.0 * MARGIN;
        // In the middle, where the heading is wider.
        let axis = MARGIN + column.left + (wide - 2.0 * MARGIN - column.left - column.right) / 2.0;
        let mut pen = Pen::default();
        pen.text("title", [MARGIN, MARGIN + 14.0], &title);
        pen.text("totals", [MARGIN, MARGIN + 34.0], &totals);
        pen.column(&column, axis, MARGIN + HEADING);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"brasa-diagram\" viewBox=\"0 0 {wide:.0} {tall:.0}\" \
             width=\"{wide:.0}\" height=\"{tall:.0}\" role=\"img\" aria-label=\"{}\">\n\
             <style>\n{}</style>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n{}</svg>\n",
            escape(&title),
            include_str!("style.css"),
            pen.drawn(),
        )
    }
}
