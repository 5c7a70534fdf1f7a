//! `short-cut CHANNELS`.

use std::fmt;

use burn::module::Module;
use burn::tensor::ops::PadMode;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape};
use super::super::words::{Words, count};
use crate::Result;
use crate::init::Initializer;
use crate::onnx::{Emitter, Node};

/// `short-cut CHANNELS [stride=1]`: every `stride`-th pixel of every map, between maps of zeros: the short cut without weights of
/// [He et al. 2016](https://arxiv.org/abs/1512.03385), option A.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortCutSpec {
    /// Maps behind it, at least as many as before it.
    pub channels: usize,
    /// Pixels from one that is kept to the next.
    pub stride: usize,
}

/// What runs.
#[derive(Module, Debug)]
pub(crate) struct Subsample {
    #[module(skip)]
    channels: usize,
    #[module(skip)]
    stride: usize,
}

impl LayerKind for ShortCutSpec {
    type Module = Subsample;

    const NAMES: &'static [&'static str] = &["short-cut"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(1, &["stride"])?;
        let channels = words.value(0, "the number of maps, like `short-cut 32 stride=2`", count)?;
        Ok(Self { channels, stride: words.count("stride")? })
    }

    fn build(&self, _: Shape, _: &mut Initializer<'_>) -> Result<Subsample> {
        Ok(Subsample { channels: self.channels, stride: self.stride })
    }
}

impl fmt::Display for ShortCutSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "short-cut {}", self.channels)?;
        if self.stride != 1 {
            write!(f, " stride={}", self.stride)?;
        }
        Ok(())
    }
}

impl Described for ShortCutSpec {
    fn role(&self) -> Role {
        Role::Other
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        let [depth, height, width] = before.maps()?;
        let out = |side: usize| side.div_ceil(self.stride);
        match depth <= self.channels {
            true => Ok(Shape::Maps([self.channels, out(height), out(width)])),
            false => Err(Misfit::new(format!("at most {} maps", self.channels))),
        }
    }

    fn cost(&self, _: Shape, _: Shape) -> Cost {
        Cost::default()
    }
}

impl Run for Subsample {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        flow.maps(|maps| {
            let [_, depth, height, width] = maps.dims();
            let step = self.stride as isize;
            let maps = match self.stride {
                1 => maps,
                _ => maps.slice(burn::tensor::s![.., .., 0..height;step, 0..width;step]),
            };
            let more = self.channels.saturating_sub(depth);
            match more {
                0 => maps,
                _ => maps.pad([(more / 2, more - more / 2), (0, 0), (0, 0)], PadMode::Constant(0.0)),
            }
        })
    }

    fn emit(&self, emitter: &mut Emitter<'_>, node: Node) -> Result<Node> {
        let Node::Maps(mut maps, [depth, height, width]) = node else { return Ok(node) };
        if self.stride > 1 {
            let step = self.stride as i64;
            let (from, to) = (emitter.whole(&[0, 0]), emitter.whole(&[height as i64, width as i64]));
            let (axes, steps) = (emitter.whole(&[2, 3]), emitter.whole(&[step, step]));
            maps = emitter.node("Slice", &[&maps, &from, &to, &axes, &steps], []);
        }
        let more = self.channels.saturating_sub(depth);
        if more > 0 {
            let (before, behind) = ((more / 2) as i64, (more - more / 2) as i64);
            let zeros = emitter.whole(&[0, before, 0, 0, 0, behind, 0, 0]);
            maps = emitter.node("Pad", &[&maps, &zeros], []);
        }
        let out = |side: usize| side.div_ceil(self.stride);
        Ok(Node::Maps(maps, [self.channels.max(depth), out(height), out(width)]))
    }
}
