//! TabM in a recipe.

use brasa_keys::{Bounds, Fault, Table};

use super::TabmConfig;
use crate::architectures::kind::check_columns;
use crate::{ArchitectureKind, DataSizes, NetworkConfig};

brasa_keys::table! {
    /// Many perceptrons for tables in one, which share their hidden layers ([Gorishniy et al. 2025](https://arxiv.org/abs/2410.24210), TabM-mini), over
    /// piecewise-linear embeddings of numbers. Made for `scaling = "robust"` and the optimizer `adamw` with `lr = 2e-3` and `weight_decay = 3e-4`; beside
    /// a RealMLP in a blend, with a `rate` that leads from that one's learning rate to such a one.
    pub struct TabmRecipe = "tabm" {
        /// Perceptrons in one.
        members: usize = 16, Bounds::within(1.0, 1_000.0);
        /// Width of each hidden layer, which all of them share.
        hidden: Vec<usize> = vec![256, 256];
        /// Dropout probability after each hidden layer.
        dropout: f64 = 0.1, Bounds::below(0.0, 1.0);
        /// Bins of each column of numbers, between quantiles of the training rows; 0 leaves numbers as they are.
        bins: usize = 48, Bounds::within(0.0, 1_000.0);
        /// Numbers that a column of numbers becomes.
        dims: usize = 16, Bounds::within(1.0, 1_000.0);
        /// Most levels of a column that become a number each; a column of more becomes a vector.
        one_hot: usize = 64, Bounds::within(2.0, 10_000.0);
        /// Numbers in the vector of a level.
        embedding: usize = 16, Bounds::within(1.0, 10_000.0);
    }
}

impl ArchitectureKind for TabmRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        NetworkConfig::Tabm(TabmConfig {
            columns: sizes.columns(),
            outputs: sizes.outputs,
            members: self.members,
            hidden: self.hidden.clone(),
            dropout: self.dropout,
            bins: self.bins,
            dims: self.dims,
            one_hot: self.one_hot,
            embedding: self.embedding,
        })
    }

    fn check_shape(&self, shape: &[usize]) -> std::result::Result<(), Fault> {
        check_columns(Self::NAME, shape)
    }

    fn takes_levels(&self) -> bool {
        true
    }
}
