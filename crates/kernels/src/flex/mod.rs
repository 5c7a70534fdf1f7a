//! What the fused kernels for Burn's flex backend share.

pub(crate) mod kept;
mod lanes;
pub(crate) mod math;
mod route;
mod scratch;
mod simd;
mod transpose;

pub(crate) use lanes::{
    CHUNK, Kernel, Pointwise, SERIAL_BELOW, for_each_chunk, gradient_in_place, map, vectorized,
};
pub(crate) use route::{
    Routed, constant, into_plain, into_tracked, on_flex, owned_contiguous, plain, route, tensor, tracked,
};
pub(crate) use scratch::with_scratch;
pub use simd::check_simd;
pub(crate) use simd::{dispatch, lanes, mul_add, unrolled};
pub(crate) use transpose::{Rows, square, transpose, transpose_into, transposed};
