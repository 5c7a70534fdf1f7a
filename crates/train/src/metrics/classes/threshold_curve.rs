/// How many positive and negative rows score at least each threshold, by falling threshold; rows of one score come
/// together, so that ties are no luck of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ThresholdCurve {
    /// (positive, negative) rows so far.
    steps: Vec<(u64, u64)>,
}

/// The curve of rows with a score each, and whether they are positive. `None` where a score is NaN.
pub(super) fn threshold_curve(rows: impl Iterator<Item = (f64, bool)>) -> Option<ThresholdCurve> {
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
        steps.push((positive, negative));
    }
    Some(ThresholdCurve { steps })
}

impl ThresholdCurve {
    fn totals(&self) -> (u64, u64) {
        self.steps.last().copied().unwrap_or((0, 0))
    }

    /// The positive rows.
    pub(super) fn positive(&self) -> u64 {
        self.totals().0
    }

    /// The area under the ROC curve by the trapezoidal rule; `None` without rows of both kinds.
    pub(super) fn roc_auc(&self) -> Option<f64> {
        let (positive, negative) = self.totals();
        if positive == 0 || negative == 0 {
            return None;
        }
        let mut doubled_area = 0.0;
        let mut before = (0, 0);
        for &(hits, misses) in &self.steps {
            doubled_area += (misses - before.1) as f64 * (hits + before.0) as f64;
            before = (hits, misses);
        }
        Some(doubled_area / (2.0 * positive as f64 * negative as f64))
    }

    /// The sum of precisions, each weighted by what recall gains at its threshold; 0 without positive rows.
    pub(super) fn average_precision(&self) -> f64 {
        let positive = self.positive();
        if positive == 0 {
            return 0.0;
        }
        let mut sum = 0.0;
        let mut before = 0;
        for &(hits, misses) in &self.steps {
            sum += (hits - before) as f64 * hits as f64 / (hits + misses) as f64;
            before = hits;
        }
        sum / positive as f64
    }
}
