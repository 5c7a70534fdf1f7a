//! The bodies of Burn's primitives: one test, because it switches the mode of the process.
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

use brasa_kernels::{Mode, set_mode};
use burn::tensor::Device;
use every::{DROPOUT, assert_alike, everything};

/// What `work` gives by the reference bodies and by the fast ones.
fn both<T>(work: impl Fn() -> T) -> [T; 2] {
    [Mode::Reference, Mode::Fast].map(|mode| {
        set_mode(mode);
        work()
    })
}

#[test]
fn the_reference_bodies_follow_pytorch_and_the_fast_ones_follow_them() {
    set_mode(Mode::Reference);
    recurrent::follow_pytorch();
    tables::follow_pytorch();
    losses::follow_pytorch();

    let [expected, actual] = both(|| everything(&Device::flex()));
    assert_eq!(actual.len(), expected.len());
    for ((name, _, actual), (_, _, expected)) in
        actual.iter().zip(&expected).filter(|((name, ..), _)| name != DROPOUT)
    {
        assert_alike(actual, expected, name);
    }
}
