#![doc = include_str!("../README.md")]

mod activation;
mod batch_norm;
mod conv;
mod cross_entropy;
mod dropout;
mod embedding;
#[cfg(feature = "flex")]
mod flex;
mod linear;
#[cfg(feature = "mimalloc")]
pub mod memory;
mod mode;
pub mod optim;
mod peak;
mod periodic;
mod pool;
#[cfg(feature = "flex")]
mod product;
mod recurrent;
mod residual;
mod threads;

pub use activation::{ActivationKind, activation, parametric_activation};
pub use batch_norm::{batch_norm_infer, batch_norm_train};
pub use conv::{ConvOptions, Epilogue, conv1d, conv2d, conv2d_batch_norm, conv2d_scaled};
pub use cross_entropy::softmax_cross_entropy;
pub use dropout::dropout;
pub use embedding::{embedding, embedding_sum};
#[cfg(feature = "flex")]
pub use flex::check_simd;
pub use linear::linear;
pub use mode::{Mode, ModeScope, mode};
pub use peak::peak_flops;
pub use periodic::{PeriodicWeights, periodic};
pub use pool::{PoolOptions, avg_pool2d, global_avg_pool, max_over_time, max_pool2d};
pub use recurrent::{Direction, gru, lstm};
pub use residual::residual_relu;
pub use threads::{in_pool, side_by_side, stay_awake, threads};
