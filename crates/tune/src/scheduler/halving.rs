use super::bracket::Bracket;
use super::rung::epochs;
use super::{HalvingConfig, Promotion, RungView, Scheduler, Verdict};

/// Synchronous successive halving, and Hyperband (Li et al., 2018), which does it with several first budgets.
///
/// Results do not depend on which trial ends first. Workers may be idle where few trials are left in a rung; a new bracket
/// starts meanwhile unless the sampler would learn from results that are still missing.
#[derive(Debug)]
pub struct Halving {
    /// Of each bracket of a cycle how many trials it has (all that there are, where none) and its epochs.
    cycle: Vec<(Option<usize>, Vec<usize>)>,
    factor: f64,
    /// Whether a bracket waits until the one before is over.
    waits: bool,
    brackets: Vec<Bracket>,
    /// Trials of the whole study.
    total: usize,
    started: usize,
}

impl Halving {
    /// All trials in one bracket; trials that are added later are in another.
    #[must_use]
    pub fn new(config: &HalvingConfig, max_epochs: usize, trials: usize, learns: bool) -> Self {
        let cycle = vec![(None, ladder(config, max_epochs, 0))];
        Self::with_cycle(cycle, config, trials, learns)
    }

    /// Brackets that leave out none, one, two, ... of the first rungs, from the one with all of them, again and again.
    #[must_use]
    pub fn hyperband(config: &HalvingConfig, max_epochs: usize, trials: usize, learns: bool) -> Self {
        let brackets = ladder(config, max_epochs, 0).len();
        let cycle = (0..brackets)
            .map(|skipped| {
                let halvings = brackets - 1 - skipped;
                let share = brackets as f64 / (halvings + 1) as f64;
                let size = (share * config.reduction_factor.powi(halvings as i32)).ceil() as usize;
                (Some(size), ladder(config, max_epochs, skipped))
            })
            .collect();
        Self::with_cycle(cycle, config, trials, learns)
    }

    fn with_cycle(
        cycle: Vec<(Option<usize>, Vec<usize>)>,
        config: &HalvingConfig,
        trials: usize,
        learns: bool,
    ) -> Self {
        let factor = config.reduction_factor;
        Self { cycle, factor, waits: learns, brackets: Vec::new(), total: trials, started: 0 }
    }

    /// Trials that the brackets have room for.
    fn room(&self) -> usize {
        self.brackets.iter().map(Bracket::trials).sum()
    }

    fn owner(&mut self, trial: usize) -> Option<&mut Bracket> {
        self.brackets.iter_mut().find(|bracket| bracket.owns(trial))
    }
}

fn ladder(config: &HalvingConfig, max_epochs: usize, skipped: usize) -> Vec<usize> {
    let mut epochs = epochs(config.grace_period, config.reduction_factor, max_epochs, 0);
    epochs.push(max_epochs);
    epochs.split_off(skipped.min(epochs.len() - 1))
}

impl Scheduler for Halving {
    fn admits(&self) -> bool {
        let full = self.started == self.room();
        !(full && self.waits) || self.brackets.last().is_none_or(Bracket::is_over)
    }

    fn start(&mut self, trial: usize) -> usize {
        if self.started == self.room()
            && let Some((size, epochs)) = self.cycle.get(self.brackets.len() % self.cycle.len().max(1))
        {
            let left = self.total.saturating_sub(self.started).max(1);
            let size = size.unwrap_or(left).min(left);
            self.brackets.push(Bracket::new(size, epochs.clone(), self.factor));
        }
        self.started += 1;
        self.brackets.last_mut().map_or(1, |bracket| bracket.start(trial))
    }

    fn report(&mut self, trial: usize, epoch: usize, loss: f64) -> Verdict {
        self.owner(trial).map_or(Verdict::Stop, |bracket| bracket.report(trial, epoch, loss))
    }

    fn end(&mut self, trial: usize, loss: Option<f64>) {
        if let Some(bracket) = self.owner(trial) {
            bracket.end(trial, loss);
        }
    }

    fn promotion(&self) -> Option<Promotion> {
        self.brackets.iter().find_map(Bracket::promotion)
    }

    fn promote(&mut self, trial: usize) {
        if let Some(bracket) = self.owner(trial) {
            bracket.promote(trial);
        }
    }

    fn may_go_on(&self, trial: usize, _to_come: usize) -> bool {
        self.brackets.iter().any(|bracket| bracket.may_go_on(trial))
    }

    fn set_total(&mut self, trials: usize) {
        self.total = trials;
    }

    fn rungs(&self) -> Vec<RungView> {
        self.brackets.iter().enumerate().flat_map(|(number, bracket)| bracket.rungs(number)).collect()
    }
}
