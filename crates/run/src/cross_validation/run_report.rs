//! What cross-validation says in its report, and beside its tables.

use std::sync::Arc;

use brasa_data::SplitKind;

use super::fold::Said;
use super::folder::Facts;
use super::{CrossValidated, CrossValidation, FoldId, FoldSummary, IntervalKind, MetricSummary};
use crate::Result;
use crate::report::{ClassCounts, Confusion, FoldFigure, Folds, Report, SplitCounts, SplitScores};
use crate::run_report::{
    class_row, environment_rows, headline, of_targets, scaling_words, score_row, target_fact,
};
use crate::{Environment, now_utc};
use brasa_train::metrics::{Metric, Metrics, Range};

/// Sentences about classes that folds lack, before the rest is counted.
const MOST_ABSENT: usize = 10;

pub(super) fn assemble(
    facts: &Facts,
    environment: &Environment,
    plan: &CrossValidation,
    result: &CrossValidated,
    seconds: f64,
) -> Result<Report> {
    let recipe = plan.recipe().recipe();
    let data = plan.data();
    let metrics = plan.recipe().metrics();
    let mut headline = headline(&metrics.of_epoch(), |metric| {
        let summary = result.metrics.get(metric.name())?;
        Some((format!("{} (mean of folds)", metric.label()), with_interval(summary)))
    });
    headline.push(("Time".into(), format!("{seconds:.1} s ({} trainings)", result.fold_results.len())));
    let pooled = result.out_of_fold.classes();
    let counts = || data.class_counts(plan.plan().rows()).into_iter().map(|count| count as u64).collect();
    let pairs = result.predictions.iter().filter_map(|(_, held_out)| match &held_out.said {
        Said::Numbers { targets, predicted } => Some((targets.as_slice(), predicted.as_slice())),
        Said::Class { .. } => None,
    });
    let numbers = data.numbers();
    let mut notes: Vec<String> =
        Some(recipe.description.clone()).filter(|text| !text.is_empty()).into_iter().collect();
    notes.extend(result.notes());
    notes.extend(data.warnings.iter().cloned());
    let (leaks_clean, leaks) = result.leak_words();
    Ok(Report {
        title: format!("{}: {}, cross-validated", facts.app, facts.recipe),
        app: facts.app.clone(),
        run: facts.id.clone(),
        created: now_utc(),
        headline,
        notes,
        folds: Some(folds(result, &metrics.of_tables())),
        splits: split_scores(result, &metrics.of_tables()),
        confusion: pooled.map(|classes| Confusion {
            class_names: data.class_names().to_vec(),
            counts: classes.confusion.clone(),
            split: "out-of-fold predictions".into(),
        }),
        per_class: pooled.iter().flat_map(|classes| &classes.per_class).map(class_row).collect(),
        data_facts: vec![
            ("Data set".into(), facts.app.clone()),
            ("Rows in the folds".into(), result.rows.to_string()),
            ("Shape of a sample".into(), format!("{:?}", data.samples.shape())),
            target_fact(data),
            ("Folds".into(), format!("{}, seed {}", result.words(), result.split_seed)),
            ("Scaling".into(), scaling_words(&recipe.data, "the rows that a fold does not hold out")),
        ],
        class_counts: numbers.is_none().then(|| ClassCounts {
            class_names: data.class_names().to_vec(),
            splits: vec![SplitCounts { name: "rows in the folds".into(), counts: counts() }],
        }),
        regression: numbers
            .map(|numbers| of_targets(&numbers.names, "out-of-fold predictions", pairs))
            .unwrap_or_default(),
        leaks,
        leaks_clean,
        files: data.files.iter().map(|file| (file.name.clone(), file.bytes, file.sha256.clone())).collect(),
        recipe_toml: recipe.to_toml()?,
        environment: environment_rows(environment),
        ..Report::default()
    })
}

impl CrossValidated {
    /// The kind in words: `5-fold stratified`, with the number of repeats where there are several.
    pub fn words(&self) -> String {
        let kind = if self.split == SplitKind::Grouped { "grouped" } else { "stratified" };
        match self.repeats {
            1 => format!("{}-fold {kind}", self.folds),
            repeats => format!("{repeats} times repeated {}-fold {kind}", self.folds),
        }
    }

