//! Figures of many trainings as a versioned data file.

use std::path::Path;

use brasa_train::metrics::Figures;
use serde::{Deserialize, Serialize};

use crate::error::{CliError, Result};

/// A results file of `docs/results/`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Results {
    pub app: String,
    pub runs: Vec<ResultRow>,
}

/// One training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ResultRow {
    pub recipe: String,
    pub seed: u64,
    pub epochs: usize,
    pub best_epoch: usize,
    /// Running training loss of the last epoch, as the tutorial reports it.
    pub last_train_loss: f64,
    /// Validation loss after the last epoch.
    pub last_valid_loss: f64,
    /// Figures of the kept weights: `valid_loss`, `test_accuracy` and the like, for each metric of an epoch.
    #[serde(flatten)]
    pub figures: Figures,
    pub seconds: f64,
    /// What it ran on.
    pub machine: String,
    /// Version of brasa.
    pub brasa: String,
}

impl Results {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| CliError::Input {
            path: "docs/results".into(),
            problem: format!("the results file is damaged: {error}"),
        })
    }

    pub(crate) fn read(path: &Path) -> Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => serde_json::from_str(&text).map_err(|error| CliError::Input {
                path: path.into(),
                problem: format!("is damaged: {error}"),
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => {
                Err(CliError::Input { path: path.into(), problem: format!("cannot be read: {error}") })
            }
        }
    }

    /// Puts a row in the place of an older one of the same recipe and seed.
    pub(crate) fn replace(&mut self, row: ResultRow) {
        self.runs.retain(|old| (&old.recipe, old.seed) != (&row.recipe, row.seed));
        self.runs.push(row);
    }

    /// The file's text: one line a run, so that a change reads well.
    pub(crate) fn to_text(&self) -> Result<String> {
        let failed =
            |error: serde_json::Error| CliError::Failure(format!("cannot write results as JSON: {error}"));
        let json = |value: &str| serde_json::to_string(value).map_err(failed);
        let rows: Vec<String> =
            self.runs.iter().map(serde_json::to_string).collect::<Result<_, _>>().map_err(failed)?;
        Ok(format!("{{\n\"app\": {},\n\"runs\": [\n{}\n]\n}}\n", json(&self.app)?, rows.join(",\n")))
    }
}

/// Mean and sample deviation; the deviation of a single value is `None`.
pub(crate) fn mean_and_deviation(values: &[f64]) -> Option<(f64, Option<f64>)> {
    let count = values.len() as f64;
    let mean = (!values.is_empty()).then(|| values.iter().sum::<f64>() / count)?;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Some((mean, (values.len() > 1).then(|| variance.sqrt())))
}
