//! Optimizer state in and out of Burn's records. Burn's derive macro only works inside its own crate.

use burn::optim::{StateSink, StateSource};
use burn::tensor::{Device, Tensor};

/// Records `tensor`, if there is one, as `{prefix}.{leaf}`.
pub(super) fn push<const D: usize>(
    out: &mut StateSink,
    prefix: &str,
    leaf: &str,
    tensor: Option<&Tensor<D>>,
) {
    if let Some(tensor) = tensor {
        out.push_tensor(prefix, leaf, tensor.to_data());
    }
}

/// The tensor `{prefix}.{leaf}`, if it was recorded.
pub(super) fn take<const D: usize>(
    source: &mut StateSource,
    prefix: &str,
    leaf: &str,
    device: &Device,
) -> Option<Tensor<D>> {
    source.take_tensor(prefix, leaf).map(|data| Tensor::from_data(data, device))
}
