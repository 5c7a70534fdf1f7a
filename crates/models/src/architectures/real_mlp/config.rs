//! What makes a RealMLP.

use brasa_onnx::Value;
use burn::module::{Param, RunningState};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::front::{Front, Layout};
use super::{Block, RealMlp};
use crate::checks::{at_least_one, most_weights, spread_dropout};
use crate::init::{Initializer, Spread};
use crate::summary::{LayerSummary, Summary};
use crate::{Activation, Architecture, Diagram, Emitter, Init, Input, ModelError, Result};

/// A perceptron over the columns of a table, with the details of RealMLP: numbers as sums of waves, categories as indicators or
/// vectors, a learnt scale of every number, parametric activations, initial weights that are fitted to the training rows.
///
/// ```
/// use brasa_models::RealMlpConfig;
/// use burn::tensor::{Device, Tensor};
///
/// // Two numbers and a category of three levels, numbered from 1.
/// let config = RealMlpConfig::new(vec![0, 0, 3], 2);
/// let device = Device::default();
/// let network = config.init(42, &device)?;
/// let rows = Tensor::from_floats([[0.3, -1.2, 2.0], [1.1, 0.4, 0.0]], &device);
/// assert_eq!(network.forward(rows).dims(), [2, 2]);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RealMlpConfig {
    /// The levels of each column; 0 where it holds numbers.
    pub columns: Vec<usize>,
    /// Classes, or numbers to predict.
    pub outputs: usize,
    /// Width of each hidden layer.
    pub hidden: Vec<usize>,
    /// Nonlinearity after each hidden layer.
    pub activation: Activation,
    /// Dropout probability after each hidden layer.
    pub dropout: f64,
    /// Whether dropout goes down to 0 over the second half of the run.
    pub anneal_dropout: bool,
    /// Most levels of a column that become a number each; with more, a column becomes a vector.
    pub one_hot: usize,
    /// Numbers in the vector of a level.
    pub embedding: usize,
    /// Waves of each column of numbers; 0 leaves them as they are.
    pub waves: usize,
    /// Numbers that a column of numbers becomes, itself included.
    pub wave_dims: usize,
    /// Deviation of the waves' frequencies, in turns per unit.
    pub sigma: f64,
    /// Whether outputs in evaluation stay within those of the training rows; for numbers.
    pub bounded: bool,
}

impl RealMlpConfig {
    /// With the defaults of RealMLP-TD for classes.
    pub fn new(columns: Vec<usize>, outputs: usize) -> Self {
        Self {
            columns,
            outputs,
            hidden: vec![256; 3],
            activation: Activation::Selu,
            dropout: 0.15,
            anneal_dropout: true,
            one_hot: 8,
            embedding: 8,
            waves: 16,
            wave_dims: 4,
            sigma: 0.1,
            bounded: false,
        }
    }

    /// Checks the configuration and draws the initial weights from `seed`. They are as good as they can be without data;
    /// [`fit_initial`](Architecture::fit_initial) fits them to some.
    ///
    /// # Errors
    /// [`ModelError::Config`] for a size of zero, a column of too many levels, or dropout that is no probability.
    pub fn init(&self, seed: u64, device: &Device) -> Result<RealMlp> {
        self.check()?;
        let mut initializer = Initializer::new(Init::default(), seed, device);
        let front = Front::init(self, &mut initializer);
        let width = Layout::of(self).width(self);
        let ones = |count: usize| Param::from_tensor(Tensor::<1>::ones([count], device));
        let mut inputs = width;
        let mut linear = |outputs: usize| {
            let weight = initializer.draw(Spread::Normal(1.0 / (inputs as f64).sqrt()), inputs * outputs);
            let weight = initializer.param(weight, [inputs, outputs]);
            let bias = initializer.draw(Spread::Normal(1.0), outputs);
            inputs = outputs;
            Linear { weight, bias: Some(initializer.param(bias, [outputs])) }
        };
        let hidden =
            self.hidden.iter().map(|&width| Block { linear: linear(width), slope: ones(width) }).collect();
        let bound = |limit: f32| RunningState::new(Tensor::full([self.outputs], limit, device));
        Ok(RealMlp {
            front,
            scale: ones(width),
            hidden,
            output: linear(self.outputs),
            least: bound(f32::MIN),
            greatest: bound(f32::MAX),
            activation: self.activation,
            dropout: self.dropout,
            share: 1.0,
            anneal: self.anneal_dropout,
            bounded: self.bounded,
        })
    }

