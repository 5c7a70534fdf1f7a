//! A network as a picture: boxes of layers that belong together, branches side by side, equal blocks drawn once.

mod fold;
mod mermaid;
mod rows;
mod svg;
mod words;

use crate::NetworkConfig;

pub(crate) use fold::{Atom, assemble};

/// A network as boxes, from its input to its output: what [`NetworkConfig::diagram`] makes. It is written as SVG by
/// [`to_svg`](Self::to_svg), as a flowchart in text by [`to_mermaid`](Self::to_mermaid).
///
/// ```
/// use brasa_models::{NetworkConfig, SequentialConfig};
///
/// let layers = ["conv 8 3x3", "batch-norm", "relu", "global-avg-pool"];
/// let layers = layers.iter().map(|layer| layer.parse()).collect::<Result<_, _>>()?;
/// let network = NetworkConfig::Sequential(SequentialConfig { layers, ..SequentialConfig::new(vec![1, 28, 28], 10) });
/// let diagram = network.diagram()?;
/// assert_eq!(diagram.parts.len(), 2, "the convolution with what follows it, and the mean");
/// assert!(diagram.to_svg("digits").starts_with("<svg"));
/// assert!(diagram.to_mermaid("digits").contains("conv 8 3x3"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagram {
    /// Shape of one sample at the input.
    pub input: Vec<usize>,
    /// What a sample goes through, first to last.
    pub parts: Vec<Part>,
    /// The last box, with the layer that makes the outputs where there is one.
    pub output: Block,
    /// Trained numbers of the network.
    pub parameters: usize,
    /// Floating-point operations for one sample in inference.
    pub flops: usize,
}

/// A piece of a [`Diagram`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// One box.
    Block(Block),
    /// Branches over the same input, and what joins them.
    Fork(Fork),
    /// Parts that are there several times.
    Repeat(Repeat),
}

/// One box: a layer, and those behind it that belong to it, such as its norm and its activation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The layers, first to last.
    pub words: Vec<Word>,
    /// Shape of one sample after the last of them.
    pub output: Vec<usize>,
    /// Trained numbers of all of them.
    pub parameters: usize,
    /// Floating-point operations of all of them.
    pub flops: usize,
}

/// One layer of a [`Block`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The layer as a recipe has it, without its name; or its row in the summary.
    pub text: String,
    /// Whether it does nothing but in training, as dropout: blocks that differ in such layers alone are equal.
    pub idle: bool,
}

/// Branches over the same input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// The parts of each branch; one without parts hands its input on.
    pub branches: Vec<Vec<Part>>,
    /// What makes one of their ends, `add` or `concat`, with the layers that follow it.
    pub join: Block,
}

/// Parts that are there several times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// How often.
    pub times: usize,
    /// Whether side by side, over the same input, and not one behind the other.
    pub beside: bool,
    /// The parts of one of them. Where layers of [`Word::idle`] differ, they say from what to what.
    pub parts: Vec<Part>,
}

impl Part {
    /// Trained numbers of all that it stands for.
    pub fn parameters(&self) -> usize {
        let sum =
            |parts: &[Part]| parts.iter().fold(0_usize, |sum, part| sum.saturating_add(part.parameters()));
        match self {
            Self::Block(block) => block.parameters,
            Self::Fork(Fork { branches, join }) => {
                branches.iter().fold(join.parameters, |total, branch| total.saturating_add(sum(branch)))
            }
            Self::Repeat(Repeat { times, parts, .. }) => sum(parts).saturating_mul(*times),
        }
    }
}

impl Repeat {
    /// How often, and what all of them hold: `× 3 · 1,200 parameters`.
    pub(crate) fn label(&self) -> String {
        let beside = if self.beside { " side by side" } else { "" };
        let times = format!("× {}{beside}", self.times);
        let sum = self.parts.iter().fold(0_usize, |sum, part| sum.saturating_add(part.parameters()));
        match words::parameters(sum.saturating_mul(self.times)) {
            Some(parameters) => format!("{times} · {parameters}"),
            None => times,
        }
    }
}

impl Block {
    /// One layer of these words.
    pub(crate) fn new(text: &str, output: Vec<usize>, [parameters, flops]: [usize; 2]) -> Self {
        Self { words: vec![Word { text: words::tidy(text), idle: false }], output, parameters, flops }
    }

    /// With the layers of `next` behind its own.
    pub(crate) fn absorb(&mut self, next: Block) {
        self.words.extend(next.words);
        self.output = next.output;
        self.parameters = self.parameters.saturating_add(next.parameters);
        self.flops = self.flops.saturating_add(next.flops);
    }

    /// The shape, and the trained numbers where there are any.
    fn facts(&self) -> String {
        let shape = crate::summary::shape(&self.output);
        match words::parameters(self.parameters) {
            Some(parameters) => format!("{shape} · {parameters}"),
            None => shape,
        }
    }
}

impl Diagram {
    /// What the whole network holds and takes: `2,953 parameters, 5.9 kFLOPs for one sample`.
    fn totals(&self) -> String {
        let parameters = words::parameters(self.parameters).unwrap_or_else(|| "0 parameters".into());
        format!("{parameters}, {} for one sample", words::flops(self.flops))
    }

    /// The box before the first part.
    fn start(&self) -> Block {
        Block::new("input", self.input.clone(), [0, 0])
    }
}

impl NetworkConfig {
    /// As [`diagram`](Self::diagram), as the branch of a larger one.
    pub(crate) fn branch(&self) -> crate::Result<Vec<Part>> {
        let Diagram { mut parts, output, .. } = self.diagram()?;
        parts.push(Part::Block(output));
        Ok(parts)
    }
}
