//! Explicit vector code, compiled for each instruction set that the processor may have.

use std::any::TypeId;

use pulp::{Arch, Scalar128b, Simd, WithSimd};

/// Runs `operation` in the code for this processor. Without vector instructions that [`Arch`] knows, four lanes of
/// plain code, of which the compiler makes what it can.
#[inline(always)]
pub(crate) fn dispatch<Op: WithSimd>(operation: Op) -> Op::Output {
    match Arch::new() {
        Arch::Scalar => Simd::vectorize(Scalar128b, operation),
        arch => arch.dispatch(operation),
    }
}

/// `a * b + c`, fused where the processor can.
#[inline(always)]
pub(crate) fn mul_add<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
    // Fused in software, the plain lanes would take a hundred times as long.
    if TypeId::of::<S>() == TypeId::of::<Scalar128b>() {
        simd.add_f32s(simd.mul_f32s(a, b), c)
    } else {
        simd.mul_add_f32s(a, b, c)
    }
}
