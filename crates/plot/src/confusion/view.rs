//! Which cells of a confusion matrix are shown, and with what.

use super::{ConfusionChart, frequent_mistakes};
use crate::colours::Rgb;
use crate::text::short_number;

/// Colour of a fraction of nothing.
pub(super) const NO_ROWS: Rgb = (0xEE, 0xEE, 0xEE);

/// One cell.
pub(super) struct Cell {
    /// The shown value: a count, or a fraction of the row; `None` for a fraction of nothing.
    pub(super) value: Option<f64>,
    pub(super) written: String,
}

/// The part of a chart that is drawn.
pub(super) struct View<'a> {
    pub(super) names: Vec<&'a str>,
    pub(super) cells: Vec<Vec<Cell>>,
    /// The value with the last colour.
    pub(super) largest: f64,
    /// Which part it is; empty for the whole.
    pub(super) note: String,
}

impl<'a> View<'a> {
    pub(super) fn of(chart: &'a ConfusionChart) -> Self {
        let classes = chart.class_names.len();
        let (shown, note) = match classes <= ConfusionChart::MOST_CLASSES {
            true => ((0..classes).collect(), String::new()),
            false => most_confused(chart),
        };
        let names = shown.iter().filter_map(|&class| chart.class_names.get(class).map(String::as_str));
        let row = |&target: &usize| {
            let counts = chart.counts.get(target).map_or(&[][..], Vec::as_slice);
            let sum = chart.normalised.then(|| counts.iter().map(|&count| count as f64).sum());
            let count = |&predicted: &usize| counts.get(predicted).copied().unwrap_or(0);
            shown.iter().map(|predicted| Cell::of(count(predicted), sum)).collect::<Vec<_>>()
        };
        let cells: Vec<Vec<Cell>> = shown.iter().map(row).collect();
        let largest = match chart.normalised {
            true => 1.0,
            false => cells.iter().flatten().filter_map(|cell| cell.value).fold(1.0, f64::max),
        };
        Self { names: names.collect(), cells, largest, note }
    }
}

impl Cell {
    /// A count, or its share of the row's `sum`.
    fn of(count: u64, sum: Option<f64>) -> Self {
        let value = match sum {
            None => Some(count as f64),
            Some(sum) => (sum > 0.0).then_some(count as f64 / sum),
        };
        let written = match (value, sum) {
            (None, _) => "–".to_owned(),
            (Some(0.0), _) => "0".to_owned(),
            (Some(fraction), Some(_)) => format!("{fraction:.2}"),
            (Some(_), None) if count < 100_000 => count.to_string(),
            (Some(whole), None) => short_number(whole),
        };
        Self { value, written }
    }
}

/// The classes of the most frequent mistakes, the most confused first, and a sentence about them.
fn most_confused(chart: &ConfusionChart) -> (Vec<usize>, String) {
    const MOST: usize = ConfusionChart::MOST_CLASSES;
    let classes = chart.class_names.len();
    // Among fewer classes than the most there are fewer mistakes than this.
    let frequent = frequent_mistakes(&chart.counts, MOST * MOST);
    let mut shown = Vec::with_capacity(MOST);
    for (target, predicted, _) in frequent {
        for class in [target, predicted] {
            if shown.len() < MOST && !shown.contains(&class) {
                shown.push(class);
            }
        }
    }
    if shown.is_empty() {
        return (shown, format!("no mistakes among {classes} classes"));
    }
    let within = |target: usize, row: &[u64], columns: &[usize]| -> u64 {
        columns.iter().filter(|&&column| column != target).filter_map(|&column| row.get(column)).sum()
    };
    let every: Vec<usize> = (0..classes).collect();
    let all: u64 = chart.counts.iter().enumerate().map(|(target, row)| within(target, row, &every)).sum();
    let seen: u64 =
        shown.iter().filter_map(|&target| Some(within(target, chart.counts.get(target)?, &shown))).sum();
    let count = shown.len();
    (shown, format!("the {count} most confused of {classes} classes, with {seen} of {all} mistakes"))
}
