//! Which of the earlier trials are good.

use crate::metric::by_loss;
use crate::sampler::Outcome;

/// The number of good trials among so many with a result.
fn good(results: usize) -> usize {
    results.div_ceil(10).min(25)
}

/// Which side of the estimate a trial is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Among the best tenth, 25 at most.
    Below,
    /// Among the others, which include those that still run: nothing is to be tried again beside them.
    Above,
    /// Failed: it says nothing of its values.
    Neither,
}

/// Splits the trials; answers the number of results, too.
///
/// Complete trials rank before others, those by the epochs that they have seen, and then by loss, as in Optuna.
pub(super) fn split(outcomes: impl Iterator<Item = Outcome>) -> (Vec<Side>, usize) {
    let mut sides = Vec::new();
    let mut ranked = Vec::new();
    for (trial, outcome) in outcomes.enumerate() {
        sides.push(if outcome == Outcome::Failed { Side::Neither } else { Side::Above });
        match outcome {
            Outcome::Running | Outcome::Failed => {}
            Outcome::Diverged => ranked.push((0, f64::INFINITY, trial)),
            Outcome::Result { complete: true, loss, .. } => ranked.push((usize::MAX, loss, trial)),
            Outcome::Result { epoch, loss, .. } => ranked.push((epoch, loss, trial)),
        }
    }
    ranked.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| by_loss((a.1, a.2), (b.1, b.2))));
    for (_, _, trial) in ranked.iter().take(good(ranked.len())) {
        if let Some(side) = sides.get_mut(*trial) {
            *side = Side::Below;
        }
    }
    (sides, ranked.len())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_best_tenth_is_good() {
        assert_eq!([0, 1, 10, 11, 240, 1000].map(good), [0, 1, 1, 2, 24, 25]);
        let result = |epoch, complete, loss| Outcome::Result { epoch, complete, loss };
        let mut outcomes = vec![Outcome::Diverged; 8];
        outcomes.extend([Outcome::Failed, Outcome::Running, result(3, false, 0.1), result(9, true, 0.5)]);
        outcomes.extend([result(4, false, 0.9)]);
        let (sides, results) = split(outcomes.into_iter());
        assert_eq!(results, 11);
        assert_eq!(sides[8..], [Side::Neither, Side::Above, Side::Above, Side::Below, Side::Below]);
    }
}
