use brasa_data::keys::Fault;
use brasa_models::{NetworkConfig, TextConfig, TextReader};

use super::{DataSizes, ModelKind, one_dropout};

brasa_data::table! {
    /// Layers over the mean of the vectors of a title's words.
    pub struct TextMlp = "text-mlp" {
        /// Width of each hidden layer.
        hidden: Vec<usize> = vec![];
        /// Whether the vectors of words stay as `[embedding]` gives them.
        frozen: bool = false;
        /// Dropout probability before the output and after each hidden layer: none or one.
        dropout: Vec<f64> = vec![];
    }
}

impl ModelKind for TextMlp {
    fn network(&self, sizes: &DataSizes, dims: usize) -> NetworkConfig {
        NetworkConfig::Text(TextConfig {
            words: sizes.words,
            dims,
            length: sizes.shape.iter().product(),
            frozen: self.frozen,
            reader: TextReader::Mlp { hidden: self.hidden.clone() },
            dropout: self.dropout.first().copied().unwrap_or(0.0),
            outputs: sizes.outputs,
        })
    }

    fn check(&self) -> Result<(), Fault> {
        one_dropout(&self.dropout)
    }

    fn reads_titles(&self) -> bool {
        true
    }
}
