//! One seed for each random layer of a step.

/// Keeps the draws of a step's layers apart; the kernel mixes the bits.
pub(crate) fn layer_seed(seed: u64, layer: usize) -> u64 {
    seed.wrapping_add((layer as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
}
