//! `conv CHANNELS HxW`.

use std::fmt;

use brasa_kernels::Epilogue;

use super::super::kind::{Cost, Described, Draws, Flow, LayerKind, Role, Run};
use super::super::shape::{Misfit, Shape, size_after, size_words, stride_beyond};
use super::super::words::{Words, count, kernel, sides, yes_or_no};
use super::Layer;
use crate::init::Initializer;
use crate::layers::{Conv2d, Conv2dConfig};
use crate::onnx::{Emitter, Node};
use crate::{Result, TorchLayout};

/// `conv CHANNELS HxW [stride=1] [padding=HxW] [groups=1] [bias=yes] [as=linear]`: a convolution. Without `padding`, half of the
/// kernel, which keeps the size where the stride is 1 and the kernel odd. `conv CHANNELS N` over a time series. `as=linear` says that
/// PyTorch has a linear layer over the channels in its place, with weights of that shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvSpec {
    /// Maps that it makes.
    pub channels: usize,
    /// Height and width of its kernels.
    pub kernel: [usize; 2],
    /// Pixels from one place of the kernel to the next.
    pub stride: usize,
    /// Zeros put around each side of the height and of the width.
    pub padding: [usize; 2],
    /// Groups of channels that do not see each other.
    pub groups: usize,
    /// Whether a number is added to each map: none is needed before a batch norm.
    pub bias: bool,
    /// Whether PyTorch has a linear layer in its place, over the channels of each pixel.
    pub linear: bool,
}

fn half(kernel: [usize; 2]) -> [usize; 2] {
    kernel.map(|side| side.saturating_sub(1) / 2)
}

impl ConvSpec {
    /// With square kernels, a stride of 1, half of the kernel as padding, one group and a bias.
    pub fn new(channels: usize, kernel: usize) -> Self {
        let kernel = [kernel; 2];
        Self { channels, kernel, stride: 1, padding: half(kernel), groups: 1, bias: true, linear: false }
    }

    /// Pixels from one place of the kernel to the next.
    pub fn with_stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// Zeros around each side.
    pub fn with_padding(self, padding: usize) -> Self {
        Self { padding: [padding; 2], ..self }
    }

    /// Groups of channels that do not see each other.
    pub fn with_groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    /// Of one pixel, in the place of PyTorch's linear layer over channels.
    pub fn as_linear(channels: usize) -> Self {
        Self { linear: true, ..Self::new(channels, 1) }
    }

    /// For a convolution before a batch norm.
    pub fn without_bias(self) -> Self {
        Self { bias: false, ..self }
    }
}

impl LayerKind for ConvSpec {
    type Module = Conv2d;

    const NAMES: &'static [&'static str] = &["conv"];

    fn parse(words: &Words<'_>) -> std::result::Result<Self, String> {
        words.takes(2, &["stride", "padding", "groups", "bias", "as"])?;
        let kernel = words.value(1, "the kernel's size, like `conv 16 3x3`", kernel)?;
        Ok(Self {
            channels: words.value(0, "the number of maps, like `conv 16 3x3`", count)?,
            kernel,
            stride: words.count("stride")?,
            padding: words.padding(half(kernel))?,
            groups: words.count("groups")?,
            bias: words.option("bias", true, "yes or no", yes_or_no)?,
            linear: words.option("as", false, "linear, for kernels of one pixel", |word| {
                (word == "linear" && kernel == [1, 1]).then_some(true)
            })?,
        })
    }

    fn build(&self, before: Shape, initializer: &mut Initializer<'_>) -> Result<Conv2d> {
        let conv = Conv2dConfig::new([before.depth(), self.channels], self.kernel)
            .with_stride([self.stride; 2])
            .with_padding(self.padding)
            .with_groups(self.groups);
        let conv = if self.bias { conv } else { conv.without_bias() };
        conv.init_with(initializer)
    }
}

impl fmt::Display for ConvSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channels, kernel, stride, padding, groups, bias, linear } = self;
        let [height, width] = kernel;
        write!(f, "conv {channels} {height}x{width}")?;
        if *stride != 1 {
            write!(f, " stride={stride}")?;
        }
        if *padding != half(*kernel) {
            write!(f, " padding={}", sides(*padding))?;
        }
        if *groups != 1 {
            write!(f, " groups={groups}")?;
        }
        if !bias {
            f.write_str(" bias=no")?;
        }
        if *linear {
            f.write_str(" as=linear")?;
        }
        Ok(())
    }
}

impl Described for ConvSpec {
    fn role(&self) -> Role {
        Role::Computes
    }

    fn after(&self, before: Shape) -> std::result::Result<Shape, Misfit> {
        let Self { channels, kernel, stride, padding, groups, .. } = self;
        let [depth, height, width] = before.maps()?;
        if depth % groups != 0 || channels % groups != 0 {
            return Err(Misfit::new(format!("channels that {groups} groups divide")));
        }
        let out = |side, at: usize| size_after(side, kernel[at], *stride, padding[at]);
        match (out(height, 0), out(width, 1)) {
            (Some(out_height), Some(out_width)) => {
                match stride_beyond([height, width], [*stride; 2], *padding) {
                    Some(misfit) => Err(misfit),
                    None => Ok(Shape::Maps([*channels, out_height, out_width])),
                }
            }
            _ => Err(Misfit::new("maps at least as large as the kernel")),
        }
    }

    fn cost(&self, before: Shape, after: Shape) -> Cost {
        let taps = before.depth() / self.groups * self.kernel.iter().product::<usize>();
        let bias = usize::from(self.bias);
        Cost {
            parameters: (taps + bias).saturating_mul(self.channels),
            flops: (2 * taps + bias).saturating_mul(self.channels).saturating_mul(after.places()),
            size: size_words(before, after, self.kernel, [self.stride; 2], self.padding),
        }
    }

    /// What PyTorch has in its place says nothing of what it computes.
    fn title(&self) -> String {
        Self { linear: false, ..self.clone() }.to_string()
    }

    fn torch_layout(&self) -> TorchLayout {
        if self.linear { TorchLayout::Linear } else { TorchLayout::Same }
    }

    fn weights(&self, before: Shape) -> f64 {
        let [height, width] = self.kernel.map(|side| side as f64);
        self.channels as f64 * before.depth() as f64 / self.groups as f64 * (height * width)
    }
}

impl Run for Conv2d {
    fn run(&self, flow: Flow, _: Draws) -> Flow {
        flow.maps(|maps| self.forward(maps))
    }

    /// With a ReLU, a batch norm, and a ReLU behind one whose statistics are fixed.
    fn run_with(&self, flow: Flow, behind: &[Layer], _: Draws) -> (Flow, usize) {
        let Flow::Maps(maps) = flow else { return (flow, 0) };
        let (before, rest) = match behind {
            [first, rest @ ..] if first.is_relu() => (Epilogue::Relu, rest),
            rest => (Epilogue::None, rest),
        };
        let relu = usize::from(before == Epilogue::Relu);
        match rest {
            [Layer::BatchNorm(norm), last @ ..] if norm.is_fixed_for(&maps) => {
                let (after, more) = match last.first().is_some_and(Layer::is_relu) {
                    true => (Epilogue::Relu, 1),
                    false => (Epilogue::None, 0),
                };
                let maps = self.normed_forward(maps, before, norm, after);
                (Flow::Maps(maps), relu + 1 + more)
            }
            [Layer::BatchNorm(norm), ..] if norm.learns_from(&maps) => {
                (Flow::Maps(self.learning_normed_forward(maps, before, norm)), relu + 1)
            }
            _ => (Flow::Maps(self.forward_then(maps, before)), relu),
        }
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
