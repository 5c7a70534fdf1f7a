//! The parts as shapes, once their sizes are known.

use super::measure::{Body, Column, DROP, FRAME, FRAME_TOP, GAP, Look, MEET, Placed, RISE, STEM, STEP};
use super::text::escape;

/// Radius of a bend in a line.
const BEND: f64 = 7.0;

/// What has been drawn: lines lie below boxes.
#[derive(Default)]
pub(super) struct Pen {
    frames: String,
    lines: String,
    boxes: String,
}

impl Pen {
    pub(super) fn drawn(self) -> String {
        format!("{}{}{}", self.frames, self.lines, self.boxes)
    }

    pub(super) fn text(&mut self, class: &str, [x, y]: [f64; 2], text: &str) {
        let text = escape(text);
        self.boxes.push_str(&format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>\n"));
    }

    fn path(&mut self, path: &str) {
        self.lines.push_str(&format!("<path class=\"line\" d=\"{path}\"/>\n"));
    }

    fn line(&mut self, x: f64, from: f64, to: f64) {
        self.path(&format!("M{x:.1} {from:.1}V{to:.1}"));
    }

    /// Parts one below the other, on the line at `x`, from `y` on.
    pub(super) fn column(&mut self, column: &Column, x: f64, y: f64) {
        let mut y = y;
        for (place, part) in column.parts.iter().enumerate() {
            if place > 0 {
                self.line(x, y, y + GAP);
                y += GAP;
            }
            self.part(part, x, y);
            y += part.height;
        }
    }

    fn part(&mut self, part: &Placed, x: f64, y: f64) {
        match &part.body {
            Body::Box { lines, facts, look } => self.block(part, (lines, facts, *look), [x, y]),
            Body::Fork { branches, join } => self.fork(branches, join, [x, y]),
            Body::Frame { label, inside } => {
                let (left, wide) = (x - part.left, part.left + part.right);
                self.frames.push_str(&format!(
                    "<rect class=\"frame\" x=\"{left:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{:.1}\" rx=\"10\"/>\n",
                    part.height
                ));
                self.text("label", [left + 12.0, y + 18.0], label);
                self.line(x, y, y + FRAME_TOP);
                self.column(inside, x, y + FRAME_TOP);
                self.line(x, y + part.height - FRAME, y + part.height);
            }
        }
    }

    fn block(&mut self, part: &Placed, (lines, facts, look): (&[String], &str, Look), [x, y]: [f64; 2]) {
        let Placed { left, right, height, .. } = part;
        let (class, round) = match look {
            Look::Start | Look::End => ("end", height / 2.0),
            Look::Join => ("join", height / 2.0),
            Look::Learns => ("learns", 6.0),
            Look::Plain => ("plain", 6.0),
        };
        self.boxes.push_str(&format!(
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" rx=\"{round:.1}\"/>\n",
            x - left,
            left + right
        ));
        if look != Look::Start {
            let (from, to) = (x - 4.5, x + 4.5);
            self.boxes.push_str(&format!(
                "<path class=\"arrow\" d=\"M{from:.1} {:.1}H{to:.1}L{x:.1} {y:.1}Z\"/>\n",
                y - 8.0
            ));
        }
        for (place, line) in lines.iter().enumerate() {
            self.text("words", [x, y + 19.0 + place as f64 * STEP], line);
        }
        self.text("facts", [x, y + 19.0 + lines.len() as f64 * STEP], facts);
    }

    fn fork(&mut self, branches: &[(f64, Column)], join: &Placed, [x, y]: [f64; 2]) {
        let parting = y + STEM;
        let first = parting + DROP;
        let tallest = branches.iter().map(|(_, column)| column.height).fold(0.0, f64::max);
        let meeting = first + tallest + MEET;
        let joined = meeting + RISE;
        self.lines.push_str(&format!("<circle class=\"fork\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>\n"));
        for (aside, column) in branches {
            let at = x + aside;
            let bend = BEND.min(aside.abs() / 2.0).copysign(*aside);
            let (round, side) = (bend.abs(), at - bend);
            self.path(&format!(
                "M{x:.1} {y:.1}V{:.1}Q{x:.1} {parting:.1} {:.1} {parting:.1}H{side:.1}Q{at:.1} {parting:.1} {at:.1} {:.1}V{first:.1}",
                parting - round, x + bend, parting + round
            ));
            self.column(column, at, first);
            self.path(&format!(
                "M{at:.1} {:.1}V{:.1}Q{at:.1} {meeting:.1} {side:.1} {meeting:.1}H{:.1}Q{x:.1} {meeting:.1} {x:.1} {:.1}V{joined:.1}",
                first + column.height, meeting - round, x + bend, meeting + round
            ));
        }
        self.part(join, x, joined);
    }
}
