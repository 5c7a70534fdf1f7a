use brasa_models::{Activation, Init, MlpConfig, NetworkConfig};

use super::{DataSizes, ModelKind};

brasa_data::table! {
    /// A multilayer perceptron, over any samples, flattened.
    pub struct Mlp = "mlp" {
        /// Width of each hidden layer.
        hidden: Vec<usize> = vec![];
        /// Nonlinearity after each hidden layer.
        activation: Activation = Activation::default();
        /// Batch normalisation before each activation.
        batch_norm: bool = false;
        /// Dropout probability after the hidden layers: none, one for all, or one per layer.
        dropout: Vec<f64> = vec![];
        /// Distribution of the initial weights.
        init: Init = Init::default();
    }
}

impl ModelKind for Mlp {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        NetworkConfig::Mlp(MlpConfig {
            inputs: sizes.shape.iter().product(),
            hidden: self.hidden.clone(),
            outputs: sizes.outputs,
            activation: self.activation,
            batch_norm: self.batch_norm,
            dropout: self.dropout.clone(),
            init: self.init,
        })
    }

    fn takes_any_shape(&self) -> bool {
        true
    }
}
