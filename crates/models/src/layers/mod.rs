//! Layers with PyTorch's meaning and parameter names, each usable alone in any Burn model.
//!
//! Each layer is made by its config: `XConfig::new(sizes).with_option(..)`, then `init(&device)`, which checks the
//! sizes and draws the weights from the config's seed. Several layers of one model are better drawn by one
//! [`Initializer`](crate::Initializer), which gives each its own stream of one seed:
//!
//! ```
//! use brasa_models::layers::{Conv2d, Conv2dConfig, LinearConfig};
//! use brasa_models::{Init, Initializer};
//! use brasa_kernels::{Epilogue, global_avg_pool};
//! use burn::module::Module;
//! use burn::nn::Linear;
//! use burn::tensor::{Device, Tensor};
//!
//! #[derive(Module, Debug)]
//! struct Tiny {
//!     conv: Conv2d,
//!     output: Linear,
//! }
//!
//! let device = Device::default();
//! let mut weights = Initializer::new(Init::HeNormal, 42, &device);
//! let tiny = Tiny {
//!     conv: Conv2dConfig::new([3, 16], [3, 3]).with_padding([1, 1]).init_with(&mut weights)?,
//!     output: LinearConfig::new(16, 10).init_with(&mut weights)?,
//! };
//! let maps = tiny.conv.forward_then(Tensor::ones([2, 3, 8, 8], &device), Epilogue::Relu);
//! assert_eq!(tiny.output.forward(global_avg_pool(maps)).dims(), [2, 10]);
//! # Ok::<(), brasa_models::ModelError>(())
//! ```

/// The options of every config whose layer has weights to draw.
macro_rules! with_weights {
    () => {
        /// The seed that [`init`](Self::init) draws from. Default 0: give each layer of a model its own.
        pub fn with_seed(self, seed: u64) -> Self {
            Self { seed, ..self }
        }

        /// The distribution that [`init`](Self::init) draws from. Default PyTorch's.
        pub fn with_init(self, init: crate::Init) -> Self {
            Self { init, ..self }
        }
    };
}

mod attention;
mod batch_norm;
mod conv1d;
mod conv2d;
mod embedding;
mod gru;
mod layer_norm;
mod linear;
mod lstm;
mod recurrent;
mod residual;
mod squeeze_excite;

pub use attention::{Attention, AttentionConfig, Projection};
pub use batch_norm::{BatchNorm, BatchNormConfig};
pub use conv1d::{Conv1d, Conv1dConfig};
pub use conv2d::{Conv2d, Conv2dConfig};
pub use embedding::{Embedding, EmbeddingConfig};
pub use gru::{Gru, GruConfig};
pub use layer_norm::{LayerNorm, LayerNormConfig};
pub use linear::{LinearConfig, linear};
pub use lstm::{Lstm, LstmConfig};
pub use recurrent::{Directions, Gates, RecurrentLayer};
pub use residual::{Residual, ResidualConfig, ShortCut};
pub use squeeze_excite::{SqueezeExcite, SqueezeExciteConfig};
