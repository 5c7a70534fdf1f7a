//! `bench`: milliseconds per step, and the data path.

use std::time::Instant;

use brasa_train::{BenchConfig, Prepared, bench, peak_rss_mib, quantiles};
use serde_json::json;

use super::Verb;
use crate::app::App;
use crate::args::{ChangeArgs, Common, DataArgs, DeviceArgs, RecipeArgs};
use crate::context;
use crate::error::{CliError, Result};
use crate::output::Screen;
use clap::Args;

/// Measure training steps and inference on random data
#[derive(Debug, Args)]
pub(crate) struct Bench {
    #[command(flatten)]
    pub recipe: RecipeArgs,
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Samples per step [default: the recipe's, or 128 where that is the whole training split]
    #[arg(long, value_name = "N")]
    pub batch: Option<usize>,
    /// Measured steps
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub steps: usize,
    /// Steps before the measurement
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub warm_up: usize,
    /// Measure inference alone, and the memory that it needs
    #[arg(long, conflicts_with = "loader")]
    pub infer: bool,
    /// Measure the data path instead, over seven epochs: load, split, shuffle, batch, scale (needs the data)
    #[arg(long)]
    pub loader: bool,
    #[command(flatten)]
    pub data: DataArgs,
}

impl Verb for Bench {
    fn changes(&mut self) -> Option<&mut ChangeArgs> {
        Some(&mut self.recipe.changes)
    }

    fn run(&self, app: &App, _: &Common, screen: Screen) -> Result<()> {
        let within = |count: usize| (1..=MOST).contains(&count);
        if !within(self.steps) || !self.batch.is_none_or(within) || self.warm_up > MOST {
            return Err(CliError::Usage(format!("--steps, --warm-up and --batch take numbers up to {MOST}")));
        }
        if self.loader {
            return loader(app, self, screen);
        }
        let (named, network) = context::network(app, &self.recipe, &self.data)?;
        let device = context::device(&self.device)?;
        let batch = self.batch.unwrap_or_else(|| named.recipe.batch_size(FULL_BATCH));
        let (steps, warm_up) = (self.steps, self.warm_up);
        let config = BenchConfig { batch, steps, warm_up, infer_only: self.infer };
        let result = bench(&named.recipe, &network, &self.device.device, app.rule, &device, config)?;
        screen.object(&result)?;
        screen.say(format!(
            "{} {}: {} parameters, batch {batch}, {} threads, {}",
            app.name, named.name, result.parameters, result.threads, result.device
        ));
        let line = |what: &str, times: brasa_train::Quantiles, rate: f64| {
            format!(
                "{what:<15} median {:9.3} ms   p90 {:9.3} ms   {rate:>9.0} samples/s",
                times.median, times.p90
            )
        };
        if let (Some(times), Some(rate)) = (result.train_step_ms, result.samples_per_s) {
            screen.say(line("training step", times, rate));
        }
        screen.say(line("inference batch", result.infer_batch_ms, result.infer_samples_per_s));
        if let Some(peak) = result.peak_rss_mib {
            screen.say(format!("peak memory     {peak:.1} MiB"));
        }
        if let (Some(peak), Some(infer)) = (result.peak_gflops, result.infer_of_peak) {
            let train = result.train_of_peak.map(|share| format!("training {:.0} %, ", 100.0 * share));
            screen.say(format!(
                "of the peak     {}inference {:.0} % of {peak:.0} GFLOP/s, measured",
                train.unwrap_or_default(),
                100.0 * infer
            ));
        }
        Ok(())
    }
}

/// No measurement needs more steps, or larger batches.
const MOST: usize = 1_000_000;

/// Batch of a full-batch recipe, whose training split is not read here.
const FULL_BATCH: usize = 128;

fn loader(app: &App, args: &Bench, screen: Screen) -> Result<()> {
    if args.batch.is_some() {
        return Err(CliError::Usage(
            "--loader takes the recipe's batch: use --set training.batch_size=N".into(),
        ));
    }
    let (named, files) = context::recipe_and_files(app, &args.recipe, &args.data)?;
    let started = Instant::now();
    let prepared = Prepared::new(&named.recipe, &files)?;
    let load_ms = started.elapsed().as_secs_f64() * 1e3;
    let loader = prepared.train_loader(&named.recipe)?;
    let started = Instant::now();
    let mut batches = loader.epoch(0);
    let first = batches.next();
    let first_batch_ms = started.elapsed().as_secs_f64() * 1e3;
    drop((first, batches));
    let mut epoch_ms = Vec::new();
    let mut sum = 0.0;
    for epoch in 0..EPOCHS {
        let started = Instant::now();
        // Adding up a value of each batch keeps the work from being left out.
        sum += loader
            .epoch(epoch)
            .map(|batch| f64::from(batch.inputs.numbers().first().copied().unwrap_or(0.0)))
            .sum::<f64>();
        epoch_ms.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let times = quantiles(epoch_ms);
    let rate = loader.samples() as f64 / times.median * 1e3;
    screen.object(&json!({
        "load_ms": load_ms,
        "first_batch_ms": first_batch_ms,
        "epoch_ms": times,
        "samples": loader.samples(),
        "batches": loader.batches(),
        "samples_per_s": rate,
        "workers": named.recipe.recipe().training.workers,
        "peak_rss_mib": peak_rss_mib(),
        "checksum": sum,
    }))?;
    screen
        .say(format!("load, split, leak check  {load_ms:9.1} ms, first batch {first_batch_ms:.1} ms later"));
    screen.say(format!(
        "epoch of batches  median {:9.1} ms   p90 {:9.1} ms   {rate:>9.0} samples/s",
        times.median, times.p90
    ));
    Ok(())
}

const EPOCHS: u64 = 7;
