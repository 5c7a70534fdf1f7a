//! Two classes: what comes of each threshold between them, and which one a run decides by.

use brasa_data::Role;
use brasa_plot::{Line, LineChart};
use brasa_predict::Decision;
use brasa_train::metrics::{PrecisionRecallF1, ThresholdCurve};
use brasa_train::recipe::{DecideBy, DecisionRecipe};
use brasa_train::{CheckedRecipe, Prepared};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::look::probability;
use crate::predictions::of_role;
use crate::report::{Picture, ReportError, Section};

/// How two classes are told apart, and what comes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    /// The class with the threshold.
    pub positive: String,
    /// The least probability at which it is answered.
    pub threshold: f64,
    /// What the threshold is the best one by, on the validation split.
    pub by: DecideBy,
    /// Whether the saved model answers by it: the recipe asks for that.
    pub in_force: bool,
    /// What comes of it on the validation split, by which it was chosen.
    pub valid: ThresholdFigures,
    /// On the test split, which has no part in the choice.
    pub test: Option<ThresholdFigures>,
    /// What comes of answering the more probable class on the split that judges.
    pub at_half: ThresholdFigures,
}

/// What comes of a threshold on one split.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ThresholdFigures {
    /// Rows of the class that are answered so.
    pub true_positives: u64,
    /// Rows of the other class that are answered so, too.
    pub false_positives: u64,
    /// Rows of the class that are not.
    pub false_negatives: u64,
    /// Rows of the other class that are not.
    pub true_negatives: u64,
    /// Share of the rows that are answered rightly.
    pub accuracy: f64,
    /// Of the rows answered as the class, the share that is of it; 0 of none.
    pub precision: f64,
    /// Of the rows of the class, the share answered so; 0 of none.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Mean of both classes' recall.
    pub balanced_accuracy: f64,
    /// What an error costs in the mean over all rows, where the recipe says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}

impl ThresholdFigures {
    /// Of the rows that reach a threshold and of all: those of the class, and others.
    fn of((hits, alarms): (u64, u64), (positive, negative): (u64, u64), costs: Option<[f64; 2]>) -> Self {
        let share = |part: u64, of: u64| if of == 0 { 0.0 } else { part as f64 / of as f64 };
        let (misses, rejected) = (positive - hits, negative - alarms);
        let [alarm, miss] = costs.unwrap_or_default();
        let rows = positive + negative;
        let PrecisionRecallF1 { precision, recall, f1 } =
            PrecisionRecallF1::from_counts(hits, hits + alarms, positive);
        Self {
            true_positives: hits,
            false_positives: alarms,
            false_negatives: misses,
            true_negatives: rejected,
            accuracy: share(hits + rejected, rows),
            precision,
            recall,
            f1,
            balanced_accuracy: (recall + share(rejected, negative)) / 2.0,
            cost: costs.map(|_| (alarm * alarms as f64 + miss * misses as f64) / rows.max(1) as f64),
        }
    }

    /// What is the greater the better.
    fn merit(&self, by: DecideBy) -> f64 {
        match by {
            DecideBy::F1 => self.f1,
            DecideBy::BalancedAccuracy => self.balanced_accuracy,
            DecideBy::Cost => -self.cost.unwrap_or_default(),
        }
    }
}

/// The best threshold: half way between two probabilities that rows have; of equally good ones that nearest to one half.
fn best(curve: &ThresholdCurve, decision: &DecisionRecipe) -> f64 {
    let (all, costs) = (curve.totals(), decision.errors_cost());
    let steps = curve.steps();
    // Beyond what any row has, though that be 1.
    let above =
        steps.first().map_or(1.0, |first| ((first.threshold + 1.0) / 2.0).max(first.threshold.next_up()));
    let between = |pair: &[brasa_train::metrics::ThresholdStep]| {
        pair.iter().map(|step| step.threshold).sum::<f64>() / pair.len() as f64
    };
    // Beyond the highest no row is answered as the class, from the lowest on every row.
    let cuts = std::iter::once(above).chain(steps.windows(2).map(between)).chain(steps.last().map(|_| 0.0));
    let judged =
        cuts.map(|cut| (ThresholdFigures::of(curve.reached(cut), all, costs).merit(decision.by), cut));
    let off = |cut: f64| (cut - 0.5).abs();
    let better = |(merit, cut): (f64, f64), (other, at): (f64, f64)| {
        if other > merit || other == merit && off(at) < off(cut) { (other, at) } else { (merit, cut) }
    };
    judged.reduce(better).map_or(0.5, |(_, cut)| cut)
}

