#![doc = include_str!("../README.md")]

mod activation;
mod batch_norm;
mod cross_entropy;
mod dropout;
mod embedding;
#[cfg(feature = "flex")]
mod flex;
mod mode;
pub mod optim;
mod recurrent;

pub use activation::{ActivationKind, activation};
pub use batch_norm::batch_norm_train;
pub use cross_entropy::softmax_cross_entropy;
pub use dropout::dropout;
pub use embedding::embedding;
pub use mode::{Mode, mode, set_mode};
pub use recurrent::{gru, lstm};
