//! What makes a TabM.

use brasa_onnx::Value;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::super::real_mlp::{Front, Layout, RealMlpConfig};
use super::{Heads, Pieces, Tabm};
use crate::checks::{at_least_one, most_weights, spread_dropout};
use crate::init::{Initializer, Spread};
use crate::summary::{LayerSummary, Summary};
use crate::{Architecture, Diagram, Emitter, Init, Input, Result};

/// Perceptrons over the columns of a table that share their hidden layers: each multiplies the numbers that a row becomes by factors of its own and
/// answers by weights of its own; each learns by its own errors.
///
/// ```
/// use brasa_models::TabmConfig;
/// use burn::tensor::{Device, Tensor};
///
/// // Two numbers and a category of three levels, numbered from 1.
/// let config = TabmConfig { members: 8, ..TabmConfig::new(vec![0, 0, 3], 2) };
/// let device = Device::default();
/// let network = config.init(42, &device)?;
/// let rows = Tensor::from_floats([[0.3, -1.2, 2.0], [1.1, 0.4, 0.0]], &device);
/// assert_eq!(network.forward(rows.clone()).dims(), [2, 2]);
/// assert_eq!(network.forward_train(rows, 7).dims(), [16, 2]);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TabmConfig {
    /// The levels of each column; 0 where it holds numbers.
    pub columns: Vec<usize>,
    /// Classes, or numbers to predict.
    pub outputs: usize,
    /// Perceptrons in one.
    pub members: usize,
    /// Width of each hidden layer, which all of them share.
    pub hidden: Vec<usize>,
    /// Dropout probability after each hidden layer.
    pub dropout: f64,
    /// Bins of each column of numbers; 0 leaves numbers as they are.
    pub bins: usize,
    /// Numbers that a column of numbers becomes.
    pub dims: usize,
    /// Most levels of a column that become a number each; with more, a column becomes a vector.
    pub one_hot: usize,
    /// Numbers in the vector of a level.
    pub embedding: usize,
}

impl TabmConfig {
    /// With the defaults of its authors, but narrower, and with half as many members.
    pub fn new(columns: Vec<usize>, outputs: usize) -> Self {
        Self {
            columns,
            outputs,
            members: 16,
            hidden: vec![256; 2],
            dropout: 0.1,
            bins: 48,
            dims: 16,
            one_hot: 64,
            embedding: 16,
        }
    }

    /// Checks the configuration and draws the initial weights from `seed`. The bins are those of evenly spread numbers;
    /// [`fit_initial`](Architecture::fit_initial) fits them to training rows.
    ///
    /// # Errors
    /// [`ModelError::Config`](crate::ModelError::Config) for a size of zero, or dropout that is no probability.
    pub fn init(&self, seed: u64, device: &Device) -> Result<Tabm> {
        self.check()?;
        let mut initializer = Initializer::new(Init::default(), seed, device);
        let front = Front::init(&self.front(), &mut initializer);
        let numbers = self.numbers();
        let pieces = (self.bins > 0 && numbers > 0)
            .then(|| Pieces::init(numbers, self.bins, self.dims, &mut initializer));
        // One factor for all that a column of numbers becomes, as its authors have it, and one for each other number.
        let (of_number, width) = (self.of_number(), self.width());
        let others = width - numbers * of_number;
        let factors: Vec<Vec<f32>> = (0..self.members)
            .map(|_| {
                let own = initializer.draw(Spread::Normal(1.0), numbers + others);
                let (own, rest) = own.split_at(numbers);
                own.iter()
                    .flat_map(|factor| std::iter::repeat_n(*factor, of_number))
                    .chain(rest.iter().copied())
                    .collect()
            })
            .collect();
        let adapter = initializer.param(factors.concat(), [self.members, width]);
        let mut inputs = width;
        let mut hidden = Vec::with_capacity(self.hidden.len());
        for &width in &self.hidden {
            hidden.push(initializer.linear(inputs, width));
            inputs = width;
        }
        let spread = Spread::Uniform(1.0 / (inputs as f64).sqrt());
        let (members, outputs) = (self.members, self.outputs);
        let (weight, bias) = (
            initializer.draw(spread, members * inputs * outputs),
            initializer.draw(spread, members * outputs),
        );
        let output = Heads {
            weight: initializer.param(weight, [members, inputs, outputs]),
            bias: initializer.param(bias, [members, outputs]),
        };
        Ok(Tabm { front, pieces, adapter, hidden, output, numbers, dropout: self.dropout })
    }

