//! How large each part is, from the inside out.

use super::super::{Block, Fork, Part, Repeat};
use super::text::{lines, width};

/// Sizes of the layers, of shape and parameters below them, and of the words on a frame.
pub(super) const WORDS: f64 = 12.5;
pub(super) const FACTS: f64 = 11.0;
const LABEL: f64 = 11.5;
/// From one line of a box to the next.
pub(super) const STEP: f64 = 17.0;
/// Between two parts, with room for the head of an arrow.
pub(super) const GAP: f64 = 22.0;
/// Between two branches.
const ASIDE: f64 = 26.0;
/// From a fork's beginning to where its branches part, and from there to their first boxes.
pub(super) const STEM: f64 = 10.0;
pub(super) const DROP: f64 = 20.0;
/// From the end of the longest branch to where all meet, and from there to the box that joins them.
pub(super) const MEET: f64 = 12.0;
pub(super) const RISE: f64 = 18.0;
/// Room within a frame: at its sides and its end, and at its beginning, where it says how often.
pub(super) const FRAME: f64 = 14.0;
pub(super) const FRAME_TOP: f64 = 34.0;
/// Half of the room of a branch without layers.
const LINE: f64 = 8.0;

/// What a box is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Start,
    End,
    Join,
    /// It has trained numbers.
    Learns,
    Plain,
}

/// A part with its size; `left` and `right` are from the line along which a sample flows.
pub(super) struct Placed {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) height: f64,
    pub(super) body: Body,
}

pub(super) enum Body {
    Box {
        lines: Vec<String>,
        facts: String,
        look: Look,
    },
    /// The branches, each with its place beside the line.
    Fork {
        branches: Vec<(f64, Column)>,
        join: Box<Placed>,
    },
    Frame {
        label: String,
        inside: Column,
    },
}

/// Parts one below the other.
pub(super) struct Column {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) height: f64,
    pub(super) parts: Vec<Placed>,
}

impl Column {
    pub(super) fn of(parts: Vec<Placed>) -> Self {
        let most = |side: fn(&Placed) -> f64| parts.iter().map(side).fold(LINE, f64::max);
        let (left, right) = (most(|part| part.left), most(|part| part.right));
        let gaps = parts.len().saturating_sub(1) as f64 * GAP;
        let height = parts.iter().map(|part| part.height).sum::<f64>() + gaps;
        Self { left, right, height, parts }
    }
}

impl Placed {
    pub(super) fn of(part: &Part) -> Self {
        match part {
            Part::Block(block) => {
                Self::block(block, if block.parameters > 0 { Look::Learns } else { Look::Plain })
            }
            Part::Fork(fork) => Self::fork(fork),
            Part::Repeat(repeat) => Self::frame(repeat),
        }
    }

    pub(super) fn block(block: &Block, look: Look) -> Self {
        let lines = lines(block.words.iter().map(|word| word.text.as_str()));
        let facts = block.facts();
        let widest = lines.iter().map(|line| width(line, WORDS)).fold(width(&facts, FACTS), f64::max);
        let half = (widest / 2.0 + 16.0).max(60.0);
        let height = lines.len() as f64 * STEP + 30.0;
        Self { left: half, right: half, height, body: Body::Box { lines, facts, look } }
    }

    fn fork(Fork { branches, join }: &Fork) -> Self {
        let columns: Vec<Column> =
            branches.iter().map(|branch| Column::of(branch.iter().map(Self::of).collect())).collect();
        let mut end = 0.0;
        let mut places = Vec::new();
        for column in &columns {
            places.push(end + column.left);
            end += column.left + column.right + ASIDE;
        }
        let end = (end - ASIDE).max(0.0);
        // A short cut is beside the line; the branch in the middle is straight.
        let full: Vec<f64> = columns
            .iter()
            .zip(&places)
            .filter_map(|(column, place)| (!column.parts.is_empty()).then_some(*place))
            .collect();
        let middle = |at: usize| full.get(at).copied().unwrap_or(end / 2.0);
        let axis = (middle(full.len() / 2) + middle(full.len().saturating_sub(1) / 2)) / 2.0;
        let tallest = columns.iter().map(|column| column.height).fold(0.0, f64::max);
        let join = Box::new(Self::block(join, Look::Join));
        Self {
            left: axis.max(join.left),
            right: (end - axis).max(join.right),
            height: STEM + DROP + tallest + MEET + RISE + join.height,
            body: Body::Fork {
                branches: places.iter().map(|place| place - axis).zip(columns).collect(),
                join,
            },
        }
    }

    fn frame(repeat: &Repeat) -> Self {
        let inside = Column::of(repeat.parts.iter().map(Self::of).collect());
        let label = repeat.label();
        Self {
            // The words stand beside the line, not on it.
            left: inside.left.max(width(&label, LABEL) + 8.0) + FRAME,
            right: inside.right + FRAME,
            height: FRAME_TOP + inside.height + FRAME,
            body: Body::Frame { label, inside },
        }
    }
}
