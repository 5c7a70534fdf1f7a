/// What comes of each threshold that one class is told from all others by: how many rows of it, and of the others, have at least that
/// probability. From the highest threshold on; rows of one probability come together, so that ties are no luck of the order.
///
/// ```
/// use brasa_train::metrics::ThresholdCurve;
///
/// let curve = ThresholdCurve::of([(0.9, true), (0.4, false), (0.6, true), (0.6, false)].into_iter());
/// let curve = curve.ok_or("a probability is NaN")?;
/// assert_eq!(curve.roc(), [(0.0, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 1.0)]);
/// assert_eq!(curve.roc_auc(), Some(0.875));
/// # Ok::<(), &'static str>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdCurve {
    steps: Vec<ThresholdStep>,
}

/// A threshold, and the rows that reach it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThresholdStep {
    /// The probability.
    pub threshold: f64,
    /// Rows of the class that have at least this: hits.
    pub positive: u64,
    /// Rows of other classes that do: false alarms.
    pub negative: u64,
}

impl ThresholdCurve {
    /// Of rows with a probability each, and whether they are of the class. `None` where a probability is NaN.
    #[must_use]
    pub fn of(rows: impl Iterator<Item = (f64, bool)>) -> Option<Self> {
        let mut rows: Vec<(f64, bool)> = rows.collect();
        if rows.iter().any(|(score, _)| score.is_nan()) {
            return None;
        }
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut steps = Vec::new();
        let (mut positive, mut negative) = (0, 0);
        for tied in rows.chunk_by(|a, b| a.0 == b.0) {
            let hits = tied.iter().filter(|(_, own)| *own).count() as u64;
            positive += hits;
            negative += tied.len() as u64 - hits;
            steps.extend(tied.first().map(|(threshold, _)| ThresholdStep {
                threshold: *threshold,
                positive,
                negative,
            }));
        }
        Some(Self { steps })
    }

    /// The thresholds at which anything changes, from the highest.
    #[must_use]
    pub fn steps(&self) -> &[ThresholdStep] {
        &self.steps
    }

    /// Rows of the class, and others.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        self.steps.last().map_or((0, 0), |step| (step.positive, step.negative))
    }

    /// Rows that reach `threshold`: of the class, and others.
    #[must_use]
    pub fn reached(&self, threshold: f64) -> (u64, u64) {
        let behind = self.steps.partition_point(|step| step.threshold >= threshold);
        let last = behind.checked_sub(1).and_then(|last| self.steps.get(last));
        last.map_or((0, 0), |step| (step.positive, step.negative))
    }

    /// Points of the ROC curve, from (0, 0): the share of the others that reaches a threshold, and that of the class. None without rows
    /// of both kinds.
    #[must_use]
    pub fn roc(&self) -> Vec<(f64, f64)> {
        let (positive, negative) = self.totals();
        if positive == 0 || negative == 0 {
            return Vec::new();
        }
        let point = |step: &ThresholdStep| {
            (step.negative as f64 / negative as f64, step.positive as f64 / positive as f64)
        };
        std::iter::once((0.0, 0.0)).chain(self.steps.iter().map(point)).collect()
    }

    /// Points of the precision-recall curve: the share of the class that reaches a threshold, and of what reaches it the share that is
    /// of the class. None without rows of the class.
    #[must_use]
    pub fn precision_recall(&self) -> Vec<(f64, f64)> {
        let positive = self.totals().0;
        let point = |step: &ThresholdStep| {
            let reached = (step.positive + step.negative) as f64;
            (step.positive as f64 / positive as f64, step.positive as f64 / reached)
        };
        self.steps.iter().filter(|_| positive > 0).map(point).collect()
    }

    /// The area under the ROC curve by the trapezoidal rule; `None` without rows of both kinds.
    #[must_use]
    pub fn roc_auc(&self) -> Option<f64> {
        let (positive, negative) = self.totals();
        if positive == 0 || negative == 0 {
            return None;
        }
        let mut doubled_area = 0.0;
        let mut before = (0, 0);
        for step in &self.steps {
            doubled_area += (step.negative - before.1) as f64 * (step.positive + before.0) as f64;
            before = (step.positive, step.negative);
        }
        Some(doubled_area / (2.0 * positive as f64 * negative as f64))
    }

    /// The sum of precisions, each weighted by what recall gains at its threshold; 0 without rows of the class.
    #[must_use]
    pub fn average_precision(&self) -> f64 {
        let positive = self.totals().0;
        if positive == 0 {
            return 0.0;
        }
        let mut sum = 0.0;
        let mut before = 0;
        for step in &self.steps {
            let reached = (step.positive + step.negative) as f64;
            sum += (step.positive - before) as f64 * step.positive as f64 / reached;
            before = step.positive;
        }
        sum / positive as f64
    }
}
