use brasa_data::keys::{Bounds, Fault};
use brasa_models::{NetworkConfig, TextConfig, TextReader};

use super::{DataSizes, ModelKind, one_dropout};

brasa_data::table! {
    /// Filters over neighbouring words of a title ([Kim 2014](https://arxiv.org/abs/1408.5882)).
    pub struct TextCnn = "text-cnn" {
        /// How many words a filter sees; there are `filters` of each size.
        filter_sizes: Vec<usize> = vec![2, 3, 4];
        /// Filters of each size.
        filters: usize = 100, Bounds::at_least(1.0);
        /// Whether the vectors of words stay as `[embedding]` gives them.
        frozen: bool = false;
        /// Dropout probability before the output: none or one.
        dropout: Vec<f64> = vec![];
    }
}

impl ModelKind for TextCnn {
    fn network(&self, sizes: &DataSizes, dims: usize) -> NetworkConfig {
        NetworkConfig::Text(TextConfig {
            words: sizes.words,
            dims,
            length: sizes.shape.iter().product(),
            frozen: self.frozen,
            reader: TextReader::Cnn { filter_sizes: self.filter_sizes.clone(), filters: self.filters },
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
