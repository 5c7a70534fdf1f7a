use super::{Request, Sampler};
use crate::{Space, Values};

/// Every combination of a space without continuous ranges, in order: the last key changes fastest.
#[derive(Debug)]
pub struct Grid {
    space: Space,
}

impl Grid {
    /// Over the whole of a space.
    #[must_use]
    pub fn new(space: Space) -> Self {
        Self { space }
    }
}

impl Sampler for Grid {
    fn draw(&mut self, request: Request<'_>) -> Values {
        self.space.combination(request.draw as u64)
    }
}
