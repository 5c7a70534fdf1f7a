use brasa_models::{NetworkConfig, PerceptronConfig};

use super::{DataSizes, ModelKind};

brasa_data::table! {
    /// A perceptron for two classes, taught by the error-driven rule: `[optimizer]` of kind `perceptron`.
    pub struct Perceptron = "perceptron" {}
}

impl ModelKind for Perceptron {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        NetworkConfig::Perceptron(PerceptronConfig { inputs: sizes.shape.iter().product() })
    }

    fn takes_any_shape(&self) -> bool {
        true
    }
}
