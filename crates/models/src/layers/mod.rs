//! Layers with PyTorch's meaning and parameter names, for use in any Burn model.

mod batch_norm;
mod conv;
mod residual;

pub use batch_norm::BatchNorm;
pub use conv::Conv2d;
pub use residual::{Residual, ShortCut, SqueezeExcite};
