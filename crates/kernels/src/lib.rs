#![doc = include_str!("../README.md")]

mod activation;
#[cfg(feature = "flex")]
mod flex;
mod mode;
pub mod optim;

pub use activation::{ActivationKind, activation};
pub use mode::{Mode, mode, set_mode};
