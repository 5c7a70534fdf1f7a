//! The lesson's page: its reading, the curves side by side, the figures.

use brasa_plot::{Line, LineChart};

use super::{KeptFigures, Lesson, LessonFigures, LessonRecipe};
use crate::callback::{EpochRecord, EpochScores};
use crate::report::ReportError;
use crate::report::charts::{Chart, drawn};
use crate::report::html::{chart_grid, count, facts, score, section, sentences, table};
use crate::report::page::{document, subtitle};
use crate::run::now_utc;

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
    LineChart::share_axes(&mut charts);
    charts
        .iter()
        .map(|chart| {
            let alt = format!("{name} of {} per epoch", chart.title);
            Ok(Chart { name, alt, svg: drawn(name, chart.to_svg())? })
        })
        .collect()
}

fn last_epoch(figures: &[LessonFigures]) -> String {
    let columns = [
        ("recipe", false),
        ("train loss", true),
        ("valid loss", true),
        ("gap", true),
        ("train accuracy", true),
        ("valid accuracy", true),
        ("valid macro F1", true),
    ];
    let row = |f: &LessonFigures| {
        let numbers = [
            f.last_train.loss,
            f.last_valid.loss,
            f.last_gap,
            f.last_train.accuracy,
            f.last_valid.accuracy,
            f.last_valid.f1_macro,
        ];
        std::iter::once(f.recipe.clone()).chain(numbers.map(score)).collect()
    };
    table("Figures after the last epoch", &columns, &figures.iter().map(row).collect::<Vec<_>>())
}

fn kept_weights(figures: &[LessonFigures]) -> String {
    let columns = [
        ("recipe", false),
        ("epoch", true),
        ("train loss", true),
        ("valid loss", true),
        ("test loss", true),
        ("gap", true),
        ("train accuracy", true),
        ("valid accuracy", true),
        ("test accuracy", true),
        ("test macro F1", true),
    ];
    let row = |f: &LessonFigures| {
        let KeptFigures { epoch, train, valid, test, gap, .. } = &f.kept;
        let test = |pick: fn(&super::SideFigures) -> f64| test.as_ref().map_or(f64::NAN, pick);
        let numbers = [
            train.loss,
            valid.loss,
            test(|side| side.loss),
            *gap,
            train.accuracy,
            valid.accuracy,
            test(|side| side.accuracy),
            test(|side| side.f1_macro),
        ];
        [f.recipe.clone(), epoch.to_string()].into_iter().chain(numbers.map(score)).collect()
    };
    table("Figures of the kept weights", &columns, &figures.iter().map(row).collect::<Vec<_>>())
}

fn cost(figures: &[LessonFigures]) -> String {
    let columns = [
        ("recipe", false),
        ("epochs", true),
        ("updates per epoch", true),
        ("updates", true),
        ("seconds", true),
    ];
    let row = |f: &LessonFigures| {
        let whole = [f.epochs, f.updates_per_epoch, f.updates].map(|number| count(number as u64));
        let mut cells = vec![f.recipe.clone()];
        cells.extend(whole);
        cells.push(format!("{:.2}", f.train_seconds));
        cells
    };
    table("Updates and time", &columns, &figures.iter().map(row).collect::<Vec<_>>())
}

fn recipes(lesson: &Lesson) -> Vec<(String, String)> {
    lesson.recipes.iter().map(|recipe| (recipe.name.clone(), recipe.description.clone())).collect()
}

fn remarks() -> Vec<String> {
    [
        "The gap is the validation loss less the training loss. All charts of one row have the same axes.",
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
