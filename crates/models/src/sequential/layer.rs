//! One layer of a sequential network, as a recipe writes it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Activation;

/// One layer, written as a few words: `conv 16 5x5 stride=2`, `relu`, `batch-norm`, `max-pool 2`, `dropout 0.2`,
/// `linear 120`, `residual 64 stride=2`.
///
/// ```
/// use brasa_models::LayerSpec;
///
/// let layer: LayerSpec = "conv 16 5x5".parse()?;
/// assert_eq!(layer, LayerSpec::Conv { channels: 16, kernel: [5, 5], stride: 1, padding: [2, 2], groups: 1 });
/// assert_eq!(layer.to_string(), "conv 16 5x5");
/// let error = "conv 16 5x5 step=2".parse::<LayerSpec>().unwrap_err();
/// assert_eq!(error, "`conv 16 5x5 step=2`: unknown option `step`; conv takes stride, padding, groups");
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LayerSpec {
    /// `conv CHANNELS HxW [stride=1] [padding=HxW] [groups=1]`: a convolution with bias. Without `padding`, half of the
    /// kernel, which keeps the size where the stride is 1 and the kernel odd. `conv CHANNELS N` over a time series.
    Conv {
        /// Maps that it makes.
        channels: usize,
        /// Height and width of its kernels.
        kernel: [usize; 2],
        /// Pixels from one place of the kernel to the next.
        stride: usize,
        /// Zeros put around each side of the height and of the width.
        padding: [usize; 2],
        /// Groups of channels that do not see each other.
        groups: usize,
    },
    /// `residual CHANNELS [stride=1] [squeeze=0]`: two 3x3 convolutions with batch norm beside a short cut
    /// ([He et al. 2016](https://arxiv.org/abs/1512.03385)), the channels weighted by their means where `squeeze` is
    /// not 0 ([Hu et al. 2018](https://arxiv.org/abs/1709.01507)).
    Residual {
        /// Maps that it makes.
        channels: usize,
        /// Stride of its first convolution.
        stride: usize,
        /// How many times narrower the weighting's hidden layer is than `channels`; 0 for no weighting.
        squeeze: usize,
    },
    /// `batch-norm`: each map to mean 0 and deviation 1 over the batch.
    BatchNorm,
    /// `relu`, `leaky-relu`, `mish`, `gelu`, `silu`, `tanh`, `sigmoid`.
    Activation(Activation),
    /// `max-pool HxW [stride=HxW] [padding=0]`, or one number for both.
    MaxPool(Window),
    /// `avg-pool HxW [stride=HxW] [padding=0]`, or one number for both.
    AvgPool(Window),
    /// `global-avg-pool`: the mean of each map.
    GlobalAvgPool,
    /// `dropout P`.
    Dropout(f64),
    /// `linear WIDTH`; maps are flattened before it.
    Linear(usize),
}

/// What a pooling layer looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Height and width.
    pub size: [usize; 2],
    /// From one place to the next.
    pub stride: [usize; 2],
    /// Around each side.
    pub padding: [usize; 2],
}

impl FromStr for LayerSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Words::new(text).layer().map_err(|problem| format!("`{text}`: {problem}"))
    }
}

