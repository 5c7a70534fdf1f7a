//! The table of sequential networks.

use super::{Head, LayerSpec, SequentialConfig};
use crate::{ArchitectureKind, DataSizes, Init, NetworkConfig};

brasa_keys::table! {
    /// The layers that `layers` lists, one after another: convolutional networks and others, over images and time series.
    pub struct SequentialRecipe = "sequential" {
        /// The layers, such as "conv 16 5x5", "relu", "max-pool 2".
        layers: Vec<LayerSpec> = vec![];
        /// What follows them: "linear", or "none" where they end in the outputs.
        head: Head = Head::default();
        /// Distribution of the initial weights.
        init: Init = Init::default();
    }
}

impl ArchitectureKind for SequentialRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        NetworkConfig::Sequential(SequentialConfig {
            layers: self.layers.clone(),
            head: self.head.clone(),
            init: self.init,
            ..SequentialConfig::new(sizes.shape.clone(), sizes.outputs)
        })
    }
}
