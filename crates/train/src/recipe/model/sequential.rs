use brasa_models::{Init, LayerSpec, NetworkConfig, SequentialConfig};

use super::{DataSizes, ModelKind};

brasa_data::table! {
    /// The layers that `layers` lists, one after another: convolutional networks and others, over images and time series.
    pub struct Sequential = "sequential" {
        /// The layers, such as "conv 16 5x5", "relu", "max-pool 2"; a linear output follows them.
        layers: Vec<LayerSpec> = vec![];
        /// Distribution of the initial weights.
        init: Init = Init::default();
    }
}

impl ModelKind for Sequential {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        NetworkConfig::Sequential(SequentialConfig {
            input: sizes.shape.clone(),
            layers: self.layers.clone(),
            outputs: sizes.outputs,
            init: self.init,
        })
    }
}
