//! `group-norm GROUPS`.

use std::fmt;

use brasa_onnx::Attribute;
use burn::nn::{GroupNorm, GroupNormConfig};

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::{Words, count};
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};
use crate::{Result, read_back};

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

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let (value, back, depth) = match &node {
            Node::Maps(maps, sides) => (maps.clone(), sides.to_vec(), sides[0]),
            Node::Flat(rows, width) => (rows.clone(), vec![*width], *width),
        };
        let groups = self.num_groups;
        let grouped = emitter.reshape(&value, &[0, groups as i64, -1]);
        let ones = emitter.numbers("ones", &[groups], vec![1.0; groups]);
        let zeros = emitter.numbers("zeros", &[groups], vec![0.0; groups]);
        let epsilon = ("epsilon", Attribute::Float(self.epsilon as f32));
        let normed = emitter.node("InstanceNormalization", &[&grouped, &ones, &zeros], [epsilon]);
        let shape: Vec<i64> = [0].into_iter().chain(back.iter().map(|&side| side as i64)).collect();
        let mut value = emitter.reshape(&normed, &shape);
        let mut over = vec![1; back.len()];
        if let Some(first) = over.first_mut() {
            *first = depth;
        }
        for (name, operator, numbers) in [("weight", "Mul", &self.gamma), ("bias", "Add", &self.beta)] {
            let Some(numbers) = numbers else { continue };
            let numbers = read_back(numbers.val(), "the weights")?;
            let numbers = emitter.numbers(name, &over, numbers);
            value = emitter.node(operator, &[&value, &numbers], []);
        }
        Ok(node.with(value))
    }
}