impl TryFrom<String> for LayerSpec {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<LayerSpec> for String {
    fn from(layer: LayerSpec) -> Self {
        layer.to_string()
    }
}

const KINDS: &str =
    "conv, residual, batch-norm, max-pool, avg-pool, global-avg-pool, dropout, linear or an activation";

/// A layer's words: its kind, what follows, and `key=value` options.
struct Words<'a> {
    kind: &'a str,
    values: Vec<&'a str>,
    options: Vec<(&'a str, &'a str)>,
}

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        let mut words = text.split_whitespace();
        let kind = words.next().unwrap_or_default();
        let (options, values): (Vec<_>, Vec<_>) = words.partition(|word| word.contains('='));
        Self { kind, values, options: options.into_iter().filter_map(|word| word.split_once('=')).collect() }
    }

    fn layer(&self) -> Result<LayerSpec, String> {
        match self.kind {
            "conv" => {
                self.takes(2, &["stride", "padding", "groups"])?;
                let kernel = self.kernel()?;
                let half = kernel.map(|side| side.saturating_sub(1) / 2);
                Ok(LayerSpec::Conv {
                    channels: self.value(0, "the number of maps, like `conv 16 3x3`", count)?,
                    kernel,
                    stride: self.option("stride", 1, count)?,
                    padding: self.option("padding", half, pair)?,
                    groups: self.option("groups", 1, count)?,
                })
            }
            "residual" => {
                self.takes(1, &["stride", "squeeze"])?;
                Ok(LayerSpec::Residual {
                    channels: self.value(0, "the number of maps, like `residual 64`", count)?,
                    stride: self.option("stride", 1, count)?,
                    squeeze: self.option("squeeze", 0, |word| word.parse().ok())?,
                })
            }
            "max-pool" => self.window().map(LayerSpec::MaxPool),
            "avg-pool" => self.window().map(LayerSpec::AvgPool),
            "global-avg-pool" => self.takes(0, &[]).map(|()| LayerSpec::GlobalAvgPool),
            "batch-norm" => self.takes(0, &[]).map(|()| LayerSpec::BatchNorm),
            "dropout" => {
                self.takes(1, &[])?;
                let chance = |word: &str| word.parse().ok().filter(|p| (0.0..1.0).contains(p));
                self.value(0, "a probability from 0 to below 1", chance).map(LayerSpec::Dropout)
            }
            "linear" => {
                self.takes(1, &[])?;
                self.value(0, "its width, like `linear 120`", count).map(LayerSpec::Linear)
            }
            other => {
                self.takes(0, &[])?;
                let kind = Activation::ALL.into_iter().find(|kind| keyword(*kind) == other);
                kind.map(LayerSpec::Activation).ok_or_else(|| format!("unknown layer; expected {KINDS}"))
            }
        }
    }

    /// Refuses words that the kind has no use for.
    fn takes(&self, values: usize, options: &[&str]) -> Result<(), String> {
        if let Some(extra) = self.values.get(values) {
            return Err(format!("`{extra}` is one word too many"));
        }
        match self.options.iter().find(|(key, _)| !options.contains(key)) {
            Some((key, _)) if options.is_empty() => {
                Err(format!("unknown option `{key}`; {} takes none", self.kind))
            }
            Some((key, _)) => {
                Err(format!("unknown option `{key}`; {} takes {}", self.kind, options.join(", ")))
            }
            None => Ok(()),
        }
    }

    fn value<T>(&self, at: usize, what: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, String> {
        let word = self.values.get(at).ok_or_else(|| format!("expected {what}"))?;
        read(word).ok_or_else(|| format!("expected {what}, found `{word}`"))
    }

    fn option<T>(&self, key: &str, default: T, read: impl Fn(&str) -> Option<T>) -> Result<T, String> {
        match self.options.iter().find(|(name, _)| *name == key) {
            Some((_, word)) => read(word).ok_or_else(|| format!("{key}: `{word}` is no such number")),
            None => Ok(default),
        }
    }

    fn kernel(&self) -> Result<[usize; 2], String> {
        // One number is a kernel over time.
        let read = |word: &str| match count(word) {
            Some(steps) => Some([1, steps]),
            None => pair(word).filter(|sides| !sides.contains(&0)),
        };
        self.value(1, "the kernel's size, like `conv 16 3x3`", read)
    }

    fn window(&self) -> Result<Window, String> {
        self.takes(1, &["stride", "padding"])?;
        let sides = |word: &str| pair(word).filter(|sides| !sides.contains(&0));
        let size = self.value(0, "the window's size, like `max-pool 2`", sides)?;
        Ok(Window {
            size,
            stride: self.option("stride", size, sides)?,
            padding: self.option("padding", [0, 0], pair)?,
        })
    }
}

fn keyword(kind: Activation) -> &'static str {
    match kind {
        Activation::Relu => "relu",
        Activation::LeakyRelu => "leaky-relu",
        Activation::Mish => "mish",
        Activation::Gelu => "gelu",
        Activation::Silu => "silu",
        Activation::Tanh => "tanh",
        Activation::Sigmoid => "sigmoid",
    }
}

