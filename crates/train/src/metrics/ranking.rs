use std::cmp::Ordering;

/// The index of the largest logit; among equal ones the lowest index. A NaN counts as the largest value.
/// `None` for no logits.
///
/// # Reference
/// `torch.argmax`, on ties and on NaN.
///
/// ```
/// use brasa_train::metrics::argmax;
///
/// assert_eq!(argmax(&[1.0, 3.0, 3.0]), Some(1));
/// assert_eq!(argmax(&[1.0, f32::NAN, 3.0]), Some(1));
/// ```
pub fn argmax(logits: &[f32]) -> Option<u32> {
    let mut best: Option<(u32, f32)> = None;
    for (class, &logit) in (0u32..).zip(logits) {
        if best.is_none_or(|(_, largest)| compare(logit, largest) == Ordering::Greater) {
            best = Some((class, logit));
        }
    }
    best.map(|(class, _)| class)
}

/// How many classes rank before `target`: 0 where it is the [`argmax`]. The target is among the top k where its
/// rank is below k. `None` where `target` is not a class.
///
/// Among equal logits the lowest index ranks first, so that top-1 accuracy is accuracy.
/// (`sklearn.metrics.top_k_accuracy_score` ranks the highest index first; without ties both agree.)
pub fn target_rank(logits: &[f32], target: u32) -> Option<usize> {
    let logit = *logits.get(target as usize)?;
    let before = (0u32..).zip(logits).filter(|&(class, &other)| match compare(other, logit) {
        Ordering::Greater => true,
        Ordering::Equal => class < target,
        Ordering::Less => false,
    });
    Some(before.count())
}

/// The order of floats with every NaN equal and above infinity.
fn compare(left: f32, right: f32) -> Ordering {
    left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
}
