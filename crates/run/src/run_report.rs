//! What a finished run says in its report.

use std::sync::Arc;

use brasa_data::{DataConfig, Labelled, Role, Scaling, SplitConfig, SplitKind, ValidFrom, name_list};
use brasa_models::Network;

use crate::Result;
use crate::experiment::Experiment;
use crate::look;
use crate::report::{
    Calibration, ClassCounts, ClassRow, Confusion, Curves, FigureCurve, LayerRow, Regression, ReliabilityBin,
    Report, SplitCounts, SplitScores,
};
use crate::{Baseline, Environment, Resumption, RunRecord, RunScores, now_utc};
use brasa_train::EpochRecord;
use brasa_train::metrics::{Figures, LOSS, Metric, Metrics, Scores};
use brasa_train::{Outcome, Prepared, Recipe, outputs};

pub(crate) fn assemble(
    experiment: &Experiment<'_>,
    record: &RunRecord,
    environment: &Environment,
    prepared: &Prepared,
    outcome: &Outcome<Network>,
    scores: &RunScores,
) -> Result<Report> {
    let recipe = experiment.recipe.recipe();
    let (judged_name, judged, judged_rows) = match &scores.test {
        Some(test) => ("test", test, prepared.split.rows(Role::Test)),
        None => ("valid", &scores.valid, prepared.split.rows(Role::Valid)),
    };
    let metrics = experiment.recipe.metrics();
    let mut headline = headline(&metrics.of_epoch(), |metric| {
        Some((format!("{} ({judged_name})", metric.label()), with_interval(judged, metric.name())?))
    });
    let epochs = outcome.history.len();
    headline.push(("Time".into(), format!("{:.1} s ({epochs} epochs)", record.seconds.unwrap_or(0.0))));
    let classes = judged.classes();
    let split = &recipe.data.split;
    let data = &prepared.data;
    let splits = Role::ALL.map(|role| (role.to_string(), prepared.split.rows(role)));
    Ok(Report {
        title: format!("{}: {}", record.app, record.recipe),
        app: record.app.clone(),
        run: record.id.clone(),
        created: now_utc(),
        headline,
        notes: notes(experiment, record, outcome, scores, prepared),
        curves: curves(outcome, &metrics.of_epoch(), data.numbers().is_none()),
        splits: split_scores(scores, &metrics.of_tables()),
        confusion: classes.map(|classes| Confusion {
            class_names: data.class_names().to_vec(),
            counts: classes.confusion.clone(),
            split: judged_name.into(),
        }),
        calibration: classes.and_then(|classes| classes.reliability.as_ref()).map(|bins| Calibration {
            split: judged_name.into(),
            bins: bins.iter().map(calibrated).collect(),
        }),
        per_class: classes.iter().flat_map(|classes| &classes.per_class).map(class_row).collect(),
        data_facts: vec![
            ("Data set".into(), record.app.clone()),
            (
                "Rows".into(),
                splits
                    .iter()
                    .map(|(name, rows)| format!("{} {name}", rows.len()))
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            ("Shape of a sample".into(), format!("{:?}", data.samples.shape())),
            target_fact(data),
            ("Split".into(), split_words(split, prepared)),
            ("Scaling".into(), scaling_words(&recipe.data, learnt_from(recipe))),
        ],
        class_counts: data.numbers().is_none().then(|| ClassCounts {
            class_names: data.class_names().to_vec(),
            splits: splits
                .iter()
                .map(|(name, rows)| SplitCounts {
                    name: name.clone(),
                    counts: prepared.data.class_counts(rows).into_iter().map(|count| count as u64).collect(),
                })
                .collect(),
        }),
        regression: regression(experiment, prepared, outcome, judged_name, judged_rows)?,
        leaks: prepared.leaks.to_string().lines().map(ToString::to_string).collect(),
        leaks_clean: prepared.leaks.is_clean(),
        files: data.files.iter().map(|file| (file.name.clone(), file.bytes, file.sha256.clone())).collect(),
        model: prepared
            .network(experiment.recipe)
            .fitted(&outcome.model)
            .summary()?
            .layers
            .into_iter()
            .map(layer_row)
            .collect(),
        recipe_toml: recipe.to_toml()?,
        environment: environment_rows(environment),
        mistakes: look::mistakes(
            &outcome.model,
            experiment.recipe,
            prepared,
            judged_rows,
            experiment.device,
        )?,
        ..Report::default()
    })
}

/// What is predicted: classes, or numbers.
pub(crate) fn target_fact(data: &Labelled) -> (String, String) {
    match data.numbers() {
        Some(numbers) => ("Targets".into(), name_list(&numbers.names)),
        None => ("Classes".into(), class_words(data)),
    }
}

/// True and predicted numbers of each target; nothing where classes are predicted.
fn regression(
    experiment: &Experiment<'_>,
    prepared: &Prepared,
    outcome: &Outcome<Network>,
    split: &str,
    rows: &[usize],
) -> Result<Vec<Regression>> {
    let Some(numbers) = prepared.data.numbers() else { return Ok(Vec::new()) };
    let loader = prepared.eval_loader(rows, 0)?;
    let outputs = match &outcome.bagged {
        // Each row's from the network that was not trained on it.
        Some(bagged) if rows == prepared.split.valid => bagged.valid_outputs.clone(),
        _ => outputs(&outcome.model, experiment.recipe, &loader, experiment.device)?,
    };
    let predicted = prepared.target_scale.restore(&outputs);
    let said = rows.iter().zip(predicted.chunks(numbers.names.len().max(1)));
    Ok(of_targets(&numbers.names, split, said.map(|(&row, said)| (numbers.row(row), said))))
}

/// True and predicted numbers, target by target.
pub(crate) fn of_targets<'a>(
    names: &[String],
    split: &str,
    said: impl Iterator<Item = (&'a [f64], &'a [f64])> + Clone,
) -> Vec<Regression> {
    let of_target = |(place, name): (usize, &String)| Regression {
        target: name.clone(),
        split: split.into(),
        pairs: said
            .clone()
            .filter_map(|(known, said)| Some((*known.get(place)?, *said.get(place)?)))
            .collect(),
    };
    names.iter().enumerate().map(of_target).collect()
}

