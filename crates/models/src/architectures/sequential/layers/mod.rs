//! The layers of a recipe. Each kind is one file, with its words, shape, cost, building and running; a further kind is its
//! file and its lines here.

mod activation;
mod adaptive_avg_pool;
mod add;
mod attention;
mod batch_norm;
pub(super) mod branches;
mod class_token;
mod concat;
mod conv;
mod dropout;
mod first_token;
mod global_avg_pool;
mod group_norm;
mod layer_norm;
mod layer_scale;
mod linear;
mod multiply;
mod pad;
mod pool;
mod positions;
mod residual;
mod short_cut;
mod stochastic_depth;
mod window;

use brasa_kernels::ActivationKind;
use burn::module::Module;

use super::kind::{Described, LayerKind, Run};
use super::list::layer_kinds;
use super::shape::Shape;
use super::words::Words;
use crate::Result;
use crate::init::Initializer;

pub use pool::Pooling;
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
    multiply: Multiply(MultiplySpec),
    adaptive_avg_pool: AdaptiveAvgPool(AdaptiveAvgPoolSpec),
    layer_norm: LayerNorm(LayerNormSpec),
    layer_scale: LayerScale(LayerScaleSpec),
    stochastic_depth: StochasticDepth(StochasticDepthSpec),
    short_cut: ShortCut(ShortCutSpec),
    pad: Pad(PadSpec),
    class_token: ClassToken(ClassTokenSpec),
    positions: Positions(PositionsSpec),
    attention: Attention(AttentionSpec),
    first_token: FirstToken(FirstTokenSpec),
}

impl Layer {
    /// Whether it is a ReLU, which other layers do in their own pass.
    fn is_relu(&self) -> bool {
        matches!(self, Self::Activation(activation) if activation.kind == ActivationKind::Relu)
    }
}
