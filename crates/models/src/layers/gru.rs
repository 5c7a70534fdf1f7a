//! Stacked GRU layers.

use brasa_kernels::dropout;
use burn::module::Module;
use burn::tensor::{Device, Tensor};

use super::recurrent::{Directions, RecurrentLayer, recurrent_stack};
use crate::checks::{fits_layer, layer_at_least_one};
use crate::init::Initializer;
use crate::seeds::layer_seed;
use crate::{Cell, Init, Result};

recurrent_stack! {
    /// What makes an [`Gru`], as `torch.nn.GRU` is made.
    ///
    /// ```
    /// use brasa_models::layers::{Directions, GruConfig};
    /// use burn::tensor::{Device, Tensor};
    ///
    /// let device = Device::default();
    /// let config = GruConfig::new(10, 32).with_layers(2).with_directions(Directions::Both).with_dropout(0.2);
    /// let layers = config.init(&device)?;
    /// assert_eq!(layers.forward(Tensor::ones([4, 128, 10], &device)).dims(), [4, 128, 64]);
    /// assert!(GruConfig::new(10, 0).init(&device).is_err());
    /// # Ok::<(), brasa_models::ModelError>(())
    /// ```
    GruConfig;
    /// One or more layers of gated recurrent units ([Cho et al. 2014](https://arxiv.org/abs/1406.1078)).
    Gru of Cell::Gru
}
