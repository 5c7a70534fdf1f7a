#![doc = include_str!("../README.md")]

mod bank;
mod combined;
mod convolve;
mod error;
mod features;
mod fit;
mod hydra;
mod kernels;
mod mini;
mod multi;
mod pool;
mod random;
mod ridge;
mod scale;
mod series;

pub use bank::KernelParts;
pub use combined::HydraMultiRocket;
pub use error::{Result, RocketError};
pub use features::{Features, side_by_side};
pub use hydra::{Hydra, HydraConfig, HydraParts};
pub use kernels::{KERNEL_LENGTH, KERNELS, TRIPLES};
pub use mini::{MiniRocket, MiniRocketConfig};
pub use multi::{MultiParts, MultiRocket, MultiRocketConfig};
pub use ridge::{Ridge, RidgeConfig};
pub use scale::{SparseScaler, StandardScaler};
pub use series::Series;
