/// The 95 % Wilson score interval of a proportion such as accuracy: (low, high), both from 0 to 1.
///
/// Unlike the normal approximation it stays within [0, 1] and is sound for few rows and for proportions near 0
/// or 1. Without rows nothing is known: (0, 1). `successes` above `rows` count as `rows`.
///
/// # Reference
/// Wilson (1927), Probable inference, the law of succession, and statistical inference;
/// `scipy.stats.binomtest(...).proportion_ci(method="wilson")`.
///
/// ```
/// use brasa_train::metrics::wilson_interval;
///
/// let (low, high) = wilson_interval(29, 30);
/// assert!((low - 0.8333).abs() < 1e-4 && (high - 0.9941).abs() < 1e-4);
/// ```
pub fn wilson_interval(successes: u64, rows: u64) -> (f64, f64) {
    /// The 97.5 % quantile of the normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if rows == 0 {
        return (0.0, 1.0);
    }
    let successes = successes.min(rows);
    let n = rows as f64;
    let p = successes as f64 / n;
    let denominator = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / denominator;
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / denominator;
    // At the ends rounding would leave 1e-17 where the interval touches 0 or 1 exactly.
    let low = if successes == 0 { 0.0 } else { centre - half };
    let high = if successes == rows { 1.0 } else { centre + half };
    (low, high)
}
