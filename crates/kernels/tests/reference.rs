//! The bodies of Burn's primitives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/convolution.rs"]
mod convolution;
#[path = "common/everything.rs"]
mod every;
#[path = "common/cross_entropy.rs"]
mod losses;
#[path = "common/recurrent.rs"]
mod recurrent;
#[path = "common/embedding.rs"]
mod tables;

use brasa_kernels::Mode;
use burn::tensor::Device;
use every::{assert_alike, everything};

/// What `work` gives by the reference bodies and by the fast ones.
fn both<T>(work: impl Fn() -> T) -> [T; 2] {
    [Mode::Reference, Mode::Fast].map(|mode| mode.scope(&work))
}

#[test]
fn the_reference_bodies_follow_pytorch_and_the_fast_ones_follow_them() {
    Mode::Reference.scope(|| {
        recurrent::follow_pytorch();
        tables::follow_pytorch();
        losses::follow_pytorch();
    });

    let [expected, actual] = both(|| everything(&Device::flex()));
    assert_eq!(actual.len(), expected.len());
    for ((name, _, actual), (_, _, expected)) in actual.iter().zip(&expected) {
        assert_alike(actual, expected, name);
    }
}