    /// Plain sentences: who judged, which weights were scored, what the intervals are.
    pub fn notes(&self) -> Vec<String> {
        let range = |figure: fn(&FoldSummary) -> usize| {
            let values = || self.fold_results.iter().map(figure);
            match (values().min().unwrap_or(0), values().max().unwrap_or(0)) {
                (low, high) if low == high => low.to_string(),
                (low, high) => format!("{low} to {high}"),
            }
        };
        let mut notes = vec![
            format!(
                "Each of the {} rows is held out {}. In a fold {} rows train, {} choose the weights, and {} held-out \
                 ones judge.",
                self.rows,
                if self.repeats == 1 {
                    "once".into()
                } else {
                    format!("once in each of {} repeats", self.repeats)
                },
                range(|fold| fold.train_rows),
                range(|fold| fold.valid_rows),
                range(|fold| fold.scores.rows as usize),
            ),
            format!(
                "In each fold the weights of the epoch with the best {} on its validation split are scored (epoch {}; {} were \
                 run). That split is cut from the fold's training part, never from the held-out rows.",
                self.monitor,
                range(|fold| fold.best_epoch),
                range(|fold| fold.epochs),
            ),
        ];
        let mut undefined: Vec<&str> =
            self.fold_results.iter().flat_map(|fold| &fold.scores.notes).map(String::as_str).collect();
        undefined.sort_unstable();
        undefined.dedup();
        notes.extend(undefined.into_iter().map(|note| format!("In a fold at least: {note}")));
        if self.untouched_test_rows > 0 {
            notes.push(format!(
                "The test split that the data give ({} rows) is in no fold and was not looked at.",
                self.untouched_test_rows
            ));
        }
        let absent = self.fold_results.iter().flat_map(|fold| {
            let name = self.fold_name(fold.id);
            fold.absent_classes.iter().map(move |sentence| format!("In {name}: {sentence}"))
        });
        let absent = absent.collect::<Vec<_>>();
        notes.extend(absent.iter().take(MOST_ABSENT).cloned());
        if absent.len() > MOST_ABSENT {
            notes.push(format!("{} more such sentences are in cv.json.", absent.len() - MOST_ABSENT));
        }
        let count = self.fold_results.len();
        notes.push(match self.interval {
            IntervalKind::StudentT => format!(
                "The intervals are Student's t over {count} folds. Folds share training rows, so they are narrower than 95 % \
                 deserves; repeats give the corrected interval."
            ),
            IntervalKind::CorrectedResampledT => format!(
                "The intervals are the corrected resampled t of Nadeau and Bengio (2003) over {count} folds, which allows \
                 for the training rows that folds share."
            ),
        });
        notes
    }

    /// Whether nothing is in both splits of a fold, and what is.
    pub fn leak_words(&self) -> (bool, Vec<String>) {
        let mut words = Vec::new();
        if self.leaks.duplicates > 0 {
            words.push(format!(
                "{} of {} held-out predictions are of rows whose exact features are also in their fold's training part",
                self.leaks.duplicates, self.out_of_fold.rows
            ));
        }
        if self.leaks.shared_groups > 0 {
            let groups = self.leaks.shared_groups;
            words.push(format!(
                "summed over the folds, {groups} groups have rows both held out and in training; split kind \"grouped\" keeps \
                 groups whole"
            ));
        }
        if words.is_empty() {
            return (true, vec!["no row or group is in both splits of a fold".into()]);
        }
        (false, words)
    }

    /// How a fold is called: `fold 2`, with its repeat where there are several.
    pub fn fold_name(&self, id: FoldId) -> String {
        match self.repeats {
            1 => format!("fold {}", id.fold),
            _ => format!("repeat {}, fold {}", id.repeat, id.fold),
        }
    }
}

fn with_interval(summary: &MetricSummary) -> String {
    let [low, high] = summary.interval;
    format!("{:.4} (95 % CI {low:.3} to {high:.3})", summary.mean)
}

fn folds(result: &CrossValidated, columns: &Metrics) -> Folds {
    let figure = |metric: &Arc<dyn Metric>| {
        let summary = result.metrics.get(metric.name())?;
        Some(FoldFigure {
            share: metric.range() == Range::SHARE,
            name: metric.label().into(),
            mean: summary.mean,
            deviation: summary.deviation,
            interval: summary.interval,
            values: result.fold_results.iter().map(|fold| fold.scores.value(metric.name())).collect(),
        })
    };
    Folds { figures: columns.iter().filter_map(figure).collect() }
}

fn split_scores(result: &CrossValidated, columns: &Metrics) -> Vec<SplitScores> {
    let mut rows = vec![score_row("all, out of fold", &result.out_of_fold, columns)];
    let folds = result.fold_results.iter();
    rows.extend(folds.map(|fold| score_row(&result.fold_name(fold.id), &fold.scores, columns)));
    rows
}
