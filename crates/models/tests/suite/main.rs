//! Networks, layers and weights: one program, which is linked once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod architectures;
mod branches;
mod cnn;
mod graph;
mod group_norm;
mod layers;
mod real_weights;
mod recurrent;
mod test_flip;
mod text;
mod torch;
mod weights;
mod words;
