//! Milliseconds of a training step and of an inference batch, on random data of a recipe's shape.

use std::time::Instant;

use brasa_data::{Batch, BatchInputs, BatchTargets, TaskKind, seed};
use brasa_models::{Model, Network, NetworkConfig, read_back};
use burn::module::Module;
use burn::tensor::Device;
use serde::Serialize;

use crate::Result;
use crate::evaluate::input;
use crate::network::MakeRule;
use crate::recipe::{CheckedRecipe, RecipeError};
use crate::task::{ClassTask, NumberTask, Task};
use crate::transfer::Frozen;
use crate::update::{GradientDescent, StepAt, UpdateRule, kernels_of};

/// How long to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BenchConfig {
    /// Samples per step.
    pub batch: usize,
    /// Measured steps.
    pub steps: usize,
    /// Steps before the measurement.
    pub warm_up: usize,
    /// Leave training out: what it holds in memory would count as inference's.
    pub infer_only: bool,
}

/// Two quantiles of a measured time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantiles {
    /// Half of the steps took no longer, milliseconds.
    pub median: f64,
    /// Nine tenths of the steps took no longer, milliseconds.
    pub p90: f64,
}

/// What [`bench()`] measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BenchResult {
    /// The device's name.
    pub device: String,
    /// Samples per step.
    pub batch: usize,
    /// Measured steps.
    pub steps: usize,
    /// Zero gradients, forward, loss, backward, clip, update, logits read back; `None` where only inference was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_step_ms: Option<Quantiles>,
    /// Forward in evaluation mode, logits read back.
    pub infer_batch_ms: Quantiles,
    /// Training samples per second at the median.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples_per_s: Option<f64>,
    /// Samples inferred per second at the median.
    pub infer_samples_per_s: f64,
    /// Most memory the process ever held, MiB, where the system tells it.
    pub peak_rss_mib: Option<f64>,
    /// Trained numbers.
    pub parameters: usize,
    /// Threads that the system lets the process run at once.
    pub threads: usize,
    /// Operations per second that the processor does at most, in billions, where the device is flex:
    /// [`peak_flops`](brasa_kernels::peak_flops).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_gflops: Option<f64>,
    /// The share of them that an inference batch makes use of, by the operations of the network's summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub infer_of_peak: Option<f64>,
    /// The same of a training step, which takes some three times the operations of inference. `None` where layers do not learn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_of_peak: Option<f64>,
}

/// Operations of a training step for each of inference: forward, and backward to the weights and to the input.
const FLOPS_OF_TRAINING: f64 = 3.0;

