//! What the fused kernels for Burn's flex backend share.

mod lanes;
pub(crate) mod math;
mod route;

pub(crate) use lanes::{Pointwise, gradient_in_place, map};
pub(crate) use route::{Routed, owned_contiguous, plain, route, tracked};
