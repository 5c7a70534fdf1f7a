//! Branch-free `f32` functions that the compiler turns into vector code.
//!
//! Only additions, multiplications, divisions and integer operations, never a fused multiply-add: the results are
//! the same bits on every processor. NaN goes in, NaN comes out.

/// `1.5 * 2^23`: adding it rounds to the nearest integer, which then stands in the low bits.
const ROUNDER: f32 = 12_582_912.0;
/// ln 2 in two parts; the first has few enough bits that its products with small integers are exact.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

/// Arguments below this give 0 in `f32`, subnormals included.
pub(crate) const EXP_ZERO: f32 = -104.0;

/// `value`, at most `limit`; NaN stays NaN (`f32::min` would drop it).
#[inline(always)]
pub(crate) fn at_most(value: f32, limit: f32) -> f32 {
    if value > limit { limit } else { value }
}

/// `value`, at least `limit`; NaN stays NaN.
#[inline(always)]
pub(crate) fn at_least(value: f32, limit: f32) -> f32 {
    if value < limit { limit } else { value }
}

/// `e^x` for `x` in `[-104, 88]`.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    exp_sum(x, 0.0)
}

/// `e^(x + tail)` with a `tail` too small to be added to `x` without loss.
///
/// Reduction to `2^k e^r` with `|r| <= ln 2 / 2`, then the polynomial of Cephes' `expf` (S. Moshier).
#[inline(always)]
pub(crate) fn exp_sum(x: f32, tail: f32) -> f32 {
    let shifted = (x + tail) * std::f32::consts::LOG2_E + ROUNDER;
    let k = shifted - ROUNDER;
    let r = ((x - k * LN2_HIGH) - k * LN2_LOW) + tail;
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_199_9e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 1.666_666_5e-1;
    p = p * r + 5e-1;
    let e = (p * (r * r) + r) + 1.0;
    // Two factors, because 2^k itself may be subnormal when the result is.
    let k = (shifted.to_bits() as i32).wrapping_sub(ROUNDER.to_bits() as i32);
    let half = k >> 1;
    e * power_of_two(half) * power_of_two(k.wrapping_sub(half))
}

#[inline(always)]
fn power_of_two(k: i32) -> f32 {
    f32::from_bits((k.wrapping_add(127) as u32) << 23)
}

/// `e^-|x|` and the logistic function: `(e, 1/(1+e^-x), 1/(1+e^x))`.
#[inline(always)]
pub(crate) fn logistic(x: f32) -> (f32, f32, f32) {
    let e = exp(-at_most(x.abs(), -EXP_ZERO));
    let near = 1.0 / (1.0 + e);
    let far = e / (1.0 + e);
    if x < 0.0 { (e, far, near) } else { (e, near, far) }
}

/// Hyperbolic tangent: a polynomial near zero (Cephes), `1 - 2/(e^2x + 1)` beyond.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let size = x.abs();
    let z = x * x;
    let mut p = -5.704_988_7e-3;
    p = p * z + 2.063_909e-2;
    p = p * z - 5.373_971_6e-2;
    p = p * z + 1.333_144_2e-1;
    p = p * z - 3.333_328e-1;
    let small = p * z * x + x;
    let large = 1.0 - 2.0 / (exp(2.0 * at_most(size, 10.0)) + 1.0);
    if size < 0.625 { small } else { large.copysign(x) }
}

/// Beyond this the normal tail probability is 0 in `f32`.
pub(crate) const NORMAL_ZERO: f32 = 14.5;

/// Distribution function and density of the standard normal: `(P(Z <= x), phi(x))`.
///
/// The tail is `exp(-x^2/2)` times a polynomial in `(t - 2.5)/(t + 2.5)`, `t = |x|`, over `t + 2.5`: a Chebyshev
/// fit to the scaled complementary error function on `[0, 14.6]`, relative error 2e-8 before rounding. `x^2` is
/// formed in two exact parts: its rounding error would be amplified by the exponential. Near zero it is the Taylor
/// series about 1/2, which loses no digits there.
#[inline(always)]
pub(crate) fn normal(x: f32) -> (f32, f32) {
    const TAIL: [f32; 10] = [
        0.706_656_63,
        -0.433_691_98,
        0.131_987_04,
        0.009_235_53,
        -0.016_386_755,
        -0.001_599_684_6,
        0.002_525_805,
        0.000_683_618_8,
        -0.000_313_557_16,
        -0.000_158_304_99,
    ];
    const INV_SQRT_TAU: f32 = 0.398_942_3;
    let t = at_most(x.abs(), NORMAL_ZERO);
    let high = f32::from_bits(t.to_bits() & 0xFFFF_F000);
    let low = t - high;
    let bell = exp_sum(-0.5 * (high * high), -0.5 * (low * (t + high)));
    let w = (t - 2.5) / (t + 2.5);
    let mut p = TAIL[9];
    p = p * w + TAIL[8];
    p = p * w + TAIL[7];
    p = p * w + TAIL[6];
    p = p * w + TAIL[5];
    p = p * w + TAIL[4];
    p = p * w + TAIL[3];
    p = p * w + TAIL[2];
    p = p * w + TAIL[1];
    p = p * w + TAIL[0];
    let tail = (bell * p) / (t + 2.5);
    let far = if x < 0.0 { tail } else { 1.0 - tail };
    let z = x * x;
    let mut p = -2.367_424_2e-5;
    p = p * z + 2.893_518_6e-4;
    p = p * z - 2.976_190_4e-3;
    p = p * z + 2.5e-2;
    p = p * z - 1.666_666_7e-1;
    let near = 0.5 + (p * z * x + x) * INV_SQRT_TAU;
    (if t < 0.5 { near } else { far }, bell * INV_SQRT_TAU)
}

/// Half a turn's half in three parts; the first two have few enough bits that their products with small integers are exact.
const QUARTER_HIGH: f32 = 1.570_312_5;
const QUARTER_MIDDLE: f32 = 4.837_513e-4;
const QUARTER_LOW: f32 = 7.549_79e-8;

/// `(sin x, cos x)` for `|x|` up to 8,192: the distance to the nearest multiple of a quarter turn, then the polynomials of
/// Cephes' `sinf` and `cosf` (S. Moshier).
#[inline(always)]
pub(crate) fn sin_cos(x: f32) -> (f32, f32) {
    let shifted = x * std::f32::consts::FRAC_2_PI + ROUNDER;
    let n = shifted - ROUNDER;
    let r = ((x - n * QUARTER_HIGH) - n * QUARTER_MIDDLE) - n * QUARTER_LOW;
    let z = r * r;
    let near_sin = ((-1.951_529_6e-4 * z + 8.332_161e-3) * z - 1.666_665_5e-1) * z * r + r;
    let near_cos = ((2.443_315_7e-5 * z - 1.388_731_6e-3) * z + 4.166_664_6e-2) * (z * z) - 0.5 * z + 1.0;
    let quarter = (shifted.to_bits() as i32).wrapping_sub(ROUNDER.to_bits() as i32);
    let (sin, cos) = if quarter & 1 == 0 { (near_sin, near_cos) } else { (near_cos, near_sin) };
    let sin = if quarter & 2 == 0 { sin } else { -sin };
    let cos = if quarter.wrapping_add(1) & 2 == 0 { cos } else { -cos };
    (sin, cos)
}
