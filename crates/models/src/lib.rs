#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod checks;
mod device;
mod error;
mod host;
mod init;
mod input;
pub mod layers;
mod mlp;
mod model;
mod network;
mod perceptron;
mod recurrent;
mod seeds;
mod sequential;
mod summary;
mod text;
mod weights;

pub use brasa_kernels::ActivationKind as Activation;
pub use device::{backends, select_device};
pub use error::{ModelError, Result};
pub use host::read_back;
pub use init::{Init, Initializer};
pub use input::Input;
pub use mlp::{Mlp, MlpConfig};
pub use model::Model;
pub use network::{Architecture, Network, NetworkConfig};
pub use perceptron::{ON_THE_LINE, Perceptron, PerceptronConfig, PerceptronWeights};
pub use recurrent::{Cell, Pool, Recurrent, RecurrentConfig};
pub use sequential::{LayerSpec, Sequential, SequentialConfig, specs};
pub use summary::{LayerSummary, Summary};
pub use text::{Text, TextConfig, TextReader};
pub use weights::{KeyRename, load_weights, save_weights};
