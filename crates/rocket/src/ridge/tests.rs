#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;

/// Least squares with a penalty on rows without one, by Gaussian elimination of the normal equations.
fn left_out(rows: &[Vec<f64>], targets: &[f64], out: usize, alpha: f64) -> f64 {
    let kept = (0..rows.len()).filter(|&row| row != out).collect::<Vec<_>>();
    let columns = rows[0].len();
    let count = kept.len() as f64;
    let means =
        (0..columns).map(|at| kept.iter().map(|&row| rows[row][at]).sum::<f64>() / count).collect::<Vec<_>>();
    let mean = kept.iter().map(|&row| targets[row]).sum::<f64>() / count;
    let mut system = vec![vec![0.0; columns + 1]; columns];
    for (a, equation) in system.iter_mut().enumerate() {
        equation[a] = alpha;
        for &row in &kept {
            let value = rows[row][a] - means[a];
            (0..columns).for_each(|b| equation[b] += value * (rows[row][b] - means[b]));
            equation[columns] += value * (targets[row] - mean);
        }
    }
    for pivot in 0..columns {
        for row in 0..columns {
            if row != pivot {
                let factor = system[row][pivot] / system[pivot][pivot];
                (0..=columns).for_each(|at| system[row][at] -= factor * system[pivot][at]);
            }
        }
    }
    let slope = |at: usize| system[at][columns] / system[at][at];
    targets[out] - mean - (0..columns).map(|at| slope(at) * (rows[out][at] - means[at])).sum::<f64>()
}

proptest! {
    #[test]
    fn the_error_is_that_of_fits_without_each_row(
        values in prop::collection::vec(-50_i8..50, 40),
        targets in prop::collection::vec(-50_i8..50, 40),
        columns in 1..12_usize,
        alpha in 0.1_f64..10.0,
    ) {
        let count = values.len() / columns;
        let values = values[..count * columns].iter().map(|&one| f32::from(one) / 10.0).collect::<Vec<_>>();
        let targets = targets[..count].iter().map(|&one| f32::from(one) / 10.0).collect::<Vec<_>>();
        let config = RidgeConfig { alphas: vec![alpha] };
        let ridge = config.fit(&Features::new(&values, columns).unwrap(), &targets, 1).unwrap();

        let rows = values.chunks_exact(columns).map(|row| row.iter().map(|&one| f64::from(one)).collect::<Vec<_>>());
        let rows = rows.collect::<Vec<_>>();
        let targets = targets.iter().map(|&one| f64::from(one)).collect::<Vec<_>>();
        let expected = (0..count).map(|out| left_out(&rows, &targets, out, alpha).powi(2)).sum::<f64>() / count as f64;
        prop_assert!((ridge.left_out_error() / expected - 1.0).abs() < 1e-8, "{} {expected}", ridge.left_out_error());
    }
}

#[test]
fn faults_are_named() {
    let features = Features::new(&[1.0, 2.0, 3.0], 1).unwrap();
    let config = RidgeConfig::default();
    for (error, message) in [
        (
            config.fit(&features, &[1.0; 4], 1),
            "targets: expected 3 rows of at least one output, found 4 values for 1 outputs",
        ),
        (
            config.fit(&features, &[], 0),
            "targets: expected 3 rows of at least one output, found 0 values for 0 outputs",
        ),
        (
            config.fit(&features, &[1.0, f32::NAN, 0.0], 1),
            "targets: row 1, column 0: expected a finite number, found NaN",
        ),
        (config.fit_classes(&features, &[0, 1, 2], 2), "row 2: expected a class below 2, found 2"),
        (config.fit_classes(&features, &[0, 1], 2), "classes: expected 3 rows, found 2"),
        (
            config.fit(&Features::new(&[1.0], 1).unwrap(), &[1.0], 1),
            "features: expected at least 2 rows, to leave one out, found 1",
        ),
        (
            RidgeConfig { alphas: vec![1.0, 0.0] }.fit(&features, &[1.0; 3], 1),
            "rocket `alphas`: expected at least one finite number, all above 0, found 0",
        ),
        (
            RidgeConfig { alphas: vec![] }.fit(&features, &[1.0; 3], 1),
            "rocket `alphas`: expected at least one finite number, all above 0, found none",
        ),
    ] {
        assert_eq!(error.unwrap_err().to_string(), message);
    }
}

#[test]
fn constant_features_and_one_class_leave_the_intercept() {
    let features = Features::new(&[5.0; 12], 4).unwrap();
    let ridge = RidgeConfig::default().fit(&features, &[1.0, 2.0, 6.0], 1).unwrap();
    assert!(ridge.coefficients().iter().all(|weight| weight.abs() < 1e-12));
    assert!((ridge.intercepts()[0] - 3.0).abs() < 1e-12);
    let ridge = RidgeConfig::default().fit_classes(&features, &[1, 1, 1], 2).unwrap();
    assert_eq!(ridge.predict_classes(&[5.0; 4]).unwrap(), [1]);
}
