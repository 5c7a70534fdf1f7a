#![doc = include_str!("../README.md")]

mod error;
pub mod executor;
mod importance;
mod metric;
mod normal;
pub mod sampler;
pub mod scheduler;
pub mod space;
mod stream;
pub mod study;

pub use error::SettingError;
pub use importance::{Importance, importance};
pub use metric::{Direction, Metric};
pub use space::Space;
pub use study::{Header, Score, Study, Unit};

/// The values of a trial: of each key that has one there, its value.
pub type Values = serde_json::Map<String, serde_json::Value>;
