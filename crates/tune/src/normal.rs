//! The standard normal distribution.

use std::f64::consts::SQRT_2;

/// Probability of a draw below `z`.
pub(crate) fn cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// Probability of a draw between `a` and `b`, exact in the tails, too.
pub(crate) fn mass(a: f64, b: f64) -> f64 {
    if a > 0.0 {
        // In the upper tail both are near 1, and their difference would be lost.
        return mass(-b, -a);
    }
    if b <= 0.0 {
        return 0.5 * (libm::erfc(-b / SQRT_2) - libm::erfc(-a / SQRT_2));
    }
    0.5 * (libm::erf(b / SQRT_2) - libm::erf(a / SQRT_2))
}

/// The `z` below which a draw lies with probability `p`: Acklam's rational approximation and one step of Halley's method.
pub(crate) fn quantile(p: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        return if p <= 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    if p > 0.5 {
        return -quantile(1.0 - p);
    }
    let z = if p < 0.024_25 { lower_tail(p) } else { middle(p) };
    let error = cdf(z) - p;
    let step = error * (2.0 * std::f64::consts::PI).sqrt() * (z * z / 2.0).exp();
    z - step / (1.0 + z * step / 2.0)
}

fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    coefficients.iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

fn lower_tail(p: f64) -> f64 {
    let q = (-2.0 * p.ln()).sqrt();
    polynomial(
        q,
        [
            -7.784_894_002_430_293e-3,
            -0.322_396_458_041_136_5,
            -2.400_758_277_161_838,
            -2.549_732_539_343_734,
            4.374_664_141_464_968,
            2.938_163_982_698_783,
        ],
    ) / polynomial(
        q,
        [
            7.784_695_709_041_462e-3,
            0.322_467_129_070_039_8,
            2.445_134_137_142_996,
            3.754_408_661_907_416,
            1.0,
        ],
    )
}

fn middle(p: f64) -> f64 {
    let (q, r) = (p - 0.5, (p - 0.5) * (p - 0.5));
    q * polynomial(
        r,
        [
            -39.696_830_286_653_76,
            220.946_098_424_520_5,
            -275.928_510_446_968_7,
            138.357_751_867_269,
            -30.664_798_066_147_16,
            2.506_628_277_459_239,
        ],
    ) / polynomial(
        r,
        [
            -54.476_098_798_224_06,
            161.585_836_858_040_9,
            -155.698_979_859_886_6,
            66.801_311_887_719_72,
            -13.280_681_552_885_72,
            1.0,
        ],
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_scipy() {
        // scipy.stats.norm: cdf, ppf, and cdf differences in the tail by norm.sf.
        for (z, p) in [
            (-6.0, 9.865_876_450_376_946e-10),
            (-1.0, 0.158_655_253_931_457_05),
            (2.5, 0.993_790_334_674_223_8),
        ] {
            assert!((cdf(z) / p - 1.0).abs() < 1e-13, "{z}");
            assert!((quantile(p) - z).abs() < 1e-12, "{p}: {}", quantile(p));
        }
        assert!((quantile(1e-12) + 7.034_483_825_301_131).abs() < 1e-9);
        assert!((mass(8.0, 9.0) / 6.219_831_985_865_787e-16 - 1.0).abs() < 1e-9, "{}", mass(8.0, 9.0));
        assert!((mass(-1.0, 1.0) - 0.682_689_492_137_085_9).abs() < 1e-15);
    }
}
