//! What a recurrent network is made of, checked before it is made.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::Recurrent;
use crate::checks::{at_least_one, most_weights, spread_dropout};
use crate::init::Initializer;
use crate::layers::{Directions, RecurrentLayer};
use crate::summary::{LayerSummary, Summary};
use crate::{ModelError, Result};

/// The cell of a recurrent layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// Long short-term memory ([Hochreiter and Schmidhuber 1997](https://doi.org/10.1162/neco.1997.9.8.1735)), as
    /// `torch.nn.LSTM`.
    #[default]
    Lstm,
    /// Gated recurrent unit ([Cho et al. 2014](https://arxiv.org/abs/1406.1078)), as `torch.nn.GRU`.
    Gru,
}

/// What becomes of the top layer's hidden states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pool {
    /// The last one of each direction.
    #[default]
    Last,
    /// Their mean over time.
    Mean,
}

/// A stack of recurrent layers over a time series, and a linear output.
///
/// ```
/// use brasa_models::{Cell, RecurrentConfig};
/// use burn::tensor::{Device, Tensor};
///
/// let config = RecurrentConfig { hidden: vec![16, 16], ..RecurrentConfig::new([128, 10], 9) };
/// let device = Device::default();
/// let network = config.init(42, &device)?;
/// assert_eq!(network.forward(Tensor::zeros([4, 128 * 10], &device)).dims(), [4, 9]);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecurrentConfig {
    /// `[time, channels]` of a sample.
    pub input: Vec<usize>,
    /// The layers' cell.
    pub cell: Cell,
    /// Width of each layer's hidden state, first to last.
    pub hidden: Vec<usize>,
    /// Whether each layer also runs over the series from its end.
    pub bidirectional: bool,
    /// What becomes of the top layer's hidden states.
    pub pool: Pool,
    /// Dropout probability between the layers: empty for none, one for all, or one for each but the last.
    pub dropout: Vec<f64>,
    /// Classes.
    pub outputs: usize,
}

impl Cell {
    /// Gates that a cell computes at each step.
    pub(crate) fn gates(self) -> usize {
        match self {
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Lstm => "LSTM",
            Self::Gru => "GRU",
        }
    }
}

impl RecurrentConfig {
    /// A network without layers, to be given some.
    pub fn new(input: [usize; 2], outputs: usize) -> Self {
        Self {
            input: input.to_vec(),
            cell: Cell::default(),
            hidden: Vec::new(),
            bidirectional: false,
            pool: Pool::default(),
            dropout: Vec::new(),
            outputs,
        }
    }

    /// Checks the configuration and draws the initial weights from `seed`, as PyTorch does: `U(-k, k)` with
    /// `k = 1 / sqrt(hidden)`.
    ///
    /// # Errors
    /// [`ModelError::Config`] for an input that is no series, no layers, a size of zero, or dropout that does not fit.
    pub fn init(&self, seed: u64, device: &Device) -> Result<Recurrent> {
        let (time, channels, dropout) = self.checked()?;
        let mut initializer = Initializer::new(crate::Init::Pytorch, seed, device);
        let directions = if self.bidirectional { Directions::Both } else { Directions::Forward };
        let mut inputs = channels;
        let mut layers = Vec::with_capacity(self.hidden.len());
        for &hidden in &self.hidden {
            layers.push(RecurrentLayer::draw(self.cell, [inputs, hidden], directions, &mut initializer));
            inputs = hidden * self.directions();
        }
        Ok(Recurrent {
            layers,
            output: initializer.linear(inputs, self.outputs),
            shape: [time, channels],
            pool: self.pool,
            dropout,
        })
    }

    /// Layer by layer output shapes, parameters and FLOPs.
    ///
    /// # Errors
    /// As [`init`](Self::init).
    pub fn summary(&self) -> Result<Summary> {
        let (time, channels, dropout) = self.checked()?;
        let mut layers = Vec::new();
        let mut inputs = channels;
        for (index, &hidden) in self.hidden.iter().enumerate() {
            let width = hidden * self.directions();
            let weights = self.cell.gates() * (inputs + hidden) * width;
            layers.push(LayerSummary {
                name: format!("layers.{index} {}", self.cell.name()),
                output: vec![time, width],
                size: None,
                parameters: weights + 2 * self.cell.gates() * width,
                flops: time * (2 * weights + 4 * self.cell.gates() * width),
            });
            if let Some(prob) = dropout.get(index).filter(|prob| **prob > 0.0) {
                layers.push(LayerSummary::elementwise(format!("Dropout({prob})"), &[time, width], 0));
            }
            inputs = width;
        }
        let pool = match self.pool {
            Pool::Last => "last state",
            Pool::Mean => "mean over time",
        };
        layers.push(LayerSummary::elementwise(
            pool.into(),
            &[inputs],
            usize::from(self.pool == Pool::Mean) * time,
        ));
        layers.push(LayerSummary::linear("output".into(), inputs, self.outputs));
        Ok(Summary { input: self.input.clone(), layers })
    }

    fn directions(&self) -> usize {
        if self.bidirectional { 2 } else { 1 }
    }

    /// Time, channels, and the dropout after each layer but the last.
    fn checked(&self) -> Result<(usize, usize, Vec<f64>)> {
        let &[time, channels] = self.input.as_slice() else {
            return Err(ModelError::Config {
                key: "input",
                expected: "[time, channels] of a series".into(),
                found: format!("{:?}", self.input),
            });
        };
        at_least_one("input", time)?;
        at_least_one("input", channels)?;
        at_least_one("outputs", self.outputs)?;
        self.hidden.iter().try_for_each(|&width| at_least_one("hidden", width))?;
        if self.hidden.is_empty() {
            return Err(ModelError::Config {
                key: "hidden",
                expected: "the width of at least one layer".into(),
                found: "none".into(),
            });
        }
        let mut inputs = channels as f64;
        let mut weights = 0.0;
        for &hidden in &self.hidden {
            let width = (hidden * self.directions()) as f64;
            weights += self.cell.gates() as f64 * (inputs + hidden as f64) * width;
            inputs = width;
        }
        most_weights("hidden", weights)?;
        Ok((time, channels, spread_dropout(&self.dropout, self.hidden.len() - 1, "layers but the last")?))
    }
}
