//! Numbers to predict on a common scale.

use brasa_data::Targets;

/// `(value - mean) / std` of each number to predict, fitted on the training split: the network learns scaled numbers, and
/// its outputs are brought back. Empty where classes are predicted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TargetScale {
    /// Mean of each target.
    pub mean: Vec<f64>,
    /// Population deviation of each target; 1 for a constant one.
    pub std: Vec<f64>,
}

impl TargetScale {
    /// Fits the rows `train`.
    pub fn fit(targets: &Targets, train: &[usize]) -> Self {
        let Targets::Numbers(numbers) = targets else { return Self::default() };
        let count = train.len().max(1) as f64;
        let column = |place: usize| train.iter().filter_map(move |&row| numbers.row(row).get(place).copied());
        let moments = |place: usize| {
            let mean = column(place).sum::<f64>() / count;
            let variance = column(place).map(|value| (value - mean).powi(2)).sum::<f64>() / count;
            (mean, brasa_data::deviation(variance, mean, count))
        };
        let (mean, std) = (0..numbers.names.len()).map(moments).unzip();
        Self { mean, std }
    }

    /// Rows of numbers, scaled.
    pub fn scale(&self, values: &[f64]) -> Vec<f32> {
        let scales = self.mean.iter().zip(&self.std).cycle();
        values.iter().zip(scales).map(|(value, (mean, std))| ((value - mean) / std) as f32).collect()
    }

    /// Rows of outputs, in the units of the data.
    pub fn restore(&self, outputs: &[f32]) -> Vec<f64> {
        let scales = self.mean.iter().zip(&self.std).cycle();
        outputs.iter().zip(scales).map(|(&output, (mean, std))| f64::from(output) * std + mean).collect()
    }
}

#[cfg(test)]
mod tests {
    use brasa_data::NumberTargets;

    use super::*;

    #[test]
    fn a_constant_target_has_no_deviation_but_its_roundings() {
        let numbers = NumberTargets { values: vec![0.1; 1000], names: vec!["a".into()] };
        let scale = TargetScale::fit(&Targets::Numbers(numbers), &Vec::from_iter(0..1000));
        assert_eq!(scale.std, [1.0]);
    }

    #[test]
    fn what_is_scaled_comes_back_and_other_rows_do_not_count() {
        let values = vec![1.0, 7.0, 3.0, 7.0, 100.0, 9.0];
        let targets = Targets::Numbers(NumberTargets { values, names: vec!["a".into(), "b".into()] });
        let scale = TargetScale::fit(&targets, &[0, 1]);
        assert_eq!(
            (scale.mean.as_slice(), scale.std.as_slice()),
            ([2.0, 7.0].as_slice(), [1.0, 1.0].as_slice())
        );
        assert_eq!(scale.scale(&[1.0, 7.0, 3.0, 9.0]), [-1.0, 0.0, 1.0, 2.0]);
        assert_eq!(scale.restore(&[-1.0, 0.5]), [1.0, 7.5]);
    }
}
