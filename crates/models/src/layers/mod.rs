//! Layers with PyTorch's meaning and parameter names, for use in any Burn model.

mod batch_norm;

pub use batch_norm::BatchNorm;
