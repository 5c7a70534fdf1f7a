//! A model with its preprocessing: what `predict` needs and nothing else.

use std::fs;
use std::path::Path;

use brasa_data::{InputSpec, Samples, Scaler, Titles};
use brasa_embed::Embedding;
use brasa_models::{Network, NetworkConfig, load_weights, save_weights};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData, activation::softmax};
use serde::{Deserialize, Serialize};

use crate::evaluate::values;
use crate::metrics::argmax;
use crate::prepared::{EVAL_BATCH, Prepared};
use crate::recipe::{CheckedRecipe, EmbeddingRecipe};
use crate::run::write_atomic;
use crate::{Result, TrainError};

const CARD: &str = "model.json";
const WEIGHTS: &str = "weights.safetensors";
const SUBWORDS: &str = "embedding.safetensors";

/// Version of `model.json` that this version writes and reads.
const FORMAT: u32 = 1;

/// `model.json`: everything about a saved model but its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// Version of this format.
    pub format: u32,
    /// The data set that it was trained on.
    pub data: String,
    /// The network.
    pub network: NetworkConfig,
    /// What one raw sample looks like.
    pub input: InputSpec,
    /// How its numbers are scaled.
    pub scaler: Scaler,
    /// Class names in the order of the network's outputs.
    pub classes: Vec<String>,
    /// Whether `embedding.safetensors` beside it has vectors for the parts of words, which give new words theirs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub subwords: bool,
}

impl ModelCard {
    /// The card of the network that `recipe` trains on `prepared` data.
    pub fn new(recipe: &CheckedRecipe, prepared: &Prepared) -> Self {
        Self {
            format: FORMAT,
            data: prepared.data.name.clone(),
            network: prepared.network(recipe),
            input: recipe.data().input_of(&prepared.data),
            scaler: (*prepared.scaler).clone(),
            classes: prepared.data.class_names.clone(),
            subwords: recipe.recipe().embedding.as_ref().is_some_and(EmbeddingRecipe::has_subwords),
        }
    }
}

impl ModelCard {
    /// Whether the parts fit together; a card that was changed by hand may not.
    fn check(&self) -> std::result::Result<(), String> {
        let shape = self.input.shape();
        if self.format != FORMAT {
            Err(format!("has format {}; this version reads format {FORMAT}", self.format))
        } else if self.classes.len() != self.network.outputs() {
            Err(format!("names {} classes for {} outputs", self.classes.len(), self.network.outputs()))
        } else if shape.iter().product::<usize>() != self.network.inputs() {
            Err(format!("describes samples of shape {shape:?} for {} inputs", self.network.inputs()))
        } else {
            self.scaler.prepare(&shape).map(drop).map_err(|error| format!("is damaged: {error}"))
        }
    }
}

/// Writes a model's folder; the card last, so that a folder with a card is complete.
pub(crate) fn save_network(
    folder: &Path,
    card: &ModelCard,
    subwords: Option<&Embedding>,
    network: &Network,
) -> Result<()> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |source| TrainError::Write { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let unfinished = folder.join(".weights.safetensors.part");
    let outcome = save_weights(network, &unfinished);
    if outcome.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    outcome?;
    let weights = folder.join(WEIGHTS);
    fs::rename(&unfinished, &weights).map_err(failed(&weights))?;
    let path = folder.join(CARD);
    if path.exists() {
        return Ok(());
    }
    if let Some(subwords) = subwords {
        write_atomic(&folder.join(SUBWORDS), &subwords.to_bytes(SUBWORDS)?)?;
    }
    let text = serde_json::to_string_pretty(card).map_err(|error| failed(&path)(error.into()))?;
    write_atomic(&path, text.as_bytes())
}

/// One answer of a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// The most probable class.
    pub class: String,
    /// Its number.
    pub index: u32,
    /// Its probability.
    pub probability: f64,
    /// Probabilities of all classes, in the order of their numbers.
    pub probabilities: Vec<f64>,
}

/// A model read back from its folder, ready to predict.
#[derive(Debug)]
pub struct SavedModel {
    card: ModelCard,
    network: Network,
    subwords: Option<Embedding>,
    device: Device,
}

