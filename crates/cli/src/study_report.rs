//! The page of a search.

use std::path::PathBuf;

use brasa_plot::{
    BarChart, BarSeries, HeatColours, HeatGrid, HeatRange, HeatTile, Line, LineChart, ParallelAxis,
    ParallelChart, ParallelLine,
};
use brasa_run::report::{Picture, Report, Section};
use brasa_run::{RunFolder, RunScores};
use brasa_tune::space::{Dimension, Domain};
use brasa_tune::study::{State, Study, Trial};
use brasa_tune::{Direction, Unit, importance};
use serde_json::Value;

use crate::context::NamedRecipe;
use crate::error::Result;
use crate::search::words;
use crate::studies;
use crate::table::figure;

/// Curves that are drawn, those of the best.
const CURVES: usize = 20;
/// Rows of the table, the best.
const ROWS: usize = 500;

/// Writes `report.html` and its pictures into the study's folder.
pub(crate) fn write(
    folder: &RunFolder,
    study: &Study,
    named: &NamedRecipe,
    scores: &RunScores,
    classes: usize,
    remarks: &[String],
) -> Result<PathBuf> {
    let header = study.header();
    let metric = &header.metric.name;
    let best = study.best().and_then(|best| Some((best, study.result(best)?)));
    let mut headline = Vec::new();
    if let Some((trial, (_, value))) = best {
        let judge = judge(header.unit);
        headline.push((format!("Best {metric} ({judge})"), format!("{value:.4} (trial {})", trial.number)));
    }
    if let Some(test) = scores.test.as_ref().and_then(|test| test.figure(metric)) {
        headline.push((format!("{metric} of its weights (test)"), format!("{test:.4}")));
    }
    headline.push(("Trials".into(), study.trials().len().to_string()));
    let epochs: usize = study.trials().iter().map(Trial::epochs).sum();
    let unit = match header.unit {
        Unit::Epoch => "Epochs",
        Unit::Fold => "Folds",
    };
    headline.push((unit.into(), epochs.to_string()));
    let mut notes: Vec<String> = Vec::new();
    notes.extend(best.map(|(trial, _)| format!("The best trial: {}.", words(&trial.values))));
    notes.extend(remarks.iter().cloned());
    let report = Report {
        title: format!("{}: {}, searched", header.app, named.name),
        app: header.app.clone(),
        run: folder.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        headline,
        notes,
        sections: vec![
            parallel(study)?,
            shares(study)?,
            curves(study)?,
            rungs(study),
            confusion(folder, study, classes)?,
            trials(study),
        ],
        recipe_toml: named.recipe.recipe().to_toml()?,
        ..Report::default()
    };
    folder.write_report(&report)?;
    Ok(folder.report())
}

fn drawn(name: &str, alt: String, svg: String) -> Picture {
    Picture { name: format!("{name}.svg"), alt, bytes: svg.into_bytes() }
}

/// What judged the trials.
fn judge(unit: Unit) -> &'static str {
    match unit {
        Unit::Epoch => "validation",
        Unit::Fold => "mean of folds",
    }
}

/// Where a value stands on the axis of its key.
fn place(domain: &Domain, value: &Value) -> Option<f64> {
    let between = |low: f64, high: f64, at: f64| if high > low { (at - low) / (high - low) } else { 0.5 };
    match domain {
        Domain::Choice(values) | Domain::Grid(values) => {
            let at = values.iter().position(|own| own == value)?;
            Some(between(0.0, values.len().saturating_sub(1) as f64, at as f64))
        }
        Domain::Uniform { low, high } | Domain::QUniform { low, high, .. } => {
            Some(between(*low, *high, value.as_f64()?))
        }
        Domain::LogUniform { low, high } => Some(between(low.ln(), high.ln(), value.as_f64()?.ln())),
        Domain::RandInt { low, high } => Some(between(*low as f64, *high as f64, value.as_f64()?)),
        Domain::LogRandInt { low, high } => {
            Some(between((*low as f64).ln(), (*high as f64).ln(), value.as_f64()?.ln()))
        }
        Domain::Normal { mean, sd } => Some(between(mean - 3.0 * sd, mean + 3.0 * sd, value.as_f64()?)),
        _ => None,
    }
}