/// Probabilities of the positive class, and whether it is the right one.
fn curve(prepared: &Prepared, positive: usize, rows: &[usize], outputs: &[f32]) -> Option<ThresholdCurve> {
    let labels = prepared.data.labels();
    let own = rows.iter().zip(outputs.chunks(2)).filter_map(|(&row, outputs)| {
        Some((probability(outputs, positive as u32), *labels.get(row)? as usize == positive))
    });
    ThresholdCurve::of(own)
}

impl Decided {
    /// Chosen on the validation split, and judged on the test split where there is one; with what the report shows of it. `None`
    /// for other than two classes, and where the validation rows are all of one.
    pub(crate) fn of(
        recipe: &CheckedRecipe,
        prepared: &Prepared,
        outputs: &[(Role, &[usize], &[f32])],
    ) -> Result<Option<(Self, Section)>> {
        if prepared.data.class_names().len() != 2 {
            return Ok(None);
        }
        let asked = recipe.recipe().decision.clone();
        let decision = asked.clone().unwrap_or_default();
        let counts = prepared.data.class_counts(&prepared.split.train);
        let rarer = usize::from(counts.get(1) <= counts.first());
        let named = prepared.data.class_names().iter().position(|name| *name == decision.positive);
        let positive = named.unwrap_or(rarer);
        let curve_of = |role: Role| {
            of_role(outputs, role).and_then(|(rows, outputs)| curve(prepared, positive, rows, outputs))
        };
        let Some(valid) = curve_of(Role::Valid).filter(|curve| curve.roc_auc().is_some()) else {
            return Ok(None);
        };
        let test = curve_of(Role::Test).filter(|curve| !curve.steps().is_empty());
        let threshold = best(&valid, &decision);
        let figures = |curve: &ThresholdCurve, threshold| {
            ThresholdFigures::of(curve.reached(threshold), curve.totals(), decision.errors_cost())
        };
        let name = prepared.data.class_names().get(positive).cloned().unwrap_or_default();
        let judged = test.as_ref().unwrap_or(&valid);
        let decided = Self {
            positive: name,
            threshold,
            by: decision.by,
            in_force: asked.is_some(),
            valid: figures(&valid, threshold),
            test: test.as_ref().map(|test| figures(test, threshold)),
            at_half: figures(judged, 0.5),
        };
        let split = if test.is_some() { "test" } else { "valid" };
        let section = decided.section(judged, split)?;
        Ok(Some((decided, section)))
    }

    /// What the saved model decides by.
    pub(crate) fn decision(&self, class_names: &[String]) -> Option<Decision> {
        let positive = class_names.iter().position(|name| *name == self.positive)?;
        self.in_force.then_some(Decision { positive, threshold: self.threshold })
    }

