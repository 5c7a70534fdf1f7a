//! The sections about single classes: which are confused, how well each is known, how many rows each has.
//!
//! All of it is linear in the cells of the confusion matrix, and what grows with the classes is a table.

use brasa_plot::{BarChart, BarSeries, ConfusionChart, Line, LineChart, frequent_mistakes};

use super::charts::Chart;
use super::html::{chart_grid, count, folded, score, section, table};
use super::{ClassCounts, ClassRow, Confusion, Report, ReportError};

/// Of more classes than one picture shows, tables show the most telling before all.
const MOST_CLASSES: usize = ConfusionChart::MOST_CLASSES;
/// Rows of such a table.
const TELLING: usize = 20;
/// Mistakes in the table of the most frequent ones.
const MOST_MISTAKES: usize = 50;

pub(super) fn confusion(report: &Report) -> Result<String, ReportError> {
    let Some(confusion) = &report.confusion else { return Ok(String::new()) };
    let heading = format!("Confusion on {}", confusion.split);
    let body = chart_grid(&confusion_pair(confusion)?) + &mistakes_table(confusion);
    Ok(section("confusion", &heading, &body))
}

/// The confusion matrix in counts, and normalised over each true class.
pub(super) fn confusion_pair(confusion: &Confusion) -> Result<Vec<Chart>, ReportError> {
    let names = [
        ("confusion", false, "in counts"),
        ("confusion-normalised", true, "as fractions of each true class"),
    ];
    let (class_names, counts) = (confusion.class_names.clone(), confusion.counts.clone());
    let mut chart = ConfusionChart { class_names, counts, normalised: false };
    names
        .into_iter()
        .map(|(name, normalised, how)| {
            chart.normalised = normalised;
            let alt = format!("Confusion matrix of the {} split, {how}", confusion.split);
            Chart::drawn(name, alt, chart.to_svg())
        })
        .collect()
}

/// What the picture of many classes leaves out, as a table.
fn mistakes_table(confusion: &Confusion) -> String {
    if confusion.class_names.len() <= MOST_CLASSES {
        return String::new();
    }
    let name = |class: usize| confusion.class_names.get(class).cloned().unwrap_or_default();
    let rows_of = |class: usize| confusion.counts.get(class).map_or(0, |row| row.iter().sum::<u64>());
    let row = |(target, predicted, rows): (usize, usize, u64)| {
        let share = rows as f64 / rows_of(target) as f64;
        vec![name(target), name(predicted), count(rows), format!("{:.1} %", share * 100.0)]
    };
    let mistakes: Vec<Vec<String>> =
        frequent_mistakes(&confusion.counts, MOST_MISTAKES).into_iter().map(row).collect();
    let columns =
        [("true class", false), ("predicted class", false), ("rows", true), ("of the true class", true)];
    table(&format!("The {} most frequent mistakes", mistakes.len()), &columns, &mistakes)
}

pub(super) fn classes(report: &Report) -> String {
    let columns = [("class", false), ("precision", true), ("recall", true), ("F1", true), ("rows", true)];
    let row = |class: &ClassRow| {
        let scores = [class.precision, class.recall, class.f1].map(score);
        let mut row = vec![class.name.clone()];
        row.extend(scores);
        row.push(count(class.support));
        row
    };
    let all: Vec<Vec<String>> = report.per_class.iter().map(row).collect();
    let whole = table("Scores of each class", &columns, &all);
    if all.len() <= MOST_CLASSES {
        return section("classes", "Class by class", &whole);
    }
    let mut weakest: Vec<&ClassRow> = report.per_class.iter().filter(|class| class.support > 0).collect();
    // Stable, so that equals stay in the order of the classes.
    weakest.sort_by(|a, b| a.f1.total_cmp(&b.f1));
    weakest.truncate(TELLING);
    let weakest: Vec<Vec<String>> = weakest.into_iter().map(row).collect();
    let caption = format!("The {} classes with rows and the lowest F1", weakest.len());
    let body = table(&caption, &columns, &weakest) + &folded(&format!("All {} classes", all.len()), &whole);
    section("classes", "Class by class: those with the lowest F1", &body)
}

/// Rows per class and split: a bar for each of a few classes, and of many a curve from the largest to the smallest.
pub(super) fn histogram(report: &Report) -> Result<Option<Chart>, ReportError> {
    let Some(counts) = &report.class_counts else { return Ok(None) };
    let name = "class-counts";
    if counts.class_names.len() > MOST_CLASSES {
        let chart = ranked(counts).to_svg();
        let alt = "Rows of each class in each split, from the largest class to the smallest".to_owned();
        return Chart::drawn(name, alt, chart).map(Some);
    }
    let chart = BarChart {
        title: "Rows per class and split".to_owned(),
        category_label: "class".to_owned(),
        value_label: "rows".to_owned(),
        categories: counts.class_names.clone(),
        series: counts
            .splits
            .iter()
            .map(|split| BarSeries {
                name: split.name.clone(),
                values: split.counts.iter().map(|count| *count as f64).collect(),
            })
            .collect(),
    };
    Chart::drawn(name, "Rows per class in each split".to_owned(), chart.to_svg()).map(Some)
}

fn ranked(counts: &ClassCounts) -> LineChart {
    let line = |split: &super::SplitCounts| {
        let mut rows = split.counts.clone();
        rows.sort_unstable_by_key(|&rows| std::cmp::Reverse(rows));
        let points = rows.iter().enumerate().map(|(rank, &rows)| ((rank + 1) as f64, rows as f64)).collect();
        Line { name: split.name.clone(), points, dashed: false }
    };
    LineChart {
        title: format!("Rows of the {} classes, from the largest", counts.class_names.len()),
        x_label: "class, by its rows in the split".to_owned(),
        y_label: "rows".to_owned(),
        series: counts.splits.iter().map(line).collect(),
        ..LineChart::default()
    }
}

/// The rows of each class as a table, where the picture names none.
pub(super) fn counts_table(report: &Report) -> String {
    let Some(counts) = report.class_counts.as_ref().filter(|c| c.class_names.len() > MOST_CLASSES) else {
        return String::new();
    };
    let mut columns = vec![("class", false)];
    columns.extend(counts.splits.iter().map(|split| (split.name.as_str(), true)));
    let row = |(class, name): (usize, &String)| {
        let of = |split: &super::SplitCounts| {
            split.counts.get(class).map_or("–".to_owned(), |rows| count(*rows))
        };
        std::iter::once(name.clone()).chain(counts.splits.iter().map(of)).collect()
    };
    let rows: Vec<Vec<String>> = counts.class_names.iter().enumerate().map(row).collect();
    folded(
        &format!("Rows of all {} classes", rows.len()),
        &table("Rows per class and split", &columns, &rows),
    )
}
