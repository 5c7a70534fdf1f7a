//! From a checked configuration to parameters.

use burn::tensor::Device;

use super::config::{Shape, clamp, window_padding};
use super::layer::{LayerSpec, Window};
use super::{Layer, Plain, Sequential, SequentialConfig, Step};
use crate::init::Initializer;
use crate::layers::{BatchNorm, Residual, ShortCut, SqueezeExcite};
use brasa_kernels::PoolOptions;

/// `shapes` are those before the first layer and after each.
pub(super) fn network(config: &SequentialConfig, shapes: &[Shape], seed: u64, device: &Device) -> Sequential {
    let mut initializer = Initializer::new(config.init, seed, device);
    let layers = config
        .layers
        .iter()
        .zip(shapes)
        .map(|(layer, before)| make(layer, *before, &mut initializer))
        .collect();
    let features = shapes.last().map_or(0, |shape| shape.len());
    let maps = match shapes.first() {
        Some(Shape::Maps(maps)) => *maps,
        _ => [0; 3],
    };
    Sequential {
        layers,
        output: initializer.linear(features, config.outputs),
        maps,
        series: config.input.len() == 2,
        names: config
            .layers
            .iter()
            .enumerate()
            .map(|(index, layer)| format!("layers.{index} {layer}"))
            .collect(),
    }
}

fn make(layer: &LayerSpec, before: Shape, initializer: &mut Initializer<'_>) -> Layer {
    let depth = before.sides().first().copied().unwrap_or(0);
    let height = before.sides().get(1).copied().unwrap_or(1);
    let pool = |window: &Window| PoolOptions {
        kernel: clamp(window, height),
        stride: window.stride,
        padding: window_padding(window, height),
    };
    let plain = |step| Layer::Plain(Plain { step });
    match layer {
        LayerSpec::Conv { channels, kernel, stride, padding, groups } => {
            Layer::Conv(initializer.conv(depth, *channels, *kernel, [*stride; 2], *padding, *groups, true))
        }
        LayerSpec::Residual { channels, stride, squeeze } => {
            Layer::Residual(residual(initializer, depth, *channels, *stride, *squeeze))
        }
        LayerSpec::BatchNorm => Layer::Norm(BatchNorm::new(depth, initializer.device())),
        LayerSpec::Linear(width) => Layer::Linear(initializer.linear(before.len(), *width)),
        LayerSpec::Activation(kind) => plain(Step::Activation(*kind)),
        LayerSpec::MaxPool(window) => plain(Step::MaxPool(pool(window))),
        LayerSpec::AvgPool(window) => plain(Step::AvgPool(pool(window))),
        LayerSpec::GlobalAvgPool => plain(Step::GlobalAvgPool),
        LayerSpec::Dropout(p) => plain(Step::Dropout(*p)),
    }
}

fn residual(
    initializer: &mut Initializer<'_>,
    depth: usize,
    channels: usize,
    stride: usize,
    squeeze: usize,
) -> Residual {
    let device = initializer.device();
    let norm = || BatchNorm::new(channels, device);
    let narrow = channels.checked_div(squeeze).filter(|narrow| *narrow > 0);
    Residual {
        conv1: initializer.conv(depth, channels, [3, 3], [stride; 2], [1, 1], 1, false),
        bn1: norm(),
        conv2: initializer.conv(channels, channels, [3, 3], [1, 1], [1, 1], 1, false),
        bn2: norm(),
        squeeze: narrow.map(|narrow| SqueezeExcite {
            reduce: initializer.linear(channels, narrow),
            expand: initializer.linear(narrow, channels),
        }),
        downsample: (depth != channels || stride != 1).then(|| ShortCut {
            conv: initializer.conv(depth, channels, [1, 1], [stride; 2], [0, 0], 1, false),
            norm: norm(),
        }),
    }
}
