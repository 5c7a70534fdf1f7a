#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod answer;
mod card;
mod error;
mod onnx;
mod saved;

pub use answer::{ClassAnswer, Prediction, softmax};
pub use card::{Answers, ModelCard};
pub use error::{PredictError, Result};
pub use saved::{SavedModel, save, save_model};