fn labels(dimension: &Dimension) -> Vec<(f64, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), short),
        value => value.to_string(),
    };
    let ends = |low: f64, high: f64| vec![(0.0, short(low)), (1.0, short(high))];
    match &dimension.domain {
        Domain::Choice(values) | Domain::Grid(values) => {
            values.iter().filter_map(|value| Some((place(&dimension.domain, value)?, text(value)))).collect()
        }
        Domain::Uniform { low, high }
        | Domain::LogUniform { low, high }
        | Domain::QUniform { low, high, .. } => ends(*low, *high),
        Domain::RandInt { low, high } | Domain::LogRandInt { low, high } => ends(*low as f64, *high as f64),
        Domain::Normal { mean, sd } => ends(mean - 3.0 * sd, mean + 3.0 * sd),
        _ => Vec::new(),
    }
}

fn short(number: f64) -> String {
    match number.abs() {
        0.0 => "0".into(),
        size if !(1e-2..1e5).contains(&size) => format!("{number:.0e}"),
        _ => format!("{number:.3}").trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}

/// The results of the trials that have one, the best first.
fn ranked(study: &Study) -> Vec<(&Trial, f64)> {
    study.ranked().into_iter().filter_map(|trial| Some((trial, study.result(trial)?.1))).collect()
}

fn parallel(study: &Study) -> Result<Section> {
    let ranked = ranked(study);
    let dimensions = study.header().space.dimensions();
    let metric = &study.header().metric;
    let results = ranked.iter().map(|(_, value)| *value);
    let (low, high) = results
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let height = |value: f64| if high > low { (value - low) / (high - low) } else { 0.5 };
    let mut axes: Vec<ParallelAxis> =
        dimensions.iter().map(|own| ParallelAxis { name: own.key.clone(), labels: labels(own) }).collect();
    axes.push(ParallelAxis {
        name: metric.name.clone(),
        labels: vec![(0.0, short(low)), (1.0, short(high))],
    });
    let count = ranked.len().saturating_sub(1).max(1) as f64;
    // The best last, so that they lie on top.
    let lines = ranked.iter().enumerate().rev().map(|(rank, (trial, value))| {
        let mut places: Vec<Option<f64>> =
            dimensions.iter().map(|own| place(&own.domain, trial.values.get(&own.key)?)).collect();
        places.push(Some(height(*value)));
        ParallelLine { places, colour: 1.0 - rank as f64 / count }
    });
    let chart = ParallelChart { title: String::new(), axes, lines: lines.collect() };
    let better = if metric.direction == Direction::Maximize { "highest" } else { "lowest" };
    Ok(Section {
        heading: "What was tried".into(),
        sentences: vec![format!(
            "A line per trial through its values to its {}; the {better}, which is the best, is yellow, the worst is dark. Below an \
             axis passes what has no value there.",
            metric.name
        )],
        pictures: match ranked.is_empty() {
            true => Vec::new(),
            false => vec![drawn("parallel", "Parallel coordinates of all trials".into(), chart.to_svg()?)],
        },
        ..Section::default()
    })
}

fn shares(study: &Study) -> Result<Section> {
    let shares = importance(study);
    let chart = BarChart {
        title: String::new(),
        category_label: String::new(),
        value_label: "share".into(),
        categories: shares.iter().map(|own| own.key.clone()).collect(),
        series: vec![BarSeries { name: String::new(), values: shares.iter().map(|own| own.share).collect() }],
    };
    let mut sentences = vec![
        "How much each key mattered for being among the best tenth of the trials (PED-ANOVA; Watanabe, Bansal and Hutter 2023)."
            .to_owned(),
    ];
    if ranked(study).len() < 50 {
        sentences.push("With fewer than some fifty trials, expect little of it.".into());
    }
    Ok(Section {
        heading: "Which keys mattered".into(),
        sentences,
        pictures: vec![drawn("importance", "Share of each key".into(), chart.to_svg()?)],
        ..Section::default()
    })
}

fn curves(study: &Study) -> Result<Section> {
    let (metric, unit) = (&study.header().metric.name, study.header().unit);
    let series = ranked(study).into_iter().take(CURVES).enumerate().map(|(rank, (trial, _))| Line {
        name: if rank < 5 { format!("{}. trial {}", rank + 1, trial.number) } else { String::new() },
        points: (1..).map(f64::from).zip(trial.curve.iter().copied()).collect(),
        dashed: rank >= 5,
    });
    let chart = LineChart {
        x_label: unit.one().into(),
        y_label: format!("{metric} ({})", judge(unit)),
        series: series.collect(),
        ..LineChart::default()
    };
    Ok(Section {
        heading: "Learning curves".into(),
        sentences: vec![format!(
            "Of the best {CURVES} trials at most; the five best are named, the others dashed."
        )],
        pictures: vec![drawn("learning-curves", format!("{metric} by {}", unit.one()), chart.to_svg()?)],
        ..Section::default()
    })
}

fn rungs(study: &Study) -> Section {
    let rungs = study.rungs();
    Section {
        heading: "Survivors".into(),
        columns: ["rung", "bracket", study.header().unit.one(), "trials that came", "that went on"]
            .map(String::from)
            .to_vec(),
        rows: rungs
            .iter()
            .enumerate()
            .map(|(index, rung)| {
                let counts = [rung.bracket + 1, rung.epoch, rung.trials.len(), rung.promoted.len()];
                std::iter::once(index + 1).chain(counts).map(|count| count.to_string()).collect()
            })
            .collect(),
        ..Section::default()
    }
}

/// Confusion matrices, each row as shares, of all trials on one picture.
fn confusion(folder: &RunFolder, study: &Study, size: usize) -> Result<Section> {
    let matrices = studies::confusions(folder);
    let tiles = ranked(study).into_iter().filter_map(|(trial, value)| {
        let counts = matrices.get(&trial.number).filter(|counts| counts.len() == size)?;
        let shares = counts.iter().flat_map(|row| {
            let sum = row.iter().sum::<u64>().max(1) as f32;
            row.iter().map(move |&count| count as f32 / sum)
        });
        let caption = vec![format!("{} · {value:.3}", trial.number)];
        Some(HeatTile { values: shares.collect(), width: size, height: size, caption })
    });
    let tiles: Vec<HeatTile> = tiles.collect();
    if tiles.is_empty() {
        return Ok(Section::default());
    }
    let grid = HeatGrid {
        title: String::new(),
        value_label: "share of the true class".into(),
        tiles,
        columns: 14,
        scale: (60 / size.max(1)).max(1) as u32,
        colours: HeatColours::Sequential,
        range: HeatRange::Fixed(0.0, 1.0),
    };
    Ok(Section {
        heading: "Confusion matrices".into(),
        sentences: vec![format!(
            "Of {} by the kept weights of each trial that came to its end, the best first; rows are the true class, each \
                 summing to 1. Under each its trial and result.",
            match study.header().unit {
                Unit::Epoch => "the validation split",
                Unit::Fold => "the held-out rows of all folds",
            }
        )],
        pictures: vec![Picture {
            name: "confusion-matrices.png".into(),
            alt: "Confusion matrices of all trials".into(),
            bytes: grid.to_png()?,
        }],
        ..Section::default()
    })
}

fn trials(study: &Study) -> Section {
    let metric = &study.header().metric.name;
    let keys: Vec<&str> = study.header().space.dimensions().iter().map(|own| own.key.as_str()).collect();
    let columns = ["trial", metric.as_str(), study.header().unit.many(), "state"]
        .into_iter()
        .chain(keys.iter().copied());
    let row = |trial: &&Trial| {
        let value = study.result(trial).map(|(_, value)| value);
        let mut cells = vec![
            trial.number.to_string(),
            figure(value),
            trial.epochs().to_string(),
            trial.state.name().into(),
        ];
        cells.extend(keys.iter().map(|key| match trial.values.get(*key) {
            Some(Value::Number(number)) => number.as_f64().map_or_else(|| number.to_string(), short),
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        }));
        cells
    };
    let failed = study.trials().iter().filter_map(|trial| match &trial.state {
        State::Failed(message) => Some(format!("Trial {} failed: {message}", trial.number)),
        _ => None,
    });
    let ranked = study.ranked();
    let mut sentences: Vec<String> = failed.take(20).collect();
    if ranked.len() > ROWS {
        sentences.push(format!("The best {ROWS} of {}; `study export` writes all.", ranked.len()));
    }
    Section {
        heading: "Trials".into(),
        sentences,
        columns: columns.map(String::from).collect(),
        rows: ranked.iter().take(ROWS).map(row).collect(),
        ..Section::default()
    }
}
