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
    /// The sum that gives the output's size, `(W-F+2P)/S+1` with its numbers, where a window moves over maps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Trained numbers.
    pub parameters: usize,
    /// Floating-point operations for one sample in inference; a multiply-add counts two, a nonlinearity one
    /// per element.
    pub flops: usize,
}

impl LayerSummary {
    /// A layer without a window that moves over maps.
    pub(crate) fn new(name: &str, output: Vec<usize>, parameters: usize, flops: usize) -> Self {
        Self { name: name.into(), output, size: None, parameters, flops }
    }

    pub(crate) fn linear(name: String, inputs: usize, outputs: usize) -> Self {
        Self {
            name,
            output: vec![outputs],
            size: None,
            parameters: inputs.saturating_add(1).saturating_mul(outputs),
            flops: inputs.saturating_mul(2).saturating_add(1).saturating_mul(outputs),
        }
    }

    pub(crate) fn conv(name: String, depth: usize, channels: usize, area: usize, output: Vec<usize>) -> Self {
        let places: usize = output.iter().skip(1).product();
        Self {
            name,
            output,
            size: None,
            parameters: (depth * area + 1).saturating_mul(channels),
            flops: (2 * depth * area + 1).saturating_mul(channels).saturating_mul(places),
        }
    }

    pub(crate) fn batch_norm(name: String, output: &[usize]) -> Self {
        let features = output.first().copied().unwrap_or(0);
        Self {
            name,
            output: output.to_vec(),
            size: None,
            parameters: 2 * features,
            flops: 2 * output.iter().product::<usize>(),
        }
    }

    pub(crate) fn elementwise(name: String, output: &[usize], flops_each: usize) -> Self {
        Self {
            name,
            output: output.to_vec(),
            size: None,
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
        self.layers.iter().fold(0, |sum, layer| sum.saturating_add(layer.parameters))
    }

    /// Floating-point operations to classify one sample.
    pub fn flops(&self) -> usize {
        self.layers.iter().fold(0, |sum, layer| sum.saturating_add(layer.flops))
    }
}

pub(crate) fn grouped(value: usize) -> String {
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

pub(crate) fn shape(sizes: &[usize]) -> String {
    let sizes: Vec<_> = sizes.iter().map(usize::to_string).collect();
    format!("[{}]", sizes.join(", "))
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.layers.iter().any(|layer| layer.size.is_some());
        let mut rows =
            vec![["layer", "output", "parameters", "FLOPs", "size: (W-F+2P)/S+1"].map(String::from)];
        rows.push(["input".into(), shape(&self.input), String::new(), String::new(), String::new()]);
        rows.extend(self.layers.iter().map(|layer| {
            let parameters = if layer.parameters > 0 { grouped(layer.parameters) } else { String::new() };
            let size = layer.size.clone().unwrap_or_default();
            [layer.name.clone(), shape(&layer.output), parameters, grouped(layer.flops), size]
        }));
        let total = [String::from("total"), String::new(), grouped(self.parameters()), grouped(self.flops())];
        let [name, output, parameters, flops] = total;
        rows.push([name, output, parameters, flops, String::new()]);
        let width = rows.iter().map(|[name, ..]| name.len()).max().unwrap_or(0);
        let lines = rows.iter().map(|[name, output, parameters, flops, size]| {
            let line = format!("{name:width$}  {output:>14}  {parameters:>12}  {flops:>14}");
            let line = if sizes { format!("{line}  {size}") } else { line };
            line.trim_end().to_string()
        });
        f.write_str(&lines.collect::<Vec<_>>().join("\n"))
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
