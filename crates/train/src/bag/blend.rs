//! Which share each kind of model has in a blend.

use crate::Result;

/// Steps of the choice: a share is a multiple of one over them, or over fewer.
const STEPS: usize = 40;

/// Shares, together 1, of the `models` whose outputs for the same rows are given, so that `figure` of the mean is least
/// ([Caruana et al. 2004](https://doi.org/10.1145/1015330.1015432)): step by step the model is taken, again or for the first time,
/// that makes the mean best; the best of all steps counts. Of equals the first is taken.
///
/// # Errors
/// Whatever `figure` returns.
pub(super) fn shares(models: &[Vec<f32>], mut figure: impl FnMut(&[f32]) -> Result<f64>) -> Result<Vec<f64>> {
    let mut taken = vec![0_usize; models.len()];
    let mut sum = vec![0.0_f64; models.first().map_or(0, Vec::len)];
    let mut best: Option<(f64, Vec<f64>)> = None;
    let mut mean = vec![0.0_f32; sum.len()];
    for step in 1..=STEPS {
        let mut next: Option<(f64, usize)> = None;
        for (place, model) in models.iter().enumerate() {
            let values = sum.iter().zip(model).map(|(sum, own)| (sum + f64::from(*own)) / step as f64);
            mean.iter_mut().zip(values).for_each(|(mean, value)| *mean = value as f32);
            let found = figure(&mean)?;
            if next.is_none_or(|(least, _)| found < least) {
                next = Some((found, place));
            }
        }
        let Some((found, place)) = next else { break };
        for (sum, own) in sum.iter_mut().zip(models.get(place).into_iter().flatten()) {
            *sum += f64::from(*own);
        }
        taken.get_mut(place).into_iter().for_each(|count| *count += 1);
        if best.as_ref().is_none_or(|(least, _)| found < *least) {
            best = Some((found, taken.iter().map(|&count| count as f64 / step as f64).collect()));
        }
    }
    Ok(best.map_or_else(|| vec![1.0 / models.len().max(1) as f64; models.len()], |(_, shares)| shares))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn squared(target: f32) -> impl FnMut(&[f32]) -> Result<f64> {
        move |mean| Ok(mean.iter().map(|value| f64::from(value - target).powi(2)).sum())
    }

    #[test]
    fn the_best_mean_is_found_to_a_step() {
        // 3 is a quarter of the way from 2 to 6.
        let found = shares(&[vec![2.0; 3], vec![6.0; 3]], squared(3.0)).unwrap();
        assert_eq!(found, [0.75, 0.25]);
        let found = shares(&[vec![6.0], vec![100.0], vec![2.0]], squared(4.0)).unwrap();
        assert_eq!(found, [0.5, 0.0, 0.5]);
    }

    #[test]
    fn a_model_that_is_no_help_has_no_share() {
        assert_eq!(shares(&[vec![1.0], vec![9.0]], squared(0.0)).unwrap(), [1.0, 0.0]);
        assert_eq!(shares(&[vec![1.0], vec![1.0]], squared(0.0)).unwrap(), [1.0, 0.0], "of equals the first");
        assert_eq!(shares(&[vec![5.0]], squared(0.0)).unwrap(), [1.0]);
    }
}
