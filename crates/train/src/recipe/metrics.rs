//! Which metrics a recipe asks for.

use std::sync::Arc;

use brasa_data::keys::Fault;

use super::{RecipeError, TrainingRecipe};
use crate::metrics::{Metric, Metrics, TaskKind, TopKAccuracy};

/// The metrics of a recipe's task, and what each is for.
#[derive(Debug, Clone)]
pub struct ChosenMetrics {
    task: TaskKind,
    all: Metrics,
    monitor: Arc<dyn Metric>,
    /// Names that the recipe gives, the monitored one first.
    asked: Vec<String>,
}

impl ChosenMetrics {
    pub(super) fn new(
        task: TaskKind,
        training: &TrainingRecipe,
        metrics: Metrics,
    ) -> Result<Self, RecipeError> {
        if task == TaskKind::Regression && training.top_k.is_some() {
            return Err(RecipeError::value(
                "training.top_k",
                "no such key where numbers are predicted",
                "a value",
            ));
        }
        let all = match training.top_k {
            Some(k) => metrics.with(TopKAccuracy::new(k)),
            None => metrics,
        };
        let find = |key: &str, name: &str| {
            all.find(task, name).map_err(|source| match name {
                TopKAccuracy::NAME => {
                    RecipeError::value(key, "another metric where training.top_k is not set", name)
                }
                _ => Fault::refused(key, source.to_string()).into(),
            })
        };
        let monitor = find("training.monitor", &training.monitor)?.clone();
        for name in &training.metrics {
            find("training.metrics", name)?;
        }
        let asked = std::iter::once(&training.monitor).chain(&training.metrics).cloned().collect();
        Ok(Self { task, all, monitor, asked })
    }

    /// What the recipe predicts.
    pub fn task(&self) -> TaskKind {
        self.task
    }

    /// Every metric: what kept weights are scored by.
    pub fn all(&self) -> &Metrics {
        &self.all
    }

    /// The one that decides which weights are kept and when to stop.
    pub fn monitor(&self) -> &Arc<dyn Metric> {
        &self.monitor
    }

    /// Those that are computed after each epoch: the task's columns, the monitored one, and those of `training.metrics`.
    pub fn of_epoch(&self) -> Metrics {
        self.columns(Metrics::epoch_columns(self.task))
    }

    /// Those that tables show of kept weights.
    pub fn of_tables(&self) -> Metrics {
        self.columns(Metrics::table_columns(self.task))
    }

    /// The names that the recipe gives, the monitored one first.
    pub fn asked(&self) -> &[String] {
        &self.asked
    }

    fn columns(&self, standard: &[&'static str]) -> Metrics {
        let asked = self.asked.iter().map(String::as_str);
        self.all.select(self.task, standard.iter().copied().chain(asked))
    }
}