impl SavedModel {
    /// Reads the model of a run.
    ///
    /// # Errors
    /// [`TrainError::BrokenRun`] where there is none, [`TrainError::Model`] for weights that do not fit.
    pub fn load(folder: &Path, device: &Device) -> Result<Self> {
        let path = folder.join(CARD);
        let text = fs::read_to_string(&path).map_err(|error| TrainError::BrokenRun {
            path: folder.into(),
            problem: match error.kind() {
                std::io::ErrorKind::NotFound => {
                    "holds no model: the run was interrupted before its first epoch ended".into()
                }
                _ => format!("cannot be read: {error}"),
            },
        })?;
        let card: ModelCard = serde_json::from_str(&text).map_err(|error| TrainError::BrokenRun {
            path: path.clone(),
            problem: format!("is damaged: {error}"),
        })?;
        card.check().map_err(|problem| TrainError::BrokenRun { path, problem })?;
        let network = load_weights(card.network.init(0, device)?, &folder.join(WEIGHTS), &[])?.valid();
        let subwords = match card.subwords {
            false => None,
            true => {
                let path = folder.join(SUBWORDS);
                let problem = |error| format!("cannot be read: {error}");
                let bytes = fs::read(&path)
                    .map_err(|error| TrainError::BrokenRun { path: path.clone(), problem: problem(error) })?;
                Some(Embedding::from_bytes(&path.display().to_string(), &bytes)?)
            }
        };
        Ok(Self { card, network, subwords, device: device.clone() })
    }

    /// What is known of the model.
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// The network, in evaluation mode.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Some raw samples, scaled, on the model's device.
    ///
    /// # Shapes
    /// `[rows, features]`.
    ///
    /// # Errors
    /// [`TrainError::Data`] for samples of another shape than the model takes.
    pub fn input(&self, samples: &Samples, rows: &[usize]) -> Result<Tensor<2>> {
        let features = samples.sample_len();
        let scaler = self.card.scaler.prepare(samples.shape())?;
        let mut scaled = vec![0.0; rows.len() * features];
        for (&row, target) in rows.iter().zip(scaled.chunks_mut(features.max(1))) {
            scaler.transform_into(samples, row, target);
        }
        Ok(Tensor::from_data(TensorData::new(scaled, [rows.len(), features]), &self.device))
    }

    /// Classifies raw samples, as [`InputSpec`] reads them.
    ///
    /// # Errors
    /// [`TrainError::Device`] where the backend fails.
    pub fn predict(&self, samples: &Samples) -> Result<Vec<Prediction>> {
        self.predict_by(&self.network, samples)
    }

    /// Classifies titles, as [`InputSpec`] reads them. A word that the model does not know gets the vector of its
    /// parts where the model has vectors for these, and is left out otherwise.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_titles(&self, titles: Titles) -> Result<Vec<Prediction>> {
        let (Network::Text(network), InputSpec::Text { vocabulary, .. }) = (&self.network, &self.card.input)
        else {
            return self.predict(&titles.samples);
        };
        let rows = match &self.subwords {
            Some(subwords) if !titles.unknown.is_empty() => {
                subwords.table(&titles.unknown).split_off(subwords.dims())
            }
            _ => return self.predict(&titles.known(vocabulary.len())?),
        };
        match network.clone().with_more_words(rows) {
            Some(network) => self.predict_by(&Network::Text(network), &titles.samples),
            None => self.predict(&titles.known(vocabulary.len())?),
        }
    }

    /// Whether new words get the vectors of their parts.
    pub fn has_subwords(&self) -> bool {
        self.subwords.is_some()
    }

    fn predict_by(&self, network: &Network, samples: &Samples) -> Result<Vec<Prediction>> {
        let mut predictions = Vec::with_capacity(samples.len());
        let rows: Vec<usize> = (0..samples.len()).collect();
        for chunk in rows.chunks(EVAL_BATCH) {
            predictions.extend(self.classify_by(network, self.input(samples, chunk)?)?);
        }
        Ok(predictions)
    }

    /// Classifies samples that [`input`](Self::input) has scaled.
    ///
    /// # Shapes
    /// `input [rows, features]`.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn classify(&self, input: Tensor<2>) -> Result<Vec<Prediction>> {
        self.classify_by(&self.network, input)
    }

    fn classify_by(&self, network: &Network, input: Tensor<2>) -> Result<Vec<Prediction>> {
        let classes = self.card.classes.len().max(1);
        let probabilities = values(softmax(network.forward(input), 1), "probabilities")?;
        Ok(probabilities.chunks(classes).map(|row| self.prediction(row)).collect())
    }

    fn prediction(&self, row: &[f32]) -> Prediction {
        let index = argmax(row).unwrap_or(0);
        let at = index as usize;
        Prediction {
            class: self.card.classes.get(at).cloned().unwrap_or_default(),
            index,
            probability: row.get(at).copied().map_or(0.0, f64::from),
            probabilities: row.iter().copied().map(f64::from).collect(),
        }
    }
}
