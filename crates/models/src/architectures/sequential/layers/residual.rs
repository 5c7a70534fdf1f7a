//! `residual CHANNELS`.

use std::fmt;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape, size_words};
use super::super::words::{Words, count};
use crate::Result;
use crate::init::Initializer;
use crate::layers::{Residual, ResidualConfig};
use crate::onnx::{Emitter, Node};

/// `residual CHANNELS [stride=1] [squeeze=0]`: two 3x3 convolutions with batch norm beside a short cut
/// ([He et al. 2016](https://arxiv.org/abs/1512.03385)), the channels weighted by their means where `squeeze` is
/// not 0 ([Hu et al. 2018](https://arxiv.org/abs/1709.01507)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResidualSpec {
    /// Maps that it makes.
    pub channels: usize,
    /// Stride of its first convolution.
    pub stride: usize,
    /// How many times narrower the weighting's hidden layer is than `channels`; 0 for no weighting.
    pub squeeze: usize,
}

impl LayerKind for ResidualSpec {
    type Module = Residual;

    const NAMES: &'static [&'static str] = &["residual"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(1, &["stride", "squeeze"])?;
        Ok(Self {
            channels: words.value(0, "the number of maps, like `residual 64`", count)?,
            stride: words.count("stride")?,
            squeeze: words.option("squeeze", 0, "a number", |word| word.parse().ok())?,
        })
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<Residual> {
        let block = ResidualConfig::new([before.depth(), self.channels]).with_stride(self.stride);
        match self.squeeze {
            0 => block.init_with(initializer),
            reduction => block.with_squeeze(reduction).init_with(initializer),
        }
    }
}

impl fmt::Display for ResidualSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channels, stride, squeeze } = self;
        write!(f, "residual {channels}")?;
        if *stride != 1 {
            write!(f, " stride={stride}")?;
        }
        if *squeeze != 0 {
            write!(f, " squeeze={squeeze}")?;
        }
        Ok(())
    }
}

impl Described for ResidualSpec {
    fn role(&self) -> Role {
        Role::Computes
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        let [_, height, width] = before.maps()?;
        if self.squeeze > self.channels {
            return Err(Misfit::new(format!("squeeze of at most {}", self.channels)));
        }
        let out = |side: usize| side.div_ceil(self.stride);
        Ok(Shape::Maps([self.channels, out(height), out(width)]))
    }

    fn cost(&self, before: Shape, after: Shape) -> Cost {
        let Self { channels, stride, squeeze } = *self;
        let depth = before.depth();
        let short_cut = if depth != channels || stride != 1 { 1 } else { 0 };
        let kernels = channels * (9 * depth + 9 * channels + short_cut * depth);
        let norms = 2 * channels * (2 + short_cut);
        let narrow = channels.checked_div(squeeze).unwrap_or(0);
        let weighting = if narrow > 0 { 2 * channels * narrow + channels + narrow } else { 0 };
        Cost {
            parameters: kernels + norms + weighting,
            flops: (2 * kernels + 4 * channels) * after.places() + 2 * weighting,
            size: size_words(before, after, [3, 3], [stride; 2], [1, 1]),
        }
    }

    fn weights(&self, before: Shape) -> f64 {
        9.0 * self.channels as f64 * (before.depth() as f64 + self.channels as f64)
    }

    fn torch_names(&self) -> &'static [(&'static str, &'static str)] {
        &[("downsample.conv", "downsample.0"), ("downsample.norm", "downsample.1"), ("", "")]
    }

    fn min_batch(&self, _: Shape, after: Shape) -> usize {
        if after.places() > 1 { 1 } else { 2 }
    }
}

impl Run for Residual {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        flow.maps(|maps| self.forward(maps))
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        match node {
            Node::Maps(maps, sides) => {
                let (maps, sides) = self.emit(emitter, &maps, sides)?;
                Ok(Node::Maps(maps, sides))
            }
            flat => Ok(flat),
        }
    }
}
