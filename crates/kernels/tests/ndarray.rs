//! The default bodies on another backend, against the kernels on flex.
#![cfg(all(feature = "flex", feature = "ndarray"))]
#![allow(deprecated, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

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

use burn::tensor::Device;
use every::{assert_alike, everything};

#[test]
fn other_backends_give_the_same_results() {
    let (kernels, other) = (everything(&Device::flex()), everything(&Device::ndarray()));
    assert_eq!(kernels.len(), other.len());
    for ((name, _, kernel), (_, _, other)) in kernels.iter().zip(&other) {
        assert_alike(kernel, other, name);
    }
}
