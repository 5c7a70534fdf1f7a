//! Where the cells and the names of a confusion matrix lie.

use super::view::View;
use crate::canvas::Point;
use crate::frame::{BASE, EDGE, LABEL, NOTE_ROW, TICK};
use crate::names::short_names;
use crate::text::width;

const WIDEST_NAME: f64 = 110.0;
const SMALLEST_NUMBER: f64 = 7.5;
const COLOUR_BAR: f64 = 56.0;
/// A cell narrower than this has no room for its class's name.
const LEAST_CELL: f64 = TICK + 1.0;

pub(super) struct Layout {
    /// The names as they fit.
    pub(super) names: Vec<String>,
    /// Width of the widest of them.
    pub(super) widest: f64,
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) cell: f64,
    pub(super) page: Point,
    pub(super) upward_names: bool,
    /// Text size of the numbers, where they fit.
    pub(super) number: Option<f64>,
}

impl Layout {
    pub(super) fn of(view: &View<'_>) -> Self {
        let names = short_names(view.names.iter().copied(), TICK, WIDEST_NAME);
        let count = names.len().max(1) as f64;
        let widest = names.iter().map(|name| width(name, TICK)).fold(0.0, f64::max);
        let left = 24.0 + widest + 8.0;
        let fitted = |room: f64| (room / count).clamp(LEAST_CELL, 84.0);
        let longest = view.cells.iter().flatten().map(|cell| width(&cell.written, 1.0)).fold(1.0, f64::max);
        let mut cell = fitted(BASE.0 - left - EDGE);
        let size = ((cell - 5.0) / longest).min(13.0).min(cell * 0.6);
        let number = (size >= SMALLEST_NUMBER).then_some(size);
        let beside = if number.is_some() { 0.0 } else { COLOUR_BAR };
        if number.is_none() {
            cell = fitted(BASE.0 - left - EDGE - COLOUR_BAR);
        }
        let upward_names = widest + 6.0 > cell;
        let below = if upward_names { widest + 12.0 } else { TICK + 10.0 } + LABEL + 12.0;
        let side = cell * count;
        let page_width = BASE.0.max(left + side + beside + EDGE);
        let top = if view.note.is_empty() { 38.0 } else { 38.0 + NOTE_ROW };
        let shift = if number.is_some() { (page_width - EDGE - left - side) / 2.0 } else { 0.0 };
        Self {
            names,
            widest,
            left: left + shift.max(0.0),
            top,
            cell,
            page: (page_width, (top + side + below).max(200.0)),
            upward_names,
            number,
        }
    }
}
