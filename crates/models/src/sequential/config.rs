//! What a sequential network is made of, checked before it is made.

use serde::{Deserialize, Serialize};

use super::layer::{LayerSpec, Window};
use super::{Sequential, build};
use crate::checks::{at_least_one, most_weights};
use crate::summary::{LayerSummary, Summary};
use crate::{Init, ModelError, Result};
use burn::tensor::Device;

/// Layers one after another over images or time series, and a linear output.
///
/// ```
/// use brasa_models::SequentialConfig;
/// use burn::tensor::{Device, Tensor};
///
/// let layers = ["conv 16 5x5", "relu", "max-pool 2", "dropout 0.2", "conv 32 5x5", "relu", "max-pool 2"];
/// let layers = layers.iter().map(|layer| layer.parse()).collect::<Result<_, _>>()?;
/// let config = SequentialConfig { layers, ..SequentialConfig::new(vec![1, 28, 28], 10) };
/// let device = Device::default();
/// let network = config.init(42, &device)?;
/// assert_eq!(network.forward(Tensor::zeros([8, 28 * 28], &device)).dims(), [8, 10]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequentialConfig {
    /// `[channels, height, width]` of an image, or `[time, channels]` of a series.
    pub input: Vec<usize>,
    /// The layers, first to last.
    pub layers: Vec<LayerSpec>,
    /// Classes.
    pub outputs: usize,
    /// Distribution of the initial weights.
    pub init: Init,
}

/// The shape of one sample between two layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Maps([usize; 3]),
    Flat(usize),
}

impl Shape {
    pub(super) fn len(self) -> usize {
        match self {
            Self::Maps(sides) => sides.iter().product(),
            Self::Flat(len) => len,
        }
    }

    pub(super) fn sides(self) -> Vec<usize> {
        match self {
            Self::Maps(sides) => sides.to_vec(),
            Self::Flat(len) => vec![len],
        }
    }
}

impl SequentialConfig {
    /// A linear classifier, to be filled with layers.
    pub fn new(input: Vec<usize>, outputs: usize) -> Self {
        Self { input, layers: Vec::new(), outputs, init: Init::default() }
    }

    /// Checks the configuration and draws the initial weights from `seed`.
    ///
    /// # Errors
    /// [`ModelError::Config`] naming the layer that does not fit what comes before it.
    pub fn init(&self, seed: u64, device: &Device) -> Result<Sequential> {
        Ok(build::network(self, &self.shapes()?, seed, device))
    }

    /// Layer by layer output shapes, parameters and FLOPs, with the sum that gives each size.
    ///
    /// # Errors
    /// As [`init`](Self::init).
    pub fn summary(&self) -> Result<Summary> {
        let shapes = self.shapes()?;
        let mut layers = Vec::new();
        for (index, (layer, pair)) in self.layers.iter().zip(shapes.windows(2)).enumerate() {
            if let [before, after] = pair {
                layers.push(summarise(index, layer, *before, *after));
            }
        }
        let features = shapes.last().map_or(0, |shape| shape.len());
        layers.push(LayerSummary::linear("output".into(), features, self.outputs));
        Ok(Summary { input: self.input.clone(), layers })
    }

    /// `[channels, height, width]`; a series is one pixel high.
    pub(super) fn maps(&self) -> Result<[usize; 3]> {
        let maps = match *self.input.as_slice() {
            [channels, height, width] => [channels, height, width],
            [time, channels] => [channels, 1, time],
            _ => {
                return Err(self.refuse(
                    "input",
                    "[channels, height, width] or [time, channels]",
                    &self.input,
                ));
            }
        };
        match maps.contains(&0) {
            true => Err(self.refuse("input", "sizes of at least 1", &self.input)),
            false => Ok(maps),
        }
    }

    fn refuse(&self, key: &'static str, expected: &str, found: impl std::fmt::Debug) -> ModelError {
        ModelError::Config { key, expected: expected.into(), found: format!("{found:?}") }
    }

