//! The lesson's page: its reading, the curves side by side, the figures.

use brasa_plot::{Line, LineChart};

use super::{Lesson, LessonFigures, LessonRecipe};
use crate::now_utc;
use crate::report::ReportError;
use crate::report::charts::{Chart, mostly_tiny};
use crate::report::html::{chart_grid, count, facts, score, section, sentences, table};
use crate::report::page::{document, subtitle};
use brasa_train::metrics::{ACCURACY, Figures, LOSS, Metrics, TaskKind};
use brasa_train::{EpochRecord, GroupOverlap};

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
        section("loss", "Loss", &chart_grid(&curves(lesson, LOSS, "cross-entropy (nats)")?)),
        section("accuracy", "Accuracy", &chart_grid(&curves(lesson, ACCURACY, "accuracy")?)),
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
fn curves(lesson: &Lesson, name: &'static str, y_label: &str) -> Result<Vec<Chart>, ReportError> {
    let line = |recipe: &LessonRecipe, split: &str, of: fn(&EpochRecord) -> &Figures| Line {
        name: split.into(),
        points: recipe.history.iter().map(|record| (record.epoch as f64, of(record).value(name))).collect(),
        dashed: split == "validation",
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
    let log_y = name == LOSS && mostly_tiny(&valid_losses(lesson));
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
            Chart::drawn(name, alt, chart.to_svg())
        })
        .collect()
}

fn valid_losses(lesson: &Lesson) -> Vec<f64> {
    let epochs = lesson.recipes.iter().flat_map(|recipe| &recipe.history);
    epochs.map(|record| record.valid.loss()).filter(|loss| *loss > 0.0 && loss.is_finite()).collect()
}

/// One row per figure and one column per recipe, so that the table fits a phone.
fn compared(caption: &str, figures: &[LessonFigures], rows: &[(String, Cell<'_>)]) -> String {
    let mut columns = vec![("", false)];
    columns.extend(figures.iter().map(|f| (f.recipe.as_str(), true)));
    let row = |(name, cell): &(String, Cell<'_>)| {
        std::iter::once(name.clone()).chain(figures.iter().map(cell)).collect()
    };
    table(caption, &columns, &rows.iter().map(row).collect::<Vec<_>>())
}

/// The figures of one split, where a training has them.
type OfSplit = fn(&LessonFigures) -> Option<&Figures>;

type Cell<'a> = Box<dyn Fn(&LessonFigures) -> String + 'a>;

fn cell<'a>(name: &str, of: impl Fn(&LessonFigures) -> String + 'a) -> (String, Cell<'a>) {
    (name.into(), Box::new(of))
}

/// A row for each figure of each of these splits, and one for the gap behind the losses.
fn of_splits<'a>(
    figures: &'a [LessonFigures],
    splits: &[(&str, OfSplit)],
    gap: fn(&LessonFigures) -> f64,
) -> Vec<(String, Cell<'a>)> {
    let metrics = Metrics::standard();
    let mut rows = Vec::new();
    let names = figures.first().into_iter().flat_map(|figures| figures.last_valid.iter());
    for (name, _) in names {
        for &(split, of) in splits {
            let label = metrics.label(TaskKind::Classification, name);
            rows.push(cell(&format!("{label} ({split})"), move |f| {
                score(of(f).map_or(f64::NAN, |figures| figures.value(name)))
            }));
        }
        if name == LOSS {
            rows.push(cell("Gap", move |f| score(gap(f))));
        }
    }
    rows
}

fn last_epoch(figures: &[LessonFigures]) -> String {
    let rows =
        of_splits(figures, &[("train", |f| Some(&f.last_train)), ("valid", |f| Some(&f.last_valid))], |f| {
            f.last_gap
        });
    compared("Figures after the last epoch", figures, &rows)
}

fn kept_weights(figures: &[LessonFigures]) -> String {
    let mut rows = vec![cell("Epoch", |f| f.kept.epoch.to_string())];
    rows.extend(of_splits(
        figures,
        &[
            ("train", |f| Some(&f.kept.train)),
            ("valid", |f| Some(&f.kept.valid)),
            ("test", |f| f.kept.test.as_ref()),
        ],
        |f| f.kept.gap,
    ));
    compared("Figures of the kept weights", figures, &rows)
}

fn cost(figures: &[LessonFigures]) -> String {
    let rows = [
        cell("epochs", |f| count(f.epochs as u64)),
        cell("updates per epoch", |f| count(f.updates_per_epoch as u64)),
        cell("updates", |f| count(f.updates as u64)),
        cell("seconds", |f| format!("{:.2}", f.train_seconds)),
    ];
    compared("Updates and time", figures, &rows)
}

/// Whose groups the test split has; empty for data without groups.
fn groups(figures: &[LessonFigures]) -> String {
    fn of(figures: &LessonFigures, pick: fn(&GroupOverlap) -> usize) -> String {
        figures.overlap.as_ref().map_or_else(|| "\u{2013}".into(), |overlap| count(pick(overlap) as u64))
    }
    if figures.iter().all(|figures| figures.overlap.is_none()) {
        return String::new();
    }
    let rows = [
        cell("test rows", |f| of(f, |overlap| overlap.rows)),
        cell("of groups that train", |f| of(f, |overlap| overlap.known_rows)),
        cell("test groups", |f| of(f, |overlap| overlap.groups)),
        cell("of them in training", |f| of(f, |overlap| overlap.known_groups)),
        cell("test accuracy, 95 %", |f| match f.kept.test_interval {
            Some((low, high)) => format!("{low:.3} to {high:.3}"),
            None => "\u{2013}".into(),
        }),
    ];
    section("groups", "Groups in the test split", &compared("Groups in the test split", figures, &rows))
}

fn recipes(lesson: &Lesson) -> Vec<(String, String)> {
    lesson.recipes.iter().map(|recipe| (recipe.name.clone(), recipe.description.clone())).collect()
}

fn remarks() -> Vec<String> {
    [
        "The gap is the validation loss less the training loss. All charts of one row have the same axes; a logarithmic one ends \
         at a hundredth of the lowest validation loss, and curves that fall further leave it.",
        "Training figures of an epoch are taken batch by batch while the weights move and dropout is on, which makes \
         dropout's gap look smaller than it is; the kept weights are judged over each whole split with dropout off.",
        "The kept weights are those of the epoch that was best on the validation split; the test split was looked at \
         once, after they had been chosen.",
        "Seconds are those of training, without reading and validation. One training with one seed: small differences \
         may be chance.",
    ]
    .map(String::from)
    .to_vec()
}
