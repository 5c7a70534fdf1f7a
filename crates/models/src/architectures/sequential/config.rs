//! What a sequential network is made of, checked before it is made.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::kind::Role;
use super::layers::{LayerSpec, branches};
use super::shape::Shape;
use super::{Head, Sequential};
use crate::checks::{at_least_one, most_weights};
use crate::init::Initializer;
use crate::summary::{LayerSummary, Summary};
use crate::{Init, ModelError, Result, TorchName};
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
    /// The layers, first to last; some of them may have branches, lists of layers of their own.
    pub layers: Vec<LayerSpec>,
    /// What makes the outputs of what the layers leave.
    #[serde(default, skip_serializing_if = "Head::is_default")]
    pub head: Head,
    /// Classes.
    pub outputs: usize,
    /// Whether the answer to an image is the mean of the outputs for it and for its mirror image, in evaluation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test_flip: bool,
    /// Distribution of the initial weights.
    pub init: Init,
}

impl SequentialConfig {
    /// A linear classifier, to be filled with layers.
    pub fn new(input: Vec<usize>, outputs: usize) -> Self {
        Self {
            input,
            layers: Vec::new(),
            head: Head::default(),
            outputs,
            test_flip: false,
            init: Init::default(),
        }
    }

    /// Checks the configuration and draws the initial weights from `seed`.
    ///
    /// # Errors
    /// [`ModelError::Config`] naming the layer that does not fit what comes before it.
    pub fn init(&self, seed: u64, device: &Device) -> Result<Sequential> {
        let shapes = self.shapes()?;
        let mut initializer = Initializer::new(self.init, seed, device);
        let layers = branches::build(&self.layers, &shapes, &mut initializer)?;
        let features = shapes.last().map_or(0, |shape| shape.len());
        Ok(Sequential {
            layers,
            output: match self.head {
                Head::Linear { .. } => Some(initializer.linear(features, self.outputs)),
                Head::None => None,
            },
            maps: self.maps()?,
            series: self.input.len() == 2,
            test_flip: self.test_flip,
            looks: self.looks(&shapes),
            begins: 0,
            still: 0,
            shapes,
        })
    }

    /// Layer by layer output shapes, parameters and FLOPs, with the sum that gives each size.
    ///
    /// # Errors
    /// As [`init`](Self::init).
    pub fn summary(&self) -> Result<Summary> {
        let shapes = self.shapes()?;
        let each = branches::each(&self.layers, &shapes).enumerate();
        let rows =
            each.map(|(index, (layer, before, after))| layer.rows(&format!("layers.{index}"), before, after));
        let mut layers: Vec<LayerSummary> = rows.flatten().collect();
        let features = shapes.last().map_or(0, |shape| shape.len());
        if self.head != Head::None {
            layers.push(LayerSummary::linear("output".into(), features, self.outputs));
        }
        Ok(Summary { input: self.input.clone(), layers })
    }

    /// How the parameters of all layers that have a name are called in PyTorch.
    pub fn torch_names(&self) -> Vec<TorchName> {
        let mut names = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            layer.torch_names(&format!("layers.{index}"), &mut names);
        }
        if let Head::Linear { name: Some(name) } = &self.head {
            names.push(TorchName::new("output", name));
        }
        names
    }

    /// Where the parameters begin that make the outputs: those of a network over other classes do not fit here. Without a head, they
    /// are those of the last layers that are as wide as the outputs.
    pub(super) fn head_paths(&self) -> Vec<String> {
        if self.head != Head::None {
            return vec!["output".into()];
        }
        let shapes = self.shapes().unwrap_or_default();
        let each: Vec<_> = branches::each(&self.layers, &shapes).enumerate().collect();
        let wide = each.iter().rev().take_while(|(_, (_, _, after))| after.depth() == self.outputs);
        let weighty = wide.filter(|(_, (layer, before, after))| layer.cost(*before, *after).parameters > 0);
        weighty.map(|(index, _)| format!("layers.{index}")).collect()
    }

    /// `[channels, height, width]`; a series is one pixel high.
    fn maps(&self) -> Result<[usize; 3]> {
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

    /// Rows of a batch that the network can be trained on, at least: two where a batch norm has one value for each of its
    /// features in a row, else one.
    ///
    /// # Errors
    /// As [`init`](Self::init).
    pub fn min_batch(&self) -> Result<usize> {
        let shapes = self.shapes()?;
        let each = branches::each(&self.layers, &shapes);
        Ok(each.map(|(layer, before, after)| layer.min_batch(before, after)).max().unwrap_or(1))
    }

    /// The layers after which there are maps: from the first on, until one makes a flat row.
    fn looks(&self, shapes: &[Shape]) -> Vec<(String, Role)> {
        branches::each(&self.layers, shapes)
            .take_while(|(_, _, after)| matches!(after, Shape::Maps(_)))
            .enumerate()
            .map(|(index, (layer, ..))| (format!("layers.{index} {}", layer.title()), layer.role()))
            .collect()
    }

    /// The shape before the first layer and after each.
    pub(super) fn shapes(&self) -> Result<Vec<Shape>> {
        at_least_one("outputs", self.outputs)?;
        if self.test_flip && self.input.len() != 3 {
            return Err(self.refuse("test_flip", "false where samples are no images", true));
        }
        let start = Shape::Maps(self.maps()?);
        if start.within_bounds().is_err() {
            return Err(self.refuse("input", "a sample that fits into memory", &self.input));
        }
        let shapes = branches::shapes(&self.layers, start).map_err(|misfit| ModelError::Config {
            key: "layers",
            expected: misfit.sentence(),
            found: misfit.found.unwrap_or_default(),
        })?;
        let weights: f64 =
            branches::each(&self.layers, &shapes).map(|(layer, before, _)| layer.weights(before)).sum();
        let mut names = HashSet::new();
        if let Some(twice) = self.torch_names().into_iter().find(|name| !names.insert(name.theirs.clone())) {
            let found = format!("`{}` twice", twice.theirs);
            return Err(ModelError::Config { key: "layers", expected: "names that differ".into(), found });
        }
        let features = shapes.last().map_or(0, |shape| shape.len());
        let head = match self.head {
            Head::Linear { .. } => features as f64 * self.outputs as f64,
            Head::None if features == self.outputs => 0.0,
            Head::None => {
                let expected = format!("layers that end in the {} outputs, without a head", self.outputs);
                return Err(ModelError::Config { key: "head", expected, found: features.to_string() });
            }
        };
        most_weights("layers", weights + head)?;
        Ok(shapes)
    }
}
