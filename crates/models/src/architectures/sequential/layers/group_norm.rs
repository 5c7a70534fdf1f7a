//! `group-norm GROUPS`.

use std::fmt;

use burn::nn::{GroupNorm, GroupNormConfig};

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::{Words, count};
use crate::Result;
use crate::init::Initializer;

/// `group-norm GROUPS`: the channels of each group to mean 0 and deviation 1 within each sample, whatever the batch
/// ([Wu and He 2018](https://arxiv.org/abs/1803.08494)); one group is layer norm, as many as channels instance norm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupNormSpec {
    /// Groups of channels, which divide them.
    pub groups: usize,
}

impl LayerKind for GroupNormSpec {
    type Module = GroupNorm;

    const NAMES: &'static [&'static str] = &["group-norm"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(1, &[])?;
        words.value(0, "the number of groups, like `group-norm 8`", count).map(|groups| Self { groups })
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<GroupNorm> {
        Ok(GroupNormConfig::new(self.groups, before.depth()).init(initializer.device()))
    }
}

impl fmt::Display for GroupNormSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "group-norm {}", self.groups)
    }
}

impl Described for GroupNormSpec {
    fn role(&self) -> Role {
        Role::Follows
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        match before.depth().is_multiple_of(self.groups) {
            true => Ok(before),
            false => Err(Misfit::new(format!("channels that {} groups divide", self.groups))),
        }
    }

    fn cost(&self, before: Shape, _: Shape) -> Cost {
        // Two sums for the statistics, then a difference, two products and a sum for each number.
        Cost { parameters: 2 * before.depth(), flops: 7 * before.len(), size: None }
    }
}

impl Run for GroupNorm {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        match flow {
            Flow::Maps(maps) => Flow::Maps(self.forward(maps)),
            Flow::Flat(rows) => Flow::Flat(self.forward(rows)),
        }
    }
}