fn count(word: &str) -> Option<usize> {
    word.parse().ok().filter(|&number| number > 0)
}

/// `HxW`, or one number for both.
fn pair(word: &str) -> Option<[usize; 2]> {
    match word.split_once('x') {
        Some((height, width)) => Some([height.parse().ok()?, width.parse().ok()?]),
        None => word.parse().ok().map(|side| [side, side]),
    }
}

fn sides([height, width]: [usize; 2]) -> String {
    if height == width { height.to_string() } else { format!("{height}x{width}") }
}

impl fmt::Display for LayerSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conv { channels, kernel: [height, width], stride, padding, groups } => {
                write!(f, "conv {channels} {height}x{width}")?;
                let half = [height, width].map(|side| side.saturating_sub(1) / 2);
                if *stride != 1 {
                    write!(f, " stride={stride}")?;
                }
                if *padding != half {
                    write!(f, " padding={}", sides(*padding))?;
                }
                if *groups != 1 {
                    write!(f, " groups={groups}")?;
                }
                Ok(())
            }
            Self::Residual { channels, stride, squeeze } => {
                write!(f, "residual {channels}")?;
                if *stride != 1 {
                    write!(f, " stride={stride}")?;
                }
                if *squeeze != 0 {
                    write!(f, " squeeze={squeeze}")?;
                }
                Ok(())
            }
            Self::BatchNorm => f.write_str("batch-norm"),
            Self::Activation(kind) => f.write_str(keyword(*kind)),
            Self::MaxPool(window) => write!(f, "max-pool {window}"),
            Self::AvgPool(window) => write!(f, "avg-pool {window}"),
            Self::GlobalAvgPool => f.write_str("global-avg-pool"),
            Self::Dropout(p) => write!(f, "dropout {p}"),
            Self::Linear(width) => write!(f, "linear {width}"),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sides(self.size))?;
        if self.stride != self.size {
            write!(f, " stride={}", sides(self.stride))?;
        }
        if self.padding != [0, 0] {
            write!(f, " padding={}", sides(self.padding))?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for text in [
            "conv 16 5x5",
            "conv 32 3x3 stride=2 padding=0 groups=4",
            "conv 8 1x7",
            "conv 8 4x4 padding=2x1",
            "residual 64",
            "residual 64 stride=2 squeeze=16",
            "batch-norm",
            "relu",
            "leaky-relu",
            "max-pool 2",
            "max-pool 3 stride=2 padding=1",
            "avg-pool 1x4",
            "global-avg-pool",
            "dropout 0.2",
            "linear 120",
        ] {
            let layer: LayerSpec = text.parse().unwrap();
            assert_eq!(layer.to_string(), text);
            let json = serde_json::to_string(&layer).unwrap();
            assert_eq!(serde_json::from_str::<LayerSpec>(&json).unwrap(), layer);
        }
        assert_eq!("conv 8 7".parse::<LayerSpec>().unwrap().to_string(), "conv 8 1x7");
    }

    #[test]
    fn each_mistake_is_named() {
        for (text, problem) in [
            ("", "unknown layer"),
            ("convolution 16", "one word too many"),
            ("relu6", "unknown layer; expected conv"),
            ("conv", "expected the kernel's size"),
            ("conv 3x3 16", "expected the number of maps, like `conv 16 3x3`, found `3x3`"),
            ("conv 0 3x3", "found `0`"),
            ("conv 16 3x0", "expected the kernel's size"),
            ("conv 16 3x3 same", "`same` is one word too many"),
            ("conv 16 3x3 stride=0", "stride: `0`"),
            ("max-pool", "expected the window's size"),
            ("batch-norm 16", "one word too many"),
            ("relu slope=1", "unknown option `slope`; relu takes none"),
            ("dropout 1.0", "expected a probability"),
            ("linear -3", "expected its width"),
        ] {
            let error = text.parse::<LayerSpec>().unwrap_err();
            assert!(error.contains(problem), "{text}: {error}");
        }
    }
}
