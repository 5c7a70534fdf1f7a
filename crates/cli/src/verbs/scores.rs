//! Scores as a person reads them.

use std::sync::Arc;

use brasa_predict::Coverage;
use brasa_run::{Covered, Decided, ThresholdFigures};
use brasa_train::Recipe;
use brasa_train::metrics::{Confusion, Metric, Metrics, Scores, TargetScores, TaskKind};

use crate::names::short_names;
use crate::table::{figure, table};

/// Characters of a class name in a column of a table.
pub(super) const CLASS_WIDTH: usize = 40;

/// One line per split: the figures of these columns, a 95 % interval behind each that has one. A column without a value on
/// any split is left out; why it has none stands below.
pub(crate) fn split_table(splits: &[(&str, &Scores)], columns: &Metrics) -> String {
    let told = |name: &str| splits.iter().any(|(_, scores)| scores.figure(name).is_some());
    let with_interval = |name: &str| splits.iter().any(|(_, scores)| scores.interval(name).is_some());
    let columns: Vec<_> = columns.iter().filter(|metric| told(metric.name())).collect();
    let mut header = vec!["split", "rows"];
    for metric in &columns {
        header.push(metric.label());
        header.extend(with_interval(metric.name()).then_some("95 % interval"));
    }
    let line = |(split, scores): &(&str, &Scores)| {
        let mut cells = vec![split.to_string(), scores.rows.to_string()];
        for metric in &columns {
            cells.push(figure(scores.figure(metric.name())));
            if with_interval(metric.name()) {
                let interval = scores.interval(metric.name());
                cells.push(
                    interval.map_or_else(|| "-".into(), |(low, high)| format!("{low:.3} to {high:.3}")),
                );
            }
        }
        cells
    };
    let mut text = table(&header, &splits.iter().map(line).collect::<Vec<_>>());
    for (split, scores) in splits {
        scores.notes.iter().for_each(|note| text.push_str(&format!("\n{split}: {note}")));
    }
    text
}

/// Some figures in a line, by their names.
pub(super) fn figure_words<'m>(
    scores: &Scores,
    metrics: impl Iterator<Item = &'m Arc<dyn Metric>>,
) -> String {
    let words =
        |metric: &Arc<dyn Metric>| format!("{} {}", metric.name(), figure(scores.figure(metric.name())));
    metrics.map(words).collect::<Vec<_>>().join(", ")
}

/// By which threshold two classes are told apart, and what comes of it on the split that judges.
pub(super) fn decided_words(decided: &Decided, split: &str) -> String {
    let figures = |figures: &ThresholdFigures| {
        let cost = figures.cost.map_or_else(String::new, |cost| format!(", mean cost {cost:.4}"));
        format!(
            "precision {:.4}, recall {:.4}, f1 {:.4}{cost}",
            figures.precision, figures.recall, figures.f1
        )
    };
    let here = decided.test.as_ref().unwrap_or(&decided.valid);
    format!(
        "{}\nat this threshold ({split}): {}\nat 0.5 ({split}): {}",
        decided.words(),
        figures(here),
        figures(&decided.at_half)
    )
}

/// How often what holds nine of ten truths does so on the test rows.
pub(super) fn covered_words(covered: &[Covered], numbers: bool) -> Option<String> {
    let covered = covered.iter().find(|covered| covered.asked == Coverage::USUAL[1])?;
    let means = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let size = match (numbers, covered.size.as_slice()) {
        (false, _) => format!("sets of {:.2} classes", means(&covered.size)),
        (true, [width]) => format!("intervals {width:.4} wide"),
        (true, _) => "intervals".to_owned(),
    };
    Some(format!(
        "{} {size} hold the truth of {:.1} % of the test rows (predict --coverage {})",
        covered.asked,
        means(&covered.held) * 100.0,
        covered.asked.share()
    ))
}

/// The confusion matrix with class names and the figures of each class; nothing for a regression.
pub(crate) fn class_tables(scores: &Scores) -> String {
    let Some(classes) = scores.classes() else { return String::new() };
    let names: Vec<&str> = classes.per_class.iter().map(|class| class.name.as_str()).collect();
    let confusion = match Confusion::try_from(classes.confusion.clone()) {
        // As long as its lines take them whole.
        Ok(confusion) => confusion.to_table(&short_names(&names, 20)),
        Err(error) => error.to_string(),
    };
    let mut shown = classes.clone();
    for (class, name) in shown.per_class.iter_mut().zip(short_names(&names, CLASS_WIDTH)) {
        class.name = name;
    }
    format!("{}\n\n{}", confusion.trim_end(), shown.to_table().trim_end())
}

/// A line per predicted number, where there are several; nothing otherwise.
pub(crate) fn target_table(scores: &Scores) -> String {
    let targets = scores.numbers().map_or(&[][..], |numbers| &numbers.per_target);
    let ([first, ..], true) = (targets, targets.len() > 1) else { return String::new() };
    let names: Vec<&str> = first.figures.iter().map(|(name, _)| name).collect();
    let header: Vec<&str> = std::iter::once("target").chain(names.iter().copied()).collect();
    let row = |target: &TargetScores| {
        let figures = names.iter().map(|name| figure(target.figures.get(name)));
        std::iter::once(target.name.clone()).chain(figures).collect()
    };
    format!("\n{}", table(&header, &targets.iter().map(row).collect::<Vec<Vec<String>>>()))
}

/// The columns that a run's recipe asks for, else those that every run of its task has.
pub(crate) fn columns_of(recipe: Option<&Recipe>, task: TaskKind) -> Metrics {
    match recipe.map(Recipe::metrics) {
        Some(Ok(asked)) => asked.of_tables(),
        // A recipe that cannot be read, or a metric of a program of one's own.
        _ => Metrics::standard().select(task, Metrics::table_columns(task).iter().copied()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_recipe_the_columns_are_those_of_the_task() {
        for (task, own, other) in
            [(TaskKind::Regression, "rmse", "accuracy"), (TaskKind::Classification, "accuracy", "rmse")]
        {
            let columns = columns_of(None, task);
            let has = |name: &str| columns.iter().any(|metric| metric.name() == name);
            assert!(has(own) && !has(other), "{task}");
        }
    }
}
