#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod architectures;
mod checks;
mod device;
pub mod diagram;
mod error;
mod finite;
mod host;
mod init;
mod input;
pub mod layers;
mod model;
mod names;
mod onnx;
mod seeds;
mod summary;
mod weights;

pub use architectures::*;
pub use brasa_kernels::ActivationKind as Activation;
pub use device::{backends, select_device};
pub use diagram::Diagram;
pub use error::{ModelError, Result};
pub use finite::{first_gradient_not_finite, first_not_finite};
pub use host::read_back;
pub use init::{Init, Initializer};
pub use input::Input;
pub use model::{Model, Rate, mean_answer};
pub use names::{ParameterPath, fixed_parameters, is_within, parameter_names};
pub use onnx::{Emitter, LEAST_INT8, WeightType};
pub use summary::{LayerSummary, Summary};
pub use weights::{
    KeyRename, LoadOptions, LoadedWeights, StoredWeights, TorchLayout, TorchName, load_stored_weights,
    load_weights, save_torch, save_weights, save_weights_as, stored_numbers, torch_bytes, torch_name,
    weights_bytes,
};
