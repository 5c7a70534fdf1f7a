//! The best of a search, trained again from other seeds: what was luck is not found twice.

use brasa_data::Role;
use brasa_train::{CheckedRecipe, MakeRule, Prepared, TrainError, score, train_network};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::results::mean_and_deviation;

/// What other seeds gave.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Confirmed {
    /// The seeds.
    pub(crate) seeds: Vec<u64>,
    /// The metric of the validation split, by seed.
    pub(crate) valid: Vec<f64>,
    /// That of the test split, where there is one.
    pub(crate) test: Vec<f64>,
    /// Seeds whose training diverged.
    #[serde(default)]
    pub(crate) diverged: usize,
}

/// Trains `recipe` from so many other seeds.
pub(crate) fn confirm(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    rule: Option<MakeRule>,
    device: &Device,
    seeds: u64,
    metric: &str,
) -> Result<Confirmed> {
    let mut confirmed = Confirmed::default();
    for further in 1..=seeds {
        let mut own = recipe.recipe().clone();
        own.training.seed = own.training.seed.wrapping_add(further) % (i64::MAX as u64);
        let seed = own.training.seed;
        let own = own.check()?;
        let mut interrupt = Interrupt::new();
        let outcome = match train_network(&own, prepared, rule, device, &mut [&mut interrupt]) {
            Err(TrainError::NotFinite { .. }) => {
                confirmed.diverged += 1;
                continue;
            }
            outcome => outcome?,
        };
        if Interrupt::asked() {
            break;
        }
        let figure = |role| -> Result<Option<f64>> {
            Ok(score(&outcome.model, &own, prepared, role, device)?.figure(metric))
        };
        confirmed.seeds.push(seed);
        confirmed.valid.extend(figure(Role::Valid)?);
        if !prepared.split.test.is_empty() {
            confirmed.test.extend(figure(Role::Test)?);
        }
    }
    Ok(confirmed)
}

impl Confirmed {
    /// Seeds that were tried.
    pub(crate) fn tried(&self) -> usize {
        self.seeds.len() + self.diverged
    }

    /// In a sentence; none where nothing was trained again.
    pub(crate) fn words(&self, label: &str) -> Option<String> {
        let of = |values: &[f64]| {
            mean_and_deviation(values).map(|(mean, deviation)| match deviation {
                Some(deviation) => format!("{mean:.4} (deviation {deviation:.4})"),
                None => format!("{mean:.4}"),
            })
        };
        let diverged = match self.diverged {
            0 => String::new(),
            count => format!(" From {count} others the training diverged."),
        };
        let valid = of(&self.valid)?;
        let test = of(&self.test).map(|test| format!(", of the test split {test}")).unwrap_or_default();
        let count = self.seeds.len();
        Some(format!(
            "Trained again from {count} other seed{}, the best trial's values give {label} {valid} of the validation split{test}.{diverged}",
            if count == 1 { "" } else { "s" }
        ))
    }
}
