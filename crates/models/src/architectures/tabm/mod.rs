//! Tabm: many perceptrons for tables in one, which share all their weights but those at both ends.

mod config;
mod emit;
mod pieces;
mod recipe;

use brasa_kernels::dropout;
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Tensor, activation::relu};

use super::real_mlp::Front;
use crate::layers::linear;
use crate::seeds::layer_seed;
use crate::{Input, Model, Rate};

pub use config::TabmConfig;
use pieces::Pieces;
pub use recipe::TabmRecipe;

/// The network made by [`TabmConfig::init`].
///
/// # Reference
/// [Gorishniy et al. 2025](https://arxiv.org/abs/2410.24210), TabM-mini with piecewise-linear embeddings of numbers. Members answer together by
/// the mean of their outputs.
#[derive(Module, Debug)]
pub struct Tabm {
    /// Columns of numbers as they are, then categories.
    front: Front,
    pieces: Option<Pieces>,
    /// What each member multiplies the numbers by that a row becomes, `[members, width]`.
    adapter: Param<Tensor<2>>,
    hidden: Vec<Linear>,
    output: Heads,
    #[module(skip)]
    numbers: usize,
    #[module(skip)]
    dropout: f64,
}

/// A linear layer for each member.
#[derive(Module, Debug)]
struct Heads {
    /// `[members, width, outputs]`.
    weight: Param<Tensor<3>>,
    /// `[members, outputs]`.
    bias: Param<Tensor<2>>,
}

impl Tabm {
    /// The mean of the members' outputs for rows of columns: numbers, and codes of categories.
    ///
    /// # Shapes
    /// `[batch, columns]` to `[batch, outputs]`.
    pub fn forward(&self, columns: Tensor<2>) -> Tensor<2> {
        let outputs = self.members(columns, |features, _| features);
        let [batch, _, width] = outputs.dims();
        outputs.mean_dim(1).reshape([batch, width])
    }

    /// The outputs of each member, with dropout drawn from `seed`: of every row those of all members, one after another.
    ///
    /// # Shapes
    /// `[batch, columns]` to `[batch * members, outputs]`.
    pub fn forward_train(&self, columns: Tensor<2>, seed: u64) -> Tensor<2> {
        let drop = |features, layer| dropout(features, self.dropout, layer_seed(seed, layer));
        let outputs = self.members(columns, drop);
        let [batch, members, width] = outputs.dims();
        outputs.reshape([batch * members, width])
    }

    /// # Shapes
    /// `[batch, columns]` to `[batch, members, outputs]`.
    fn members(&self, columns: Tensor<2>, finish: impl Fn(Tensor<2>, usize) -> Tensor<2>) -> Tensor<3> {
        let features = self.features(columns);
        let ([batch, width], [members, _]) = (features.dims(), self.adapter.dims());
        let adapted = features.unsqueeze_dim::<3>(1) * self.adapter.val().unsqueeze::<3>();
        let adapted = adapted.reshape([batch * members, width]);
        let features = self
            .hidden
            .iter()
            .enumerate()
            .fold(adapted, |features, (layer, own)| finish(relu(linear(own, features)), layer));
        let width = features.dims()[1];
        // Each member by its own weights.
        let features = features.reshape([batch, members, width]).swap_dims(0, 1);
        let outputs =
            features.matmul(self.output.weight.val()) + self.output.bias.val().unsqueeze_dim::<3>(1);
        outputs.swap_dims(0, 1)
    }

    /// The numbers that a row becomes.
    fn features(&self, columns: Tensor<2>) -> Tensor<2> {
        let features = self.front.forward(columns);
        let Some(pieces) = &self.pieces else { return features };
        let [batch, width] = features.dims();
        let numbers = pieces.forward(features.clone().slice([0..batch, 0..self.numbers]));
        match width == self.numbers {
            true => numbers,
            false => Tensor::cat(vec![numbers, features.slice([0..batch, self.numbers..width])], 1),
        }
    }
}

impl Model for Tabm {
    fn forward(&self, input: &Input) -> Tensor<2> {
        self.forward(input.flat())
    }

    fn forward_train(&self, input: &Input, draws: u64) -> Tensor<2> {
        self.forward_train(input.flat(), draws)
    }

    fn answers(&self) -> usize {
        self.adapter.dims()[0]
    }

    fn rate(&self, path: &str) -> Rate {
        Rate { rows: path.ends_with("vectors"), ..Rate::default() }
    }
}

#[cfg(test)]
mod tests;
