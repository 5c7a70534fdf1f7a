//! The learning-rate range test: which learning rates a network learns by, found before it is trained.

use brasa_models::read_back;
use burn::module::Module;
use burn::tensor::Device;
use serde::Serialize;

use crate::Result;
use crate::network::{Start, start};
use crate::prepared::Prepared;
use crate::recipe::{CheckedRecipe, RecipeError};
use crate::task::task;
use crate::update::{StepAt, UpdateRule, kernels_of};

/// How the test goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LrRange {
    /// The first learning rate.
    pub least: f64,
    /// The last one, which is reached unless the loss diverges before.
    pub most: f64,
    /// Steps, each by a learning rate that is the same multiple of the one before.
    pub steps: usize,
}

impl Default for LrRange {
    /// As fastai's `lr_find`.
    fn default() -> Self {
        Self { least: 1e-7, most: 10.0, steps: 100 }
    }
}

/// What [`find_lr`] found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LrCurve {
    /// Each step: the loss of its batch before it moved the weights, and the exponential moving average.
    pub points: Vec<LrPoint>,
    /// Where the loss goes down for longest: a learning rate to try. `None` where it never does.
    pub suggestion: Option<f64>,
    /// Where it goes down most steeply.
    pub steepest: Option<f64>,
    /// The learning rate by which it had grown to four times its least, or beyond all numbers; `None` where it did not.
    pub diverged: Option<f64>,
}

/// A step of the test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LrPoint {
    /// Its learning rate.
    pub lr: f64,
    /// The loss of its batch.
    pub loss: f64,
    /// The mean of the losses so far, the last ones counting most.
    pub smoothed: f64,
}

/// What of the mean stays from one step to the next, as in fastai.
const KEPT: f64 = 0.98;

/// The loss diverges where it is so many times its least.
const DIVERGED: f64 = 4.0;

/// Trains a network of the recipe for a hundred steps or so by learning rates that grow from one to the next, and looks at the loss. What is
/// trained is thrown away; nothing is written.
///
/// # Reference
/// Smith, [Cyclical learning rates for training neural networks](https://arxiv.org/abs/1506.01186), 2017, section 3.3; the
/// suggestion is fastai's "valley".
///
/// # Errors
/// [`TrainError::Recipe`](crate::TrainError::Recipe) for a model that is not trained in steps, else as [`train`](crate::train).
pub fn find_lr(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    device: &Device,
    range: LrRange,
) -> Result<LrCurve> {
    // Of a bag, its first network.
    let recipe = &recipe.member(0, 0);
    let model = &recipe.recipe().model;
    if !model.architecture.kind().learns_in_steps() || recipe.recipe().optimizer.name() == "perceptron" {
        let words = "a network that learns by gradients, step by step";
        let error = RecipeError::value("model.kind", words, format!("\"{}\"", model.name()));
        return Err(recipe.recipe().locate(error).into());
    }
    let _kernels = kernels_of(recipe);
    let network = prepared.init(recipe, &device.clone().autodiff())?;
    let Start { network, prepared, mut rule } = start(recipe, prepared, network, device)?;
    let loader = prepared.train_loader(recipe)?;
    let task = task(recipe, &prepared)?;
    let mut network = network.train();
    let growth = (range.most / range.least).powf(1.0 / range.steps.saturating_sub(1).max(1) as f64);
    let (mut points, mut diverged): (Vec<LrPoint>, _) = (Vec::new(), None);
    let (mut mean, mut least) = (0.0, f64::INFINITY);
    let batches = (1..).flat_map(|epoch| loader.epoch(epoch).map(move |batch| (epoch, batch)));
    for (step, (epoch, batch)) in (0..range.steps).zip(batches) {
        let lr = range.least * growth.powi(step as i32);
        let (targets, rows) = (batch.targets.clone(), batch.len());
        // As at the beginning of a run, whatever follows its progress.
        let at = StepAt { epoch: epoch as usize, step: step + 1, lr, progress: 0.0 };
        let outputs;
        (network, outputs) = rule.step(network, batch, at)?;
        let loss = task.judge(false)?.push(&read_back(outputs, "outputs")?, &targets)? / rows as f64;
        mean = KEPT * mean + (1.0 - KEPT) * loss;
        let smoothed = mean / (1.0 - KEPT.powi(step as i32 + 1));
        if !smoothed.is_finite() || smoothed > DIVERGED * least {
            diverged = Some(lr);
            break;
        }
        least = least.min(smoothed);
        points.push(LrPoint { lr, loss, smoothed });
    }
    let suggestion = valley(&points);
    Ok(LrCurve { steepest: steepest(&points).filter(|_| suggestion.is_some()), suggestion, diverged, points })
}

/// Half way down the longest falling subsequence of the losses, which is taken to be without gaps: fastai's `valley`.
fn valley(points: &[LrPoint]) -> Option<f64> {
    // How long the longest is that ends at each point.
    let mut longest: Vec<usize> = Vec::with_capacity(points.len());
    for point in points {
        let before = longest.iter().zip(points).filter(|(_, before)| before.smoothed > point.smoothed);
        longest.push(before.map(|(length, _)| length + 1).max().unwrap_or(1));
    }
    let (end, length) =
        longest.iter().enumerate().max_by_key(|(place, length)| (**length, usize::MAX - place))?;
    // A tenth of the steps at least: less is noise.
    if *length < points.len().div_ceil(10).max(3) {
        return None;
    }
    let start = end.saturating_sub(*length);
    let third = (end - start) as f64 / 3.0;
    points.get(start + third as usize + (third / 2.0) as usize).map(|point| point.lr)
}

/// Where the loss falls most over the logarithm of the learning rate.
fn steepest(points: &[LrPoint]) -> Option<f64> {
    let slope = |pair: &[LrPoint]| Some((pair.last()?.smoothed - pair.first()?.smoothed, pair.get(1)?.lr));
    let falls = points.windows(3).filter_map(slope).filter(|(slope, _)| *slope < 0.0);
    falls.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, lr)| lr)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn points(losses: impl IntoIterator<Item = f64>) -> Vec<LrPoint> {
        let point =
            |(place, loss): (usize, f64)| LrPoint { lr: 10f64.powi(place as i32), loss, smoothed: loss };
        losses.into_iter().enumerate().map(point).collect()
    }

    #[test]
    fn the_suggestion_lies_within_the_fall() {
        // Flat, down from the fourth point to the tenth, up. fastai.callback.schedule.valley: index 5.
        let losses = [2.0, 2.0, 2.0, 2.0, 1.8, 1.5, 1.1, 0.8, 0.6, 0.5, 0.9, 3.0];
        let curve = points(losses);
        assert_eq!(valley(&curve), Some(1e5));
        assert_eq!(steepest(&curve), Some(1e5));
        assert_eq!(valley(&points([1.0, 2.0, 3.0, 4.0])), None);
        assert_eq!(valley(&[]), None);
    }
}
