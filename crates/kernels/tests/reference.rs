//! The bodies of Burn's primitives: one test, because it switches the mode of the process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/cross_entropy.rs"]
mod losses;
#[path = "common/recurrent.rs"]
mod recurrent;
#[path = "common/embedding.rs"]
mod tables;

use brasa_kernels::{Mode, set_mode};
use burn::tensor::Device;
use common::assert_close;

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

    let device = Device::flex().autodiff();
    for case in recurrent::shapes() {
        let [expected, actual] = both(|| case.everything(&device));
        let what = format!("{:?} of {}, {:?}, reverse {}", case.kind, case.hidden, case.shape, case.reverse);
        recurrent::assert_same(&actual, &expected, 2e-5, &what);
    }
    for case in tables::shapes() {
        let [expected, actual] = both(|| case.run(&device));
        assert_eq!(actual[0], expected[0], "{}", case.case);
        assert_close(&actual[1], &expected[1], 1e-5, 1e-4, &case.case);
    }
    for case in losses::shapes() {
        let [expected, actual] = both(|| losses::run(&case, &device));
        assert_close(&actual.0, &expected.0, 1e-5, 1e-7, &case.case);
        let size = expected.1.iter().fold(0.0f32, |size, value| size.max(value.abs()));
        assert_close(&actual.1, &expected.1, 0.0, 1e-5 * size, &case.case);
    }
}
