//! The layers of a recipe. Each kind is one file, with its words, shape, cost, building and running; a further kind is its
//! file and its lines here.

mod activation;
mod add;
mod batch_norm;
pub(super) mod branches;
mod concat;
mod conv;
mod dropout;
mod global_avg_pool;
mod group_norm;
mod linear;
mod pool;
mod residual;
mod window;

use burn::module::Module;

use super::kind::{Described, LayerKind, Run};
use super::list::layer_kinds;
use super::shape::Shape;
use super::words::Words;
use crate::Result;
use crate::init::Initializer;

pub use window::Window;

// In the order in which messages name them.
layer_kinds! {
    conv: Conv(ConvSpec),
    residual: Residual(ResidualSpec),
    batch_norm: BatchNorm(BatchNormSpec),
    group_norm: GroupNorm(GroupNormSpec),
    pool: Pool(PoolSpec),
    global_avg_pool: GlobalAvgPool(GlobalAvgPoolSpec),
    dropout: Dropout(DropoutSpec),
    linear: Linear(LinearSpec),
    add: Add(AddSpec),
    concat: Concat(ConcatSpec),
    activation: Activation(ActivationSpec),
}