    fn check(&self) -> Result<()> {
        at_least_one("columns", self.columns.len())?;
        at_least_one("outputs", self.outputs)?;
        at_least_one("embedding", self.embedding)?;
        self.hidden.iter().try_for_each(|&width| at_least_one("hidden", width))?;
        spread_dropout(&[self.dropout], 1, "layers")?;
        if self.waves > 0 && self.wave_dims < 2 {
            let expected = "at least 2, a number and one of its waves".into();
            return Err(ModelError::Config { key: "wave_dims", expected, found: self.wave_dims.to_string() });
        }
        // Codes travel as floats, which are whole numbers up to 2^24.
        if let Some(levels) = self.columns.iter().find(|&&levels| levels >= 1 << 24) {
            let expected = "columns of at most 16,777,215 levels".into();
            return Err(ModelError::Config { key: "columns", expected, found: levels.to_string() });
        }
        let layout = Layout::of(self);
        let widths =
            [layout.width(self)].into_iter().chain(self.hidden.iter().copied()).chain([self.outputs]);
        let widths: Vec<f64> = widths.map(|width| width as f64).collect();
        let layers: f64 = widths.windows(2).map(|pair| pair.iter().product::<f64>()).sum();
        most_weights("hidden", layers + layout.vectors() as f64 * self.embedding as f64)
    }
}

impl Architecture for RealMlpConfig {
    type Network = RealMlp;

    fn build(&self, seed: u64, device: &Device) -> Result<RealMlp> {
        self.init(seed, device)
    }

    fn layers(&self) -> Result<Summary> {
        self.check()?;
        let layout = Layout::of(self);
        let width = layout.width(self);
        let mut layers = Vec::new();
        let (numbers, waves, dims) = (layout.numbers.len(), self.waves, self.wave_dims);
        let layer = |name: &str, width: usize, parameters: usize, flops: usize| {
            LayerSummary::new(name, vec![width], parameters, flops)
        };
        if numbers > 0 && waves > 0 {
            let parameters = numbers * (2 * waves + (waves + 1) * (dims - 1));
            layers.push(layer(
                "front.periodic",
                numbers * dims,
                parameters,
                numbers * waves * (3 + 2 * (dims - 1)),
            ));
        }
        layers.extend(layout.summary(self.embedding));
        layers.push(layer("scale", width, width, width));
        let mut inputs = width;
        for (place, &width) in self.hidden.iter().enumerate() {
            layers.push(LayerSummary::linear(format!("hidden.{place}.linear"), inputs, width));
            layers.push(layer(
                &format!("hidden.{place}.slope {}", self.activation.name()),
                width,
                width,
                4 * width,
            ));
            if self.dropout > 0.0 {
                layers.push(LayerSummary::elementwise(format!("Dropout({})", self.dropout), &[width], 0));
            }
            inputs = width;
        }
        layers.push(LayerSummary::linear("output".into(), inputs, self.outputs));
        Ok(Summary { input: vec![self.columns.len()], layers })
    }

    /// The parts of the front take columns of their own.
    fn diagram(&self) -> Result<Diagram> {
        let summary = self.layers()?;
        let front = summary.layers.iter().take_while(|row| row.name.starts_with("front.")).count();
        Ok(Diagram::of_rows(&summary, 0..front))
    }

    fn input_len(&self) -> usize {
        self.columns.len()
    }

    fn output_len(&self) -> usize {
        self.outputs
    }

    fn initial_rows(&self) -> usize {
        10_000
    }

    fn fit_initial(&self, network: RealMlp, rows: &Input, range: &[[f32; 2]], seed: u64) -> Result<RealMlp> {
        network.calibrated(rows.flat(), range, seed)
    }

    fn emit(&self, network: &RealMlp, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        network.emit(emitter, input)
    }
}
