#![doc = include_str!("../README.md")]

mod bank;
mod convolve;
mod error;
mod features;
mod fit;
mod kernels;
mod mini;
mod random;
mod ridge;
mod scale;
mod series;

pub use bank::KernelParts;
pub use error::{Result, RocketError};
pub use features::{Features, side_by_side};
pub use kernels::{KERNEL_LENGTH, KERNELS};
pub use mini::{MiniRocket, MiniRocketConfig};
pub use ridge::{Ridge, RidgeConfig};
pub use scale::{SparseScaler, StandardScaler};
pub use series::Series;
