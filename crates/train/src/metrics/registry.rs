use std::sync::Arc;

use super::{Figures, Judged, Metric, Needs, TaskKind, classes, numbers};

/// The name of the figure that every task has.
pub const LOSS: &str = "loss";

/// Metrics by name, in the order in which their figures are read. Cheap to clone.
///
/// ```
/// use brasa_train::metrics::{Direction, Metrics, TaskKind};
///
/// let metrics = Metrics::standard();
/// let brier = metrics.find(TaskKind::Classification, "brier")?;
/// assert_eq!((brier.label(), brier.direction()), ("Brier score", Direction::LowerIsBetter));
///
/// let error = metrics.find(TaskKind::Classification, "brierscore").unwrap_err();
/// assert!(error.to_string().contains("did you mean `brier`?"));
/// # Ok::<(), brasa_train::metrics::UnknownMetric>(())
/// ```
#[derive(Debug, Clone)]
pub struct Metrics(Vec<Arc<dyn Metric>>);

/// A metric that a task does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` is not a metric of {}{} The metrics are {}",
    .task,
    .nearest.as_ref().map_or_else(|| ".".into(), |n| format!("; did you mean `{n}`?")),
    .names.join(", ")
)]
pub struct UnknownMetric {
    /// The name asked for.
    pub name: String,
    /// The task.
    pub task: TaskKind,
    /// The name most like it.
    pub nearest: Option<String>,
    /// All names.
    pub names: Vec<String>,
}

impl Metrics {
    /// All metrics of this crate.
    pub fn standard() -> Self {
        let all = classes::REGISTRY.iter().chain(numbers::REGISTRY);
        Self(all.map(|metric| Arc::new(*metric) as Arc<dyn Metric>).collect())
    }

    /// The metrics that are computed after each epoch whatever the recipe monitors: the columns of progress and curves.
    pub fn epoch_columns(task: TaskKind) -> &'static [&'static str] {
        match task {
            TaskKind::Classification => classes::EPOCH_COLUMNS,
            TaskKind::Regression => numbers::EPOCH_COLUMNS,
        }
    }

    /// The metrics that tables show of kept weights.
    pub fn table_columns(task: TaskKind) -> &'static [&'static str] {
        match task {
            TaskKind::Classification => classes::TABLE_COLUMNS,
            TaskKind::Regression => numbers::TABLE_COLUMNS,
        }
    }

    /// With one more, in the place of one of the same task and name.
    #[must_use]
    pub fn with(mut self, metric: impl Metric + 'static) -> Self {
        let same = |own: &Arc<dyn Metric>| own.task() == metric.task() && own.name() == metric.name();
        match self.0.iter().position(same).and_then(|index| self.0.get_mut(index)) {
            Some(old) => *old = Arc::new(metric),
            None => self.0.push(Arc::new(metric)),
        }
        self
    }

    /// The metrics in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Metric>> {
        self.0.iter()
    }

    /// Those of one task.
    pub fn of(&self, task: TaskKind) -> impl Iterator<Item = &Arc<dyn Metric>> {
        self.0.iter().filter(move |metric| metric.task() == task)
    }

    /// The metric of this task and name.
    pub fn get(&self, task: TaskKind, name: &str) -> Option<&Arc<dyn Metric>> {
        self.of(task).find(|metric| metric.name() == name)
    }

    /// As [`get`](Self::get), for a name that someone has written.
    ///
    /// # Errors
    /// [`UnknownMetric`] with the nearest name and all names.
    pub fn find(&self, task: TaskKind, name: &str) -> Result<&Arc<dyn Metric>, UnknownMetric> {
        self.get(task, name).ok_or_else(|| {
            let names: Vec<String> = self.of(task).map(|metric| metric.name().to_owned()).collect();
            let likeness = |valid: &str| strsim::jaro_winkler(&name.to_lowercase(), valid);
            let nearest = names.iter().filter(|valid| likeness(valid) > 0.6);
            let nearest = nearest.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).cloned();
            UnknownMetric { name: name.into(), task, nearest, names }
        })
    }

    /// What people read of the metric of this name; the name itself for a metric that is not among these.
    pub fn label<'a>(&'a self, task: TaskKind, name: &'a str) -> &'a str {
        self.get(task, name).map_or(name, |metric| metric.label())
    }

    /// Those of these names, in their order, each once. A name that is not among these is left out.
    #[must_use]
    pub fn select<'a>(&self, task: TaskKind, names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut selected: Vec<Arc<dyn Metric>> = Vec::new();
        for metric in names.into_iter().filter_map(|name| self.get(task, name)) {
            if !selected.iter().any(|own| own.name() == metric.name()) {
                selected.push(metric.clone());
            }
        }
        Self(selected)
    }

    /// The most that any of a task's metrics needs.
    pub fn needs(&self, task: TaskKind) -> Needs {
        self.of(task).map(|metric| metric.needs()).max().unwrap_or(Needs::Counts)
    }

    /// The value of each metric that has one.
    pub fn figures(&self, judged: &Judged<'_>) -> Figures {
        let values = self.0.iter().map(|metric| (metric.name(), metric.compute(judged)));
        values.filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::standard()
    }
}

impl PartialEq for Metrics {
    /// The same tasks and names in the same order.
    fn eq(&self, other: &Self) -> bool {
        let key = |metric: &Arc<dyn Metric>| (metric.task(), metric.name().to_owned());
        self.0.iter().map(key).eq(other.0.iter().map(key))
    }
}
