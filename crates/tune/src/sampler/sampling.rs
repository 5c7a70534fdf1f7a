use super::{Outcome, Request, Sampler, SamplerConfig};
use crate::error::require;
use crate::space::Domain;
use crate::{SettingError, Space, Values};

/// The values of a study's trials, one after another: a sampler, and the combinations of the space's `grid` keys.
#[derive(Debug)]
pub struct Sampling {
    space: Space,
    sampler: Box<dyn Sampler>,
    /// The space's `grid` keys, where another sampler draws the rest.
    grid: Option<Space>,
    combinations: usize,
    /// Values of the trials of the current draw.
    siblings: Vec<Values>,
    trials: usize,
}

impl Sampling {
    /// Checks that the sampler can draw from this space.
    pub fn new(space: &Space, config: &SamplerConfig, seed: u64) -> Result<Self, SettingError> {
        config.check(space)?;
        let mut grid = None;
        if *config != SamplerConfig::Grid {
            let is_grid = |key: &str| {
                space.dimension(key).is_some_and(|dimension| matches!(dimension.domain, Domain::Grid(_)))
            };
            let dimensions: Vec<_> =
                space.dimensions().iter().filter(|dimension| is_grid(&dimension.key)).cloned().collect();
            for dimension in &dimensions {
                let parent =
                    dimension.when.as_ref().map(|when| when.key.as_str()).filter(|key| !is_grid(key));
                require(parent.is_none(), &dimension.key, || {
                    format!(
                        "a `grid` that depends on `{}` needs it to be a `grid`, too",
                        parent.unwrap_or_default()
                    )
                })?;
            }
            if !dimensions.is_empty() {
                grid = Some(Space::new(dimensions)?);
            }
        }
        let combinations = grid.as_ref().and_then(Space::size).unwrap_or(1).try_into().unwrap_or(usize::MAX);
        Ok(Self {
            space: space.clone(),
            sampler: config.build(space, seed),
            grid,
            combinations,
            siblings: Vec::new(),
            trials: 0,
        })
    }

    /// Number of combinations that are tried for each draw: 1 without `grid` keys.
    #[must_use]
    pub fn combinations(&self) -> usize {
        self.combinations
    }

    /// Whether the values of the next trial can be told now.
    #[must_use]
    pub fn is_ready(&self, outcomes: &[Outcome]) -> bool {
        self.sampler.is_ready(self.trials, outcomes)
    }

    /// The values of the next trial. It counts as drawn when it is [recorded](Self::record).
    pub fn draw(&mut self, outcomes: &[Outcome]) -> Values {
        let (trial, combination) = (self.trials, self.trials % self.combinations);
        let mut fixed = Values::new();
        if let Some(grid) = &self.grid {
            fixed = grid.combination(combination as u64);
            if combination > 0 {
                // What the other trials of this draw have drawn is drawn for this one, too.
                let drawn = self.siblings.iter().flatten().filter(|(key, _)| grid.dimension(key).is_none());
                let drawn: Vec<_> = drawn.map(|(key, value)| (key.clone(), value.clone())).collect();
                fixed.extend(drawn);
            }
        }
        let mut values =
            self.sampler.draw(Request { trial, draw: trial / self.combinations, fixed, outcomes });
        // Other trials of this draw may have had a value where this one has none.
        for dimension in self.space.dimensions() {
            if !dimension.is_active(&values) {
                values.remove(&dimension.key);
            }
        }
        values
    }

    /// Takes note of the next trial's values.
    pub fn record(&mut self, values: &Values) {
        self.sampler.record(self.trials, values);
        if self.combinations > 1 {
            if self.trials.is_multiple_of(self.combinations) {
                self.siblings.clear();
            }
            self.siblings.push(values.clone());
        }
        self.trials += 1;
    }
}
