//! One or several numbers.

use brasa_data::{Batch, BatchTargets};
use burn::tensor::{Device, Tensor, TensorData};

use super::{Judge, Tallied, Task};
use crate::Result;
use crate::metrics::{Figures, Judged, JudgedNumbers, Metrics, MetricsError, Scores, TaskKind};
use crate::prepared::Prepared;
use crate::recipe::{LossRecipe, Objective};
use crate::target_scale::TargetScale;

/// Regression: the network learns scaled numbers, and is judged in the units of the data.
#[derive(Debug, Clone)]
pub struct NumberTask {
    names: Vec<String>,
    scale: TargetScale,
    loss: LossRecipe,
}

impl NumberTask {
    pub(crate) fn new(loss: &LossRecipe, prepared: &Prepared) -> Self {
        let names = prepared.data.numbers().map(|numbers| numbers.names.clone()).unwrap_or_default();
        Self { names, scale: prepared.target_scale.clone(), loss: loss.clone() }
    }

    /// Scaled numbers, for a measurement on random data.
    pub(crate) fn of_outputs(loss: &LossRecipe, outputs: usize) -> Self {
        let scale = TargetScale { mean: vec![0.0; outputs], std: vec![1.0; outputs] };
        Self { names: (0..outputs).map(|output| output.to_string()).collect(), scale, loss: loss.clone() }
    }
}

fn values(targets: &BatchTargets) -> &[f64] {
    match targets {
        BatchTargets::Numbers(values) => values,
        BatchTargets::Classes { .. } => &[],
    }
}

impl Task for NumberTask {
    fn kind(&self) -> TaskKind {
        TaskKind::Regression
    }

    fn outputs(&self) -> usize {
        self.names.len()
    }

    fn loss(&self, outputs: Tensor<2>, batch: &Batch, device: &Device) -> Tensor<1> {
        let targets = self.scale.scale(values(&batch.targets));
        let targets = Tensor::from_data(TensorData::new(targets, outputs.dims()), device);
        match self.loss.kind().objective() {
            Objective::Numbers(loss) => loss.forward(outputs - targets).mean(),
            // A checked recipe has a loss of its task.
            Objective::Classes(_) => (outputs - targets).mean(),
        }
    }

    fn judge(&self, _rows: bool) -> Result<Box<dyn Judge>> {
        Ok(Box::new(NumberJudge {
            task: self.clone(),
            predicted: Vec::new(),
            targets: Vec::new(),
            loss_sum: 0.0,
        }))
    }
}

/// Keeps what was predicted of each row, and what was right.
#[derive(Debug)]
struct NumberJudge {
    task: NumberTask,
    predicted: Vec<f64>,
    targets: Vec<f64>,
    loss_sum: f64,
}

impl NumberJudge {
    fn judged(&self) -> Result<JudgedNumbers<'_>> {
        let width = self.task.outputs().max(1);
        let rows = self.targets.len() / width;
        if rows == 0 {
            return Err(MetricsError::NoRows.into());
        }
        Ok(JudgedNumbers::new(width, &self.predicted, &self.targets, self.loss_sum / rows as f64)?)
    }
}

impl Judge for NumberJudge {
    fn push(&mut self, outputs: &[f32], targets: &BatchTargets) -> Result<f64> {
        let targets = values(targets);
        if outputs.len() != targets.len() {
            let what = "one prediction for each target";
            return Err(MetricsError::Length { what, expected: targets.len(), found: outputs.len() }.into());
        }
        let Objective::Numbers(loss) = self.task.loss.kind().objective() else { return Ok(0.0) };
        let scaled = self.task.scale.scale(targets);
        let residuals =
            outputs.iter().zip(&scaled).map(|(&output, &target)| f64::from(output) - f64::from(target));
        let sum =
            residuals.map(|residual| loss.of(residual)).sum::<f64>() / self.task.outputs().max(1) as f64;
        self.loss_sum += sum;
        self.predicted.extend(self.task.scale.restore(outputs));
        self.targets.extend_from_slice(targets);
        Ok(sum)
    }

    fn figures(&self, metrics: &Metrics) -> Result<Figures> {
        Ok(metrics.figures(&Judged::Numbers(self.judged()?)))
    }

    fn scores(&self, metrics: &Metrics) -> Result<Scores> {
        Ok(Scores::of_numbers(metrics, &self.judged()?, &self.task.names)?)
    }

    fn tallied(&self) -> Tallied {
        let Self { predicted, targets, loss_sum, .. } = self;
        Tallied::Numbers { predicted: predicted.clone(), targets: targets.clone(), loss_sum: *loss_sum }
    }

    fn restore(&mut self, tallied: Tallied) -> Result<()> {
        let Tallied::Numbers { predicted, targets, loss_sum } = tallied else {
            return Err(MetricsError::NoOutputs.into());
        };
        (self.predicted, self.targets, self.loss_sum) = (predicted, targets, loss_sum);
        Ok(())
    }

    fn row_limit_words(&self) -> Option<String> {
        None
    }
}
