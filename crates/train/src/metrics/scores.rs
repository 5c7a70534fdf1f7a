use serde::{Deserialize, Serialize};

use super::classes::{ACCURACY, TopKAccuracy, reliability};
use super::{
    ClassDetails, ClassScores, Details, Figures, Judged, JudgedClasses, JudgedNumbers, Metric, Metrics,
    MetricsError, Needs, NumberDetails, TargetScores, TaskKind, TopK, wilson_interval,
};

/// The scores of a model on one split: every figure from the whole split at once.
///
/// In JSON the figures and the details stand side by side under their names, as `loss`, `f1_macro`, `rows`, `per_class`
/// and `confusion`. A figure that is NaN or infinite is written as `null`, which is read back as NaN.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// The value of each metric that has one on this split.
    #[serde(flatten)]
    pub figures: Figures,
    /// Rows evaluated.
    pub rows: u64,
    /// What a task tells beside its figures.
    #[serde(flatten)]
    pub details: Details,
    /// Sentences on metrics without a value on this split: which, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Scores {
    /// The scores of a classifier. Fails without rows. `left_out` tells why rows that were wanted were not kept.
    pub fn of_classes(
        metrics: &Metrics,
        judged: &JudgedClasses<'_>,
        class_names: &[String],
        left_out: Option<String>,
    ) -> Result<Self, MetricsError> {
        let confusion = judged.confusion;
        let rows = confusion.total();
        if rows == 0 {
            return Err(MetricsError::NoRows);
        }
        let class_scores = |(class, name): (usize, &String)| {
            let scores = confusion.of_class(class);
            ClassScores {
                name: name.clone(),
                precision: scores.precision,
                recall: scores.recall,
                f1: scores.f1,
                support: confusion.support(class),
            }
        };
        let top_k = judged.top_k.map(|top| TopK { k: top.k, accuracy: top.hits as f64 / rows as f64 });
        let figures = metrics.figures(&Judged::Classes(*judged));
        let notes = notes(metrics, TaskKind::Classification, &figures, judged.rows.is_some(), left_out);
        Ok(Self {
            figures,
            rows,
            details: Details::Classes(ClassDetails {
                top_k,
                per_class: class_names.iter().enumerate().map(class_scores).collect(),
                confusion: confusion.to_rows(),
                reliability: judged.rows.map(|rows| reliability(&rows)),
            }),
            notes,
        })
    }

    /// The scores of a regression, over all its outputs and for each of them by name.
    ///
    /// # Errors
    /// [`MetricsError::NoRows`] without rows, [`MetricsError::Length`] unless there is one name for each output.
    pub fn of_numbers(
        metrics: &Metrics,
        judged: &JudgedNumbers<'_>,
        names: &[String],
    ) -> Result<Self, MetricsError> {
        if judged.rows() == 0 {
            return Err(MetricsError::NoRows);
        }
        if names.len() != judged.outputs() {
            let what = "one name for each output";
            return Err(MetricsError::Length { what, expected: judged.outputs(), found: names.len() });
        }
        let of_target = |(output, name): (usize, &String)| {
            let (predicted, targets): (Vec<f64>, Vec<f64>) = judged.of_output(output).unzip();
            let alone = JudgedNumbers::new(1, &predicted, &targets, f64::NAN)?;
            // The objective is of all outputs together.
            let figures = metrics.figures(&Judged::Numbers(alone));
            let figures = figures.iter().filter(|(name, _)| *name != super::LOSS).collect();
            Ok(TargetScores { name: name.clone(), figures })
        };
        let figures = metrics.figures(&Judged::Numbers(*judged));
        Ok(Self {
            notes: notes(metrics, TaskKind::Regression, &figures, true, None),
            figures,
            rows: judged.rows() as u64,
            details: Details::Numbers(NumberDetails {
                per_target: names.iter().enumerate().map(of_target).collect::<Result<_, MetricsError>>()?,
            }),
        })
    }

    /// The task whose predictions were scored.
    pub fn task(&self) -> TaskKind {
        match self.details {
            Details::Classes(_) => TaskKind::Classification,
            Details::Numbers(_) => TaskKind::Regression,
        }
    }

    /// The value of the metric of this name.
    pub fn figure(&self, name: &str) -> Option<f64> {
        self.figures.get(name)
    }

    /// The value of the metric of this name, NaN where it has none.
    pub fn value(&self, name: &str) -> f64 {
        self.figures.value(name)
    }

    /// Mean loss per row.
    pub fn loss(&self) -> f64 {
        self.figures.loss()
    }

    /// What a classifier tells beside its figures.
    pub fn classes(&self) -> Option<&ClassDetails> {
        match &self.details {
            Details::Classes(classes) => Some(classes),
            Details::Numbers(_) => None,
        }
    }

    /// What a regression tells beside its figures.
    pub fn numbers(&self) -> Option<&NumberDetails> {
        match &self.details {
            Details::Numbers(numbers) => Some(numbers),
            Details::Classes(_) => None,
        }
    }

    /// 95 % interval of a metric that is one share of the rows (accuracy, top-k accuracy), after Wilson; `None` for others.
    pub fn interval(&self, name: &str) -> Option<(f64, f64)> {
        let proportion = [ACCURACY, TopKAccuracy::NAME].contains(&name);
        let share = self.figure(name).filter(|share| proportion && share.is_finite())?;
        Some(wilson_interval((share * self.rows as f64).round() as u64, self.rows))
    }
}

/// Which metrics of the task have no value, and why. Rows that nobody wanted kept need no words.
fn notes(
    metrics: &Metrics,
    task: TaskKind,
    figures: &Figures,
    rows_kept: bool,
    left_out: Option<String>,
) -> Vec<String> {
    let absent = || metrics.of(task).filter(|metric| figures.get(metric.name()).is_none());
    let of_rows = |metric: &&std::sync::Arc<dyn Metric>| metric.needs() == Needs::Rows && !rows_kept;
    let mut notes: Vec<String> = absent()
        .filter(|metric| !of_rows(metric))
        .map(|metric| format!("{} is undefined here: it needs {}.", metric.label(), metric.requirement()))
        .collect();
    let labels: Vec<&str> = absent().filter(of_rows).map(|metric| metric.label()).collect();
    if let Some(reason) = left_out.filter(|_| !labels.is_empty()) {
        notes.push(format!("Without a value here: {}; {reason}.", labels.join(", ")));
    }
    notes
}

impl<'de> Deserialize<'de> for Scores {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::details::read_scores(deserializer)
    }
}
