//! The lesson's page: its reading, the curves side by side, the figures.

use brasa_plot::{Line, LineChart};

use super::{Lesson, LessonFigures, LessonRecipe, SideFigures};
use crate::now_utc;
use crate::report::ReportError;
use crate::report::charts::{Chart, drawn, mostly_tiny};
use crate::report::html::{chart_grid, count, facts, score, section, sentences, table};
use crate::report::page::{document, subtitle};
use brasa_train::GroupOverlap;
use brasa_train::{EpochRecord, EpochScores};

/// A logarithmic loss axis ends at this part of the lowest validation loss: a training loss may fall to nothing, and what is
/// to be seen lies above.
const LEAST_OF_LOWEST: f64 = 0.01;

pub(super) fn render(
    lesson: &Lesson,
    figures: &[LessonFigures],
    reading: &[String],
) -> Result<String, ReportError> {
    let sections = [
        section("notes", "What the figures say", &sentences(reading)),
        section("loss", "Loss", &chart_grid(&curves(lesson, "loss", "cross-entropy (nats)", |s| s.loss)?)),
        section(
            "accuracy",
            "Accuracy",
            &chart_grid(&curves(lesson, "accuracy", "accuracy", |s| s.accuracy)?),
        ),
        section("last", "After the last epoch", &last_epoch(figures)),
        section("kept", "The weights that were kept", &kept_weights(figures)),
        groups(figures),
        section("cost", "What it cost", &cost(figures)),
        section("recipes", "Recipes", &facts(&recipes(lesson))),
        section("how", "How to read the figures", &sentences(&remarks())),
    ]
    .concat();
    let below = subtitle(&[("app", &lesson.app), ("lesson", &lesson.name), ("finished", &now_utc())]);
    Ok(document(&lesson.title, &below, &sections))
}

/// One chart per recipe, all with the same axes.
fn curves(
    lesson: &Lesson,
    name: &'static str,
    y_label: &str,
    figure: fn(&EpochScores) -> f64,
) -> Result<Vec<Chart>, ReportError> {
    let line = |recipe: &LessonRecipe, side: &str, of: fn(&EpochRecord) -> &EpochScores| Line {
        name: side.into(),
        points: recipe.history.iter().map(|record| (record.epoch as f64, figure(of(record)))).collect(),
        dashed: side == "validation",
    };
    let mut charts: Vec<LineChart> = lesson
        .recipes
        .iter()
        .map(|recipe| LineChart {
            title: recipe.name.clone(),
            x_label: "epoch".into(),
            y_label: y_label.into(),
            series: vec![line(recipe, "train", |r| &r.train), line(recipe, "validation", |r| &r.valid)],
            ..LineChart::default()
        })
        .collect();
    let log_y = name == "loss" && mostly_tiny(&valid_losses(lesson));
    for chart in charts.iter_mut().filter(|_| log_y) {
        chart.log_y = true;
        chart.y_label = format!("{y_label}, logarithmic");
    }
    LineChart::share_axes(&mut charts);
    if log_y {
        let floor = valid_losses(lesson).into_iter().fold(f64::INFINITY, f64::min) * LEAST_OF_LOWEST;
        for range in charts.iter_mut().filter_map(|chart| chart.y_range.as_mut()) {
            range.0 = range.0.max(floor).min(range.1);
        }
    }
    charts
        .iter()
        .map(|chart| {
            let alt = format!("{name} of {} per epoch", chart.title);
            Ok(Chart { name, alt, svg: drawn(name, chart.to_svg())? })
        })
        .collect()
}

fn valid_losses(lesson: &Lesson) -> Vec<f64> {
    let epochs = lesson.recipes.iter().flat_map(|recipe| &recipe.history);
    epochs.map(|record| record.valid.loss).filter(|loss| *loss > 0.0 && loss.is_finite()).collect()
}

/// One row per figure and one column per recipe, so that the table fits a phone.
fn compared(caption: &str, figures: &[LessonFigures], rows: &[(&str, Cell)]) -> String {
    let mut columns = vec![("", false)];
    columns.extend(figures.iter().map(|f| (f.recipe.as_str(), true)));
    let row = |(name, cell): &(&str, Cell)| {
        std::iter::once((*name).to_string()).chain(figures.iter().map(cell)).collect()
    };
    table(caption, &columns, &rows.iter().map(row).collect::<Vec<_>>())
}

