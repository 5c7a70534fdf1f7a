//! Which epochs of a training are told where no bar can move: in a log, a pipe or a file.

use brasa_train::EpochRecord;

/// Lines at most, beside those of the first, the last and the best epoch.
const LINES: usize = 20;

/// Chooses epochs as they come: the first, every twentieth part, and at the end the last and the best one.
#[derive(Debug, Default)]
pub(crate) struct Milestones {
    epochs: usize,
    last: Option<EpochRecord>,
    best: Option<EpochRecord>,
    told: Vec<usize>,
}

impl Milestones {
    pub(crate) fn new(epochs: usize) -> Self {
        Self { epochs, ..Self::default() }
    }

    /// Whether to tell this epoch now.
    pub(crate) fn tells(&mut self, record: &EpochRecord) -> bool {
        let part = |epoch: usize| epoch * LINES / self.epochs.max(1);
        let epoch = record.epoch;
        let tells = epoch == 1 || part(epoch) > part(epoch.saturating_sub(1));
        if tells {
            self.told.push(epoch);
        }
        self.last = Some(record.clone());
        if record.improved {
            self.best = Some(record.clone());
        }
        tells
    }

    /// What is still to be told when the training has ended, in the order of the epochs.
    pub(crate) fn rest(self) -> Vec<EpochRecord> {
        let mut rest: Vec<EpochRecord> = self.best.into_iter().chain(self.last).collect();
        rest.dedup_by_key(|record| record.epoch);
        rest.retain(|record| !self.told.contains(&record.epoch));
        rest
    }
}

#[cfg(test)]
mod tests {
    use brasa_train::EpochScores;

    use super::*;

    fn told(epochs: usize, run: usize, best: usize) -> (Vec<usize>, Vec<usize>) {
        let mut milestones = Milestones::new(epochs);
        let scores = EpochScores { loss: 1.0, accuracy: 0.5, f1_macro: 0.5 };
        let record = |epoch: usize| EpochRecord {
            epoch,
            lr: 0.1,
            train_seconds: 0.0,
            valid_seconds: 0.0,
            train: scores,
            valid: scores,
            improved: epoch <= best,
        };
        let on_the_way = (1..=run).filter(|&epoch| milestones.tells(&record(epoch))).collect();
        (on_the_way, milestones.rest().iter().map(|record| record.epoch).collect())
    }

    #[test]
    fn a_long_training_is_told_in_some_twenty_lines() {
        let (on_the_way, rest) = told(300, 300, 137);
        assert_eq!(on_the_way.len(), 21);
        assert_eq!((on_the_way.first(), on_the_way.last()), (Some(&1), Some(&300)));
        assert_eq!(rest, [137]);
    }

    #[test]
    fn a_short_one_is_told_epoch_by_epoch() {
        assert_eq!(told(4, 4, 2), (vec![1, 2, 3, 4], vec![]));
        assert_eq!(told(20, 20, 20).0.len(), 20);
    }

    #[test]
    fn one_that_stops_early_is_told_to_its_end() {
        assert_eq!(told(1000, 73, 61), (vec![1, 50], vec![61, 73]));
        assert_eq!(told(1000, 73, 73).1, [73]);
        assert_eq!(told(1000, 0, 0), (vec![], vec![]));
    }
}