fn calibrated(bin: &brasa_train::metrics::ReliabilityBin) -> ReliabilityBin {
    ReliabilityBin { confidence: bin.confidence, accuracy: bin.accuracy, count: bin.rows }
}

/// How many classes there are, and which.
pub(crate) fn class_words(data: &Labelled) -> String {
    format!("{}: {}", data.class_count(), name_list(data.class_names()))
}

fn split_words(split: &SplitConfig, prepared: &Prepared) -> String {
    let given = prepared.data.roles.as_ref().filter(|_| split.kind == SplitKind::Given);
    if given.is_some_and(|roles| roles.contains(&Role::Valid)) {
        return "given by the data".into();
    }
    if split.kind == SplitKind::Ordered {
        let by =
            split.order.as_ref().map_or_else(|| "as the rows come".into(), |column| format!("by `{column}`"));
        return format!("in order, {by}: the first rows train, the last judge");
    }
    let from = match split.valid_from {
        ValidFrom::Train => "",
        ValidFrom::Test => ", validation cut from the given test split",
    };
    format!("{:?}, seed {}{from}", split.kind, split.seed).to_lowercase()
}

/// The splits that a recipe's scaling is fitted on, in words.
fn learnt_from(recipe: &Recipe) -> &'static str {
    if recipe.training.bag > 1 { "the training and validation splits" } else { "the training split" }
}

/// `learnt` names the splits that it is fitted on.
pub(crate) fn scaling_words(data: &DataConfig, learnt: &str) -> String {
    match (data.scaling, &data.mean) {
        (Scaling::None, _) => "none".into(),
        (Scaling::Pixels, Some(mean)) => {
            format!("pixels, mean {mean:?} and deviation as the recipe gives them")
        }
        (scaling, _) => format!("{scaling:?}, fitted on {learnt}").to_lowercase(),
    }
}

/// The figures at the top of the page: those of each epoch, the loss last.
pub(crate) fn headline(
    metrics: &Metrics,
    card: impl Fn(&dyn Metric) -> Option<(String, String)>,
) -> Vec<(String, String)> {
    let (losses, others): (Vec<_>, Vec<_>) = metrics.iter().partition(|metric| metric.name() == LOSS);
    others.into_iter().chain(losses).filter_map(|metric| card(&**metric)).collect()
}

fn with_interval(scores: &Scores, name: &str) -> Option<String> {
    let figure = scores.figure(name)?;
    Some(match scores.interval(name) {
        Some((low, high)) => format!("{figure:.4} (95 % CI {low:.3} to {high:.3})"),
        None => format!("{figure:.4}"),
    })
}

