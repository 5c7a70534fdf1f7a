#![doc = include_str!("../README.md")]

mod activation;
mod batch_norm;
mod dropout;
#[cfg(feature = "flex")]
mod flex;
mod mode;
pub mod optim;

pub use activation::{ActivationKind, activation};
pub use batch_norm::batch_norm_train;
pub use dropout::dropout;
pub use mode::{Mode, mode, set_mode};
