#![doc = include_str!("../README.md")]

mod config;
mod embedding;
mod error;
mod saved;
mod subwords;
mod train;
mod vec_text;

pub use config::{CheckedEmbedding, EmbeddingConfig};
pub use embedding::Embedding;
pub use error::{EmbedError, Result};