type Cell = fn(&LessonFigures) -> String;

fn last_epoch(figures: &[LessonFigures]) -> String {
    let rows: [(&str, Cell); 6] = [
        ("train loss", |f| score(f.last_train.loss)),
        ("valid loss", |f| score(f.last_valid.loss)),
        ("gap", |f| score(f.last_gap)),
        ("train accuracy", |f| score(f.last_train.accuracy)),
        ("valid accuracy", |f| score(f.last_valid.accuracy)),
        ("valid macro F1", |f| score(f.last_valid.f1_macro)),
    ];
    compared("Figures after the last epoch", figures, &rows)
}

fn kept_weights(figures: &[LessonFigures]) -> String {
    fn test(figures: &LessonFigures, pick: fn(&SideFigures) -> f64) -> String {
        score(figures.kept.test.as_ref().map_or(f64::NAN, pick))
    }
    let rows: [(&str, Cell); 9] = [
        ("of epoch", |f| f.kept.epoch.to_string()),
        ("train loss", |f| score(f.kept.train.loss)),
        ("valid loss", |f| score(f.kept.valid.loss)),
        ("gap", |f| score(f.kept.gap)),
        ("test loss", |f| test(f, |side| side.loss)),
        ("train accuracy", |f| score(f.kept.train.accuracy)),
        ("valid accuracy", |f| score(f.kept.valid.accuracy)),
        ("test accuracy", |f| test(f, |side| side.accuracy)),
        ("test macro F1", |f| test(f, |side| side.f1_macro)),
    ];
    compared("Figures of the kept weights", figures, &rows)
}

fn cost(figures: &[LessonFigures]) -> String {
    let rows: [(&str, Cell); 4] = [
        ("epochs", |f| count(f.epochs as u64)),
        ("updates per epoch", |f| count(f.updates_per_epoch as u64)),
        ("updates", |f| count(f.updates as u64)),
        ("seconds", |f| format!("{:.2}", f.train_seconds)),
    ];
    compared("Updates and time", figures, &rows)
}

/// Whose groups the test side has; empty for data without groups.
fn groups(figures: &[LessonFigures]) -> String {
    fn of(figures: &LessonFigures, pick: fn(&GroupOverlap) -> usize) -> String {
        figures.overlap.as_ref().map_or_else(|| "\u{2013}".into(), |overlap| count(pick(overlap) as u64))
    }
    if figures.iter().all(|figures| figures.overlap.is_none()) {
        return String::new();
    }
    let rows: [(&str, Cell); 5] = [
        ("test rows", |f| of(f, |overlap| overlap.rows)),
        ("of groups that train", |f| of(f, |overlap| overlap.known_rows)),
        ("test groups", |f| of(f, |overlap| overlap.groups)),
        ("of them in training", |f| of(f, |overlap| overlap.known_groups)),
        ("test accuracy, 95 %", |f| match f.kept.test_interval {
            Some((low, high)) => format!("{low:.3} to {high:.3}"),
            None => "\u{2013}".into(),
        }),
    ];
    section("groups", "Groups on the test side", &compared("Groups on the test side", figures, &rows))
}

fn recipes(lesson: &Lesson) -> Vec<(String, String)> {
    lesson.recipes.iter().map(|recipe| (recipe.name.clone(), recipe.description.clone())).collect()
}

fn remarks() -> Vec<String> {
    [
        "The gap is the validation loss less the training loss. All charts of one row have the same axes; a logarithmic one ends \
         at a hundredth of the lowest validation loss, and curves that fall further leave it.",
        "Training figures of an epoch are taken batch by batch while the weights move and dropout is on, which makes \
         dropout's gap look smaller than it is; the kept weights are judged over each whole side with dropout off.",
        "The kept weights are those of the epoch that was best on the validation side; the test side was looked at \
         once, after they had been chosen.",
        "Seconds are those of training, without reading and validation. One training with one seed: small differences \
         may be chance.",
    ]
    .map(String::from)
    .to_vec()
}
