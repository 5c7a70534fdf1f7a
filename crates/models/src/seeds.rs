//! One seed for each random layer of a step.

/// Keeps the draws of a step's layers apart; the kernel mixes the bits.
pub(crate) fn layer_seed(seed: u64, layer: usize) -> u64 {
    seed.wrapping_add((layer as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// The seed of the layers in branch `branch` of a layer whose own seed is `seed`. Mixed, because [`layer_seed`] adds: a
/// layer in a branch would otherwise draw as some layer further on.
pub(crate) fn branch_seed(seed: u64, branch: usize) -> u64 {
    let mut mixed = layer_seed(seed, branch);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
