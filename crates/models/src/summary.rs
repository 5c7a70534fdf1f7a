//! What a network is made of, layer by layer.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One layer of a [`Summary`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSummary {
    /// Name of the layer's parameters, or of the function where it has none.
    pub name: String,
    /// Shape of one sample after the layer.
    pub output: Vec<usize>,
    /// Trained numbers.
    pub parameters: usize,
    /// Floating-point operations for one sample in inference; a multiply-add counts two, a nonlinearity one
    /// per element.
    pub flops: usize,
}

impl LayerSummary {
    pub(crate) fn linear(name: String, inputs: usize, outputs: usize) -> Self {
        Self {
            name,
            output: vec![outputs],
            parameters: (inputs + 1) * outputs,
            flops: 2 * inputs * outputs + outputs,
        }
    }

    pub(crate) fn batch_norm(name: String, output: &[usize]) -> Self {
        let features = output.first().copied().unwrap_or(0);
        Self {
            name,
            output: output.to_vec(),
            parameters: 2 * features,
            flops: 2 * output.iter().product::<usize>(),
        }
    }

    pub(crate) fn elementwise(name: String, output: &[usize], flops_each: usize) -> Self {
        Self {
            name,
            output: output.to_vec(),
            parameters: 0,
            flops: flops_each * output.iter().product::<usize>(),
        }
    }
}

/// A network layer by layer; `Display` is a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Shape of one sample at the input.
    pub input: Vec<usize>,
    /// The layers in the order that they are applied.
    pub layers: Vec<LayerSummary>,
}

impl Summary {
    /// Trained numbers of all layers.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| layer.parameters).sum()
    }

    /// Floating-point operations to classify one sample.
    pub fn flops(&self) -> usize {
        self.layers.iter().map(|layer| layer.flops).sum()
    }
}

fn grouped(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn shape(sizes: &[usize]) -> String {
    let sizes: Vec<_> = sizes.iter().map(usize::to_string).collect();
    format!("[{}]", sizes.join(", "))
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.layers.iter().map(|layer| layer.name.len()).max().unwrap_or(0).max(5);
        writeln!(f, "{:width$}  {:>14}  {:>12}  {:>14}", "layer", "output", "parameters", "FLOPs")?;
        writeln!(f, "{:width$}  {:>14}  {:>12}  {:>14}", "input", shape(&self.input), "", "")?;
        for layer in &self.layers {
            let parameters = if layer.parameters > 0 { grouped(layer.parameters) } else { String::new() };
            writeln!(
                f,
                "{:width$}  {:>14}  {parameters:>12}  {:>14}",
                layer.name,
                shape(&layer.output),
                grouped(layer.flops)
            )?;
        }
        write!(
            f,
            "{:width$}  {:>14}  {:>12}  {:>14}",
            "total",
            "",
            grouped(self.parameters()),
            grouped(self.flops())
        )
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use burn::module::Module;
    use burn::tensor::Device;

    use crate::MlpConfig;

    #[test]
    fn counts_what_the_network_holds() {
        for batch_norm in [false, true] {
            let config = MlpConfig {
                hidden: vec![250, 150, 100],
                batch_norm,
                dropout: vec![0.2, 0.2, 0.5],
                ..MlpConfig::new(784, 10)
            };
            let network = config.init(1, &Device::default()).unwrap();
            let running = if batch_norm { 2 * 500 } else { 0 };
            assert_eq!(config.summary().unwrap().parameters() + running, network.num_params());
        }
    }

    #[test]
    fn prints_as_a_table() {
        let config = MlpConfig { hidden: vec![50], ..MlpConfig::new(4, 3) };
        assert_eq!(
            config.summary().unwrap().to_string(),
            "\
layer                    output    parameters           FLOPs
input                       [4]                              
hidden.0.linear            [50]           250             450
ReLU                       [50]                            50
output                      [3]           153             303
total                                     403             803"
        );
    }
}