    /// Its columns as a RealMLP without waves takes them.
    fn front(&self) -> RealMlpConfig {
        RealMlpConfig {
            waves: 0,
            one_hot: self.one_hot,
            embedding: self.embedding,
            ..RealMlpConfig::new(self.columns.clone(), self.outputs)
        }
    }

    fn numbers(&self) -> usize {
        self.columns.iter().filter(|levels| **levels == 0).count()
    }

    fn of_number(&self) -> usize {
        if self.bins == 0 { 1 } else { self.dims }
    }

    /// Numbers that a row becomes.
    fn width(&self) -> usize {
        Layout::of(&self.front()).width(&self.front()) + self.numbers() * (self.of_number() - 1)
    }

    fn check(&self) -> Result<()> {
        at_least_one("columns", self.columns.len())?;
        at_least_one("outputs", self.outputs)?;
        at_least_one("members", self.members)?;
        at_least_one("dims", self.dims)?;
        at_least_one("embedding", self.embedding)?;
        self.hidden.iter().try_for_each(|&width| at_least_one("hidden", width))?;
        spread_dropout(&[self.dropout], 1, "layers")?;
        let front = Layout::of(&self.front());
        let numbers = self.numbers() as f64 * self.of_number() as f64;
        let width = front.width(&self.front()) as f64 + numbers;
        let widths: Vec<f64> =
            std::iter::once(width).chain(self.hidden.iter().map(|&width| width as f64)).collect();
        let layers: f64 = widths.windows(2).map(|pair| pair.iter().product::<f64>()).sum();
        let last = widths.last().copied().unwrap_or_default();
        let own = self.members as f64 * (width + last * self.outputs as f64);
        let codes = numbers * self.bins as f64 + front.vectors() as f64 * self.embedding as f64;
        most_weights("hidden", layers + own + codes)
    }
}

impl Architecture for TabmConfig {
    type Network = Tabm;

    fn build(&self, seed: u64, device: &Device) -> Result<Tabm> {
        self.init(seed, device)
    }

    fn layers(&self) -> Result<Summary> {
        self.check()?;
        let layout = Layout::of(&self.front());
        let (numbers, width, members) = (self.numbers(), self.width(), self.members);
        let layer = LayerSummary::new;
        let mut layers = Vec::new();
        if numbers > 0 && self.bins > 0 {
            let (bins, dims) = (self.bins, self.dims);
            let parameters = numbers * dims * (bins + 2);
            layers.push(layer("pieces", vec![numbers * dims], parameters, numbers * bins * (4 + 2 * dims)));
        }
        layers.extend(layout.summary(self.embedding));
        layers.push(layer("adapter", vec![members, width], members * width, members * width));
        let mut inputs = width;
        for (place, &width) in self.hidden.iter().enumerate() {
            let name = format!("hidden.{place} (shared by {members})");
            let (parameters, flops) = ((inputs + 1) * width, 2 * members * inputs * width);
            layers.push(layer(&name, vec![members, width], parameters, flops));
            layers.push(LayerSummary::elementwise("relu".into(), &[members, width], 1));
            if self.dropout > 0.0 {
                layers.push(LayerSummary::elementwise(
                    format!("Dropout({})", self.dropout),
                    &[members, width],
                    0,
                ));
            }
            inputs = width;
        }
        let (parameters, flops) =
            (members * (inputs + 1) * self.outputs, 2 * members * inputs * self.outputs);
        layers.push(layer("output", vec![members, self.outputs], parameters, flops));
        layers.push(layer("mean of the members", vec![self.outputs], 0, members * self.outputs));
        Ok(Summary { input: vec![self.columns.len()], layers })
    }

    /// The parts of the front take columns of their own.
    fn diagram(&self) -> Result<Diagram> {
        let summary = self.layers()?;
        let front = summary.layers.iter().take_while(|row| row.name != "adapter").count();
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

    fn fit_initial(&self, mut network: Tabm, rows: &Input, _: &[[f32; 2]], _: u64) -> Result<Tabm> {
        let features = network.front.forward(rows.flat());
        let [count, _] = features.dims();
        let device = network.adapter.val().device();
        if let Some(pieces) = network.pieces.take() {
            let numbers = features.slice([0..count, 0..network.numbers]);
            network.pieces = Some(pieces.fitted(numbers, &device)?);
        }
        Ok(network)
    }

    fn emit(&self, network: &Tabm, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        network.emit(emitter, input)
    }
}
