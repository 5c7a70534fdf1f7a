//! `attention HEADS`.

use std::fmt;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{MOST_NUMBERS, Misfit, Shape};
use super::super::words::{Words, count};
use crate::Result;
use crate::init::Initializer;
use crate::layers::{Attention, AttentionConfig};
use crate::onnx::{Emitter, Node};

/// `attention HEADS`: each pixel, or token, the mean of all, weighted by how well they go together, in `HEADS` parts of the
/// channels ([Vaswani et al. 2017](https://arxiv.org/abs/1706.03762)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionSpec {
    /// Parts of the channels, which they divide.
    pub heads: usize,
}

impl LayerKind for AttentionSpec {
    type Module = Attention;

    const NAMES: &'static [&'static str] = &["attention"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(1, &[])?;
        words.value(0, "the number of heads, like `attention 4`", count).map(|heads| Self { heads })
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<Attention> {
        AttentionConfig::new(before.depth(), self.heads).init_with(initializer)
    }
}

impl fmt::Display for AttentionSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "attention {}", self.heads)
    }
}

impl Described for AttentionSpec {
    fn role(&self) -> Role {
        Role::Computes
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        let [depth, ..] = before.maps()?;
        let tokens = before.places();
        let scores = tokens.checked_mul(tokens).and_then(|pairs| pairs.checked_mul(self.heads));
        if scores.is_none_or(|scores| scores > MOST_NUMBERS) {
            let expected = format!("at most {MOST_NUMBERS} pairs of tokens over all heads");
            return Err(Misfit::new(expected).found(format!("{tokens} tokens in {} heads", self.heads)));
        }
        match depth.is_multiple_of(self.heads) {
            true => Ok(before),
            false => Err(Misfit::new(format!("channels that {} heads divide", self.heads))),
        }
    }

    fn cost(&self, before: Shape, _: Shape) -> Cost {
        let (depth, tokens) = (before.depth(), before.places());
        Cost {
            parameters: (depth + 1).saturating_mul(4 * depth),
            flops: Attention::flops(depth, self.heads, tokens),
            size: None,
        }
    }

    fn weights(&self, before: Shape) -> f64 {
        4.0 * (before.depth() as f64).powi(2)
    }
}

impl Run for Attention {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        flow.maps(|maps| self.forward(maps))
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        match node {
            Node::Maps(maps, sides) => Ok(Node::Maps(self.emit(emitter, &maps, sides)?, sides)),
            flat => Ok(flat),
        }
    }
}
