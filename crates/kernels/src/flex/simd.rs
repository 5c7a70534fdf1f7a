//! Explicit vector code, compiled for each instruction set that the processor may have.

use std::any::TypeId;
use std::sync::LazyLock;

use pulp::{Arch, Scalar128b, Simd, WithSimd};

/// The instruction set to run in: this processor's best, or a lesser one that `BRASA_SIMD` names, so that the code for
/// it can be tested and its results compared. The variable is read once.
pub(crate) fn arch() -> Arch {
    static ARCH: LazyLock<Arch> = LazyLock::new(|| match std::env::var("BRASA_SIMD").as_deref() {
        Ok("scalar") => Arch::Scalar,
        #[cfg(target_arch = "x86_64")]
        Ok("avx2") => pulp::x86::V3::try_new().map_or(Arch::Scalar, Arch::V3),
        _ => Arch::new(),
    });
    *ARCH
}

/// What `BRASA_SIMD` may say.
const LEVELS: [&str; 2] = ["avx2", "scalar"];

/// Whether `BRASA_SIMD` says what it may.
///
/// # Errors
/// What was expected and what it says.
pub fn check_simd() -> Result<(), String> {
    match std::env::var("BRASA_SIMD") {
        Ok(level) if !level.is_empty() && !LEVELS.contains(&level.as_str()) => {
            Err(format!("BRASA_SIMD: expected {}, found `{level}`", LEVELS.join(" or ")))
        }
        _ => Ok(()),
    }
}

/// Runs `operation` in the code for this processor. Without vector instructions that [`Arch`] knows, four lanes of
/// plain code, of which the compiler makes what it can.
#[inline(always)]
pub(crate) fn dispatch<Op: WithSimd>(operation: Op) -> Op::Output {
    match arch() {
        Arch::Scalar => Simd::vectorize(Scalar128b, operation),
        arch => arch.dispatch(operation),
    }
}

/// Lanes of a vector of this processor.
pub(crate) fn lanes() -> usize {
    struct Lanes;
    impl WithSimd for Lanes {
        type Output = usize;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            S::F32_LANES
        }
    }
    dispatch(Lanes)
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

/// The body for each `$index` below a constant `$count`, written out. Arrays of sums that only such loops touch stay in
/// registers; the compiler unrolls a real loop too late for that.
///
/// A count that is not 3, 4 or 6 is followed by the most that it can be: `unrolled!(n < N, 2 => { .. })`. Each copy of the body is
/// compiled before it is known to be one too many, which loops within loops multiply.
macro_rules! unrolled {
    ($index:ident < 3 => $body:block) => { $crate::flex::unrolled!(@ $index 3, $body, 0 1 2) };
    ($index:ident < 4 => $body:block) => { $crate::flex::unrolled!(@ $index 4, $body, 0 1 2 3) };
    ($index:ident < 6 => $body:block) => { $crate::flex::unrolled!(@ $index 6, $body, 0 1 2 3 4 5) };
    ($index:ident < $count:ident, 2 => $body:block) => {
        const { assert!($count <= 2) };
        $crate::flex::unrolled!(@ $index $count, $body, 0 1)
    };
    ($index:ident < $count:ident, 4 => $body:block) => {
        const { assert!($count <= 4) };
        $crate::flex::unrolled!(@ $index $count, $body, 0 1 2 3)
    };
    ($index:ident < $count:ident, 6 => $body:block) => {
        const { assert!($count <= 6) };
        $crate::flex::unrolled!(@ $index $count, $body, 0 1 2 3 4 5)
    };
    ($index:ident < $count:ident, 14 => $body:block) => {
        const { assert!($count <= 14) };
        $crate::flex::unrolled!(@ $index $count, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12 13)
    };
    (@ $index:ident $count:tt, $body:block, $($value:literal)*) => {
        $(
            #[allow(clippy::absurd_extreme_comparisons, unused_comparisons)]
            if $value < $count {
                let $index: usize = $value;
                $body
            }
        )*
    };
}
pub(crate) use unrolled;
