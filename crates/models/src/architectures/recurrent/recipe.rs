//! The tables of recurrent networks.

use super::{Cell, Pool, RecurrentConfig};
use crate::{ArchitectureKind, DataSizes, NetworkConfig};

/// A kind for each cell; their keys are the same.
macro_rules! recurrent {
    ($(#[doc = $about:literal])* $name:ident, $kind:literal, $cell:expr) => {
        brasa_keys::table! {
            $(#[doc = $about])*
            pub struct $name = $kind {
                /// Width of each layer's hidden state.
                hidden: Vec<usize> = vec![];
                /// Dropout probability between the layers: none, one for all, or one for each but the last.
                dropout: Vec<f64> = vec![];
                /// Whether the layers also run over the series from its end.
                bidirectional: bool = false;
                /// What the output sees of the top layer's states, the "last" one or their "mean" over time.
                pool: Pool = Pool::default();
            }
        }

        impl ArchitectureKind for $name {
            fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
                NetworkConfig::Recurrent(RecurrentConfig {
                    input: sizes.shape.clone(),
                    cell: $cell,
                    hidden: self.hidden.clone(),
                    bidirectional: self.bidirectional,
                    pool: self.pool,
                    dropout: self.dropout.clone(),
                    outputs: sizes.outputs,
                })
            }
        }
    };
}

recurrent!(
    /// Stacked LSTM layers over a time series; their initial weights are PyTorch's.
    LstmRecipe,
    "lstm",
    Cell::Lstm
);
recurrent!(
    /// Stacked GRU layers over a time series; their initial weights are PyTorch's.
    GruRecipe,
    "gru",
    Cell::Gru
);
