use super::{Request, Sampler};
use crate::stream::{self, purpose};
use crate::{Space, Values};

/// Independent draws. The value of a key depends on the seed, the number of the draw and the key's name alone, so that
/// another key in the space changes nothing.
#[derive(Debug)]
pub struct Random {
    space: Space,
    seed: u64,
}

impl Random {
    /// Draws by the study's seed.
    #[must_use]
    pub fn new(space: Space, seed: u64) -> Self {
        Self { space, seed }
    }
}

impl Sampler for Random {
    fn draw(&mut self, request: Request<'_>) -> Values {
        let seed = self.seed;
        fill(&self.space, request.fixed, |_, key| unit(seed, request.draw, key))
    }
}

/// The draw of one key.
pub(super) fn unit(seed: u64, draw: usize, key: &str) -> f64 {
    stream::uniform(&mut stream::rng(seed, &[purpose::UNIFORM, draw as u64, stream::name(key)]))
}

/// Gives each key that has a value and none yet the one at `unit(position, key)`.
pub(super) fn fill(space: &Space, mut values: Values, mut unit: impl FnMut(usize, &str) -> f64) -> Values {
    for (position, dimension) in space.dimensions().iter().enumerate() {
        if dimension.is_active(&values) && !values.contains_key(&dimension.key) {
            let value = dimension.domain.at(unit(position, &dimension.key));
            values.insert(dimension.key.clone(), value);
        }
    }
    values
}
