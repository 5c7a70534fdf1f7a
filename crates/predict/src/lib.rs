#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

mod answer;
mod card;
mod coverage;
mod decision;
mod error;
mod held_out;
mod onnx;
mod ranges;
mod saved;

pub use answer::{ClassAnswer, Prediction, softmax};
pub use card::{Answers, ModelCard};
pub use coverage::Coverage;
pub use decision::Decision;
pub use error::{PredictError, Result};
pub use held_out::{Certainty, HeldOut, Margins};
pub use ranges::{Beyond, Outside, Ranges};
pub use saved::{SavedModel, amend_card, save, save_model};