fn notes(
    experiment: &Experiment<'_>,
    record: &RunRecord,
    outcome: &Outcome<Network>,
    scores: &RunScores,
    prepared: &Prepared,
) -> Vec<String> {
    let training = &experiment.recipe.recipe().training;
    let description = experiment.recipe.recipe().description.clone();
    let mut notes: Vec<String> = Some(description).filter(|text| !text.is_empty()).into_iter().collect();
    notes.push(match &outcome.bagged {
        Some(bagged) => format!(
            "The model is the {} of members that were each trained on all but one of {} parts of the training and validation \
             rows, a network kept at the epoch that was best for that part ({}). The scores of the validation split are those of \
             the members that were not trained on the row{}; the curves are the mean of all networks. Training ended because {}.",
            bagged.mean_words(),
            training.bag,
            bagged.best_epochs.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
            if bagged.shares.len() > 1 { ", by whose answers the shares were chosen, too" } else { "" },
            outcome.stop
        ),
        None => format!(
            "The weights of epoch {} of {} are kept: the best {} of the validation split. Training ended because {}.",
            outcome.best_epoch,
            outcome.history.len(),
            training.monitor,
            outcome.stop
        ),
    });
    for Resumption { at, from, forced, .. } in &record.resumed {
        let from = from.as_deref().unwrap_or("its beginning");
        notes.push(match forced.as_slice() {
            [] => format!("The training was ended and went on from {from} ({at}), as if it had not been."),
            forced => format!(
                "The training went on from {from} ({at}) although {}: it is not that of one recipe, one version and one set of data.",
                forced.join(", and ")
            ),
        });
    }
    let judged = if prepared.split.test.is_empty() { Role::Valid } else { Role::Test };
    if let Some(baseline) = Baseline::of(prepared, judged) {
        notes.push(format!("Without looking at any feature, the {judged} split comes to this: {baseline}."));
        if baseline.is_beaten_by(scores.test.as_ref().unwrap_or(&scores.valid), experiment.recipe.recipe())
            == Some(false)
        {
            notes.push(format!("Warning: {}.", Baseline::NOT_LEARNED));
        }
    }
    if let Some(linear) = &record.linear {
        let columns = experiment.recipe.metrics().of_epoch();
        let figures = columns.iter().filter_map(|metric| {
            linear.figure(metric.name()).map(|figure| format!("{} {figure:.4}", metric.label()))
        });
        let figures = figures.collect::<Vec<_>>().join(", ");
        notes.push(format!(
            "A linear model over the same columns comes to this on the {judged} split: {figures}."
        ));
    }
    notes.push(
        "The curves' training figures are taken batch by batch, while the weights move and with any dropout on; the scores \
         below come from the kept weights over each whole split."
            .into(),
    );
    if scores.test.is_some() {
        notes.push("The test split was looked at once, after the weights had been chosen.".into());
    }
    if let (Some(all), Some(clean)) = (&scores.test, &scores.test_without_duplicates) {
        let leading = experiment.recipe.metrics().of_epoch();
        let leading = leading.iter().find(|metric| metric.name() != LOSS);
        let figures = leading.and_then(|metric| {
            let (all, clean) = (all.figure(metric.name())?, clean.figure(metric.name())?);
            Some(format!(
                "; without them the test split has {clean:.4} instead of {all:.4} for {}",
                metric.label()
            ))
        });
        notes.push(format!(
            "{} test rows also occur in training or validation{}.",
            all.rows - clean.rows,
            figures.unwrap_or_default()
        ));
    }
    for (name, scores) in scores.splits() {
        notes.extend(scores.notes.iter().map(|note| format!("Split {name}: {note}")));
    }
    notes.extend(prepared.absent_classes());
    notes.extend(prepared.data.warnings.iter().cloned());
    notes
}

fn curves(outcome: &Outcome<Network>, metrics: &Metrics, loss_in_nats: bool) -> Curves {
    let history = &outcome.history;
    let best = history.iter().find(|record| record.epoch == outcome.best_epoch);
    let of = |metric: &Arc<dyn Metric>| {
        let values = |pick: fn(&EpochRecord) -> &Figures| {
            let values = history.iter().map(|record| pick(record).get(metric.name()));
            values.collect::<Option<Vec<f64>>>().unwrap_or_default()
        };
        let nats = metric.name() == LOSS && loss_in_nats;
        let axis = if nats { "cross-entropy (nats)" } else { metric.label() };
        FigureCurve {
            name: metric.label().into(),
            axis: axis.into(),
            train: values(|record| &record.train),
            valid: values(|record| &record.valid),
        }
    };
    Curves {
        epochs: history.iter().map(|record| record.epoch).collect(),
        figures: metrics.iter().map(of).collect(),
        lr: history.iter().map(|record| record.lr).collect(),
        best_epoch: best.map(|record| record.epoch),
    }
}

fn split_scores(scores: &RunScores, columns: &Metrics) -> Vec<SplitScores> {
    scores.splits().into_iter().map(|(name, scores)| score_row(name, scores, columns)).collect()
}

pub(crate) fn score_row(name: &str, scores: &Scores, columns: &Metrics) -> SplitScores {
    SplitScores {
        name: name.into(),
        rows: scores.rows as usize,
        figures: columns.iter().map(|metric| (metric.label(), scores.value(metric.name()))).collect(),
    }
}

pub(crate) fn class_row(class: &brasa_train::metrics::ClassScores) -> ClassRow {
    ClassRow {
        name: class.name.clone(),
        precision: class.precision,
        recall: class.recall,
        f1: class.f1,
        support: class.support,
    }
}

fn layer_row(layer: brasa_models::LayerSummary) -> LayerRow {
    LayerRow {
        layer: layer.name,
        output_shape: format!("{:?}", layer.output),
        size: layer.size.unwrap_or_default(),
        parameters: layer.parameters as u64,
        flops: Some(layer.flops as u64),
    }
}

pub(crate) fn environment_rows(environment: &Environment) -> Vec<(String, String)> {
    let unknown = || "unknown".to_string();
    let mut rows = vec![
        ("brasa", environment.brasa.clone()),
        ("Burn", environment.burn.clone()),
        ("Device", environment.device.clone()),
        ("Platform", environment.platform.clone()),
        ("Processor", environment.processor.clone().unwrap_or_else(unknown)),
        ("Threads", environment.threads.to_string()),
    ];
    rows.extend(environment.git_commit.clone().map(|commit| ("Commit", commit)));
    rows.push(("Command", environment.command.join(" ")));
    rows.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}
