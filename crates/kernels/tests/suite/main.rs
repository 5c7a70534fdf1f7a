//! The kernels beside Burn's primitives and PyTorch: one program, which is linked once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/convolution.rs"]
mod convolution;
#[path = "../common/recurrent.rs"]
mod sequences;
#[path = "../common/torch.rs"]
mod torch;

mod activation;
mod batch_norm;
mod central_differences;
mod conv;
mod conv_norm;
mod cross_entropy;
mod dropout;
mod embedding;
mod evaluation;
mod few_images;
mod linear;
mod optimizers;
mod pool;
mod recurrent;
mod residual;
mod tabular;
