//! What one comes to without looking at a feature.

use brasa_data::Sampling;
use brasa_data::{Role, Targets};
use brasa_train::metrics::Scores;
use brasa_train::recipe::ClassWeights;
use brasa_train::{Prepared, Recipe};
use serde::{Deserialize, Serialize};

/// The figures of an answer that is the same for every row: the shares of the classes, or the mean, of the training split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "always", rename_all = "kebab-case")]
pub enum Baseline {
    /// The most frequent class.
    Class {
        /// Its name.
        class: String,
        /// How often it is right.
        accuracy: f64,
        /// Mean cross-entropy of the shares of the training split, in nats.
        loss: f64,
    },
    /// The mean of each target.
    Number {
        /// That of the first.
        mean: f64,
        /// Root of its mean squared error, in the mean of the targets.
        rmse: f64,
    },
}

impl Baseline {
    /// Judged on one split; `None` where that has no rows.
    pub fn of(prepared: &Prepared, role: Role) -> Option<Self> {
        let rows = prepared.split.rows(role);
        let train = prepared.split.rows(Role::Train);
        if rows.is_empty() {
            return None;
        }
        match &prepared.data.targets {
            Targets::Classes(classes) => {
                let counts = prepared.data.class_counts(train);
                let (most, _) =
                    counts.iter().enumerate().max_by_key(|(class, count)| (**count, usize::MAX - class))?;
                let judged = prepared.data.class_counts(rows);
                let all = rows.len() as f64;
                // A class that training has not seen has a small share, as if it had been there half a time.
                let sum = counts.iter().map(|&count| count as f64 + 0.5).sum::<f64>();
                let loss =
                    |(count, judged): (&usize, &usize)| *judged as f64 * -((*count as f64 + 0.5) / sum).ln();
                Some(Self::Class {
                    class: classes.names.get(most)?.clone(),
                    accuracy: *judged.get(most)? as f64 / all,
                    loss: counts.iter().zip(&judged).map(loss).sum::<f64>() / all,
                })
            }
            Targets::Numbers(numbers) => {
                let of_target = |target: usize| {
                    let value = |row: &usize| numbers.row(*row).get(target).copied();
                    let mean = train.iter().filter_map(value).sum::<f64>() / train.len().max(1) as f64;
                    let squares =
                        rows.iter().filter_map(value).map(|value| (value - mean).powi(2)).sum::<f64>();
                    (mean, (squares / rows.len() as f64).sqrt())
                };
                let each: Vec<(f64, f64)> = (0..numbers.names.len()).map(of_target).collect();
                // As the metric: the mean over the targets.
                let rmse = each.iter().map(|(_, rmse)| rmse).sum::<f64>() / each.len().max(1) as f64;
                Some(Self::Number { mean: each.first()?.0, rmse })
            }
        }
    }
}

impl Baseline {
    /// Whether a model with these scores on the same split is better: in its loss, or in its accuracy by more than chance; `None` where
    /// the recipe asks for something else than these figures tell, such as rare classes.
    pub fn is_beaten_by(&self, scores: &Scores, recipe: &Recipe) -> Option<bool> {
        let weighs = recipe.loss.classes().is_some_and(|loss| loss.class_weights != ClassWeights::default());
        match self {
            Self::Class { .. } if weighs || recipe.training.sampling != Sampling::Uniform => None,
            Self::Class { accuracy, loss, .. } => {
                let surely = scores.interval("accuracy").is_none_or(|(least, _)| least > *accuracy);
                Some(surely || scores.loss() < *loss)
            }
            Self::Number { .. } if recipe.loss.name() == "quantile" => None,
            Self::Number { rmse, .. } => Some(scores.figure("rmse")? < *rmse),
        }
    }

    /// What to say of a model that does not [beat](Self::is_beaten_by) it.
    pub const NOT_LEARNED: &'static str =
        "the model is no better than that, so it has not learned: lower optimizer.lr, or train longer";
}

impl std::fmt::Display for Baseline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Class { class, accuracy, loss } => {
                write!(f, "always `{class}`, the most frequent class: accuracy {accuracy:.4}, loss {loss:.4}")
            }
            Self::Number { mean, rmse } => write!(f, "always {mean:.4}, the mean: rmse {rmse:.4}"),
        }
    }
}
