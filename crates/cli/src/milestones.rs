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

    /// What is still to be told when the training has ended: the last epoch, and the best one.
    pub(crate) fn rest(self) -> (Option<EpochRecord>, Option<EpochRecord>) {
        let told = self.told;
        let last = self.last.filter(|record| !told.contains(&record.epoch));
        let is_last = |record: &EpochRecord| last.as_ref().is_some_and(|last| last.epoch == record.epoch);
        let best = self.best.filter(|record| !told.contains(&record.epoch) && !is_last(record));
        (last, best)
    }
}

#[cfg(test)]
mod tests {
    use brasa_train::metrics::Figures;

    use super::*;

    fn told(epochs: usize, run: usize, best: usize) -> (Vec<usize>, [Option<usize>; 2]) {
        let mut milestones = Milestones::new(epochs);
        let scores: Figures = [("loss", 1.0), ("accuracy", 0.5), ("f1_macro", 0.5)].into_iter().collect();
        let record = |epoch: usize| EpochRecord {
            epoch,
            lr: 0.1,
            train_seconds: 0.0,
            valid_seconds: 0.0,
            train: scores.clone(),
            valid: scores.clone(),
            improved: epoch <= best,
        };
        let on_the_way = (1..=run).filter(|&epoch| milestones.tells(&record(epoch))).collect();
        let (last, best) = milestones.rest();
        (on_the_way, [last, best].map(|record| record.map(|record| record.epoch)))
    }

    #[test]
    fn a_long_training_is_told_in_some_twenty_lines() {
        let (on_the_way, rest) = told(300, 300, 137);
        assert_eq!(on_the_way.len(), 21);
        assert_eq!((on_the_way.first(), on_the_way.last()), (Some(&1), Some(&300)));
        assert_eq!(rest, [None, Some(137)]);
    }

    #[test]
    fn a_short_one_is_told_epoch_by_epoch() {
        assert_eq!(told(4, 4, 2), (vec![1, 2, 3, 4], [None, None]));
        assert_eq!(told(20, 20, 20).0.len(), 20);
    }

    #[test]
    fn one_that_stops_early_is_told_to_its_end() {
        assert_eq!(told(1000, 73, 61), (vec![1, 50], [Some(73), Some(61)]));
        assert_eq!(told(1000, 73, 73).1, [Some(73), None]);
        assert_eq!(told(1000, 0, 0), (vec![], [None, None]));
    }
}
