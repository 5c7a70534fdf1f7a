//! RealMLP in a recipe.

use brasa_keys::{Bounds, Fault, Table};

use super::RealMlpConfig;
use crate::architectures::kind::check_columns;
use crate::{Activation, ArchitectureKind, DataSizes, NetworkConfig};

brasa_keys::table! {
    /// A perceptron for tables, with the details that were found on many of them
    /// ([Holzmüller et al. 2024](https://arxiv.org/abs/2407.04491), RealMLP-TD): numbers as sums of waves, categories as
    /// indicators or vectors, learnt scales, parametric activations, initial weights fitted to the training rows. Its learning
    /// rates and weight decays differ from layer to layer. Made for `scaling = "robust"`, optimizer `adamw` with `lr = 0.04`
    /// (classes) or `0.2` (numbers), `betas = [0.9, 0.95]`, `weight_decay = 0.02`, `anneal_decay = true`, and the schedule `coslog`.
    pub struct RealMlpRecipe = "real-mlp" {
        /// Width of each hidden layer.
        hidden: Vec<usize> = vec![256, 256, 256];
        /// Nonlinearity after each hidden layer, which each unit takes on as far as it learns to; "mish" for numbers.
        activation: Activation = Activation::Selu;
        /// Dropout probability after each hidden layer.
        dropout: f64 = 0.15, Bounds::below(0.0, 1.0);
        /// Whether dropout goes down to 0 over the second half of the run, along a cosine.
        anneal_dropout: bool = true;
        /// Most levels of a column that become a number each; a column of more becomes a vector.
        one_hot: usize = 8, Bounds::within(2.0, 10_000.0);
        /// Numbers in the vector of a level.
        embedding: usize = 8, Bounds::within(1.0, 10_000.0);
        /// Waves of each column of numbers; 0 leaves numbers as they are.
        waves: usize = 16, Bounds::within(0.0, 10_000.0);
        /// Numbers that a column of numbers becomes, itself included.
        wave_dims: usize = 4, Bounds::within(2.0, 10_000.0);
        /// Deviation of the waves' frequencies at the start, in turns per unit.
        sigma: f64 = 0.1, Bounds::above(0.0);
        /// Whether predictions stay within the targets of the training rows; for numbers.
        bounded: bool = false;
    }
}

impl ArchitectureKind for RealMlpRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        NetworkConfig::RealMlp(RealMlpConfig {
            columns: sizes.columns(),
            outputs: sizes.outputs,
            hidden: self.hidden.clone(),
            activation: self.activation,
            dropout: self.dropout,
            anneal_dropout: self.anneal_dropout,
            one_hot: self.one_hot,
            embedding: self.embedding,
            waves: self.waves,
            wave_dims: self.wave_dims,
            sigma: self.sigma,
            bounded: self.bounded,
        })
    }

    fn check_shape(&self, shape: &[usize]) -> std::result::Result<(), Fault> {
        check_columns(Self::NAME, shape)
    }

    fn takes_levels(&self) -> bool {
        true
    }
}
