#![doc = include_str!("../README.md")]

mod attribute;
mod data;
mod element;
mod error;
mod finish;
mod graph;
mod graph_parts;
mod int8;
mod names;
mod proto;
mod read;
mod value;

pub use attribute::Attribute;
pub use data::Data;
pub use element::Element;
pub use error::{OnnxError, Result};
pub use finish::Opset;
pub use graph::{Graph, Operator};
pub use int8::Int8;
pub use read::{Initializer, initializers, read_initializers};
pub use value::{Dim, Value};