    /// The shape before the first layer and after each.
    pub(super) fn shapes(&self) -> Result<Vec<Shape>> {
        at_least_one("outputs", self.outputs)?;
        let mut shape = Shape::Maps(self.maps()?);
        let mut shapes = vec![shape];
        let mut weights = 0.0;
        for (index, layer) in self.layers.iter().enumerate() {
            let before = shape;
            shape = after(layer, before).map_err(|expected| ModelError::Config {
                key: "layers",
                expected: format!("{expected} at `{layer}` (layer {index})"),
                found: format!("{:?}", before.sides()),
            })?;
            weights += weight_count(layer, before);
            shapes.push(shape);
        }
        weights += shape.len() as f64 * self.outputs as f64;
        most_weights("layers", weights)?;
        Ok(shapes)
    }
}

/// The shape after `layer`, or what it would have needed.
fn after(layer: &LayerSpec, before: Shape) -> Result<Shape, String> {
    let maps = || match before {
        Shape::Maps(maps) => Ok(maps),
        Shape::Flat(_) => Err("maps, not a flat row".to_string()),
    };
    match layer {
        LayerSpec::Conv { channels, kernel, stride, padding, groups } => {
            let [depth, height, width] = maps()?;
            if depth % groups != 0 || channels % groups != 0 {
                return Err(format!("channels that {groups} groups divide"));
            }
            let out = |side, at: usize| size_after(side, kernel[at], *stride, padding[at]);
            match (out(height, 0), out(width, 1)) {
                (Some(height), Some(width)) => Ok(Shape::Maps([*channels, height, width])),
                _ => Err("maps at least as large as the kernel".into()),
            }
        }
        LayerSpec::Residual { channels, stride, squeeze } => {
            let [_, height, width] = maps()?;
            if *squeeze > *channels {
                return Err(format!("squeeze of at most {channels}"));
            }
            let out = |side: usize| side.div_ceil(*stride);
            Ok(Shape::Maps([*channels, out(height), out(width)]))
        }
        LayerSpec::MaxPool(window) | LayerSpec::AvgPool(window) => {
            let [depth, height, width] = maps()?;
            // A window over a series has one number, and the series is one pixel high.
            let [window_height, window_width] = clamp(window, height);
            if window.padding[0] * 2 > window_height && height > 1 || window.padding[1] * 2 > window_width {
                return Err("padding of at most half of the window".into());
            }
            let padding = window_padding(window, height);
            let out = |side, at: usize, size| size_after(side, size, window.stride[at], padding[at]);
            match (out(height, 0, window_height), out(width, 1, window_width)) {
                (Some(height), Some(width)) => Ok(Shape::Maps([depth, height, width])),
                _ => Err("maps at least as large as the window".into()),
            }
        }
        LayerSpec::GlobalAvgPool => maps().map(|[depth, _, _]| Shape::Flat(depth)),
        LayerSpec::BatchNorm | LayerSpec::Activation(_) | LayerSpec::Dropout(_) => Ok(before),
        LayerSpec::Linear(width) => Ok(Shape::Flat(*width)),
    }
}

/// The window's size over maps of `height`: a series has no height to pool.
pub(super) fn clamp(window: &Window, height: usize) -> [usize; 2] {
    [if height == 1 { 1 } else { window.size[0] }, window.size[1]]
}

pub(super) fn window_padding(window: &Window, height: usize) -> [usize; 2] {
    [if height == 1 { 0 } else { window.padding[0] }, window.padding[1]]
}

/// `(W - F + 2P) / S + 1`, or nothing where the kernel is larger than what it moves over.
fn size_after(side: usize, kernel: usize, stride: usize, padding: usize) -> Option<usize> {
    (side + 2 * padding).checked_sub(kernel).map(|room| room / stride + 1)
}

