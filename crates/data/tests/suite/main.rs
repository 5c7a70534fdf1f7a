//! How data are read, split and batched: one program, which is linked once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod augment;
mod common;
mod config;
mod csv;
mod delimited;
mod fetch;
mod fold_plan;
mod given;
mod grouped;
mod idx;
mod image;
mod images;
mod large;
mod loader;
mod raw_files;
mod regression;
mod scaler;
mod split;