    fn section(&self, judged: &ThresholdCurve, split: &str) -> Result<Section> {
        let (roc, precision_recall) = (judged.roc(), judged.precision_recall());
        let here = self.test.as_ref().unwrap_or(&self.valid);
        let (positive, negative) = judged.totals();
        let mark = |x: f64| vec![(x, format!("threshold {:.3}", self.threshold))];
        let share = |part: u64, of: u64| part as f64 / of.max(1) as f64;
        let chance = Line { name: "by chance".into(), points: vec![(0.0, 0.0), (1.0, 1.0)], dashed: true };
        let base = share(positive, positive + negative);
        let always =
            Line { name: "always the class".into(), points: vec![(0.0, base), (1.0, base)], dashed: true };
        let chart = |title: &str, axes: [&str; 2], points: Vec<(f64, f64)>, other: Line, mark| LineChart {
            title: format!("{title} ({split})"),
            x_label: axes[0].into(),
            y_label: axes[1].into(),
            series: vec![Line { name: "the model".into(), points, dashed: false }, other],
            marks: mark,
            x_range: Some((0.0, 1.0)),
            y_range: Some((0.0, 1.0)),
            ..LineChart::default()
        };
        let roc = chart(
            "ROC curve",
            ["false positive rate", "true positive rate (recall)"],
            roc,
            chance,
            mark(share(here.false_positives, negative)),
        );
        let precision_recall = chart(
            "Precision and recall",
            ["recall", "precision"],
            precision_recall,
            always,
            mark(here.recall),
        );
        let picture = |name: &str, alt: String, chart: &LineChart| {
            let failed = |source| ReportError::Picture { picture: name.to_owned(), source };
            let bytes = chart.to_svg().map_err(failed)?.into_bytes();
            Ok::<_, ReportError>(Picture { name: format!("{name}.svg"), alt, bytes })
        };
        let area = judged.roc_auc().map_or_else(String::new, |area| format!("; the area below is {area:.4}"));
        let alt = format!("ROC curve of `{}` on the {split} split{area}", self.positive);
        let pictures = vec![
            picture("roc", alt, &roc)?,
            picture(
                "precision-recall",
                format!("Precision over recall of `{}` on the {split} split", self.positive),
                &precision_recall,
            )?,
        ];
        let mut columns: Vec<String> = [
            "threshold",
            "precision",
            "recall",
            "F1",
            "balanced accuracy",
            "accuracy",
            "false positives",
            "false negatives",
        ]
        .map(str::to_owned)
        .to_vec();
        columns.extend(here.cost.map(|_| "mean cost".to_owned()));
        let row = |name: String, figures: &ThresholdFigures| {
            let shares =
                [figures.precision, figures.recall, figures.f1, figures.balanced_accuracy, figures.accuracy];
            let mut row = vec![name];
            row.extend(shares.map(|share| format!("{share:.4}")));
            row.extend([figures.false_positives, figures.false_negatives].map(|count| count.to_string()));
            row.extend(figures.cost.map(|cost| format!("{cost:.4}")));
            row
        };
        let mut rows = vec![
            row(format!("{split}: 0.5"), &self.at_half),
            row(format!("{split}: {:.4}", self.threshold), here),
        ];
        if self.test.is_some() {
            rows.push(row(format!("valid: {:.4}", self.threshold), &self.valid));
        }
        Ok(Section {
            heading: format!("Thresholds of {}", self.positive),
            sentences: vec![self.words(), self.whose()],
            pictures,
            columns,
            rows,
            ..Section::default()
        })
    }

    /// Which threshold there is, and why.
    pub fn words(&self) -> String {
        format!(
            "Decision threshold for `{}`: {:.4}, with {} on the validation split.",
            self.positive,
            self.threshold,
            self.by.words()
        )
    }

    fn whose(&self) -> String {
        match self.in_force {
            true => "The saved model answers so, as [decision] of the recipe says; the scores of the splits are those of the more probable class.",
            false => "The saved model answers the more probable class; with [decision] in the recipe it answers by the threshold.",
        }
        .into()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn rows() -> ThresholdCurve {
        // sklearn.metrics.precision_recall_curve over the same rows has its largest F1, 0.8, at the score 0.35.
        let rows = [(0.1, false), (0.4, false), (0.35, true), (0.8, true)];
        ThresholdCurve::of(rows.into_iter()).unwrap()
    }

    fn by(by: DecideBy, costs: &[f64]) -> DecisionRecipe {
        DecisionRecipe { by, costs: costs.to_vec(), ..DecisionRecipe::default() }
    }

    #[test]
    fn the_threshold_is_the_best_one_by_what_is_asked_for() {
        let curve = rows();
        assert!((best(&curve, &by(DecideBy::F1, &[])) - 0.225).abs() < 1e-12);
        // Where a miss costs nothing there is no false alarm, where a false alarm costs nothing no miss.
        assert_eq!(curve.reached(best(&curve, &by(DecideBy::Cost, &[1.0, 0.0]))), (1, 0));
        assert_eq!(curve.reached(best(&curve, &by(DecideBy::Cost, &[0.0, 1.0]))), (2, 1));
        let figures = ThresholdFigures::of(curve.reached(0.35), curve.totals(), Some([1.0, 5.0]));
        assert_eq!((figures.f1, figures.recall, figures.cost), (0.8, 1.0, Some(0.25)));
        assert_eq!((figures.true_negatives, figures.false_negatives), (1, 0));
    }
}