/// Measures the training of `network_config`, which `recipe` describes, on `device`; no data set is needed.
///
/// # Errors
/// [`TrainError::Model`](crate::TrainError::Model) for a network that cannot be.
pub fn bench(
    recipe: &CheckedRecipe,
    network_config: &NetworkConfig,
    device_name: &str,
    rule: Option<MakeRule>,
    device: &Device,
    config: BenchConfig,
) -> Result<BenchResult> {
    let _kernels = kernels_of(recipe);
    let mut models = recipe.recipe().model_tables();
    if let Some((table, model)) = models.find(|(_, model)| !model.architecture.kind().learns_in_steps()) {
        let words = "a network that is trained in steps, which are what is measured";
        let error = RecipeError::value(&format!("{table}.kind"), words, format!("\"{}\"", model.name()));
        return Err(recipe.recipe().locate(error).into());
    }
    let summary = network_config.summary()?;
    let recipe_seed = recipe.recipe().training.seed;
    let template = random_batch(config.batch, network_config, recipe.recipe().data.task, recipe_seed);
    let (network, train_step_ms) = if config.infer_only {
        (network_config.init(recipe.recipe().training.seed, device)?, None)
    } else {
        let (network, times) = train_steps(recipe, network_config, &template, rule, device, config)?;
        (network.valid(), Some(times))
    };
    let shape = sample_shape(network_config)?;
    let mut infer_ms = Vec::new();
    for _ in 0..config.warm_up + config.steps {
        let mut batch = template.clone();
        let started = Instant::now();
        brasa_kernels::stay_awake(device);
        read_back(network.forward(&input(&mut batch, &shape, device)), "outputs")?;
        infer_ms.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let infer_batch_ms = quantiles(infer_ms.split_off(config.warm_up));
    let rate = |times: Quantiles| config.batch as f64 / times.median * 1e3;
    let peak = Some(device_name).filter(|name| *name == "flex").and_then(|_| brasa_kernels::peak_flops());
    let of = |flops: usize| flops as f64 * config.batch as f64;
    let forward = of(summary.flops());
    // Nobody wants the gradient of the input of the first layer that learns.
    let first = of(summary.layers.iter().find(|layer| layer.parameters > 0).map_or(0, |layer| layer.flops));
    let of_peak = |flops: f64, times: Quantiles| peak.map(|peak| flops / (times.median / 1e3) / peak);
    let all_learn = recipe.recipe().transfer.as_ref().is_none_or(|transfer| transfer.freeze.is_empty());
    Ok(BenchResult {
        device: device_name.into(),
        batch: config.batch,
        steps: config.steps,
        train_step_ms,
        infer_batch_ms,
        samples_per_s: train_step_ms.map(rate),
        infer_samples_per_s: rate(infer_batch_ms),
        peak_rss_mib: peak_rss_mib(),
        parameters: summary.parameters(),
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        peak_gflops: peak.map(|peak| peak / 1e9),
        infer_of_peak: of_peak(forward, infer_batch_ms),
        train_of_peak: train_step_ms
            .filter(|_| all_learn)
            .and_then(|times| of_peak(FLOPS_OF_TRAINING * forward - first, times)),
    })
}

fn train_steps(
    recipe: &CheckedRecipe,
    network_config: &NetworkConfig,
    template: &Batch,
    make_rule: Option<MakeRule>,
    device: &Device,
    config: BenchConfig,
) -> Result<(Network, Quantiles)> {
    let mut network = network_config.init(recipe.recipe().training.seed, &device.clone().autodiff())?;
    let mut rule: Box<dyn UpdateRule<Network>> = match make_rule.and_then(|make| make(recipe)) {
        Some(rule) => rule,
        None => {
            let (shape, counts) = (sample_shape(network_config)?, vec![1; network_config.outputs()]);
            let task: Box<dyn Task> = match recipe.recipe().data.task {
                TaskKind::Classification => Box::new(ClassTask::of_counts(recipe.recipe(), &counts)?),
                TaskKind::Regression => {
                    Box::new(NumberTask::of_outputs(&recipe.recipe().loss, network_config.outputs()))
                }
            };
            let transfer = recipe.recipe().transfer.as_ref();
            let frozen = transfer.map(|transfer| Frozen::new(transfer, network_config));
            Box::new(GradientDescent::new(recipe, task, &network, &shape, device, frozen))
        }
    };
    let lr = recipe.recipe().optimizer.base_lr();
    let mut train_ms = Vec::new();
    for step in 0..config.warm_up + config.steps {
        let batch = template.clone();
        let started = Instant::now();
        let outputs;
        (network, outputs) =
            rule.step(network, batch, StepAt { epoch: 1, step: step + 1, lr, progress: 0.0 })?;
        read_back(outputs, "outputs")?;
        train_ms.push(started.elapsed().as_secs_f64() * 1e3);
    }
    Ok((network, quantiles(train_ms.split_off(config.warm_up))))
}

fn sample_shape(network: &NetworkConfig) -> Result<Vec<usize>> {
    Ok(network.summary()?.input)
}

fn random_batch(rows: usize, network: &NetworkConfig, task: TaskKind, seed: u64) -> Batch {
    let (features, outputs) = (network.inputs(), network.outputs());
    let draw = |index: usize| seed::derive(seed, &[index as u64]) >> 40;
    let places = 0..rows * features;
    let inputs = match network.words() {
        Some(words) => {
            BatchInputs::Ids(places.map(|index| (1 + draw(index) % words as u64) as u32).collect())
        }
        // Any spread-out values do: numbers in [-2, 2).
        None => {
            BatchInputs::Numbers(places.map(|index| draw(index) as f32 / (1u64 << 22) as f32 - 2.0).collect())
        }
    };
    let targets = match task {
        TaskKind::Classification => {
            let labels = (0..rows).map(|row| (row % outputs.max(1)) as u32).collect();
            BatchTargets::Classes { labels, soft: None }
        }
        TaskKind::Regression => {
            let number = |place: usize| draw(rows * features + place) as f64 / f64::from(1u32 << 22) - 2.0;
            BatchTargets::Numbers((0..rows * outputs).map(number).collect())
        }
    };
    Batch { inputs, targets, indices: (0..rows).collect() }
}

/// Median and nearest-rank 90th percentile.
pub fn quantiles(mut values: Vec<f64>) -> Quantiles {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let rank = (share * values.len() as f64).ceil() as usize;
        values.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
    };
    let median = match values.len() {
        even if even % 2 == 0 && even > 0 => {
            let upper = values.get(even / 2).copied().unwrap_or(f64::NAN);
            (at(0.5) + upper) / 2.0
        }
        _ => at(0.5),
    };
    Quantiles { median, p90: at(0.9) }
}

/// Most memory the process ever held, MiB; Linux tells it.
pub fn peak_rss_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some((kib / 1024.0 * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_few_and_many() {
        assert_eq!(quantiles(vec![3.0, 1.0, 2.0]), Quantiles { median: 2.0, p90: 3.0 });
        let many = quantiles((1..=100).rev().map(f64::from).collect());
        assert_eq!(many, Quantiles { median: 50.5, p90: 90.0 });
    }
}
