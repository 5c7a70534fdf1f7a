//! What the fused kernels for Burn's flex backend share.

mod lanes;
pub(crate) mod math;
mod route;

pub(crate) use lanes::{Kernel, Pointwise, for_each_chunk, gradient_in_place, map};
pub(crate) use route::{Routed, all_plain, into_plain, owned_contiguous, plain, route, tracked};
