//! Fixed convolutions over time series, fitted at once on all training rows.

use brasa_data::{BatchTargets, available_memory};
use brasa_models::{
    Model, Network, NetworkConfig, Rocket, RocketConfig, RocketFeatures, RocketTargets, read_back,
};
use burn::tensor::{Device, Tensor, TensorData};

use crate::Result;
use crate::at_once::one_epoch;
use crate::callback::Callback;
use crate::fit::Outcome;
use crate::prepared::Prepared;
use crate::recipe::{CheckedRecipe, RecipeError};

/// Rows of a split as the model takes them, and what they are to be told.
#[derive(Default)]
struct Rows {
    samples: Vec<f32>,
    labels: Vec<u32>,
    numbers: Vec<f32>,
}

impl Rows {
    fn of(recipe: &CheckedRecipe, prepared: &Prepared, rows: &[usize]) -> Result<Self> {
        let mut all = Self::default();
        for batch in prepared.eval_loader(rows, recipe.recipe().training.workers)?.epoch(0) {
            match &batch.targets {
                BatchTargets::Classes { labels, .. } => all.labels.extend(labels),
                BatchTargets::Numbers(values) => all.numbers.extend(prepared.target_scale.scale(values)),
            }
            all.samples.extend(batch.inputs.numbers());
        }
        Ok(all)
    }
}

/// The transforms and the linear layer of `config`, whose outputs for classes are sharpened by the validation rows: a ridge says
/// which class is the likeliest, and not how likely.
pub(crate) fn fit_rocket(
    config: &RocketConfig,
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    device: &Device,
    callbacks: &mut [&mut dyn Callback],
) -> Result<Outcome<Network>> {
    one_epoch(recipe, prepared, device, callbacks, 0.0, || {
        check_room(config, recipe, prepared.split.train.len())?;
        let train = Rows::of(recipe, prepared, &prepared.split.train)?;
        let targets = match train.labels.is_empty() {
            true => RocketTargets::Numbers(&train.numbers),
            false => RocketTargets::Classes(&train.labels),
        };
        let seed = recipe.recipe().training.seed;
        let rocket = Rocket::fit(config, &train.samples, targets, seed, device)?;
        let valid = Rows::of(recipe, prepared, &prepared.split.valid)?;
        let by = if valid.labels.is_empty() { 1.0 } else { sharpness(&rocket, &valid, device)? };
        Ok(Network::Rocket(rocket.sharpened(by)))
    })
}

/// Refuses what has no room: features of all rows in 32 bits, and in 64 twice for the ridge.
fn check_room(config: &RocketConfig, recipe: &CheckedRecipe, rows: usize) -> Result<()> {
    let features = match config.features {
        RocketFeatures::Mini { features, .. } => features,
        // Hydra's and MultiRocket's, about.
        RocketFeatures::HydraMulti => 60_000,
    };
    let need = rows as f64 * features as f64 * 20.0;
    match available_memory().filter(|available| need > *available) {
        Some(available) => {
            let expected = format!(
                "features that fit into the {:.1} GB of memory at hand: {features} of each of {rows} series need {:.1} GB",
                available / 1e9,
                need / 1e9
            );
            let found = format!("\"{}\"", recipe.recipe().model.name());
            Err(recipe.recipe().locate(RecipeError::value("model", expected, found)).into())
        }
        None => Ok(()),
    }
}

/// Factors that are tried: from half to sixty-four times.
const TRIED: i32 = 29;

/// The factor of the outputs whose probabilities have the least log loss over the rows.
fn sharpness(rocket: &Rocket, rows: &Rows, device: &Device) -> Result<f64> {
    let width = rows.samples.len() / rows.labels.len().max(1);
    let input = TensorData::new(rows.samples.clone(), [rows.labels.len(), width]);
    let outputs = rocket.forward(&Tensor::<2>::from_data(input, device).into());
    let classes = outputs.dims()[1];
    let outputs = read_back(outputs, "outputs")?;
    let loss = |by: f64| -> f64 {
        let of_row = |(row, &label): (&[f32], &u32)| {
            let scaled = row.iter().map(|&output| f64::from(output) * by);
            let largest = scaled.clone().fold(f64::MIN, f64::max);
            let sum: f64 = scaled.clone().map(|output| (output - largest).exp()).sum();
            // As if a row more had been told wrong: no few rows that are all right make it certain.
            let miss = 1.0 / (rows.labels.len() as f64 + 2.0);
            let mean = scaled.clone().sum::<f64>() / classes.max(1) as f64;
            let own = scaled.clone().nth(label as usize).unwrap_or(f64::MIN);
            largest + sum.ln() - (1.0 - miss) * own - miss * mean
        };
        outputs.chunks(classes.max(1)).zip(&rows.labels).map(of_row).sum()
    };
    let factors = (0..TRIED).map(|step| 2f64.powf(f64::from(step) / 4.0 - 1.0));
    let best = factors.min_by(|one, other| loss(*one).total_cmp(&loss(*other)));
    Ok(best.unwrap_or(1.0))
}

/// The configuration of the recipe's network, where that is of this kind.
pub(crate) fn rocket_config(network: NetworkConfig) -> Option<RocketConfig> {
    match network {
        NetworkConfig::Rocket(config) => Some(config),
        _ => None,
    }
}
