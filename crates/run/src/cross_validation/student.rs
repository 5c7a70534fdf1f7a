//! Student's t distribution for whole degrees of freedom.

/// `t` with `P(|T| <= t) = coverage`, `coverage` in (0, 1).
///
/// # Reference
/// The closed form of Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.3 and 26.7.4, turned around by
/// bisection over the angle; `scipy.stats.t.ppf((1 + coverage) / 2, degrees)`.
pub(super) fn two_sided_quantile(coverage: f64, degrees: usize) -> f64 {
    let (mut low, mut high) = (0.0, std::f64::consts::FRAC_PI_2);
    // Each step adds a bit; a double has 53.
    for _ in 0..64 {
        let middle = (low + high) / 2.0;
        if within(middle, degrees) < coverage { low = middle } else { high = middle }
    }
    ((low + high) / 2.0).tan() * (degrees as f64).sqrt()
}

/// `P(|T| <= t)` for `t = sqrt(degrees) * tan(angle)`.
fn within(angle: f64, degrees: usize) -> f64 {
    let (sine, cosine) = angle.sin_cos();
    let odd = degrees % 2 == 1;
    // The series 1 + 1/2 cos^2 + (1*3)/(2*4) cos^4 + ..., for odd degrees cos + 2/3 cos^3 + (2*4)/(3*5) cos^5 + ...
    let (mut term, mut power) = if odd { (cosine, 1) } else { (1.0, 0) };
    let mut sum = 0.0;
    while power + 2 <= degrees {
        sum += term;
        term *= (power + 1) as f64 / (power + 2) as f64 * cosine * cosine;
        power += 2;
    }
    if odd { (angle + sine * sum) * std::f64::consts::FRAC_2_PI } else { sine * sum }
}
