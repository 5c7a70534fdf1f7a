//! The tree-structured Parzen estimator, multivariate, as in Optuna 5: see [`Tpe`].

mod config;
mod evaluate;
mod group;
mod mixture;
mod sample;
mod split;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

pub use config::TpeConfig;
use group::Group;
use mixture::Mixture;
use split::{Side, split};

use super::random::{fill, unit};
use super::{Outcome, Request, Sampler};
use crate::space::Shape;
use crate::stream::{self, purpose};
use crate::{Space, Values};

/// The tree-structured Parzen estimator (Bergstra et al., 2011; multivariate: Falkner et al., 2018): a density is laid over the
/// values of the best tenth of the trials, another over those of the rest, and of some draws from the first the one is tried at
/// which their ratio is greatest.
///
/// Keys with the same condition are drawn together. Trials that still run count among the rest (the constant liar). The settings are
/// those of Optuna 5, beside [`TpeConfig::parallel`].
#[derive(Debug)]
pub struct Tpe {
    space: Space,
    seed: u64,
    config: TpeConfig,
    groups: Vec<(Group, [Mixture; 2])>,
}

impl Tpe {
    /// Draws by the study's seed.
    #[must_use]
    pub fn new(space: Space, seed: u64, config: TpeConfig) -> Self {
        let groups = Group::all(&space).into_iter().map(|group| (group, Default::default())).collect();
        Self { space, seed, config, groups }
    }

    /// Up to which trial results are looked at.
    fn horizon(&self, trial: usize) -> usize {
        if self.config.asynchronous { trial } else { (trial + 1).saturating_sub(self.config.parallel) }
    }

    /// Whether there are results enough. Those that are on their way count: were they waited for, the trials meanwhile
    /// would be drawn by chance.
    fn has_started(&self, results: usize) -> bool {
        let on_their_way = if self.config.asynchronous { 0 } else { self.config.parallel - 1 };
        results > 0 && results + on_their_way >= self.config.startup
    }
}

impl Sampler for Tpe {
    fn is_ready(&self, trial: usize, outcomes: &[Outcome]) -> bool {
        self.config.asynchronous
            || outcomes.iter().take(self.horizon(trial)).all(|outcome| *outcome != Outcome::Running)
    }

    fn draw(&mut self, request: Request<'_>) -> Values {
        let Request { trial, draw, mut fixed, outcomes } = request;
        let horizon = self.horizon(trial);
        let seen = outcomes.iter().take(trial).enumerate();
        let (sides, results) =
            split(seen.map(|(before, outcome)| if before < horizon { *outcome } else { Outcome::Running }));
        if self.has_started(results) {
            let mut rng = stream::rng(self.seed, &[purpose::CANDIDATES, trial as u64]);
            for (group, [below, above]) in &mut self.groups {
                if !group.is_wanted(&fixed) {
                    continue;
                }
                let sides = &sides;
                let on = |side| {
                    group.members.iter().map(move |&member| sides.get(member).is_some_and(|is| *is == side))
                };
                below.fit(group, on(Side::Below));
                above.fit(group, on(Side::Above));
                let points: Vec<Vec<f64>> =
                    (0..self.config.candidates).map(|_| below.sample(group, &mut rng)).collect();
                let good = below.log_density(group, &points);
                let rest = above.log_density(group, &points);
                let ratios = good.iter().zip(&rest).map(|(good, rest)| good - rest);
                let Some(best) = first_greatest(ratios).and_then(|best| points.get(best)) else { continue };
                for ((dimension, column), unit) in group.dimensions.iter().zip(&group.columns).zip(best) {
                    let value = match column.shape {
                        Shape::Category(_) => dimension.domain.nth(*unit as usize),
                        _ => dimension.domain.at(*unit),
                    };
                    fixed.insert(dimension.key.clone(), value);
                }
            }
        }
        fill(&self.space, fixed, |_, key| unit(self.seed, draw, key))
    }

    fn record(&mut self, trial: usize, values: &Values) {
        for (group, _) in &mut self.groups {
            group.record(trial, values);
        }
    }
}

fn first_greatest(ratios: impl Iterator<Item = f64>) -> Option<usize> {
    let best = ratios.enumerate().fold(None, |best: Option<(usize, f64)>, (index, ratio)| match best {
        Some((_, greatest)) if ratio <= greatest || ratio.is_nan() => best,
        _ => Some((index, ratio)),
    });
    best.map(|(index, _)| index)
}