fn weight_count(layer: &LayerSpec, before: Shape) -> f64 {
    let depth = before.sides().first().copied().unwrap_or(0) as f64;
    match layer {
        LayerSpec::Conv { channels, kernel: [height, width], groups, .. } => {
            *channels as f64 * depth / *groups as f64 * (*height as f64 * *width as f64)
        }
        LayerSpec::Residual { channels, .. } => 9.0 * *channels as f64 * (depth + *channels as f64),
        LayerSpec::Linear(width) => before.len() as f64 * *width as f64,
        _ => 0.0,
    }
}

fn summarise(index: usize, layer: &LayerSpec, before: Shape, after: Shape) -> LayerSummary {
    let named = |kind: &str| format!("layers.{index} {kind}");
    let (depth, output) = (before.sides().first().copied().unwrap_or(0), after.sides());
    let places: usize = output.iter().skip(1).product();
    match layer {
        LayerSpec::Conv { channels, kernel, stride, padding, groups } => LayerSummary {
            size: size_words(before, after, *kernel, [*stride; 2], *padding),
            ..LayerSummary::conv(
                named(&layer.to_string()),
                depth / groups,
                *channels,
                kernel.iter().product(),
                output,
            )
        },
        LayerSpec::Residual { channels, stride, squeeze } => {
            let conv = |depth: usize, area: usize| (area * depth * channels, 2 * channels);
            let mut parts = vec![conv(depth, 9), conv(*channels, 9)];
            if depth != *channels || *stride != 1 {
                parts.push(conv(depth, 1));
            }
            let kernels: usize = parts.iter().map(|(kernels, _)| kernels).sum();
            let norms: usize = parts.iter().map(|(_, norms)| norms).sum();
            let narrow = channels.checked_div(*squeeze).unwrap_or(0);
            let weighting = if narrow > 0 { 2 * channels * narrow + channels + narrow } else { 0 };
            LayerSummary {
                name: named(&layer.to_string()),
                size: size_words(before, after, [3, 3], [*stride; 2], [1, 1]),
                parameters: kernels + norms + weighting,
                flops: (2 * kernels + 4 * channels) * places + 2 * weighting,
                output,
            }
        }
        LayerSpec::BatchNorm => LayerSummary::batch_norm(named("batch-norm"), &output),
        LayerSpec::Activation(_) => LayerSummary::elementwise(named(&layer.to_string()), &output, 1),
        LayerSpec::MaxPool(window) | LayerSpec::AvgPool(window) => {
            let height = before.sides().get(1).copied().unwrap_or(1);
            let size = clamp(window, height);
            LayerSummary {
                size: size_words(before, after, size, window.stride, window_padding(window, height)),
                ..LayerSummary::elementwise(named(&layer.to_string()), &output, size.iter().product())
            }
        }
        LayerSpec::GlobalAvgPool => LayerSummary {
            flops: before.len(),
            ..LayerSummary::elementwise(named("global-avg-pool"), &output, 0)
        },
        LayerSpec::Dropout(_) => LayerSummary::elementwise(named(&layer.to_string()), &output, 0),
        LayerSpec::Linear(width) => LayerSummary::linear(named(&layer.to_string()), before.len(), *width),
    }
}

/// The sum `(W-F+2P)/S+1` with its numbers: of the width, and of the height where that differs.
fn size_words(
    before: Shape,
    after: Shape,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
) -> Option<String> {
    let (Shape::Maps([_, height, width]), Shape::Maps([_, out_height, out_width])) = (before, after) else {
        return None;
    };
    let words = |side: usize, at: usize, out: usize| {
        format!("({side}-{}+2*{})/{}+1 = {out}", kernel[at], padding[at], stride[at])
    };
    let (of_height, of_width) = (words(height, 0, out_height), words(width, 1, out_width));
    Some(if height == 1 || of_height == of_width { of_width } else { format!("{of_height}, {of_width}") })
}
